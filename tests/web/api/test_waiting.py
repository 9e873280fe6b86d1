"""`?wait=`: refused where it is too long, no wait for what is settled, and a header where there is no room."""

import time
from functools import partial

import pytest

from qbwc_server.desk.feeds import waits
from tests.web.api.test_pages import INVOICE


@pytest.fixture
def place(lab):
    return f"/connectors/{lab.CONNECTOR}"


@pytest.fixture
def fresh(lab):
    """A connector whose lists were never loaded, so that everything waits for the Web Connector."""
    return f"/connectors/{lab.FRESH}"


def timed(ask):
    began = time.monotonic()
    answer = ask()
    return answer, time.monotonic() - began


@pytest.mark.parametrize("wait", ["61", "-1", "1.5", "soon", "", "9999999999"])
@pytest.mark.parametrize("path", ["invoices/new", "events"])
def test_a_wait_that_is_too_long_or_none_is_refused_with_the_bound(host, place, path, wait):
    answer = host.get(f"{place}/{path}?wait={wait}")
    assert answer.status_code == 422
    (fault,) = answer.json["faults"]
    assert fault["pointer"] == "/wait"
    assert "60" in fault["message"] or "empty" in fault["message"]


def test_nothing_is_stored_with_a_wait_that_is_refused(host, place):
    assert host.put(f"{place}/invoices/new?wait=61", INVOICE).status_code == 422
    assert host.get(f"{place}/invoices/new").status_code == 404


def test_what_waits_for_the_web_connector_is_answered_when_time_is_up(rival, fresh):
    answer, seconds = timed(
        lambda: rival.put(f"{fresh}/customers/new?wait=1", {"name": "N", "email": "n@x.example"})
    )
    assert (answer.status_code, answer.json["state"]) == (201, "queued")
    assert 0.9 <= seconds < 5
    assert "Retry-After" not in answer.headers
    answer, seconds = timed(lambda: rival.get(f"{fresh}/customers/new?wait=1"))
    assert (answer.status_code, answer.json["state"]) == (200, "queued")
    assert 0.9 <= seconds < 5


def test_what_is_settled_is_answered_at_once(host, place):
    found = host.get(f"{place}/invoices?state=blocked,synced,cancelled").json["records"]
    assert {each["state"] for each in found} >= {"blocked", "synced"}
    _, seconds = timed(lambda: [host.get(f"{place}/invoices/{x['external_id']}?wait=30") for x in found])
    assert seconds < 10


def test_what_does_not_exist_is_not_waited_for(host, place):
    answer, seconds = timed(lambda: host.get(f"{place}/invoices/nothing?wait=30"))
    assert (answer.status_code, seconds < 5) == (404, True)


def test_events_that_are_there_are_answered_at_once_and_others_waited_for(host, place):
    answer, seconds = timed(lambda: host.get(f"{place}/events?wait=30&limit=500"))
    assert seconds < 5
    end = answer.json["next"]
    answer, seconds = timed(lambda: host.get(f"{place}/events?wait=1&after={end}"))
    assert (answer.json["events"], answer.json["next"]) == ([], end)
    assert seconds >= 0.9
    answer, seconds = timed(lambda: host.get(f"{place}/events?wait=30&after={end + 1000}"))
    assert (answer.status_code, seconds < 5) == (410, True)


def test_where_there_is_no_room_it_is_answered_at_once_and_says_when_to_come_again(rival, fresh, monkeypatch):
    monkeypatch.setattr(waits, "MOST", 0)
    body = {"name": "N", "email": "n@x.example"}
    answer, seconds = timed(lambda: rival.put(f"{fresh}/customers/new?wait=30", body))
    assert (answer.status_code, seconds < 5) == (201, True)
    assert int(answer.headers["Retry-After"]) > 0
    end = rival.get(f"{fresh}/events?limit=500").json["next"]
    for path in ("customers/new?wait=30", f"events?after={end}&wait=30"):
        answer, seconds = timed(partial(rival.get, f"{fresh}/{path}"))
        assert (answer.status_code, seconds < 5) == (200, True)
        assert int(answer.headers["Retry-After"]) > 0
