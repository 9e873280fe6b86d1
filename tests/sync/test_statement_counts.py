"""What is done to many records takes as few statements as what is done to few: counted, as a clock would not tell.

A statement that is executed for many rows at once counts once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from sqlalchemy import Engine, event

from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import batches
from qbwc_server.domain.kinds import Kind
from tests.worlds.sync_world import START, World


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is told within the block, but for the beginnings of transactions."""
    said: list[str] = []

    def heard(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", heard)


ITEMS, CUSTOMERS = 7, 9


@pytest.fixture
def market(make_world: Callable[..., World]) -> World:
    """A world whose QuickBooks has some customers and items, with the lists warm."""
    world = make_world(settings={"default_income_account": "Sales"})
    for number in range(CUSTOMERS):
        world.company.person.add("Customer", {"Name": f"C{number}", "Email": f"c{number}@x.example"})
    for number in range(ITEMS):
        sale = {"SalesOrPurchase": {"Price": "9.50", "AccountRef": "Sales"}}
        fields = {"Name": f"I{number}", "ManufacturerPartNumber": f"S-{number}", **sale}
        world.company.person.add("ItemNonInventory", fields)
    world.warm()
    return world


def invoice(number: int, sku: str | None = None) -> dict[str, Any]:
    return {
        "ref_number": str(number),
        "txn_date": "2026-11-20",
        "customer": {"email": f"c{number % CUSTOMERS}@x.example"},
        "lines": [
            {"item": {"sku": sku or f"S-{(number + step) % ITEMS}"}, "quantity": "2", "rate": "9.50"}
            for step in range(5)
        ],
    }


def bring_in(
    world: World, many: int, *, first: int = 0, sku: str | None = None
) -> list[batches.ImportOutcome]:
    numbers = range(first, first + many)
    lines = [json.dumps({"external_id": f"i{number}", **invoice(number, sku)}) for number in numbers]
    return list(batches.bring_in(world.core, "acme", Kind.INVOICE, lines, actor="host"))


def calls_of_a_visit(world: World) -> list[int]:
    """How many statements each sendRequestXML of a visit takes, in order."""
    return _counts_of_a_visit(world)[0]


def answers_of_a_visit(world: World) -> list[int]:
    """The same of each receiveResponseXML."""
    return _counts_of_a_visit(world)[1]


def _counts_of_a_visit(world: World) -> tuple[list[int], list[int]]:
    sent, received = [], []
    visit = world.visit()
    while visit.is_open:
        with statements() as said:
            text = visit.send()
        sent.append(len(said))
        if not text:
            break
        answer = visit.process(text)
        with statements() as said:
            percent = visit.receive(answer)
        received.append(len(said))
        if not 0 <= percent < 100:
            break
    visit.close()
    return sent, received


@pytest.mark.parametrize("queued", [60, 400])
def test_a_message_set_of_fifty_is_sent_in_at_most_forty_statements_however_many_wait(
    market: World, queued: int
) -> None:
    bring_in(market, queued)
    counts = calls_of_a_visit(market)
    assert market.states(Kind.INVOICE) == {"synced": queued}
    assert len(counts) > queued // 50
    assert max(counts) <= 40


def test_a_message_set_of_fifty_takes_at_most_twice_the_statements_of_one_of_five(market: World) -> None:
    bring_in(market, 5)
    few = calls_of_a_visit(market)
    bring_in(market, 50, first=5)
    many = calls_of_a_visit(market)
    assert market.states(Kind.INVOICE) == {"synced": 55}
    assert max(many) <= 2 * max(few)


def test_customers_items_and_what_waits_for_them_are_sent_in_as_few(market: World) -> None:
    for kind, letter in ((Kind.CUSTOMER, "c"), (Kind.ITEM, "s")):
        lines = [
            json.dumps(
                {"external_id": f"{letter}{number}", "name": f"New {letter}{number}"}
                | ({"email": f"new{number}@x.example"} if letter == "c" else {"sku": f"new-{number}"})
            )
            for number in range(60)
        ]
        list(batches.bring_in(market.core, "acme", kind, lines, actor="host"))
    lines = [
        json.dumps(
            {
                "external_id": f"w{number}",
                **invoice(number, f"new-{number}"),
                "customer": {"external_id": f"c{number}"},
            }
        )
        for number in range(60)
    ]
    list(batches.bring_in(market.core, "acme", Kind.INVOICE, lines, actor="host"))
    assert market.states(Kind.INVOICE) == {"queued": 60}
    counts = calls_of_a_visit(market)
    assert market.states() == {"synced": 180}
    assert max(counts) <= 40


def test_a_chunk_of_a_batch_takes_as_many_statements_as_a_few_lines(market: World) -> None:
    with statements() as few:
        bring_in(market, 5)
    with statements() as many:
        bring_in(market, batches.CHUNK, first=5)
    assert market.states(Kind.INVOICE) == {"queued": 5 + batches.CHUNK}
    assert len(many) <= len(few) <= 15
    with statements() as again:
        assert {each.result for each in bring_in(market, batches.CHUNK)} == {"unchanged"}
    assert len(again) <= 2  # the connector, and the records as they stand


def test_a_record_handed_over_takes_seven_statements_and_one_when_nothing_is_new(market: World) -> None:
    market.put(Kind.INVOICE, "first", invoice(1))
    with statements() as new:
        market.put(Kind.INVOICE, "i", invoice(2))
    with statements() as again:
        market.put(Kind.INVOICE, "i", invoice(2))
    assert market.states(Kind.INVOICE) == {"queued": 2}
    assert len(new) <= 7
    assert len(again) <= 1


def test_a_retry_of_many_behind_one_key_takes_less_than_a_statement_a_record(market: World) -> None:
    bring_in(market, 450, sku="NOPE")
    assert market.states(Kind.INVOICE) == {"blocked": 450}
    with statements() as said:
        errors.retry(market.core, "acme", cause_key="sku:NOPE", actor="ann")
    assert market.states(Kind.INVOICE) == {"blocked": 450}
    assert len(said) < 100


def test_what_an_item_releases_takes_less_than_a_statement_a_record(market: World) -> None:
    bring_in(market, 450, sku="NOPE")
    with statements() as said:
        market.item("n", name="Nope", sku="NOPE")
    assert market.states(Kind.INVOICE) == {"queued": 450}
    assert len(said) < 100


def _restored(world: World, many: int) -> dict[str, int]:
    """Most statements of an answer: when so many customers and invoices are forgotten, are there again, are older than
    they were, and were deleted by a person."""
    with freeze_time(START) as time:
        world.basics()
        world.poll()
        backup = world.company.snapshot()
        time.tick(timedelta(minutes=5))
        names = [f"n{number}" for number in range(many)]
        for name in names:
            world.customer(name, name=f"C {name}", email=f"{name}@x.example")
            world.invoice(name, customer={"external_id": name})
        world.poll()
        assert set(world.states().values()) == {2 + 2 * many}
        right = world.company.snapshot()
        found = {}

        def look(what: str, states: dict[str, int]) -> None:
            time.tick(timedelta(minutes=61))
            found[what] = max(answers_of_a_visit(world))
            assert world.states() == states, what

        world.company.restore(backup)
        look("forgotten", {"synced": 2, "blocked": 2 * many})
        world.company.restore(right)
        look("there again", {"synced": 2 + 2 * many})
        for name in names:
            world.customer(name, name=f"C {name}", email=f"{name}@x.example", phone="555")
            world.invoice(name, customer={"external_id": name}, memo="changed")
        world.poll()
        world.company.restore(right)
        look("older", {"synced": 2, "blocked": 2 * many})
        for name in names:
            world.invoice(f"d{name}")
        world.poll()
        for name in names:
            posted = world.company.find("Invoice", RefNumber=f"d{name}")
            world.company.person.delete_transaction("Invoice", posted["TxnID"])
        look("deleted", {"synced": 2, "blocked": 3 * many})
    return found


def test_what_a_restored_backup_took_away_takes_as_few_statements_for_many_records_as_for_a_few(
    make_world: Callable[..., World],
) -> None:
    few, many = _restored(make_world(), 4), _restored(make_world(), 12)
    assert all(many[what] <= few[what] for what in few), (few, many)
