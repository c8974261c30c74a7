"""What the desk of somebody who works with it is full of: for pictures, beside what the demo leaves."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from soroka.demo.api import Api
from tests.acceptance.installation import Installation

#: The gateway is slow, so that a mailing runs for as long as pictures are taken; another one is stopped.
_GATEWAYS = """
from django.db.models.functions import Now
from soroka.models import Gateway
Gateway.objects.filter(name="default").update(rate=20)
Gateway.objects.create(name="old-provider", url="https://sms.example.com/send", stopped_at=Now(),
                       last_error="HTTP 407 Proxy Authentication Required")
"""
_ROWS = """phone,tags,timezone,name,city
+79005550101,loyal;app,Europe/Moscow,Анна,Москва
+79005550102,loyal,Asia/Omsk,Пётр,Омск
+7900555,loyal,Asia/Omsk,Ольга,Омск
+79005550104,app,Asia/Nowhere,Иван,Сочи
+79005550105,app,Asia/Vladivostok,Мария,Владивосток
"""
_SEGMENTS = {
    "Верные из Москвы, не с МТС": {
        "and": [
            {"tags": {"any": ["loyal"]}},
            {"timezones": ["Europe/Moscow"]},
            {"not": {"operator_codes": ["910", "915", "916", "917"]}},
        ]
    },
    "Приложение, Сибирь и Урал": {
        "and": [
            {"tags": {"any": ["app"]}},
            {"timezones": ["Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk", "Asia/Irkutsk"]},
        ]
    },
    "Верные, кому не дошла прошлая рассылка": {"and": [{"tags": {"all": ["loyal", "app"]}}, {"not_delivered": 1}]},
}


def furnish(installation: Installation) -> None:
    """Gateways, segments, refused rows, opt-outs, changes, and a mailing that runs."""
    installation.run_python(_GATEWAYS)
    with installation.api() as api:
        for name, audience in _SEGMENTS.items():
            api.post("/segments", {"name": name, "filter": audience})
        _import(api)
        _write_of_clients(api)
        api.post(
            "/mailings",
            {
                "name": "Скидки выходного дня",
                "text": "{{ name }}, в выходные минус 30 % на зимнее. Отписка: {{ opt_out_url }}",
                "segment": "Верные из Москвы, не с МТС",
                "ends_at": (datetime.now(UTC) + timedelta(hours=8)).isoformat(),
            },
        )


def _import(api: Api) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "новые клиенты.csv"
        file.write_text(_ROWS)
        started = api.upload("/clients/imports", file)
        api.wait_for(f"/clients/imports/{started['id']}", lambda answer: answer["state"] == "finished", 60)


def _write_of_clients(api: Api) -> None:
    """Some opted out; the first one has a story."""
    first, *others = api.get("/clients", tag="loyal", page_size=5)["results"]
    for client in others:
        api.post(f"/clients/{client['id']}/opt-out", {"source": "звонок в поддержку", "wording": "Больше не пишите"})
    path = f"/clients/{first['id']}"
    api.post(f"{path}/opt-out", {"source": "ссылка в сообщении"})
    api.post(f"{path}/opt-in", {"source": "анкета на сайте", "wording": "Согласен получать новости магазина"})
