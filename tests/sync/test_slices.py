"""However many records one press, hand-over or answer is about, others are let in between: judged by commits."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, event

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import batches, intake, lines
from qbwc_server.domain.causes import ChangedInQuickbooks, ClosedPeriod, ItemNotMatched
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.faults import DatabaseUnavailable, NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors as rows
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage import events, lists, looks, records
from qbwc_server.storage.database import Database
from qbwc_server.sync import allowance, resolve
from qbwc_server.sync.check import Finding
from qbwc_server.sync.core import Core
from tests.worlds.hand_clock import HandClock
from tests.worlds.sync_world import START, World, transactions

AT_ONCE = 60
MANY = 2 * AT_ONCE + 30
SLICES = 3


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes in slices of two hundred goes in smaller ones as well, and sooner."""
    monkeypatch.setattr(allowance, "AT_ONCE", AT_ONCE)


class PowerCut(Exception):
    """The process dies between two slices."""


class Dying(Database):
    """A database whose process dies as soon as it would let others in."""

    def give_way(self) -> None:
        raise PowerCut


def block_many(world: World, many: int = MANY, *, sku: str = "A-77", connector: str = "acme") -> None:
    """Invoices that nothing but an item with this SKU is missing for, as intake leaves them; written at once."""
    with world.core.database.begin() as conn:
        connector_id = rows.by_name(conn, connector).id
        for number in range(many):
            content = {
                "ref_number": f"{sku}/{number}",
                "txn_date": "2026-11-20",
                "customer": {"email": "ap@fish.example"},
                "lines": [{"item": {"sku": sku}, "quantity": "1", "rate": "2.00"}],
            }
            name, now = f"{sku}-{number}", world.core.clock()
            record = records.add(conn, connector_id, Kind.INVOICE, name, content, now=now, actor="host")
            cause = ItemNotMatched(
                "sku_unknown", record.label, f"line 1 of invoice {name}", sku, (), "part_number"
            )
            records.move(conn, record, State.BLOCKED, now=now, actor="server", detail=cause.name)
            error_rows.open_error(conn, connector_id, record.id, cause, now=now)


def fish_market(make_world: Callable[..., World]) -> World:
    """Loaded lists, and the customer whom all invoices are for."""
    world = make_world()
    world.company.person.add("Customer", {"Name": "Harbour Fish", "Email": "ap@fish.example"})
    world.warm()
    return world


@pytest.fixture
def market(make_world: Callable[..., World]) -> World:
    return fish_market(make_world)


def enter_item(world: World, sku: str = "A-77") -> None:
    """A person enters the missing item in QuickBooks."""
    sale = {"SalesOrPurchase": {"Price": "2.00", "AccountRef": "Sales"}}
    world.company.person.add("ItemNonInventory", {"Name": sku, "ManufacturerPartNumber": sku, **sale})


def know_item(world: World, sku: str = "A-77", list_id: str = "80000099-1") -> None:
    """The list cache holds the item, and nobody has looked at what waits for it yet."""
    entry = ListEntry(
        ListName.ITEM, list_id, "ItemNonInventory", sku, True, False, None, sku, "1", None, None, None, None
    )
    with world.core.database.begin() as conn:
        lists.store(conn, rows.by_name(conn, "acme").id, [entry], load=None)


def noted(world: World) -> int:
    with world.core.database.read() as conn:
        return looks.count(conn, rows.by_name(conn, "acme").id)


@contextmanager
def dying(world: World) -> Iterator[None]:
    """The process dies between the first slice and the next; another one goes on afterwards."""
    living = world.core
    url = f"sqlite:///{living.database.path}"
    world.core = Core(Dying(url), living.clock, living.digest_key, living.public_url, living.limits)
    try:
        with pytest.raises(PowerCut):
            yield
    finally:
        world.core.database.close()
        world.core = living


# --- retry --------------------------------------------------------------------------------------------------


def test_a_retry_of_many_is_committed_slice_by_slice_with_few_statements(market: World) -> None:
    block_many(market)
    before = market.errors()
    with transactions() as done:
        outcome = errors.retry(market.core, "acme", everything=True, actor="ada")
    assert (outcome.released, outcome.still_blocked) == (0, MANY)
    writing = [each for each in done if each.writes]
    assert len(writing) == SLICES
    assert sum(len(each.statements) for each in done) <= 15 * SLICES
    assert market.errors() == before


def test_what_a_retry_releases_takes_few_statements_a_record(market: World) -> None:
    block_many(market)
    know_item(market)
    with transactions() as done:
        outcome = errors.retry(market.core, "acme", cause_key="sku:A-77", actor="ada")
    assert (outcome.released, outcome.still_blocked) == (MANY, 0)
    assert market.states(Kind.INVOICE) == {"queued": MANY}
    writing = [each for each in done if each.writes]
    assert len(writing) == SLICES
    assert all(len(each.statements) <= 4 * allowance.AT_ONCE for each in writing)


def test_a_retry_that_is_broken_off_is_done_for_those_it_came_to_and_can_be_pressed_again(
    market: World,
) -> None:
    block_many(market)
    know_item(market)
    with dying(market):
        errors.retry(market.core, "acme", everything=True, actor="ada")
    assert market.states(Kind.INVOICE) == {"queued": allowance.AT_ONCE, "blocked": MANY - allowance.AT_ONCE}
    again = errors.retry(market.core, "acme", everything=True, actor="ada")
    assert (again.released, again.still_blocked) == (MANY - allowance.AT_ONCE, 0)
    assert market.states(Kind.INVOICE) == {"queued": MANY}


@pytest.mark.parametrize("all_of_them", [True, False])
def test_a_retry_leaves_what_came_to_be_blocked_for_another_reason_meanwhile(
    market: World, all_of_them: bool
) -> None:
    """Its slices are looked at when they come: nobody chose what stands in the way by then."""
    block_many(market)
    know_item(market)
    (last,) = [error for error in market.errors() if error.external_id == f"A-77-{MANY - 1}"]

    class Busy(Database):
        def give_way(self) -> None:
            with self.begin() as conn:
                record = records.find(conn, 1, Kind.INVOICE, last.external_id or "")
                (connector,) = rows.every(conn)
                assert record is not None
                cause = ChangedInQuickbooks(record.label, {"memo": ("a", "b")})
                resolve.block(conn, connector, record, [Finding(cause)], now=market.core.clock(), actor="x")

    core = market.core
    busy = replace(core, database=Busy(f"sqlite:///{core.database.path}"))
    choice = {"everything": True} if all_of_them else {"ids": [error.id for error in market.errors()]}
    outcome = errors.retry(busy, "acme", actor="ada", **choice)
    busy.database.close()
    assert outcome.released == MANY - 1
    assert market.causes(Kind.INVOICE, f"A-77-{MANY - 1}") == [("changed_in_quickbooks", None)]


@pytest.mark.parametrize(
    ("is_one_process", "many"), [(True, MANY), pytest.param(False, 1_500, marks=pytest.mark.slow)]
)
def test_another_connector_is_let_in_while_one_retries_very_many(
    make_world: Callable[..., World], is_one_process: bool, many: int
) -> None:
    world = fish_market(make_world)
    world.add_connector("other")
    block_many(world, many)
    own = world.core.database if is_one_process else Database(f"sqlite:///{world.core.database.path}")
    others = replace(world.core, database=own)
    started = threading.Event()

    def hand_over() -> None:
        assert started.wait(30)
        for number in range(3):
            fields = {"name": f"C{number}", "email": f"c{number}@x.example"}
            intake.put(others, "other", Kind.CUSTOMER, f"c{number}", fields, actor="host")

    host = threading.Thread(target=hand_over, name="host")
    with transactions() as done, first_commit(started):
        host.start()
        outcome = errors.retry(world.core, "acme", everything=True, actor="ada")
        host.join()
    if own is not world.core.database:
        own.close()
    assert outcome.still_blocked == many
    order = [each.thread == "host" for each in done if each.writes]
    assert order.count(False) >= many / allowance.AT_ONCE
    assert True in order[order.index(False) : len(order) - order[::-1].index(False)]
    # and the first of them waited for no more than the slice that was under way and the one that was next
    assert order.index(True) <= 3


@contextmanager
def first_commit(heard: threading.Event) -> Iterator[None]:
    """Tells when this thread's first transaction that writes is committed."""
    own = threading.get_ident()

    def committed(conn: Connection) -> None:
        if threading.get_ident() == own and not conn.get_execution_options().get("only_reads"):
            heard.set()

    event.listen(Engine, "commit", committed)
    try:
        yield
    finally:
        event.remove(Engine, "commit", committed)


def test_a_second_press_while_the_first_goes_on_does_no_harm(market: World) -> None:
    block_many(market)
    know_item(market)
    outcomes: list[errors.RetryOutcome] = []

    def press() -> None:
        outcomes.append(errors.retry(market.core, "acme", everything=True, actor="ada"))

    presses = [threading.Thread(target=press) for _ in range(3)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert sum(outcome.released for outcome in outcomes) == MANY
    assert market.states(Kind.INVOICE) == {"queued": MANY}
    assert market.errors() == []
    assert times_released(market) == {1}


def times_released(world: World) -> set[int]:
    """How often each record was taken from blocked to queued: the different numbers."""
    with world.core.database.read() as conn:
        feed = events.of_connector(conn, rows.by_name(conn, "acme").id, limit=100_000)
    released = Counter(
        each.record_id for each in feed if (each.from_state, each.to_state) == (State.BLOCKED, State.QUEUED)
    )
    return set(released.values())


# --- what releases by itself --------------------------------------------------------------------------------


def test_a_hand_over_that_releases_very_many_does_so_slice_by_slice(market: World) -> None:
    block_many(market)
    with transactions() as done:
        market.item("i", sku="A-77")
    assert market.states(Kind.INVOICE) == {"queued": MANY}
    assert noted(market) == 0
    writing = [each for each in done if each.writes]
    assert len(writing) == SLICES
    assert all(each.number("INSERT INTO event") <= allowance.AT_ONCE + 2 for each in writing)


@pytest.mark.parametrize("fixing", ["item", "setting", "link"])
def test_what_a_process_that_died_left_blocked_goes_on_with_the_next_visit(
    make_world: Callable[..., World], fixing: str
) -> None:
    """Whatever released them: nobody has to press anything."""
    world = fish_market(make_world)
    posts = fixing == "item"
    if posts:
        block_many(world)
    else:
        settings = {"create_items": False, "post_invoices": False}
        connectors.change_settings(world.core, "acme", settings, actor="ada")
        world.item("i", sku="A-77")
        block_many(world)
    with dying(world):
        if fixing == "item":
            world.item("i", sku="A-77")
        elif fixing == "setting":
            connectors.change_settings(world.core, "acme", {"create_items": True}, actor="ada")
        else:
            enter_item(world, "other")
            know_item(world, "other", world.company.find("Item", Name="other")["ListID"])
            decisions.link(
                world.core,
                "acme",
                Kind.ITEM,
                "i",
                world.company.find("Item", Name="other")["ListID"],
                actor="ada",
            )
    left = noted(world)
    assert left >= MANY - allowance.AT_ONCE
    assert world.states(Kind.INVOICE)["blocked"] > 0
    while world.poll().is_open:
        pass
    assert noted(world) == 0
    assert world.states(Kind.INVOICE) == {"synced" if posts else "queued": MANY}
    assert set(world.posted(Kind.INVOICE).values()) == ({1} if posts else set())
    assert sum(world.posted(Kind.INVOICE).values()) == (MANY if posts else 0)


def test_a_visit_whose_refresh_releases_very_many_posts_them_all_and_no_call_looks_at_too_many(
    market: World,
) -> None:
    block_many(market)
    enter_item(market)
    connectors.change_settings(market.core, "acme", {"batch_size": 200}, actor="ada")
    connectors.resync(market.core, "acme", actor="ada")
    with transactions() as done:
        visit = market.poll()
    assert visit.progress[-1] == 100
    assert market.states(Kind.INVOICE) == {"synced": MANY}
    assert sum(market.posted(Kind.INVOICE).values()) == MANY
    closed = [each.number("UPDATE error") for each in done]
    assert max(closed) <= allowance.AT_ONCE + 5
    with market.core.database.read() as conn:
        (load,) = lists.loads(conn, 1, (ListName.ITEM,))
    assert load.changes["released"] == MANY


def test_a_visit_does_not_end_while_anything_is_to_be_looked_at_and_ends_then(market: World) -> None:
    """Nothing of it can be released: the Web Connector is told to go on until that is known, and no longer."""
    very_many = 6 * allowance.AT_ONCE
    block_many(market, very_many)
    with market.core.database.begin() as conn:
        connector = rows.by_name(conn, "acme")
        resolve.release_all(conn, connector, now=market.core.clock(), actor="ada")
    assert noted(market) == very_many - allowance.AT_ONCE
    visit = market.poll()
    assert visit.is_open
    assert visit.progress[-1] == 100
    assert noted(market) == 0
    assert not market.poll().is_open


def test_what_waits_for_a_record_that_is_blocked_is_blocked_slice_by_slice(market: World) -> None:
    market.item("i", sku="A-77")
    for number in range(allowance.AT_ONCE + 10):
        market.invoice(f"n{number}", customer={"email": "ap@fish.example"})
    assert market.states(Kind.INVOICE) == {"queued": allowance.AT_ONCE + 10}
    with transactions() as done:
        market.item("i", sku=None)
    assert market.states(Kind.INVOICE) == {"blocked": allowance.AT_ONCE + 10}
    assert max(each.number("INSERT INTO event") for each in done) <= allowance.AT_ONCE + 1


def test_entries_gone_while_the_lists_were_forgotten_block_what_is_linked_to_them(market: World) -> None:
    """A full reset has the lists read one by one: what the first tells can only be judged with the last."""
    market.customer("c")
    market.poll()
    market.company.person.deactivate("Customer", market.view(Kind.CUSTOMER, "c")["list_id"])
    password = connectors.reset(market.core, "acme", full=True, actor="ada")
    market.passwords["acme"] = str(password)
    connector = connectors.get(market.core, "acme")
    market.company.register(connector.owner_id, connector.file_id)
    market.poll()
    assert market.causes(Kind.CUSTOMER, "c") == [("record_inactive", None)]


# --- many handed over at once -------------------------------------------------------------------------------


def customers(many: int, **fields: str) -> list[str]:
    return [
        json.dumps({"external_id": f"c{n}", "name": f"C{n}", "email": f"c{n}@x.example", **fields})
        for n in range(many)
    ]


def invoices(many: int, sku: str = "A-77") -> list[str]:
    return [
        json.dumps(
            {
                "external_id": f"n{n}",
                "ref_number": f"N{n}",
                "customer": {"email": "ap@fish.example"},
                "lines": [{"item": {"sku": sku}, "quantity": "1", "rate": "2.00"}],
            }
        )
        for n in range(many)
    ]


def bring_in(world: World, kind: Kind, lines: list[str]) -> list[batches.ImportOutcome]:
    return list(batches.bring_in(world.core, "acme", kind, lines, actor="host"))


def test_a_batch_is_committed_chunk_by_chunk_with_few_statements_a_record(market: World) -> None:
    many = 2 * batches.CHUNK + 10
    with transactions() as done:
        found = bring_in(market, Kind.INVOICE, invoices(many))
    assert Counter((each.result, each.state) for each in found) == {("created", State.BLOCKED): many}
    writing = [each for each in done if each.writes]
    assert len(writing) == 3
    words = sum(
        each.number("INSERT INTO record_word") for each in done
    )  # all of a chunk are written together
    assert sum(len(each.statements) for each in done) - words < 6 * many
    with transactions() as done:
        again = bring_in(market, Kind.INVOICE, invoices(many))
    assert Counter(each.result for each in again) == {"unchanged": many}
    assert sum(len(each.statements) for each in done) < many / 5


def test_a_batch_of_list_records_takes_one_transaction_a_chunk_and_few_statements_too(market: World) -> None:
    with transactions() as done:
        bring_in(market, Kind.CUSTOMER, customers(batches.CHUNK))
    assert len([each for each in done if each.writes]) == 1
    assert sum(len(each.statements) for each in done) < 13 * batches.CHUNK


def test_an_outcome_is_given_only_when_its_record_is_stored_for_good(market: World) -> None:
    given = batches.bring_in(market.core, "acme", Kind.CUSTOMER, customers(batches.CHUNK + 1), actor="host")
    first = next(given)
    assert (first.external_id, market.state(Kind.CUSTOMER, "c0")) == ("c0", "queued")
    with pytest.raises(NotFound):
        market.view(Kind.CUSTOMER, f"c{batches.CHUNK}")
    given.close()
    assert market.states(Kind.CUSTOMER) == {"queued": batches.CHUNK}


def test_of_records_handed_over_twice_in_one_chunk_the_last_counts_and_versions_keep_their_order(
    market: World,
) -> None:
    def line(name: str, memo: str, **more: object) -> str:
        return json.dumps(
            {"external_id": name, "name": name, "email": f"{name}@x.example", "notes": memo} | more
        )

    lines = [line("a", "1"), line("b", "1", version=1), line("a", "2"), line("b", "3", version=3)]
    lines += [line("b", "2", version=2), line("a", "2"), line("a", "1")]
    found = bring_in(market, Kind.CUSTOMER, lines)
    assert [each.result for each in found] == [
        "created",
        "created",
        "changed",
        "changed",
        "faulty",
        "unchanged",
        "changed",
    ]
    assert [market.view(Kind.CUSTOMER, name)["record"]["notes"] for name in "ab"] == ["1", "3"]
    assert [market.view(Kind.CUSTOMER, name)["revision"] for name in "ab"] == [3, 2]


def test_what_a_line_releases_can_be_changed_by_a_later_line_of_its_chunk(market: World) -> None:
    """The record was read before its chunk began, and is another by then."""
    market.customer("c", email="ap@fish.example")
    market.poll()
    given = lines.hand_over
    invoice = {"customer": {"external_id": "c"}, "lines": [{"item": {"sku": "A-77"}, "quantity": "1"}]}
    market.put(Kind.INVOICE, "inv", invoice)
    market.put(Kind.INVOICE, "other", invoice)
    assert market.states(Kind.INVOICE) == {"blocked": 2}
    handed = [
        given(1, Kind.ITEM, "i", {"name": "Oyster", "sku": "A-77", "price": "1.00"}, size=1),
        given(2, Kind.INVOICE, "inv", {**invoice, "memo": "changed"}, size=1),
        given(3, Kind.INVOICE, "other", invoice, size=1),
        given(4, Kind.INVOICE, "new", invoice, size=1),
    ]
    found = list(batches.take_in_all(market.core, "acme", handed, actor="host"))
    assert [(each.result, each.state) for each in found] == [
        ("created", "queued"),
        ("changed", "queued"),
        ("unchanged", "queued"),
        ("created", "queued"),
    ]
    while market.poll().is_open:
        pass
    assert market.states(Kind.INVOICE) == {"synced": 3}
    assert [entry["Memo"] for entry in market.company.records("Invoice") if entry.get("Memo")] == ["changed"]


def test_a_line_that_the_database_refuses_harms_no_other_of_its_chunk(market: World) -> None:
    refuse = """
        CREATE TRIGGER refuse BEFORE INSERT ON record WHEN NEW.external_id = 'c2' BEGIN
            SELECT RAISE(ABORT, 'UNIQUE constraint failed: record.connector_id, record.kind, record.quickbooks_id');
        END"""
    with market.core.database.begin() as conn:
        conn.exec_driver_sql(refuse)
    try:
        found = bring_in(market, Kind.CUSTOMER, customers(5))
    finally:
        with market.core.database.begin() as conn:
            conn.exec_driver_sql("DROP TRIGGER refuse")
    assert [each.result for each in found] == ["created", "created", "faulty", "created", "created"]
    assert "another record is linked" in found[2].faults[0].message
    assert market.states(Kind.CUSTOMER) == {"queued": 4}


def test_long_records_are_taken_in_fewer_at_a_time(market: World) -> None:
    notes = "x" * (batches.CHUNK_SIZE // 3)
    lines = [json.dumps({"external_id": f"i{n}", "ref_number": f"{n}", "memo": notes}) for n in range(5)]
    with transactions() as done:
        found = bring_in(market, Kind.INVOICE, lines)
    assert len(found) == 5
    assert len([each for each in done if each.writes]) == 3


def test_what_a_batch_releases_is_looked_at_once_behind_it_and_slice_by_slice(market: World) -> None:
    block_many(market)
    items = [json.dumps({"external_id": f"i{n}", "name": f"I{n}", "price": "1.00"}) for n in range(3)]
    items.append(json.dumps({"external_id": "i", "name": "Oyster", "sku": "A-77", "price": "1.00"}))
    with transactions() as done:
        given = batches.bring_in(market.core, "acme", Kind.ITEM, items, actor="host")
        assert [next(given).result for _ in items] == ["created"] * 4  # and nobody asks for more
    assert market.states(Kind.INVOICE) == {"queued": MANY}
    assert noted(market) == 0
    # and one for what the order system may have been refused before
    assert max(each.number("UPDATE error") for each in done) <= allowance.AT_ONCE + 1
    assert times_released(market) == {1}


def test_a_batch_that_is_broken_off_has_stored_what_it_answered_and_no_more(market: World) -> None:
    class Failing(Database):
        """Its disk is full after the first chunk."""

        chunks = 0

        @contextmanager
        def begin(self) -> Iterator[Connection]:
            self.chunks += 1
            if self.chunks == 2:
                raise DatabaseUnavailable("no room")
            with super().begin() as conn:
                yield conn

    core = market.core
    failing = replace(core, database=Failing(f"sqlite:///{core.database.path}"))
    answered = []

    def hand_over() -> None:
        lines = customers(batches.CHUNK + 5)
        for each in batches.bring_in(failing, "acme", Kind.CUSTOMER, lines, actor="host"):
            answered.append(each.external_id)

    with pytest.raises(DatabaseUnavailable):
        hand_over()
    failing.database.close()
    assert answered == [f"c{n}" for n in range(batches.CHUNK)]
    assert market.states(Kind.CUSTOMER) == {"queued": batches.CHUNK}


# --- what nothing has changed for ---------------------------------------------------------------------------


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def quiet(make_world: Callable[..., World], clock: HandClock) -> World:
    """Very many are blocked, and were so an hour ago; nobody has done anything since."""
    world = make_world(clock=clock, limits=Limits(refresh_minutes=10_000))
    world.company.person.add("Customer", {"Name": "Harbour Fish", "Email": "ap@fish.example"})
    world.warm()
    clock.forward(hours=1)
    block_many(world)
    clock.forward(hours=1)
    return world


def press(world: World) -> errors.RetryOutcome:
    return errors.retry(world.core, "acme", cause_key="sku:A-77", actor="ada")


def test_a_retry_for_which_nothing_has_changed_says_so_at_once(quiet: World) -> None:
    with transactions() as done:
        outcome = press(quiet)
    assert (outcome.released, outcome.still_blocked, outcome.unchanged) == (0, MANY, MANY)
    assert outcome.unchanged_since == START + timedelta(hours=1)
    assert not any(each.writes for each in done)
    assert sum(len(each.statements) for each in done) < 15


CHANGES: dict[str, Callable[[World], object]] = {
    "a customer": lambda world: world.customer("new"),
    "a setting": lambda world: connectors.change_settings(
        world.core, "acme", {"refresh_minutes": 9_000}, actor="ada"
    ),
    "a Resync is asked for": lambda world: connectors.resync(world.core, "acme", actor="ada"),
    "a visit": lambda world: (connectors.resync(world.core, "acme", actor="ada"), world.poll()),
    "a full reset": lambda world: connectors.reset(world.core, "acme", full=True, actor="ada"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_may_have_changed_something_has_all_of_them_looked_at_once_more(
    quiet: World, clock: HandClock, change: Callable[[World], object]
) -> None:
    change(quiet)
    clock.forward(hours=1)
    first = press(quiet)
    assert (first.still_blocked + first.released, first.unchanged) == (MANY, 0)
    if first.still_blocked:
        clock.forward(hours=1)
        assert press(quiet).unchanged == MANY


def test_what_was_missed_in_the_cache_is_found_by_a_press_after_the_next_change(quiet: World) -> None:
    """Should a release ever have been missed, whatever happens next has everything looked at."""
    know_item(quiet)
    quiet.customer("new")
    assert press(quiet).released == MANY


def test_a_change_just_before_a_look_counts_as_one_behind_it(quiet: World, clock: HandClock) -> None:
    """Several servers with one database: their clocks differ by some seconds."""
    quiet.customer("new")
    clock.forward(seconds=30)
    assert press(quiet).unchanged == 0
    assert press(quiet).unchanged == 0
    clock.forward(seconds=60)
    assert (press(quiet).unchanged, press(quiet).unchanged) == (0, MANY)


def test_a_look_of_another_version_of_this_server_is_not_believed(quiet: World) -> None:
    with quiet.core.database.begin() as conn:
        conn.exec_driver_sql("UPDATE error SET looked_by = '0.0.1' WHERE id % 2 = 0")
        conn.exec_driver_sql("UPDATE error SET looked_at = NULL WHERE id % 5 = 0")
    assert 0 < press(quiet).unchanged < MANY


def test_one_that_the_host_has_changed_is_looked_at_and_the_others_are_not(quiet: World) -> None:
    content = quiet.view(Kind.INVOICE, "A-77-3")["record"]
    quiet.put(Kind.INVOICE, "A-77-3", {**content, "memo": "please"})
    know_item(quiet)
    with transactions() as done:
        outcome = press(quiet)
    # it was looked at when it was handed over, and its error record is the same: its own change is what counts
    assert (outcome.released, outcome.unchanged) == (1, MANY - 1)
    assert len([each for each in done if each.writes]) == 1


def test_what_quickbooks_itself_must_be_asked_again_is_always_sent_again(
    quiet: World, clock: HandClock
) -> None:
    with quiet.core.database.begin() as conn:
        for record in records.page(conn, 1, kind=Kind.INVOICE, limit=MANY):
            error_rows.close_of_record(conn, record.id, "for this test", now=quiet.core.clock())
            cause, answer = ClosedPeriod(record.label), QuickBooksAnswer("3170", "Error", "closed")
            error_rows.open_error(conn, 1, record.id, cause, answer, now=quiet.core.clock())
    know_item(quiet)
    clock.forward(hours=1)
    outcome = errors.retry(quiet.core, "acme", cause_key="closed_period", actor="ada")
    assert (outcome.released, outcome.unchanged) == (MANY, 0)


def test_a_few_are_always_looked_at(quiet: World) -> None:
    know_item(quiet)
    (one, *_) = quiet.errors()
    assert errors.retry(quiet.core, "acme", ids=[one.id], actor="ada").released == 1
