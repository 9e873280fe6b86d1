"""What the host was refused is kept, one row a record, until it is handed over well; and told where it is missed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from sqlalchemy import Engine, event

from qbwc_server.courier import tidying
from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import batches, host, intake, previews
from qbwc_server.desk.handing_over.lines import line_of
from qbwc_server.desk.overview import Mood
from qbwc_server.desk.records import record_lists
from qbwc_server.desk.views import record_views
from qbwc_server.desk.views.base import OpenErrorView
from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.causes.handed_over import MOST_FAULTS
from qbwc_server.domain.faults import Conflict, DatabaseUnavailable, Fault, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import refused as rows
from qbwc_server.storage.database import Database
from tests.worlds.sync_world import World

SUSHI = {"name": "寿司まつり", "email": "s@x.example"}


def refuse(world: World, external_id: str = "c-102", kind: Kind = Kind.CUSTOMER, **fields: Any) -> None:
    with pytest.raises(InvalidInput):
        world.put(kind, external_id, {**SUSHI, **fields})


def kept(world: World) -> list[ErrorRecord]:
    return errors.find(world.core, connector="acme", cause="not_accepted")


def ids(world: World) -> list[str | None]:
    return [item.external_id for item in kept(world)]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    noted: list[str] = []

    def listen(conn: Any, cursor: Any, text: str, *rest: Any) -> None:
        noted.append(text)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield noted
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


# --- one row a record ---------------------------------------------------------------------------------------


def test_the_newest_refusal_of_a_record_is_kept_and_counted(world: World) -> None:
    with freeze_time("2026-11-20 15:00") as clock:
        refuse(world)
        clock.tick(timedelta(hours=1))
        refuse(world, name="ok", email=3)
    (error,) = kept(world)
    assert (error.kind, error.external_id, error.has_record) == (Kind.CUSTOMER, "c-102", False)
    assert (error.actor, error.retryable, error.cause_key) == ("host", False, "customer:c-102")
    assert (error.times, error.last_at - error.opened_at) == (2, timedelta(hours=1))
    assert [fault.pointer for fault in error.faults] == ["/email"]
    assert error.message.startswith("Customer c-102 was handed over and not accepted: email: ")


def test_a_customer_and_a_vendor_of_one_id_are_two(world: World) -> None:
    refuse(world, "x")
    refuse(world, "x", Kind.VENDOR)
    assert [(item.kind, item.external_id) for item in kept(world)] == [
        (Kind.CUSTOMER, "x"),
        (Kind.VENDOR, "x"),
    ]


def test_what_is_accepted_at_last_is_over_and_a_later_refusal_begins_anew(world: World) -> None:
    refuse(world)
    refuse(world)
    (first,) = kept(world)
    world.customer("c-102")
    assert kept(world) == []
    over = errors.get(world.core, first.id)
    assert (over.close_reason, over.times) == ("accepted", 2)
    refuse(world)
    (again,) = kept(world)
    assert (again.id, again.times, again.has_record) == (first.id, 1, True)
    assert again.opened_at > first.opened_at
    world.customer("c-102")
    assert kept(world) == []


@pytest.mark.parametrize("has_record", [True, False])
def test_taking_a_record_back_ends_its_refusal(world: World, has_record: bool) -> None:
    if has_record:
        world.customer("c-102")
    refuse(world)
    if has_record:
        intake.cancel(world.core, "acme", Kind.CUSTOMER, "c-102", actor="host")
    else:
        with pytest.raises(NotFound):
            intake.cancel(world.core, "acme", Kind.CUSTOMER, "c-102", actor="host")
    assert kept(world) == []


def test_whoever_decides_of_what_was_never_accepted_is_told_so(world: World) -> None:
    refuse(world)
    of_it = (world.core, "acme", Kind.CUSTOMER, "c-102")
    for decide in (
        lambda: host.retry(*of_it, actor="ada"),
        lambda: decisions.link(*of_it, "80000001-1", actor="ada"),
        lambda: decisions.unlink(*of_it, actor="ada"),
        lambda: decisions.post_as_new(*of_it, actor="ada"),
    ):
        with pytest.raises(NotFound, match="c-102': it was handed over and not accepted"):
            decide()


def test_staff_let_it_rest(world: World) -> None:
    world.customer("c-102")
    refuse(world)
    decisions.dismiss(world.core, "acme", kept(world)[0].id, "a test of theirs", actor="ada")
    assert kept(world) == []
    assert world.state(Kind.CUSTOMER, "c-102") == "queued"


def test_a_retry_of_everything_leaves_it_alone(world: World) -> None:
    refuse(world)
    before = kept(world)
    outcome = errors.retry(world.core, "acme", everything=True, actor="ada")
    assert (outcome.released, outcome.still_blocked) == (0, 0)
    assert errors.retry(world.core, "acme", cause_key="customer:c-102", actor="ada").released == 0
    assert kept(world) == before


def test_what_comes_late_is_no_refusal(world: World) -> None:
    world.put(Kind.CUSTOMER, "c", {"name": "New", "email": "c@x.example", "version": 8})
    with pytest.raises(Conflict):
        world.put(Kind.CUSTOMER, "c", {"name": "Old", "email": "c@x.example", "version": 7})
    assert kept(world) == []


@pytest.mark.parametrize("external_id", ["", " a", "a/", "..", "x/void", "a\0b", "a" * 201, "\ud800"])
def test_an_id_that_is_none_is_not_kept(world: World, external_id: str) -> None:
    refuse(world, external_id)
    refuse(world, external_id, name="ok", email="a@x.example")
    assert kept(world) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "half \ud83d of a pair"},
        {"name": "a\0b"},
        {"\udc00": 1},
        {"nonsense " + "x" * 5000: 1},
        {f"field_{number}": "x" for number in range(3000)},
        {"bill_address": {"addr1": "x" * 100_000}},
        {"name": 10**400},
    ],
)
def test_whatever_is_sent_is_kept_in_a_few_words(world: World, fields: dict[str, Any]) -> None:
    refuse(world, **fields)
    (error,) = kept(world)
    assert 1 <= len(error.faults) <= MOST_FAULTS
    assert len(error.message) < 2_000
    assert all(len(fault.pointer) <= 200 and len(fault.message) <= 300 for fault in error.faults)
    json.dumps(OpenErrorView.of(error).as_json()).encode()
    error.message.encode()


def test_nothing_is_kept_of_a_connector_that_is_not_there(world: World) -> None:
    with pytest.raises(InvalidInput):
        intake.put(world.core, "nowhere", Kind.CUSTOMER, "c", SUSHI, actor="host")
    assert kept(world) == []


def test_one_connectors_refusals_are_not_anothers(world: World) -> None:
    world.add_connector("other")
    world.put(Kind.CUSTOMER, "c-102", {"name": "Well", "email": "w@x.example"}, connector="other")
    refuse(world)
    world.put(Kind.CUSTOMER, "c-102", {"name": "Still well", "email": "w@x.example"}, connector="other")
    assert ids(world) == ["c-102"]
    assert errors.find(world.core, connector="other") == []
    assert record_views.view(world.core, "other", Kind.CUSTOMER, "c-102")["errors"] == []


def test_a_host_is_told_its_faults_even_when_they_cannot_be_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def broken(database: Database) -> Iterator[None]:
        raise DatabaseUnavailable("no")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(Database, "begin", broken)
        refuse(world)
    assert kept(world) == []


# --- many at once -------------------------------------------------------------------------------------------


def lines(count: int, *, first: int = 0) -> list[str]:
    return [json.dumps({"external_id": f"x{number}", **SUSHI}) for number in range(first, first + count)]


def brought_in(world: World, texts: list[str], **options: Any) -> list[str]:
    found = batches.bring_in(world.core, "acme", Kind.CUSTOMER, texts, actor="host", **options)
    return [item.result for item in found]


def test_the_lines_of_an_import_are_kept_and_ended_in_their_order(world: World) -> None:
    well = json.dumps({"external_id": "x1", "name": "Well", "email": "w@x.example"})
    assert brought_in(world, [*lines(3), well, *lines(1)]) == ["faulty"] * 3 + ["created", "faulty"]
    assert ids(world) == ["x0", "x2"]
    assert [item.times for item in kept(world)] == [1, 1]
    assert brought_in(world, [*lines(3), "no json", '{"external_id": 5}']) == ["faulty"] * 5
    assert sorted(map(str, ids(world))) == ["x0", "x1", "x2"]


def test_a_preview_keeps_and_ends_nothing(world: World) -> None:
    refuse(world, "x0")
    well = json.dumps({"external_id": "x0", "name": "Well", "email": "w@x.example"})
    handed = [line_of(Kind.CUSTOMER, 1, text, False) for text in [*lines(3), well]]
    ((_, found),) = previews.previewed(world.core, "acme", handed)
    assert [each.result for each in found] == ["faulty"] * 3 + ["created"]
    assert ids(world) == ["x0"]


def test_an_import_that_is_left_in_the_middle_has_kept_what_it_refused(world: World) -> None:
    outcomes = batches.bring_in(world.core, "acme", Kind.CUSTOMER, lines(3), actor="host")
    next(outcomes)
    outcomes.close()
    assert ids(world) == ["x0", "x1", "x2"]


@pytest.mark.slow
def test_ten_thousand_refused_lines_cost_a_bounded_number_of_statements_and_rows(world: World) -> None:
    with statements() as noted:
        assert set(brought_in(world, lines(10_000))) == {"faulty"}
    assert len(noted) <= 10_000 / batches.CHUNK * 8
    assert len(kept(world)) == rows.MOST_KEPT
    refuse(world, "x0")
    assert len(kept(world)) == rows.MOST_KEPT
    assert "x0" in ids(world)


def test_of_too_many_the_oldest_go_and_those_that_are_over_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_KEPT", 3)
    with freeze_time("2026-11-20 15:00") as clock:
        for external_id in ("a", "b", "c"):
            clock.tick(1)
            refuse(world, external_id)
        world.customer("c")
        clock.tick(1)
        refuse(world, "d")
        assert ids(world) == ["a", "b", "d"]
        clock.tick(1)
        refuse(world, "a")
        clock.tick(1)
        refuse(world, "e")
    assert ids(world) == ["a", "d", "e"]


def test_what_was_refused_long_ago_is_tidied_away(make_world: Callable[..., World]) -> None:
    with freeze_time("2026-11-20 15:00") as clock:
        world = make_world()
        refuse(world, "old")
        clock.tick(timedelta(days=29))
        refuse(world, "new")
        clock.tick(timedelta(days=2))
        tidying.tidy(world.core)
    assert ids(world) == ["new"]


# --- told where it is missed --------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["refused first", "waiting first"])
def test_whoever_waits_for_it_says_that_it_was_handed_over_and_why_it_was_refused(
    world: World, order: str
) -> None:
    world.warm()
    world.item("i")
    steps = [lambda: refuse(world), lambda: world.invoice("inv", customer={"external_id": "c-102"})]
    for step in steps if order == "refused first" else reversed(steps):
        step()
    (error,) = world.view(Kind.INVOICE, "inv")["errors"]
    assert (error["cause"], error["sub_reason"]) == ("customer_not_matched", "not_handed_over")
    assert error["message"].startswith("The customer c-102 was handed over and not accepted: name: ")
    assert "not been handed over" not in error["message"]
    assert error["remedy"].startswith("Correct the customer c-102 in the order system")
    same = [item for item in errors.find(world.core) if item.kind is Kind.INVOICE]
    assert [item.message for item in same] == [error["message"]]
    assert [group.message for group in errors.group(same)] == [error["message"]]

    connectors.resync(world.core, "acme", actor="ada")
    world.poll()
    (still,) = world.view(Kind.INVOICE, "inv")["errors"]
    assert (still["id"], still["message"]) == (error["id"], error["message"])

    decisions.dismiss(world.core, "acme", kept(world)[0].id, "theirs", actor="ada")
    (error,) = world.view(Kind.INVOICE, "inv")["errors"]
    assert error["message"] == "The customer c-102 has not been handed over yet."
    world.customer("c-102")
    world.poll()
    assert world.state(Kind.INVOICE, "inv") == "synced"


def test_items_and_vendors_are_told_alike(world: World) -> None:
    world.warm()
    world.customer("c")
    for kind, external_id in ((Kind.ITEM, "i"), (Kind.VENDOR, "v")):
        with pytest.raises(InvalidInput):
            world.put(kind, external_id, {"nonsense": 1})
    world.invoice("inv")
    world.order("po")
    found = {
        item["message"].partition(":")[0]
        for kind, name in ((Kind.INVOICE, "inv"), (Kind.PURCHASE_ORDER, "po"))
        for item in world.view(kind, name)["errors"]
    }
    assert found == {
        "The item i was handed over and not accepted",
        "The vendor v was handed over and not accepted",
    }


def test_an_id_that_differs_in_case_is_another_record(world: World) -> None:
    world.warm()
    world.item("i")
    refuse(world, "C-102")
    world.invoice("inv", customer={"external_id": "c-102"})
    (error,) = world.view(Kind.INVOICE, "inv")["errors"]
    assert error["message"] == "The customer c-102 has not been handed over yet."


def test_thousands_that_wait_are_told_in_a_few_statements(world: World) -> None:
    world.warm()
    world.item("i")
    refuse(world)
    for number in range(30):
        world.invoice(
            f"inv{number}", customer={"external_id": f"c-{number // 2}" if number < 20 else "c-102"}
        )
    with statements() as noted:
        found = errors.find(world.core, connector="acme")
    assert len([text for text in noted if "SELECT" in text]) <= 3
    assert sum("not accepted" in item.message for item in found) == 11


def test_a_record_that_is_there_tells_that_its_newest_wish_was_refused(world: World) -> None:
    world.customer("c-102")
    world.poll()
    refuse(world)
    view = world.view(Kind.CUSTOMER, "c-102")
    assert (view["state"], [item["cause"] for item in view["errors"]]) == ("synced", ["not_accepted"])
    assert view["errors"][0]["faults"][0]["pointer"] == "/name"
    of_record = errors.of_record(world.core, "acme", Kind.CUSTOMER, "c-102")
    assert [item.cause for item in of_record] == ["not_accepted"]
    world.poll()
    assert world.state(Kind.CUSTOMER, "c-102") == "synced"
    world.customer("c-102", phone="2")
    assert world.view(Kind.CUSTOMER, "c-102")["errors"] == []


def test_a_record_that_was_never_accepted_is_said_to_be_so_when_it_is_looked_for(world: World) -> None:
    refuse(world)
    with pytest.raises(
        NotFound, match=r"has no customer 'c-102': it was handed over and not accepted \(name: "
    ):
        world.view(Kind.CUSTOMER, "c-102")
    (found,) = record_lists.found(world.core, "acme", None, None, "c-102").refused
    assert found.external_id == "c-102"
    assert record_lists.found(world.core, "acme", Kind.VENDOR, None, "c-102").refused == ()


def test_not_everything_is_in_quickbooks_while_something_is_refused(world: World) -> None:
    world.warm()
    refuse(world)
    health = overview.health(world.core, "acme")
    assert (health.mood, health.open_errors, health.refused) == (Mood.ATTENTION, 1, 1)
    assert health.headline == "1 record of the order system could not be accepted."
    assert health.connector_errors == ()
    assert [item.severity for item in health.findings if "not accepted" in item.text] == ["warning"]
    world.customer("c-102")
    world.poll()
    assert overview.health(world.core, "acme").headline == "Everything is in QuickBooks."


def test_the_words_of_a_refusal_name_the_first_faults_and_count_the_others() -> None:
    faults = [Fault(f"/lines/{number}/rate", "is not a number") for number in range(14)]
    cause = NotAccepted.of(Kind.INVOICE, "SO-1", [Fault("", "is wrong"), *faults])
    assert (len(cause.faults), cause.more) == (MOST_FAULTS, 5)
    assert cause.why == (
        "is wrong; line 1, rate: is not a number; line 2, rate: is not a number; and 12 more"
    )
