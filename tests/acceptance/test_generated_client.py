"""A client that openapi-python-client makes from the live schema does the story of the README."""

import importlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import ModuleType

import pytest

from soroka.demo.api import Api
from soroka.embedded.ports import HOST
from tests.acceptance.installation import Installation

PACKAGE = "generated_soroka_client"


@pytest.fixture(scope="module")
def generated(stack: Installation, tmp_path_factory: pytest.TempPathFactory):
    """Modules of the generated package: ``generated("api.tags.tags_create")``."""
    folder = tmp_path_factory.mktemp("generated")
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it formats what it makes
    subprocess.run(
        [
            sys.executable, "-m", "openapi_python_client", "generate", f"--url=http://{HOST}:{stack.port}/schema",
            "--meta=none", f"--output-path={folder / PACKAGE}", "--fail-on-warning",
        ],
        env=os.environ | {"PATH": tools, "NO_PROXY": "*"}, cwd=folder, timeout=60, check=True,
    )  # fmt: skip
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    sys.path.remove(str(folder))


def models(generated) -> ModuleType:
    return generated("models")


@pytest.fixture
def caller(generated, stack, api: Api):
    """The generated client, logged in as the administrator with a token that it asked for itself."""
    where = {"base_url": f"http://{HOST}:{stack.port}", "httpx_args": {"trust_env": False}}
    client, make = generated("client"), models(generated)
    password = json.loads((stack.home / "secrets.json").read_text())["admin_password"]
    login = make.TokenObtainPairRequest(username="admin", password=password)
    tokens = generated("api.auth.auth_token_create").sync(client=client.Client(**where), body=login)
    return client.AuthenticatedClient(**where, token=tokens.access)


def test_it_does_the_story_of_the_readme(generated, caller, eventually):
    make = models(generated)
    tag = generated("api.tags.tags_create").sync(client=caller, body=make.TagRequest(name="generated"))
    assert (tag.name, tag.clients_count) == ("generated", 0)

    wanted = make.ClientRequest(phone="+7 916 999-45-67", tags=["generated"], timezone="Asia/Vladivostok")
    client = generated("api.clients.clients_create").sync(client=caller, body=wanted)
    assert (client.phone, client.operator_code, client.opted_out) == ("79169994567", "916", False)

    asked = make.NewMailingRequest(
        text="Добрый день!",
        filter_=make.Filter(tags=["generated"]),
        ends_at=datetime.now(UTC) + timedelta(hours=1),
    )
    preview = generated("api.mailings.mailings_preview_create").sync(client=caller, body=asked)
    assert (preview.clients, preview.samples[0].text) == (1, "Добрый день!")

    create = generated("api.mailings.mailings_create")
    mailing, again = (create.sync(client=caller, body=asked, idempotency_key="story") for _ in range(2))
    assert (mailing.id, mailing.statistics.total) == (again.id, 1)

    retrieve = generated("api.mailings.mailings_retrieve")
    eventually(lambda: retrieve.sync(mailing.id, client=caller).status == make.MailingStatusEnum.FINISHED, within=20)
    statistics = generated("api.mailings.mailings_statistics_retrieve").sync(mailing.id, client=caller)
    assert (statistics.total, statistics.delivered, statistics.in_process) == (1, 1, 0)
    assert statistics.by_timezone.additional_properties["Asia/Vladivostok"].delivered == 1

    [message] = generated("api.clients.clients_messages_list").sync(client.id, client=caller).results
    assert (message.mailing, message.text) == (mailing.id, "Добрый день!")
    assert message.status == make.MessageStatusEnum.DELIVERED


def test_it_reads_what_is_wrong(generated, caller):
    make = models(generated)
    answer = generated("api.clients.clients_create").sync_detailed(client=caller, body=make.ClientRequest(phone="12"))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert isinstance(answer.parsed, make.ProblemDetails)
    assert [(error.field, error.code) for error in answer.parsed.errors] == [("phone", "invalid_phone")]
