"""Who opts out while his mailing runs gets nothing of it, by whatever way he says so; the gateway's record shows it."""

import json
import time
from urllib.request import Request, urlopen

import pytest

from soroka.domain.signature import sign
from soroka.embedded.ports import HOST
from tests.acceptance.conftest import PUBLIC_URL, ids_of, import_clients, in_seconds

SECRET = "a secret of sixteen letters"
CLIENTS, FIRST = 3_000, 79_150_000_000
LAST = FIRST + CLIENTS - 1


def by_api(stack, api, client, text):
    """What a program of the sender's does."""
    assert api.post(f"/clients/{client}/opt-out", {"source": "A call", "wording": "Stop."})["opted_out"]


def by_link(stack, api, client, text):
    """What the button does on the page behind the link in a text."""
    page = text.replace(PUBLIC_URL, f"http://{HOST}:{stack.port}")
    with urlopen(page, timeout=10):
        assert not api.get(f"/clients/{client}")["opted_out"]
    with urlopen(page, b"", timeout=10):
        assert api.get(f"/clients/{client}")["opted_out"]


def by_reply(stack, api, client, text):
    """What the gateway hands in when a client writes back."""
    name = api.get("/gateways")["results"][0]["name"]
    stack.run_python(
        "from soroka.models import Gateway\n"
        f"gateway = Gateway.objects.get(name={name!r})\n"
        f"gateway.set_inbound_secret({SECRET!r})\n"
        "gateway.save()\n"
    )
    body = json.dumps({"phone": f"+{LAST}", "text": "Стоп!"}).encode()
    now = str(int(time.time()))
    signed = {"X-Soroka-Timestamp": now, "X-Soroka-Signature": sign(SECRET, now, body)}
    headers = signed | {"Content-Type": "application/json"}
    with urlopen(Request(f"http://{HOST}:{stack.port}/gateways/{name}/inbound", body, headers), timeout=10) as answer:
        assert json.load(answer)["done"]


@pytest.fixture
def hearers(api, tmp_path):
    """Clients of this test alone."""
    file = tmp_path / "clients.csv"
    file.write_text("phone,tags\n" + "".join(f"{FIRST + number},hearer\n" for number in range(CLIENTS)))
    import_clients(api, file)


@pytest.mark.parametrize("opt_out", [by_api, by_link, by_reply])
def test_who_opts_out_while_his_mailing_runs_gets_nothing_of_it(stack, api, gateway, hearers, opt_out):
    # The one who was made last is offered last.
    [client] = api.get("/clients", phone=LAST)["results"]
    if client["opted_out"]:
        api.post(f"/clients/{client['id']}/opt-in", {"source": "A call", "wording": "Go on."})
    gateway.behave(latency=1)
    wish = {"text": "{{ opt_out_url }}", "filter": {"tags": ["hearer"]}, "ends_at": in_seconds(3600)}
    mailing = api.post("/mailings", wish)["id"]
    path = f"/mailings/{mailing}"

    def his():
        """His message of this mailing."""
        return api.get(f"/clients/{client['id']}/messages")["results"][0]

    begun = api.wait_for(path, lambda answer: answer["statistics"]["delivered"] > 0, 30)
    opt_out(stack, api, client["id"], his()["text"])
    assert begun["statistics"]["in_process"] > 0
    message = his()
    assert (message["mailing"], message["status"], message["reason"]) == (mailing, "not_sent", "opted_out")
    gateway.behave()
    api.wait_for(path, lambda answer: answer["status"] == "finished", 60)
    ids = ids_of(api, mailing)
    assert len(ids) == CLIENTS
    assert gateway.accepted(ids) == dict.fromkeys(ids - {message["id"]}, 1)
    assert gateway.calls({message["id"]}) == []
    statistics = api.get(f"{path}/statistics")
    assert statistics["not_sent_by_reason"] == {"opted_out": 1}
    assert (statistics["total"], statistics["delivered"], statistics["in_process"]) == (CLIENTS, CLIENTS - 1, 0)
    found = api.get(f"/clients/{client['id']}/evidence")
    assert (found["consents"][0]["act"], bool(found["suppressed_at"])) == ("opt_out", True)
    assert (found["messages"][0]["id"], found["messages"][0]["receipt"]) == (message["id"], None)
