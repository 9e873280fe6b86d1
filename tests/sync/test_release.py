"""Whatever blocks a record, what takes the cause away releases it: by itself, with the visit that shows it.

One table: every cause of the catalogue, and every way in which it can go away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import host
from qbwc_server.domain.causes import CATALOGUE, Cause, CustomerNotMatched, ItemNotMatched
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import lists
from qbwc_server.sync import full_loads
from tests.worlds.sync_world import World, enter_by_hand, line, refusing

Step = Callable[[World], object]
C, V, ITEM, INV, PO = Kind.CUSTOMER, Kind.VENDOR, Kind.ITEM, Kind.INVOICE, Kind.PURCHASE_ORDER
A_PERSON_DECIDES = {"changed_in_quickbooks", "uncertain"}
"""Nothing but a person's decision ends these: acceptance/test_causes.py has them."""
CONNECTOR_WIDE = {
    "quickbooks_unreachable",
    "wrong_company_file",
    "bad_credentials",
    "version_unsupported",
    "webhook_disabled",
}
"""Causes of the connector as a whole: a session ends them, see test_session.py."""
OF_NO_RECORD = {"not_accepted", "request_uncertain"}
"""What was refused blocks no record, nor does what nobody knows of a raw request: see test_refused.py and
test_raw_requests.py."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way in which a cause goes away.

    Attributes:
        before: what is in QuickBooks before the lists are loaded.
        blocked: what the host hands over; the record is blocked then, or at the visit that follows.
        mend: what takes the cause away; one visit later the record is synced.
    """

    cause: str
    why: str | None
    way: str
    record: tuple[Kind, str]
    blocked: Step
    mend: Step
    before: Step = lambda world: None
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.cause}-{self.why or ''}-{self.way}".replace(" ", "_")


def enter(world: World, name: str, kind: str = "Customer", **fields: Any) -> str:
    """A person enters a list record."""
    if kind.startswith("Item"):
        fields["SalesOrPurchase"] = {"Price": "1.00", "AccountRef": "Sales"}
    return world.company.person.add(kind, {"Name": name, **fields})


def list_id(world: World, name: str, kind: str = "Customer", field: str = "FullName") -> str:
    return str(world.company.find(kind, **{field: name})["ListID"])


def deleted(world: World, name: str) -> None:
    """A person deletes a customer."""
    world.company.person.delete("Customer", list_id(world, name))
    refresh(world)


def no_invoice(world: World) -> None:
    """A person deletes the invoice ``inv``."""
    txn_id = world.company.find("Invoice", RefNumber="inv")["TxnID"]
    world.company.person.delete_transaction("Invoice", txn_id)
    refresh(world)


def entered(name: str, kind: str = "Customer", **fields: Any) -> Step:
    """A person enters it, and the next refresh shows it."""
    return lambda world: (enter(world, name, kind, **fields), refresh(world))


def edited(name: str, kind: str = "Customer", **fields: Any) -> Step:
    def mend(world: World) -> None:
        world.company.person.edit(kind, list_id(world, name, kind), fields)
        refresh(world)

    return mend


def refresh(world: World) -> None:
    """Lists are due: no person asked for it, so nothing is looked at but what differs."""
    with world.core.database.begin() as conn:
        full_loads.request(conn, connector_rows.by_name(conn, "acme"), now=world.core.clock())


def setting(**values: Any) -> Step:
    return lambda world: connectors.change_settings(world.core, "acme", values, actor="ann")


def retried(world: World) -> None:
    errors.retry(world.core, "acme", everything=True, actor="ann")


def invoice(**fields: Any) -> Step:
    """Item ``i`` is there; the customer is who is told."""
    return lambda world: (world.item("i"), world.invoice("inv", **fields))


def to_item(**item: Any) -> Step:
    return lambda world: (
        world.customer("c"),
        world.invoice("inv", lines=[{"item": item, "quantity": "1", "rate": "1"}]),
    )


def order(**fields: Any) -> Step:
    return lambda world: (world.item("i"), world.order("po", **fields))


def linked_twice(world: World) -> None:
    world.customer("a", email="ap@x.example")
    world.poll()
    world.customer("b", email="ap@x.example")


def synced_invoice(world: World) -> None:
    world.basics()
    world.invoice("inv")
    world.poll()


PARTIES = [
    row
    for kind, label, document, key, hand, write in (
        (C, "customer", (INV, "inv"), "customer", World.customer, invoice),
        (V, "vendor", (PO, "po"), "vendor", World.vendor, order),
    )
    for row in (
        Row(f"{label}_not_matched", "email_missing", "host gives it", (kind, "x"),
            lambda w, k=kind: w.put(k, "x", {"name": "X"}),
            lambda w, k=kind: w.put(k, "x", {"name": "X", "email": "x@x.example"})),
        Row(f"{label}_not_matched", "email_missing", "setting", (kind, "x"),
            lambda w, k=kind: w.put(k, "x", {"name": "X"}), setting(create_without_email=True)),
        Row(f"{label}_not_matched", "number_missing", "setting", (kind, "x"),
            lambda w, k=kind: w.put(k, "x", {"name": "X", "email": "x@x.example"}),
            setting(**{f"match_{label}s_by": "email"}), settings={f"match_{label}s_by": "account_number"}),
        Row(f"{label}_not_matched", "email_unknown", "own write", document,
            write(**{key: {"email": "x@x.example"}}), lambda w, h=hand: h(w, "x", email="y@x.example, x@x.example")),
        Row(f"{label}_not_matched", "email_unknown", "list load", document,
            write(**{key: {"email": "x@x.example"}}),
            entered("X", label.capitalize(), Email="Ann <x@x.example>")),
        Row(f"{label}_not_matched", "several", "list load", document,
            write(**{key: {"email": "x@x.example"}}), edited("X", label.capitalize(), Email=""),
            before=lambda w, n=label: [enter(w, x, n.capitalize(), Email="x@x.example") for x in "XY"]),
        Row(f"{label}_not_matched", "name_unknown", "own write", document,
            write(**{key: "Xenon"}), lambda w, h=hand: h(w, "x", name="Xenon")),
        Row(f"{label}_not_matched", "name_unknown", "own rename", document,
            lambda w, h=hand, f=write, k=key: (h(w, "x", name="Old"), w.poll(), f(**{k: "Xenon"})(w)),
            lambda w, h=hand: h(w, "x", name="Xenon")),
        Row(f"{label}_not_matched", "name_unknown", "list load", document,
            write(**{key: "Xenon"}), entered("Xenon", label.capitalize())),
        Row(f"{label}_not_matched", "id_unknown", "host corrects it", document,
            write(**{key: {"list_id": "80000FFF-1"}}),
            lambda w, h=hand, f=write, k=key: (h(w, "x"), f(**{k: {"external_id": "x"}})(w))),
        Row(f"{label}_not_matched", "not_handed_over", "handed over", document,
            write(**{key: {"external_id": "x"}}), lambda w, h=hand: h(w, "x")),
        Row(f"{label}_not_matched", "creation_off", "setting", (kind, "x"),
            lambda w, h=hand: h(w, "x"), setting(**{f"create_{label}s": True}), settings={f"create_{label}s": False}),
        Row(f"{label}_not_matched", "creation_off", "list load", (kind, "x"),
            lambda w, h=hand: h(w, "x", email="x@x.example, y@x.example"),
            entered("X", label.capitalize(), Email="y@x.example"), settings={f"create_{label}s": False}),
    )
]  # fmt: skip

ITEMS = [
    Row("item_not_matched", "sku_missing", "host gives it", (ITEM, "x"),
        lambda w: w.put(ITEM, "x", {"name": "X"}), lambda w: w.put(ITEM, "x", {"name": "X", "sku": "X-1"})),
    Row("item_not_matched", "sku_missing", "setting", (ITEM, "x"),
        lambda w: w.put(ITEM, "x", {"name": "X"}), setting(default_item_type="service")),
    Row("item_not_matched", "sku_unknown", "own write", (INV, "inv"),
        to_item(sku="X-1"), lambda w: w.item("x", sku="X-1")),
    Row("item_not_matched", "sku_unknown", "list load", (INV, "inv"),
        to_item(sku="X-1"), entered("X", "ItemNonInventory", ManufacturerPartNumber="x-1")),
    Row("item_not_matched", "sku_unknown", "setting", (INV, "inv"),
        to_item(sku="X-1"), setting(match_items_by="name"), before=lambda w: enter(w, "X-1", "ItemNonInventory")),
    Row("item_not_matched", "sku_unknown", "list load by name", (INV, "inv"),
        to_item(sku="X-1"), entered("x-1", "ItemNonInventory"), settings={"match_items_by": "barcode,name"}),
    Row("item_not_matched", "several", "list load", (INV, "inv"),
        to_item(sku="X-1"), edited("X", "ItemNonInventory", ManufacturerPartNumber="Y"),
        before=lambda w: [enter(w, n, "ItemNonInventory", ManufacturerPartNumber="X-1") for n in "XY"]),
    Row("item_not_matched", "name_unknown", "own write", (INV, "inv"),
        to_item(full_name="Xenon"), lambda w: w.item("x", name="Xenon")),
    Row("item_not_matched", "name_unknown", "own write below its parent", (INV, "inv"),
        to_item(full_name="Gas:Xenon"),
        lambda w: (w.item("x", name="Xenon", parent={"sku": "GAS"}), w.item("gas", name="Gas", sku="GAS"))),
    Row("item_not_matched", "name_unknown", "list load", (INV, "inv"),
        to_item(full_name="Xenon"), entered("Xenon", "ItemNonInventory")),
    Row("item_not_matched", "id_unknown", "host corrects it", (INV, "inv"),
        to_item(list_id="80000FFF-1"), lambda w: (w.item("x"), to_item(external_id="x")(w))),
    Row("item_not_matched", "not_handed_over", "handed over", (INV, "inv"),
        to_item(external_id="x"), lambda w: w.item("x")),
    Row("item_not_matched", "creation_off", "setting", (ITEM, "x"),
        lambda w: w.item("x"), setting(create_items=True), settings={"create_items": False}),
    Row("item_not_matched", "creation_off", "list load", (ITEM, "x"),
        lambda w: w.item("x", sku="X-1"), entered("X", "ItemNonInventory", ManufacturerPartNumber="X-1"),
        settings={"create_items": False}),
    Row("item_not_matched", "creation_off", "list load by name", (ITEM, "x"),
        lambda w: w.put(ITEM, "x", {"name": "Xenon", "type": "service"}), entered("Xenon", "ItemService"),
        settings={"create_items": False}),
]  # fmt: skip

LISTS = [
    Row("record_inactive", None, "reactivated", (INV, "inv"),
        invoice(customer={"email": "x@x.example"}),
        lambda w: (w.company.person.reactivate("Customer", list_id(w, "X")), refresh(w)),
        before=lambda w: w.company.person.deactivate("Customer", enter(w, "X", Email="x@x.example"))),
    Row("record_inactive", None, "terms reactivated", (C, "c"),
        lambda w: w.customer("c", terms="Net 45"),
        lambda w: (
            w.company.person.reactivate("StandardTerms", list_id(w, "Net 45", "StandardTerms", "Name")), refresh(w)
        ),
        before=lambda w: w.company.person.deactivate("StandardTerms", enter(w, "Net 45", "StandardTerms"))),
    Row("record_deleted", None, "unlinked", (C, "c"),
        lambda w: (w.customer("c"), w.poll(), deleted(w, "Customer c")),
        lambda w: decisions.unlink(w.core, "acme", C, "c", actor="ann")),
    Row("record_deleted", None, "linked by hand", (C, "c"),
        lambda w: (w.customer("c"), w.poll(), deleted(w, "Customer c")),
        lambda w: decisions.link(w.core, "acme", C, "c", list_id(w, "Other"), actor="ann"),
        before=lambda w: enter(w, "Other")),
    Row("name_in_use", None, "own rename", (C, "x"),
        lambda w: (w.customer("a", name="Xenon"), w.poll(), w.customer("x", name="Xenon")),
        lambda w: w.customer("a", name="Argon")),
    Row("name_in_use", None, "own rename of a vendor", (C, "x"),
        lambda w: (w.vendor("a", name="Xenon"), w.poll(), w.customer("x", name="Xenon")),
        lambda w: w.vendor("a", name="Argon")),
    Row("name_in_use", None, "renamed by a person", (C, "x"),
        lambda w: w.customer("x", name="Xenon"), edited("Xenon", Name="Argon"), before=lambda w: enter(w, "Xenon")),
    Row("name_in_use", None, "it is the same", (C, "x"),
        lambda w: w.customer("x", name="Xenon"), edited("Xenon", Email="x@fish.example"),
        before=lambda w: enter(w, "Xenon")),
    Row("already_linked", None, "other unlinked", (C, "b"), linked_twice,
        lambda w: (w.customer("a", email="a@x.example"), decisions.unlink(w.core, "acme", C, "a", actor="ann"))),
    Row("already_linked", None, "other linked by hand", (C, "b"), linked_twice,
        lambda w: decisions.link(w.core, "acme", C, "a", list_id(w, "Other"), actor="ann"),
        before=lambda w: enter(w, "Other")),
    Row("already_linked", None, "own write gives the other another email", (C, "b"), linked_twice,
        lambda w: w.customer("a", email="a@x.example")),
    Row("already_linked", None, "list load shows another email", (C, "b"), linked_twice,
        edited("Customer a", Email="")),
    Row("reference_missing", "terms", "list load", (C, "c"),
        lambda w: w.customer("c", terms="Net 45"), entered("Net 45", "StandardTerms")),
    Row("reference_missing", "income account", "setting", (ITEM, "i"),
        lambda w: w.item("i"), setting(default_income_account="Sales"), settings={"default_income_account": ""}),
    Row("reference_missing", "parent", "own write", (C, "j"),
        lambda w: w.customer("j", parent="Chain"), lambda w: w.customer("p", name="Chain")),
    Row("reference_missing", "parent", "own rename", (C, "j"),
        lambda w: (w.customer("p", name="Old"), w.poll(), w.customer("j", parent="Chain")),
        lambda w: w.customer("p", name="Chain")),
    Row("reference_missing", "parent", "list load", (C, "j"),
        lambda w: w.customer("j", parent="Chain"), entered("Chain")),
    Row("reference_missing", "pref vendor", "own write", (ITEM, "i"),
        lambda w: w.item("i", cost="1", expense_account="Cost of Goods Sold", pref_vendor="Boats"),
        lambda w: w.vendor("v", name="Boats")),
    Row("reference_missing", "customer", "own write", (PO, "po"),
        lambda w: (w.vendor("v"), w.item("i"), w.order("po", lines=[{**line("i"), "customer": "Chain"}])),
        lambda w: w.customer("c", name="Chain")),
    Row("invalid_field", "parent", "the circle is opened", (C, "b"),
        lambda w: (w.customer("a", parent={"external_id": "b"}), w.customer("b", parent={"external_id": "a"})),
        lambda w: w.customer("a")),
    Row("invalid_field", "ref_number", "setting", (INV, "inv"),
        lambda w: (w.basics(), w.invoice("inv", ref_number="12345678901")), setting(ref_number_prefix=""),
        settings={"ref_number_prefix": "WEB"}),
]  # fmt: skip

DOCUMENTS = [
    Row("link_refused", "not_there", "retried by itself", (INV, "inv"),
        lambda w: (w.basics(), w.invoice("inv"), decisions.link(w.core, "acme", INV, "inv", "1-1", actor="ann")),
        lambda w: host.retry(w.core, "acme", INV, "inv", actor="ann")),
    Row("link_refused", "not_there", "linked to the right one", (INV, "inv"),
        lambda w: (w.basics(), w.invoice("inv"), decisions.link(w.core, "acme", INV, "inv", "1-1", actor="ann")),
        lambda w: decisions.link(
            w.core, "acme", INV, "inv", w.company.find("Invoice", RefNumber="other")["TxnID"], actor="ann"
        ),
        before=lambda w: enter_by_hand(w, "other")),
    Row("number_conflict", None, "deleted by a person", (INV, "inv"),
        lambda w: (w.basics(), w.invoice("inv"), w.poll()),
        no_invoice,
        before=lambda w: enter_by_hand(w, "inv")),
    Row("document_deleted", None, "posted as new", (INV, "inv"),
        lambda w: (synced_invoice(w), no_invoice(w)),
        lambda w: decisions.post_as_new(w.core, "acme", INV, "inv", actor="ann")),
    *(
        Row(cause, None, "retried", (INV, "inv"),
            lambda w, c=code: (w.basics(), w.invoice("inv"), w.poll(fault=refusing("InvoiceAddRs", c))), retried)
        for cause, code in (("closed_period", 3171), ("not_permitted", 3261), ("refused", 3250))
    ),
]  # fmt: skip

ROWS = [*PARTIES, *ITEMS, *LISTS, *DOCUMENTS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_takes_a_cause_away_releases_what_it_blocked(make_world: Callable[..., World], row: Row) -> None:
    world = make_world(settings=row.settings)
    row.before(world)
    world.warm()
    row.blocked(world)
    if world.state(*row.record) != "blocked":
        world.poll()
    assert world.state(*row.record) == "blocked"
    assert (row.cause, row.why) in world.causes(*row.record)
    row.mend(world)
    world.poll()
    assert world.view(*row.record)["errors"] == []
    assert world.state(*row.record) == "synced"


def test_every_cause_has_its_ways_out() -> None:
    assert {row.cause for row in ROWS} | CONNECTOR_WIDE | A_PERSON_DECIDES | OF_NO_RECORD == set(CATALOGUE)


@pytest.mark.parametrize("cause", [CustomerNotMatched, ItemNotMatched])
def test_every_reason_of_matching_has_its_ways_out(cause: type[Cause]) -> None:
    documented = next(each.__doc__ for each in cause.__mro__ if "why:" in (each.__doc__ or ""))
    (listed,) = re.findall(r"why: (.*?)\.\n", documented or "", re.DOTALL)
    told = {row.why for row in ROWS if row.cause == cause.name}
    # no record comes in any more that names nobody: test_check.py stores one as it was taken before
    assert told == set(re.findall(r"``(\w+)``", listed)) - {"not_named"}


def test_a_persons_resync_looks_at_everything_that_is_blocked(world: World) -> None:
    """Also where no entry differs: the cause went away without anybody having told."""
    enter(world, "X", Email="x@x.example")
    world.warm()
    world.item("i")
    world.invoice("inv", customer={"email": "y@x.example"})
    assert world.state(INV, "inv") == "blocked"
    world.poll()
    with world.core.database.begin() as conn:
        (entry,) = lists.by_name(conn, 1, ListName.CUSTOMER, "X")
        world.company.person.edit("Customer", entry.list_id, {"Email": "y@x.example"})
        there = world.company.find("Customer", Name="X")["EditSequence"]
        lists.store(conn, 1, [entry._replace(email="y@x.example", edit_sequence=there)], load=None)
    refresh(world)
    world.poll()
    assert world.state(INV, "inv") == "blocked"
    connectors.resync(world.core, "acme", actor="ann")
    world.poll()
    assert world.state(INV, "inv") == "synced"
    with world.core.database.read() as conn:
        loads = lists.loads(conn, 1, tuple(ListName))
    assert sum(load.changes.get("released", 0) for load in loads) == 1


def test_families_whose_names_go_in_circles_are_told_so_and_nothing_breaks(world: World) -> None:
    world.warm()
    for own, parent in (("A", "B"), ("B", "A"), ("C", "C")):
        world.put(C, own, {"name": own, "parent": parent})
        world.put(C, f"{own} of {parent}", {"name": parent, "parent": f"{parent}:{own}"})
    world.poll()
    assert set(world.states(C)) == {"blocked"}
