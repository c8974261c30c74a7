"""Every command of README and docs is run, page by page, as somebody would who reads it at a prompt."""

import psycopg
import pytest
from psycopg.errors import DeadlockDetected

from soroka.embedded.ports import HOST
from tests.acceptance.conftest import import_clients
from tests.acceptance.gateway import simulated_gateways
from tests.acceptance.installation import ROOT, Installation
from tests.acceptance.reader import Reader
from tests.acceptance.test_faults import finished, send
from tests.documentation import DOCS, SHELL, blocks, pages

#: These begin where nobody has made anything; all others with the sample clients.
FROM_NOTHING = {ROOT / "README.md", ROOT / "README.ru.md", DOCS / "tutorial.md"}
#: What every page beside it begins with.
INDEX = DOCS / "how-to" / "index.md"
#: What the page calls the password that was printed.
PASSWORDS = ("the one that was printed", "напечатанный пароль")
PASSWORD = "that of these tests"
#: Nobody is there to be asked.
ASKED = {"soroka release\n": "soroka release --yes\n"}
#: What takes long says what it would do: test_prove.py and test_soak.py run it.
LONG = {"soroka prove ": "soroka prove --list ", "soroka soak ": "soroka soak --help "}
DOUBT, NUMBER = DOCS / "how-to" / "resend.md", "ID=12 "
MOVE, OLD = DOCS / "migrating.md", "postgresql://user:password@host/old"
REPLIES, SECRET = DOCS / "operations" / "running.md", "the-secret-of-replies"
MADE = (
    "client", "tag", "segment", "mailing", "message", "messagetext", "attempt", "batch", "turn", "settled",
    "clientimport", "importrow", "importchunk",
)  # fmt: skip


@pytest.fixture(scope="module")
def outside(eventually):
    """The gateway, which knows no repeats."""
    with simulated_gateways(1, eventually) as [gateway]:
        yield gateway


@pytest.fixture(scope="module")
def reader(outside, tmp_path_factory):
    """At a prompt, with a stack that `make run` has started."""
    stack = Installation(
        SOROKA_ADMIN_PASSWORD=PASSWORD,
        **outside.env,
        GATEWAY_IDEMPOTENT="false",
        PUBLIC_URL="https://sms.example.org",
        METRICS_TOKEN="m" * 48,
    )
    folder = tmp_path_factory.mktemp("reader")
    stands_for = dict.fromkeys(PASSWORDS, PASSWORD) | {"localhost:8000": f"{HOST}:{stack.port}"} | ASKED | LONG
    reader = Reader(stack, folder, stands_for)
    soroka, stack.soroka, stack.cwd = stack.soroka, ["make"], reader.checkout
    try:
        stack.start_ready("run")
        stack.soroka = soroka
        yield reader
    finally:
        reader.leave()
        stack.remove()


def database_of(stack):
    """Its address."""
    return f"postgresql://soroka@/postgres?host={stack.home}/postgres/run"


def forget_everything(stack):
    """What the page before has made."""
    truncate = f"TRUNCATE {', '.join(f'soroka_{name}' for name in MADE)} CASCADE"
    with psycopg.connect(database_of(stack), autocommit=True) as database:
        try:
            database.execute(truncate)
        except DeadlockDetected:  # a pump was at work
            database.execute(truncate)


def ended_in_doubt(stack, gateway):
    """A mailing of which the gateway has left some without an answer."""
    gateway.behave(fault={"lose": 0.1})
    with stack.api() as api:
        mailing = send(api, ["vip"])
        assert finished(api, mailing)["not_sent_by_reason"]["unknown"]
    gateway.behave()
    return mailing


def old_service(stack):
    """The tables of a service with a task for each message. Returns their address."""
    address = f"{database_of(stack)}&options=-csearch_path%3Dold"
    with psycopg.connect(address) as database:
        database.execute("""
            CREATE SCHEMA old;
            CREATE TABLE client (
                id int, phone_number text, mobile_code text, tag text, timezone text, unsubscribed bool);
            CREATE TABLE message (id int, mailing_id int, client_id int, status text);
            INSERT INTO client
                SELECT n, 79165550000 + n, '916', 'vip', 'Europe/Moscow', n = 1 FROM generate_series(1, 5) n;
            INSERT INTO message VALUES (4711, 7, 2, 'sent'), (4712, 7, 3, 'created');
        """)
    return address


def take_replies(stack):
    """Let the gateway sign them with the secret of the page."""
    stack.run_python(
        "from soroka.models import Gateway; gateway = Gateway.objects.get(name='default');"
        f"gateway.set_inbound_secret({SECRET!r}); gateway.save()"
    )


@pytest.mark.parametrize("written", [*PASSWORDS, *ASKED, *LONG, NUMBER, OLD, SECRET])
def test_what_stands_for_something_is_in_the_documents(written):
    assert any(written in block.text for page in pages() for block in blocks(page))


@pytest.mark.parametrize(
    "page",
    [page for page in pages() if any(block.language == SHELL for block in blocks(page))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_command_of_a_page_runs(page, reader, outside):
    outside.behave()
    forget_everything(reader.stack)
    if page not in FROM_NOTHING:
        with reader.stack.api() as api:
            import_clients(api)
    if page == REPLIES:
        take_replies(reader.stack)
    if page == MOVE:
        reader.stands_for[OLD] = old_service(reader.stack)
    if page == DOUBT:
        reader.stands_for[NUMBER] = f"ID={ended_in_doubt(reader.stack, outside)} "
    before = blocks(INDEX) if page.parent == INDEX.parent and page != INDEX else ()
    reader.follow([*before, *blocks(page)])
