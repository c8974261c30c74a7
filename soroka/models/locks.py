"""Numbers of the advisory locks in PostgreSQL, so that no two purposes share one."""

#: Planning slices hold it shared, whoever changes a client's right to be written to holds it exclusive:
#: neither misses what the other has not committed yet.
AUDIENCE = 7_302_001
#: Migrations and first data, once at a time.
PREPARE = 7_302_002
#: First key of the pair (PUMP_SLOT, number): the places in which pumps work.
PUMP_SLOT = 7_302
