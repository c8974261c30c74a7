"""A file of a million rows, one in a hundred bad, into five million clients: time, memory, and every refusal checked;
and how fast is sent meanwhile.
"""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from soroka.bench import roles
from soroka.bench.bench import Bench, Part
from soroka.bench.clients import FIRST_CODE, TAGS, ZONES, make_clients
from soroka.bench.crew import Crew, Effort, work
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, at_least, at_most
from soroka.bench.mailings import planned, require_delivered, set_gateway
from soroka.imports.errors import errors_csv
from soroka.imports.upload import PIECE, Options, keep
from soroka.models import ClientImport

_NAME = "imports"
_CLIENTS, _ROWS, _MESSAGES = 5_000_000, 1_000_000, 300_000
_CONNECTIONS = 64
#: Every hundredth row is bad, each of these by turns. A column of the file, and what stands in it.
_BAD = 100
_FAULTS = (("phone", "12"), ("timezone", "Mars/Olympus"), ("operator_code", "1"), ("name", "a\0b"), ("phone", ""))
#: New phones begin here, beyond those of ``make_clients``: its numbers stay its own.
_NEW = 74_000_000_000
_COLUMNS = ("phone", "name", "tags", "timezone", "operator_code")
_MOST_SECONDS, _MOST_MEMORY, _HALF = 60, 200, 0.5
_FORGET = f"DELETE FROM soroka_client WHERE phone BETWEEN {_NEW} AND {_NEW + 10**9}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class _File:
    """A file, and the lines of it that are to be refused."""

    path: Path
    rows: int
    bad: frozenset[int]


def _measure(bench: Bench) -> Iterator[Row]:
    clients, rows = bench.size(_CLIENTS), bench.size(_ROWS)
    bench.step(f"making {clients:,} clients")
    make_clients(clients)
    alone, beside, rates = [], [], []
    set_gateway(kind="http_jwt", connections=_CONNECTIONS)
    for run in range(bench.runs):
        bench.step("an import alone")
        alone.append(_import(bench, _file(bench, clients, rows, seed=2 * run)))
        bench.step("sending alone")
        quiet = _sent(bench, None)
        bench.step("an import beside sending")
        beside.append(_sent(bench, _kept(_file(bench, clients, rows, seed=2 * run + 1))))
        rates.append(_rate(beside[-1]) / _rate(quiet))
        _forget()
    words = f"{rows:,} rows into {clients:,} clients"
    yield Row(_NAME, words, "s", tuple(one.seconds for one in alone), at_most(_MOST_SECONDS))
    yield Row(_NAME, "memory of the process", "MB", tuple(one.memory / 2**20 for one in alone), at_most(_MOST_MEMORY))
    yield Row(_NAME, "the same beside sending", "s", tuple(crew.efforts[-1].seconds for crew in beside))
    yield Row(_NAME, "sending beside it / alone, two pumps", "ratio", tuple(rates), at_least(_HALF))


def _import(bench: Bench, file: _File) -> Effort:
    """Run one, and compare its list of refused rows with what is wrong with the file."""
    client_import = _kept(file)
    [effort] = work(roles.importer, [(client_import.pk,)]).efforts
    client_import.refresh_from_db()
    _require_exact(client_import, file)
    return effort


def _sent(bench: Bench, client_import: ClientImport | None) -> Crew:
    """Send with two pumps, and import beside them where there is something to import."""
    messages = bench.size(_MESSAGES)
    mailing = planned(messages)
    each: list[tuple[int | None]] = [(None,), (None,)]
    crew = work(roles.pump_or_importer, [*each, (client_import.pk,)] if client_import else each)
    require_delivered(mailing, messages)
    return crew


def _rate(crew: Crew) -> float:
    """Of the two pumps, which are first."""
    return 1 / max(effort.seconds for effort in crew.efforts[:2])


def _kept(file: _File) -> ClientImport:
    with file.path.open("rb") as source:
        return keep(iter(lambda: source.read(PIECE), b""), file.path.name, Options())


def _file(bench: Bench, clients: int, rows: int, seed: int) -> _File:
    """Half of the rows are new clients, a quarter change one, a quarter change nothing; in no order."""
    path = bench.scratch.home / "clients.csv"
    order = random.Random(seed)  # noqa: S311
    bad = set()
    known = order.sample(range(1, clients + 1), min(rows // 2, clients))
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        for number in range(rows):
            cells = _new(seed, number) if number % 2 else _known(known[number // 2 % len(known)], number)
            if number % _BAD == _BAD - 1:
                column, text = _FAULTS[number // _BAD % len(_FAULTS)]
                cells[column] = text
                bad.add(number + 2)
            writer.writerow(cells.values())
    return _File(path, rows, frozenset(bad))


def _new(seed: int, number: int) -> dict[str, str]:
    phone = _NEW + seed * _ROWS + number
    return dict(zip(_COLUMNS, (str(phone), f"Имя {number}", TAGS[number % 15], ZONES[number % 11], ""), strict=True))


def _known(client: int, number: int) -> dict[str, str]:
    """A client of ``make_clients``, as he is or with another name."""
    code = FIRST_CODE + client % 100
    phone = 70_000_000_000 + code * 10_000_000 + client // 100
    name = "Мария" if number % 4 else f"Мария {number}"
    return dict(zip(_COLUMNS, (str(phone), name, "", "", ""), strict=True))


def _require_exact(client_import: ClientImport, file: _File) -> None:
    """Raises BenchError unless everything was counted, and exactly what is bad was refused, by its line and cells."""
    counts = (client_import.state, client_import.rows, client_import.refused)
    if counts != ("finished", file.rows, len(file.bad)):
        raise BenchError(f"the import of {file.rows} rows became {counts}: {client_import.detail}")
    told = b"".join(errors_csv(client_import, str)).decode("utf-8-sig")
    listed = {int(line): cells for line, _why, *cells in list(csv.reader(io.StringIO(told, newline="")))[1:]}
    with file.path.open(encoding="utf-8", newline="") as source:
        written = {line: cells for line, cells in enumerate(csv.reader(source), 1) if line in file.bad}
    if listed != written:
        raise BenchError(f"{len(listed)} rows are listed as refused, and {len(written)} are bad")


def _forget() -> None:
    """Remove who is new: measurements that follow know how many clients there are."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
        cursor.execute("VACUUM ANALYZE soroka_client")


PART = Part(_NAME, 4, _measure)
