"""Who is who, whatever happens: families, shared addresses, equal names, twins in case, late and repeated PUTs, links
by hand, people at work in QuickBooks. No entry is ever two records', no document is on another customer than the one
the host named, nothing is blocked for a reason that is not so, and nothing is forgotten.

``QBWC_MODEL_EXAMPLES`` and ``QBWC_MODEL_STEPS`` make the search longer (and random, rather than the same each time).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.handing_over import host, intake
from qbwc_server.domain.causes import AlreadyLinked, Cause, CustomerNotMatched, ItemNotMatched, NameInUse
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import email_keys
from qbwc_server.simulator.errors import StatusError
from qbwc_server.storage import errors as error_rows
from tests.worlds.sync_world import START, World

EXAMPLES = int(os.environ.get("QBWC_MODEL_EXAMPLES", "25" if "THOROUGH" in os.environ else "6"))
STEPS = int(os.environ.get("QBWC_MODEL_STEPS", "16"))
LONGER = "QBWC_MODEL_EXAMPLES" in os.environ

Json = dict[str, Any]
IDS = st.sampled_from(["1", "2", "3", "4"])
NAMES = st.sampled_from(["Anchor", "Bay", "anchor", "Cove"])
ADDRESSES = st.sampled_from(["a@x.example", "b@x.example", "Ann <a@x.example>", "b@x.example; c@x.example"])
EMAILS = st.sampled_from(["a@x.example", "b@x.example", "c@x.example"])
SKUS = st.sampled_from(["DUP", "dup", "Tri"])


def _given(**fields: Any) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(fields).map(
        lambda values: {name: value for name, value in values.items() if value is not None}
    )


REFERENCES = st.one_of(
    st.fixed_dictionaries({"external_id": IDS}),
    st.fixed_dictionaries({"external_id": IDS}),
    st.fixed_dictionaries({"email": EMAILS}),
    st.fixed_dictionaries({"full_name": NAMES}),
)
CUSTOMERS = _given(
    name=NAMES, email=st.one_of(ADDRESSES, ADDRESSES, st.none()), parent=st.one_of(st.none(), REFERENCES)
)
ITEMS = _given(name=st.sampled_from(["Red", "Green", "Blue"]), sku=SKUS, price=st.just("1.00"))
INVOICES = _given(
    txn_date=st.just("2026-11-20"),
    customer=REFERENCES,
    lines=st.lists(
        st.fixed_dictionaries(
            {
                "item": st.one_of(
                    st.fixed_dictionaries({"sku": SKUS}), st.fixed_dictionaries({"external_id": IDS})
                ),
                "quantity": st.just("1"),
                "rate": st.just("2"),
            }
        ),
        min_size=1,
        max_size=2,
    ),
)
PUTS = st.one_of(
    st.tuples(st.just("put"), st.just(Kind.CUSTOMER), IDS, CUSTOMERS),
    st.tuples(st.just("put"), st.just(Kind.CUSTOMER), IDS, CUSTOMERS),
    st.tuples(st.just("put"), st.just(Kind.ITEM), IDS, ITEMS),
    st.tuples(st.just("put"), st.just(Kind.INVOICE), st.integers(1, 9).map(str), INVOICES),
)
STEP = st.one_of(
    PUTS,
    PUTS,
    PUTS,
    st.tuples(st.just("again"), st.integers(0, 9)),
    st.tuples(st.just("cancel"), IDS),
    st.tuples(st.just("link"), IDS, st.integers(0, 5)),
    st.tuples(st.just("unlink"), IDS),
    st.tuples(
        st.just("enter"), NAMES, st.one_of(st.none(), ADDRESSES), st.one_of(st.none(), st.integers(0, 3))
    ),
    st.tuples(
        st.just("edit"), st.integers(0, 5), st.one_of(st.none(), NAMES), st.one_of(st.none(), ADDRESSES)
    ),
    st.tuples(st.just("retire"), st.integers(0, 5), st.booleans()),
    st.tuples(st.just("delete"), st.integers(0, 5)),
    st.tuples(st.just("visit")),
    st.tuples(st.just("visit")),
)


class Story:
    """A world in which the steps are taken, and what the host has said in it."""

    def __init__(self, make_world: Callable[..., World]) -> None:
        self.now = START
        self.world = make_world(clock=lambda: self.now)
        self.said: list[tuple[Kind, str, Json]] = []
        self.judged: set[str] = set()
        self.by_hand: set[str] = set()
        self.world.warm()

    def take(self, step: tuple[Any, ...]) -> None:
        with suppress(Conflict, NotFound, InvalidInput, StatusError):
            getattr(self, step[0])(*step[1:])
        self.now += timedelta(seconds=2)

    # --- the host and staff -----------------------------------------------------------------------------------

    def put(self, kind: Kind, external_id: str, content: Json) -> None:
        self.world.put(kind, external_id, content)
        self.said.append((kind, external_id, content))
        if kind is Kind.INVOICE:
            self.judged.discard(external_id)

    def again(self, which: int) -> None:
        """A late repetition of something that was handed over before."""
        if self.said:
            self.put(*self.said[which % len(self.said)])

    def cancel(self, external_id: str) -> None:
        intake.cancel(self.world.core, "acme", Kind.CUSTOMER, external_id, actor="host")

    def link(self, external_id: str, which: int) -> None:
        there = self._customer(which)
        if there is not None:
            self.by_hand.add(external_id)
            decisions.link(self.world.core, "acme", Kind.CUSTOMER, external_id, there["ListID"], actor="ann")

    def unlink(self, external_id: str) -> None:
        self.by_hand.add(external_id)
        decisions.unlink(self.world.core, "acme", Kind.CUSTOMER, external_id, actor="ann")

    # --- people in QuickBooks, each of whom presses Resync afterwards -------------------------------------------

    def enter(self, name: str, email: str | None, below: int | None) -> None:
        entry: Json = {"Name": name} | ({"Email": email} if email else {})
        parent = None if below is None else self._customer(below)
        if parent is not None:
            entry["ParentRef"] = {"ListID": parent["ListID"]}
        self._resync_after(lambda person: person.add("Customer", entry))

    def edit(self, which: int, name: str | None, email: str | None) -> None:
        there = self._customer(which)
        entry = {key: value for key, value in (("Name", name), ("Email", email)) if value}
        if there is not None and entry:
            self._resync_after(lambda person: person.edit("Customer", there["ListID"], entry))

    def retire(self, which: int, back: bool) -> None:
        there = self._customer(which)
        if there is not None:
            act = "reactivate" if back else "deactivate"
            self._resync_after(lambda person: getattr(person, act)("Customer", there["ListID"]))

    def delete(self, which: int) -> None:
        there = self._customer(which)
        if there is not None:
            self._resync_after(lambda person: person.delete("Customer", there["ListID"]))

    def _customer(self, which: int) -> Json | None:
        there = self.world.company.records("Customer")
        return there[which % len(there)] if there else None

    def _resync_after(self, act: Callable[[Any], object]) -> None:
        try:
            act(self.world.company.person)
        finally:
            connectors.resync(self.world.core, "acme", actor="ann")

    # --- the Web Connector, and the judge -----------------------------------------------------------------------

    def visit(self) -> None:
        self.world.poll()
        self.now += timedelta(seconds=2)
        self.judge()

    def views(self) -> dict[tuple[Kind, str], Json]:
        found = host.find(self.world.core, "acme", limit=1000)
        return {(view["kind"], view["external_id"]): view for view in found}

    def judge(self) -> None:
        views = self.views()
        self._no_entry_is_two_records(views)
        for (kind, external_id), view in views.items():
            if kind is Kind.INVOICE and view["state"] == "synced" and external_id not in self.judged:
                self.judged.add(external_id)
                self._is_on_the_customer_named(view, views)
            if kind is Kind.CUSTOMER and view["state"] == "synced":
                self._stands_where_it_belongs(external_id, view, views)
            if kind is Kind.ITEM and view["state"] == "synced":
                there = self.world.company.find("Item", ListID=view["list_id"])
                assert there.get("ManufacturerPartNumber") == view["record"]["sku"], view

    def _no_entry_is_two_records(self, views: dict[tuple[Kind, str], Json]) -> None:
        seen: dict[tuple[Kind, str], str] = {}
        for (kind, external_id), view in views.items():
            quickbooks_id = view.get("list_id") or view.get("txn_id")
            doubled = any(error["cause"] == "already_linked" for error in view["errors"])
            if quickbooks_id and view["state"] != "cancelled" and not doubled:
                other = seen.setdefault((kind, quickbooks_id), external_id)
                assert other == external_id, f"{kind} {external_id} and {other} are one entry"

    def _stands_where_it_belongs(
        self, external_id: str, view: Json, views: dict[tuple[Kind, str], Json]
    ) -> None:
        """A head is a head, and a job stands below its parent, unless a person or the host said otherwise before."""
        ever = [
            content.get("parent")
            for kind, name, content in self.said
            if (kind, name) == (view["kind"], external_id)
        ]
        if external_id in self.by_hand or any(parent != ever[0] for parent in ever):
            return
        full_name = self.world.company.find("Customer", ListID=view["list_id"])["FullName"]
        if ever[0] is None:
            assert ":" not in full_name, view
        elif "external_id" in ever[0] and ever[0]["external_id"] not in self.by_hand:
            parent = views[Kind.CUSTOMER, ever[0]["external_id"]]
            if parent["list_id"] is not None and parent["state"] == "synced":
                above = self.world.company.find("Customer", ListID=parent["list_id"])["FullName"]
                assert full_name.rpartition(":")[0] == above, view

    def _is_on_the_customer_named(self, view: Json, views: dict[tuple[Kind, str], Json]) -> None:
        invoice = self.world.company.find("Invoice", TxnID=view["txn_id"])
        billed = invoice["CustomerRef"]["ListID"]
        named = view["record"]["customer"]
        customers = {key[1]: each for key, each in views.items() if key[0] is Kind.CUSTOMER}
        if "external_id" in named:
            assert billed == customers[named["external_id"]]["list_id"], view
            return
        there = self.world.company.records("Customer")
        if "email" in named:
            hits = [each for each in there if named["email"] in email_keys(each.get("Email"))]
            heads = [each for each in hits if ":" not in each["FullName"]]
            allowed = {each["ListID"] for each in heads or hits}
            hosts = [
                each
                for each in customers.values()
                if named["email"] in email_keys(each["record"].get("email"))
            ]
        else:
            name = named["full_name"].casefold()
            allowed = {each["ListID"] for each in there if each["FullName"].casefold() == name}
            hosts = [each for each in customers.values() if each["record"]["name"].casefold() == name]
        if not allowed:
            allowed = {each["list_id"] for each in hosts}
        assert billed in allowed, (view, allowed)

    # --- the end ------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """Everything comes to rest, and what is blocked is blocked for a reason that is so."""
        connectors.resync(self.world.core, "acme", actor="ann")
        for _ in range(6):
            self.visit()
            self.now += timedelta(minutes=61)
        views = self.views()
        causes = self._causes()
        for key, view in views.items():
            assert view["state"] in ("synced", "blocked", "cancelled"), (view, self.said)
            assert (view["state"] == "blocked") == bool(causes.get(key)), view
            for cause in causes.get(key, ()):
                assert self._is_so(cause, views), (cause.message(), cause, view)

    def _causes(self) -> dict[tuple[Kind, str], list[Cause]]:
        found: dict[tuple[Kind, str], list[Cause]] = {}
        with self.world.core.database.read() as conn:
            for item in error_rows.find(conn):
                if item.kind is not None and item.external_id is not None:
                    found.setdefault((item.kind, item.external_id), []).append(item.cause)
        return found

    def _is_so(self, cause: Cause, views: dict[tuple[Kind, str], Json]) -> bool:
        there = self.world.company.records("Customer")
        match cause:
            case AlreadyLinked(holder=holder, quickbooks_id=quickbooks_id):
                view = views[Kind(holder.split()[0]), holder.split()[1]]
                ids = (view.get("list_id"), view.get("txn_id"))
                if view["kind"] is Kind.ITEM:
                    blocked = views[Kind.ITEM, cause.record.split()[1]]
                    there = [
                        each for each in self.world.company.records("Item") if each["ListID"] == quickbooks_id
                    ]
                    assert there[0]["ManufacturerPartNumber"] == blocked["record"]["sku"], (view, blocked)
                return view["state"] != "cancelled" and quickbooks_id in ids
            case NameInUse(list_name="customer", full_name=name):
                return any(each["FullName"].casefold() == name.casefold() for each in there)
            case CustomerNotMatched(why="email_unknown", value=value):
                return not any(value in email_keys(each.get("Email")) for each in there)
            case CustomerNotMatched(why="several", value=value):
                return len(cause.candidates) > 1 and any(
                    value in email_keys(each.get("Email")) for each in there
                )
            case CustomerNotMatched(why="not_handed_over", value=value):
                customer = views.get((Kind.CUSTOMER, value or ""))
                return customer is None or customer["state"] == "cancelled"
            case ItemNotMatched(why="sku_unknown", value=value):
                living = self.world.company.records("Item")
                return not any(each.get("ManufacturerPartNumber") == value for each in living)
        return True


def _invoice(customer: Json) -> Json:
    line = {"item": {"sku": "dup"}, "quantity": "1", "rate": "2"}
    return {"txn_date": "2026-11-20", "customer": customer, "lines": [line]}


A_JOB_WITH_AN_ADDRESS_IN_QUICKBOOKS = [
    ("enter", "Anchor", "a@x.example", None),
    ("enter", "Bay", "b@x.example", 0),
    ("visit",),
    ("put", Kind.CUSTOMER, "1", {"name": "Cove", "email": "b@x.example"}),
    ("visit",),
]
TWINS_IN_CASE = [
    ("put", Kind.ITEM, "1", {"name": "Red", "sku": "DUP", "price": "1.00"}),
    ("visit",),
    ("put", Kind.ITEM, "2", {"name": "Green", "sku": "dup", "price": "1.00"}),
    ("put", Kind.CUSTOMER, "1", {"name": "Cove", "email": "b@x.example"}),
    ("put", Kind.INVOICE, "1", _invoice({"external_id": "1"})),
    ("visit",),
]
A_FAMILY_OF_ONE_ADDRESS = [
    ("put", Kind.ITEM, "2", {"name": "Green", "sku": "dup", "price": "1.00"}),
    ("put", Kind.CUSTOMER, "2", {"name": "Bay", "email": "a@x.example", "parent": {"external_id": "1"}}),
    ("put", Kind.CUSTOMER, "1", {"name": "Cove", "email": "a@x.example"}),
    ("put", Kind.INVOICE, "1", _invoice({"email": "a@x.example"})),
    ("put", Kind.INVOICE, "2", _invoice({"external_id": "2"})),
    ("visit",),
]


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not LONGER,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@example(steps=A_JOB_WITH_AN_ADDRESS_IN_QUICKBOOKS)
@example(steps=TWINS_IN_CASE)
@example(steps=A_FAMILY_OF_ONE_ADDRESS)
@given(steps=st.lists(STEP, min_size=4, max_size=STEPS))
def test_it_ends_with_everything_on_the_one_the_host_named_or_blocked_for_a_true_reason(
    make_world: Callable[..., World], steps: list[tuple[Any, ...]]
) -> None:
    story = Story(make_world)
    for step in steps:
        story.take(step)
    story.end()
