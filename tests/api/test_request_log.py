"""What the log says of a request."""

import logging

import pytest


@pytest.fixture
def line(logged):
    """The one line of the one request."""

    def only():
        [found] = logged("request")
        return found

    return only


def test_a_request_is_told_with_who_asked_what_and_what_came_of_it(api, vip, line):
    answer = api.get("/tags", headers={"X-Request-ID": "mine-1"})
    told = line()
    assert told["method"] == "GET"
    assert told["route"] == "tags"
    assert told["status"] == 200
    assert told["request_id"] == answer["X-Request-ID"] == "mine-1"
    assert told["user"] == api.handler._force_user.pk
    assert told["ms"] > 0


@pytest.mark.parametrize(
    ("address", "about"),
    [
        ("/mailings/12", {"mailing": 12}),
        ("/mailings/12/messages", {"mailing": 12}),
        ("/clients/34/why?mailing=1", {"client": 34}),
        ("/clients/imports/56", {"import_id": 56}),
        ("/messages/78", {"message": 78}),
        ("/tags/9", {}),
    ],
)
def test_it_names_the_row_that_it_is_about(api, line, address, about):
    api.get(address)
    told = line()
    names = {"mailing", "client", "message", "import_id"}
    assert {name: value for name, value in told.items() if name in names} == about


def test_it_names_what_was_made(make_mailing, line):
    assert make_mailing()["id"] == line()["mailing"]


def test_a_stranger_has_no_name_and_an_address_is_not_told(caller, line):
    caller().get("/clients?phone=%2B79161234567")
    told = line()
    assert told["user"] is None
    assert told["status"] == 401
    assert "9161234567" not in str(told)


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/metrics", "/static/soroka/charts.js"])
def test_what_programs_ask_all_the_time_is_not_told(caller, logged, address):
    caller().get(address)
    assert not logged("request")


def test_what_is_said_during_a_request_bears_its_id(api, logged):
    answer = api.get("/nowhere")
    assert [told["event"] for told in logged()] == ["Not Found: /nowhere"]
    assert logged()[0]["request_id"] == answer["X-Request-ID"]
    logging.getLogger("soroka.test").warning("afterwards")
    assert "request_id" not in logged("afterwards")[0]
