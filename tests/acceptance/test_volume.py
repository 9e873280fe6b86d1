"""A day's orders: a thousand invoices take tens of round trips, and one that cannot be read stops no other.

The calls are made in the process, as it is their number and the work behind them that counts; `test_cycle`
makes the same calls over HTTP.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from qbwc_server.domain.kinds import Kind
from qbwc_server.simulator import CompanyFile
from qbwc_server.simulator.errors import RequestProcessorError
from qbwc_server.storage.database import Database
from tests.worlds.sync_world import Visit, World, names_in, requests_in, writes_in

pytestmark = pytest.mark.slow

INVOICES, CUSTOMERS, ITEMS, LINES = 1000, 200, 500, 5
BATCH = 50


def invoice(number: int) -> dict[str, Any]:
    """An invoice as an order system hands it over: customer by email, items by SKU."""
    lines = [
        {
            "item": {"sku": f"SKU-{(number * 7 + place * 101) % ITEMS}"},
            "quantity": str(1 + (number + place) % 9),
            "rate": f"{1 + number % 40}.{place}5",
        }
        for place in range(LINES)
    ]
    return {
        "ref_number": f"SO-{number}",
        "txn_date": "2026-11-20",
        "customer": {"email": f"buyer{number % CUSTOMERS}@fish.example"},
        "po_number": f"PO-{number}",
        "lines": lines,
    }


def customer(number: int) -> dict[str, Any]:
    return {"name": f"Customer {number}", "email": f"buyer{number}@fish.example"}


def item(number: int) -> dict[str, Any]:
    return {"name": f"Item {number}", "sku": f"SKU-{number}", "price": "9.50"}


def fill(company: CompanyFile) -> None:
    """The customers and items, entered in QuickBooks by hand."""
    for number in range(CUSTOMERS):
        company.person.add("Customer", {"Name": f"Customer {number}", "Email": f"buyer{number}@fish.example"})
    for number in range(ITEMS):
        entry = {
            "Name": f"Item {number}",
            "ManufacturerPartNumber": f"SKU-{number}",
            "SalesOrPurchase": {"Price": "9.50", "AccountRef": "Sales"},
        }
        company.person.add("ItemNonInventory", entry)


class Picky(CompanyFile):
    """A company file whose request processor cannot read the invoice with one number."""

    poison = "SO-617"

    def process(self, request: str | bytes, session: int = 0) -> str:
        text = request if isinstance(request, str) else request.decode()
        numbers = [each.findtext("InvoiceAdd/RefNumber") for each in requests_in(text)]
        if self.poison in numbers:
            raise RequestProcessorError.unreadable("the parser met something it cannot read")
        return super().process(request, session)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A database that does not wait for the disk: what is counted is round trips and CPU."""

    def hurry(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(Pool, "checkout", hurry)
    database = Database(f"sqlite:///{tmp_path / 'volume.db'}")
    database.upgrade()
    yield World(database)
    database.close()
    event.remove(Pool, "checkout", hurry)


def hand_over(world: World) -> None:
    for number in range(INVOICES):
        world.put(Kind.INVOICE, f"inv-{number}", invoice(number))


def tell(what: str, visit: Visit, started: float, world: World) -> None:
    """The figures, for whoever reads the test's output."""
    records = sum(world.states().values())
    seconds = time.process_time() - started
    print(
        f"\n{what}: {len(visit.texts)} round trips for {records} records, {seconds:.1f} s of CPU with QuickBooks' part,"
        f" {1000 * seconds / records:.1f} ms a record"
    )


def wrong(company: CompanyFile, *, but: frozenset[int] = frozenset()) -> list[str]:
    """Every invoice that is not in the company file exactly once, as it was handed over."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in company.records("Invoice"):
        found.setdefault(str(each["RefNumber"]), []).append(each)
    part_numbers = {
        each["ListID"]: each["ManufacturerPartNumber"]
        for each in company.records("Item")
        if "ManufacturerPartNumber" in each
    }
    faults = []
    for number in range(INVOICES):
        wanted, there = invoice(number), found.pop(f"SO-{number}", [])
        if len(there) != (0 if number in but else 1):
            faults.append(f"SO-{number} is there {len(there)} times")
        elif there and _plain(there[0], part_numbers) != _wanted(wanted):
            faults.append(f"SO-{number}: {_plain(there[0], part_numbers)}")
    return faults + [f"{number} was never handed over" for number in found]


def _plain(there: dict[str, Any], part_numbers: dict[str, str]) -> tuple[Any, ...]:
    lines = [
        (part_numbers[line["ItemRef"]["ListID"]], Decimal(line["Quantity"]), Decimal(line["Rate"]))
        for line in there["lines"]
    ]
    return there["CustomerRef"]["FullName"], there["TxnDate"], there["PONumber"], lines


def _wanted(wanted: dict[str, Any]) -> tuple[Any, ...]:
    name = wanted["customer"]["email"].removeprefix("buyer").removesuffix("@fish.example")
    lines = [
        (line["item"]["sku"], Decimal(line["quantity"]), Decimal(line["rate"])) for line in wanted["lines"]
    ]
    return f"Customer {name}", wanted["txn_date"], wanted["po_number"], lines


def test_a_thousand_new_invoices_take_at_most_thirty_round_trips(world: World) -> None:
    fill(world.company)
    world.warm()
    hand_over(world)
    started = time.process_time()
    visit = world.poll()
    tell("customers and items in QuickBooks", visit, started, world)
    assert world.states() == {"synced": INVOICES}
    assert wrong(world.company) == []
    assert len(visit.texts) <= 30
    assert max(len(writes_in(text)) for text in visit.texts) == BATCH


def test_with_new_customers_and_items_they_take_at_most_forty_five(world: World) -> None:
    world.warm()
    for number in range(CUSTOMERS):
        world.put(Kind.CUSTOMER, f"c-{number}", customer(number))
    for number in range(ITEMS):
        world.put(Kind.ITEM, f"i-{number}", item(number))
    hand_over(world)
    started = time.process_time()
    visit = world.poll()
    tell("customers and items new as well", visit, started, world)
    assert world.states() == {"synced": INVOICES + CUSTOMERS + ITEMS}
    assert wrong(world.company) == []
    assert len(visit.texts) <= 45


def test_one_poison_record_costs_few_message_sets_and_blocks_only_itself(world: World) -> None:
    picky = Picky.create(None, clock=world.clock, company_name="acme seafood")
    world.quickbooks["acme"] = picky
    fill(picky)
    world.warm()
    hand_over(world)
    started = time.process_time()
    visit = world.poll()
    tell("one of them unreadable", visit, started, world)
    usual = INVOICES // BATCH + 1
    assert world.states() == {"synced": INVOICES - 1, "blocked": 1}
    assert world.causes(Kind.INVOICE, "inv-617") == [("refused", None)]
    assert wrong(picky, but=frozenset({617})) == []
    extra = len(visit.texts) - usual
    print(f"extra message sets: {extra}, at most {2 * math.log2(BATCH):.1f}")
    assert 0 < extra <= 2 * math.log2(BATCH)
    assert visit.progress[-1] == 100
    assert "InvoiceQueryRq" in names_in(visit.texts[0])
