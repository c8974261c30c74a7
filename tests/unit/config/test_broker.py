"""How long after its return a broker is found again."""

import pytest

from soroka.config.celery import app


class Enough(Exception):
    """The test has seen enough tries."""


def test_the_pauses_between_tries_to_reach_a_broker_never_grow(monkeypatch, tmp_path):
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda seconds: None)
    pauses: list[float] = []

    def missed(error: Exception, pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == 200:
            raise Enough

    with app.connection_for_read(f"redis+socket://{tmp_path}/nobody.sock") as connection, pytest.raises(Enough):
        connection.ensure_connection(missed, app.conf.broker_connection_max_retries)
    assert set(pauses) == {1.0}
