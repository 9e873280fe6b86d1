"""What host and QuickBooks have to do with each other in a history: sixty records, then changes to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.kinds import Kind
from tests.worlds.fault_world import History


@dataclass(frozen=True, slots=True)
class Size:
    """How many records of each kind a history has."""

    customers: int
    items: int
    vendors: int
    invoices: int
    orders: int


FULL = Size(customers=11, items=11, vendors=6, invoices=22, orders=10)
SMALL = Size(customers=4, items=4, vendors=2, invoices=7, orders=4)


def line(item: int, quantity: int = 2, rate: str = "9.50") -> dict[str, Any]:
    """A line over an item."""
    return {"item": {"external_id": f"i{item}"}, "quantity": str(quantity), "rate": rate}


def box(quantity: int = 1) -> dict[str, Any]:
    """A line over an item group, which QuickBooks opens into two lines."""
    return {"item": {"full_name": "Box"}, "quantity": str(quantity)}


def prepare(history: History) -> None:
    """QuickBooks is in use already: it has two of the host's records, and a stranger under one of its numbers."""
    person = history.company.person
    person.add("Customer", {"Name": "Known Customer", "Email": "c0@fish.example"})
    known = {"SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"}, "ManufacturerPartNumber": "SKU-0"}
    person.add("ItemNonInventory", {"Name": "Known Item", **known})
    members = [{"ItemRef": "Known Item", "Quantity": each} for each in ("3", "4")]
    person.add("ItemGroup", {"Name": "Box", "ItemGroupLine": members})
    stranger = {"CustomerRef": "Known Customer", "RefNumber": "TAKEN", "TxnDate": "2026-10-01"}
    person.add_transaction(
        "Invoice", stranger, [{"ItemRef": "Known Item", "Quantity": "1", "Rate": "5.00", "Amount": "5.00"}]
    )


def hand_over(history: History, size: Size, *, twin: bool = True) -> None:
    """Everything the host has. Two invoices and an order are numbered by QuickBooks, and some cannot be posted.

    Args:
        twin: another invoice has the number of the second one.
    """
    for n in range(size.customers):
        history.put(Kind.CUSTOMER, f"c{n}", name=f"Customer {n}", email=f"c{n}@fish.example", phone="1")
    for n in range(size.vendors):
        history.put(Kind.VENDOR, f"v{n}", name=f"Vendor {n}", email=f"v{n}@boats.example", phone="1")
    for n in range(size.items):
        history.put(Kind.ITEM, f"i{n}", name=f"Item {n}", sku=f"SKU-{n}", price="9.50")
    for n in range(size.invoices):
        invoice(history, n, size)
    for n in range(size.orders):
        order(history, n, size)
    history.put(Kind.INVOICE, "taken", **_invoice(0, size, "TAKEN"))
    if twin:
        history.put(Kind.INVOICE, "twin", **{**_invoice(1, size, "SO-1"), "memo": "twin;"})
    stranger = {"item": {"sku": "NOBODY-HAS-IT"}, "quantity": "1", "rate": "1.00"}
    history.put(Kind.INVOICE, "unmatched", **{**_invoice(1, size, "SO-X"), "lines": [stranger]})


def _invoice(n: int, size: Size, number: str | None) -> dict[str, Any]:
    return {
        "ref_number": number,
        "txn_date": "2026-11-20",
        "customer": {"external_id": f"c{n % size.customers}"},
        "memo": f"order {n};",
        "lines": [line(n % size.items), *([box(2)] if n % 3 else []), line((n + 1) % size.items, 1, "3.25")],
    }


def invoice(history: History, n: int, size: Size) -> None:
    """The n-th invoice; the last two have no number of their own."""
    number = f"SO-{n}" if n < size.invoices - 2 else None
    history.put(Kind.INVOICE, f"inv{n}", **_invoice(n, size, number))


def order(history: History, n: int, size: Size) -> None:
    """The n-th purchase order; the last one has no number of its own."""
    number = f"PO-{n}" if n < size.orders - 1 else None
    history.put(
        Kind.PURCHASE_ORDER,
        f"po{n}",
        ref_number=number,
        txn_date="2026-11-20",
        vendor={"external_id": f"v{n % size.vendors}"},
        memo=f"supply {n};",
        lines=[*([box()] if n % 2 else []), line(n % size.items, 5, "6.00")],
    )


def change(history: History) -> None:
    """The host changes its mind about some of each kind, and has two documents voided."""
    history.put(Kind.CUSTOMER, "c0", phone="2")
    history.put(Kind.CUSTOMER, "c1", phone="2", name="Customer One")
    history.put(Kind.VENDOR, "v0", phone="2")
    history.put(Kind.ITEM, "i1", price="10.25")
    history.put(Kind.ITEM, "i2", name="Item Two")
    history.put(Kind.INVOICE, "inv0", memo="order 0; changed")
    history.put(Kind.INVOICE, "inv1", lines=[line(1), box(2), line(2, 1, "3.25"), line(3, 7)])
    history.put(Kind.INVOICE, "inv2", lines=[box(3), line(3, 1, "3.25")], memo="order 2; fewer")
    history.put(Kind.INVOICE, "inv3", lines=[line(3, 9), line(0, 1, "3.25")], customer={"external_id": "c2"})
    history.put(Kind.PURCHASE_ORDER, "po0", memo="supply 0; changed")
    history.put(Kind.PURCHASE_ORDER, "po1", lines=[line(1, 5, "6.00"), line(2, 1, "2.00"), box()])
    history.void(Kind.INVOICE, "inv4")
    history.void(Kind.PURCHASE_ORDER, "po2")


def whole_run(history: History, size: Size) -> None:
    """Hand everything over and let it arrive; change some of it and let that arrive.

    What QuickBooks could not say is decided by a person, who looks before retrying.
    """
    prepare(history)
    hand_over(history, size)
    history.settle()
    change(history)
    history.settle()
    history.an_hour_later()
    while history.decide_what_is_uncertain():
        history.settle()
