"""The faults, in the order in which they are run."""

from soroka.prove.rows.deadlines import ROWS as DEADLINES
from soroka.prove.rows.failover import ROWS as FAILOVER
from soroka.prove.rows.frozen import ROWS as FROZEN
from soroka.prove.rows.gateways import ROWS as GATEWAYS
from soroka.prove.rows.orders import ROWS as ORDERS
from soroka.prove.rows.pace import ROWS as PACE
from soroka.prove.rows.stores import ROWS as STORES
from soroka.prove.rows.workers import ROWS as WORKERS
from soroka.prove.verdict import Row

ALL: tuple[Row, ...] = (
    *WORKERS,
    *FROZEN,
    *STORES,
    *GATEWAYS,
    *FAILOVER,
    *PACE,
    *DEADLINES[:2],
    *ORDERS,
    *DEADLINES[2:],
)
