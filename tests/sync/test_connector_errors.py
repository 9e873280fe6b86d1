"""What concerns a connector as a whole is one error record from its begin to its end, and never hides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.logs import history
from qbwc_server.desk.overview import Mood
from qbwc_server.desk.views import error_views
from qbwc_server.domain.causes import BadCredentials
from qbwc_server.simulator.errors import RequestProcessorError
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.sync import connector_errors
from tests.worlds.sync_world import World, refusing

START = "2026-11-20 15:00:00"


def feed(world: World) -> list[tuple[str, str | None]]:
    """What the feed tells of errors of the connector."""
    events = history.feed(world.core, "acme")
    return [
        (event.event.what, event.event.detail) for event in events if "connector error" in event.event.what
    ]


def closed(world: World) -> list[error_views.ErrorRecord]:
    return list(errors.closed(world.core, "acme").errors)


# --- one record a run ---------------------------------------------------------------------------------------


def test_a_run_of_wrong_passwords_is_one_error_record_and_two_events(world: World) -> None:
    with freeze_time(START) as clock:
        for _ in range(12):
            clock.tick(timedelta(minutes=5))
            world.visit(password="wrong")
        (error,) = world.connector_errors()
        assert (error.times, error.last_at - error.opened_at) == (12, timedelta(minutes=55))
        assert error.address == "10.0.0.7"
        assert error.occurrences == (
            "12 times since 2026-11-20 15:05 UTC, last 2026-11-20 16:00 UTC, from 10.0.0.7"
        )
        assert closed(world) == []
        assert feed(world) == [("connector error began", "bad_credentials; from 10.0.0.7")]
        clock.tick(timedelta(minutes=5))
        world.warm()
    assert world.connector_errors() == []
    (ended,) = closed(world)
    assert (ended.id, ended.times, ended.close_reason) == (error.id, 12, "went away")
    assert feed(world)[1:] == [
        ("connector error ended", f"bad_credentials; {error.occurrences}; went away"),
    ]


def test_the_address_is_that_of_the_last_try(world: World) -> None:
    username = connectors.get(world.core, "acme").username
    for address in ("10.0.0.7", "fe80::1"):
        world.calls.authenticate(username, "wrong", address=address)
    (error,) = world.connector_errors()
    assert error.address == "fe80::1"


def test_another_run_is_another_error_record(world: World) -> None:
    for _ in range(2):
        world.visit(password="wrong")
        world.poll()
    assert [item.times for item in closed(world)] == [1, 1]


def test_a_wrong_company_file_is_one_error_record_that_names_the_file_seen_last(world: World) -> None:
    world.warm()
    for name in ("First", "Second", "Second"):
        world.company.company["CompanyName"] = name
        world.paths["acme"] = rf"C:\{name}.qbw"
        connectors.resync(world.core, "acme", actor="ada")
        world.poll()
    (error,) = world.connector_errors()
    assert (error.times, error.address) == (3, "10.0.0.7")
    assert "Second" in error.message
    assert "First" not in error.message
    assert closed(world) == []


def test_an_unsupported_version_is_one_error_record(world: World) -> None:
    world.company.host["SupportedQBXMLVersion"] = ["99.0"]
    for _ in range(3):
        world.poll()
    (error,) = world.connector_errors()
    assert (error.cause, error.times) == ("version_unsupported", 3)


def test_a_quickbooks_that_cannot_be_opened_is_one_error_record_until_it_is_opened(world: World) -> None:
    for code in ("0x80040414", "0x80040408"):
        visit = world.visit()
        world.calls.connection_error(visit.ticket, code, "no")
    (error,) = world.connector_errors()
    assert error.times == 2
    assert error.quickbooks is not None
    assert error.quickbooks.code == "0x80040408"
    world.warm()
    assert world.connector_errors() == []


def test_message_sets_that_fail_at_every_visit_are_one_error_record_until_one_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.warm()

    def die(text: str) -> str:
        raise RequestProcessorError("0x80040402", "unexpected")

    with monkeypatch.context() as patch:
        patch.setattr(world.company, "process", die)
        for _ in range(3):
            connectors.resync(world.core, "acme", actor="ada")
            world.poll()
    (error,) = world.connector_errors()
    assert (error.times, error.address) == (3, "10.0.0.7")
    assert closed(world) == []
    world.poll()
    assert world.connector_errors() == []


def test_a_refused_list_holds_its_error_record_open_until_it_is_read(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as clock:
        world = make_world()
        world.warm()
        connectors.resync(world.core, "acme", actor="ada")
        clock.tick(1)
        world.poll(fault=refusing("CustomerQueryRs", 3260))
        (error,) = world.connector_errors()
        clock.tick(1)
        world.item("i")
        world.poll()
        assert world.connector_errors() == [error]
        clock.tick(timedelta(hours=2))
        world.poll()
        assert world.connector_errors() == []


@pytest.mark.parametrize("how", ["retry", "dismiss", "reset"])
def test_what_a_person_closes_ends_in_the_feed_by_their_name(world: World, how: str) -> None:
    visit = world.visit()
    world.calls.connection_error(visit.ticket, "0x80040414", "dialog")
    (error,) = world.connector_errors()
    match how:
        case "retry":
            errors.retry(world.core, "acme", ids=[error.id], actor="ada")
        case "dismiss":
            decisions.dismiss(world.core, "acme", error.id, "known", actor="ada")
        case _:
            connectors.reset(world.core, "acme", full=True, actor="ada")
    assert world.connector_errors() == []
    ends = [
        event
        for event in history.feed(world.core, "acme")
        if event.event.what in ("connector error ended", "error record dismissed")
    ]
    assert [event.event.actor for event in ends] == ["ada"]


def test_one_connectors_errors_are_not_anothers(world: World) -> None:
    world.add_connector("other")
    world.visit("other", "wrong")
    world.visit(password="wrong")
    world.poll()
    (error,) = world.connector_errors()
    assert error.connector == "other"


# --- what is told first -------------------------------------------------------------------------------------


def test_a_wrong_first_password_is_not_a_connector_that_has_never_called(world: World) -> None:
    with freeze_time(START):
        world.visit(password="wrong")
    health = overview.health(world.core, "acme")
    assert (health.mood, health.headline) == (
        Mood.STOPPED,
        "The Web Connector came with a wrong password.",
    )
    assert health.connector.last_seen_at is None
    assert health.last_call_at == health.connector_errors[0].last_at
    texts = [item.text for item in health.findings]
    assert texts[0] == (
        "The Web Connector came with a wrong password. It happened once, at 2026-11-20 15:00 UTC, from 10.0.0.7."
    )
    assert not any("has never called" in text for text in texts)


def test_whoever_calls_with_a_wrong_password_has_not_stopped_calling(world: World) -> None:
    with freeze_time(START) as clock:
        world.warm()
        clock.tick(timedelta(days=3))
        world.visit(password="wrong")
        assert not any(
            "stopped calling" in item.text for item in overview.health(world.core, "acme").findings
        )
        clock.tick(timedelta(days=3))
        assert any("stopped calling" in item.text for item in overview.health(world.core, "acme").findings)


@pytest.mark.parametrize("trouble", ["password", "never", "blocked", "late"])
def test_a_pause_hides_nothing(world: World, trouble: str) -> None:
    with freeze_time(START) as clock:
        if trouble in ("blocked", "late"):
            world.warm()
        if trouble == "blocked":
            world.customer("d", email=None)
            world.invoice("x", customer={"email": "nobody@x.example"})
            assert world.states()["blocked"]
        if trouble == "password":
            world.visit(password="wrong")
        connectors.pause(world.core, "acme", actor="ada")
        if trouble == "late":
            clock.tick(timedelta(days=1))
        health = overview.health(world.core, "acme")
    wanted = {"password": Mood.STOPPED, "blocked": Mood.ATTENTION, "never": Mood.NEVER_SEEN}
    assert health.moods == (wanted.get(trouble, Mood.LATE), Mood.PAUSED)
    assert "Also paused by staff; " in health.headline
    assert not health.headline.startswith("Paused")
    assert any(item.text.startswith("Paused by staff") for item in health.findings)


def test_a_paused_connector_that_is_well_is_paused_and_no_more(world: World) -> None:
    world.warm()
    connectors.pause(world.core, "acme", actor="ada")
    world.customer("c")
    health = overview.health(world.core, "acme")
    assert health.moods == (Mood.PAUSED,)
    assert health.headline == "Paused by staff; 1 record waits."


def test_two_wrong_passwords_at_once_are_one_error_record(world: World) -> None:
    connector = connectors.get(world.core, "acme")
    with world.core.database.begin() as conn:
        for address in ("10.0.0.7", None):
            connector_errors.happened(
                conn,
                connector_rows.lock(conn, connector.id),
                BadCredentials(),
                now=world.clock(),
                address=address,
            )
    (error,) = world.connector_errors()
    assert (error.times, error.address) == (2, None)
