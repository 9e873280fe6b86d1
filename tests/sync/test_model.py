"""Whatever the host, people in QuickBooks, the Web Connector and the clock do in whatever order: it ends well.

Once quiet, every record is synced at its latest revision, and QuickBooks says what the host said; or it is
blocked, and its cause is true in the company file. What is true is judged from the company file alone.

``QBWC_MODEL_EXAMPLES`` and ``QBWC_MODEL_STEPS`` make the search longer (and random, rather than the same each
time).
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, event
from sqlalchemy.pool import Pool

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import host, intake
from qbwc_server.domain.causes import (
    Cause,
    ChangedInQuickbooks,
    CustomerNotMatched,
    DocumentDeleted,
    ItemNotMatched,
    NameInUse,
    NumberConflict,
    RecordDeleted,
    RecordInactive,
    Uncertain,
    VendorNotMatched,
)
from qbwc_server.domain.faults import Conflict, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.simulator.errors import StatusError
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import metadata
from tests.worlds.sync_world import START, Answer, PowerCut, World

EXAMPLES = int(os.environ.get("QBWC_MODEL_EXAMPLES", "20" if "THOROUGH" in os.environ else "6"))
STEPS = int(os.environ.get("QBWC_MODEL_STEPS", "20"))
LONGER = "QBWC_MODEL_EXAMPLES" in os.environ
PHASES = (Phase.explicit, Phase.generate, *([Phase.shrink] if "QBWC_MODEL_SHRINK" in os.environ else []))

LISTS = (Kind.CUSTOMER, Kind.VENDOR, Kind.ITEM)
DOCUMENTS = (Kind.INVOICE, Kind.PURCHASE_ORDER)
IN_QUICKBOOKS = {
    Kind.CUSTOMER: "Customer",
    Kind.VENDOR: "Vendor",
    Kind.ITEM: "ItemNonInventory",
    Kind.INVOICE: "Invoice",
    Kind.PURCHASE_ORDER: "PurchaseOrder",
}
Key = tuple[Kind, str]
Json = dict[str, Any]

# Few values each, so that what is drawn meets itself again
IDS = st.sampled_from(["1", "1", "1", "2", "2", "3"])
WORDS = st.sampled_from(["red", "green", "blue"])
MAYBE_WORDS = st.one_of(st.none(), WORDS)
NAMES = st.sampled_from(["Anchor", "Bay", "Cove", "Dock", "Eel", "Fjord", "Gulf", "Hull"])
EMAILS = st.sampled_from(["a@fish.example", "b@fish.example", "c@fish.example"])
SKUS = st.sampled_from(["A-1", "B-2", "C-3"])
PRICES = st.sampled_from(["1.00", "2.50", "9.75"])
NUMBERS = st.sampled_from(["N1", "N2", "N3", "N4"])
SWITCHES = ("host_wins", "create_customers", "create_items", "read_only")
SETTINGS = st.builds(lambda name, value: {name: value}, st.sampled_from(SWITCHES), st.booleans())


def _without_none(fields: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly given: what is missing blocks, and what is blocked meets nothing else."""
    return st.integers(0, 7).flatmap(lambda chance: strategy if chance else st.none())


PARTIES = st.fixed_dictionaries(
    {"name": NAMES, "email": _optional(EMAILS), "phone": MAYBE_WORDS, "company_name": MAYBE_WORDS}
).map(_without_none)
ITEMS = st.fixed_dictionaries(
    {"name": NAMES, "sku": _optional(SKUS), "price": PRICES, "desc": MAYBE_WORDS}
).map(_without_none)
BY_ID = st.fixed_dictionaries({"external_id": IDS})
PARTY_REFERENCES = st.one_of(BY_ID, BY_ID, BY_ID, st.fixed_dictionaries({"email": EMAILS}))
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "item": st.one_of(BY_ID, BY_ID, BY_ID, st.fixed_dictionaries({"sku": SKUS})),
            "quantity": st.sampled_from(["1", "2", "5"]),
            "rate": PRICES,
            "desc": WORDS,
        }
    ),
    min_size=1,
    max_size=3,
)


def _documents(party: str) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "ref_number": _optional(NUMBERS),
            "txn_date": st.just("2026-11-20"),
            party: PARTY_REFERENCES,
            "memo": MAYBE_WORDS,
            "lines": LINES,
        }
    ).map(_without_none)


CONTENTS = {
    Kind.CUSTOMER: PARTIES,
    Kind.VENDOR: PARTIES,
    Kind.ITEM: ITEMS,
    Kind.INVOICE: _documents("customer"),
    Kind.PURCHASE_ORDER: _documents("vendor"),
}
COMPARED = {
    Kind.CUSTOMER: ("name", "email", "phone", "company_name"),
    Kind.VENDOR: ("name", "email", "phone", "company_name"),
    Kind.ITEM: ("name", "sku", "price", "desc"),
    Kind.INVOICE: ("ref_number", "memo", "lines"),
    Kind.PURCHASE_ORDER: ("ref_number", "memo", "lines"),
}
PUTS = st.sampled_from(list(Kind)).flatmap(lambda kind: st.tuples(st.just(kind), IDS, CONTENTS[kind]))


# --- the company file in the host's words -------------------------------------------------------------------


def told_by_quickbooks(kind: Kind, there: Json) -> Json:
    """The compared fields of a record as QuickBooks has it."""
    if kind is Kind.ITEM:
        sale = there.get("SalesOrPurchase", {})
        return {
            "name": there["Name"],
            "sku": there.get("ManufacturerPartNumber"),
            "price": sale.get("Price"),
            "desc": sale.get("Desc"),
        }
    if kind in LISTS:
        return {
            "name": there["Name"],
            "email": there.get("Email"),
            "phone": there.get("Phone"),
            "company_name": there.get("CompanyName"),
        }
    lines = [
        (Decimal(line.get("Quantity", "0")), Decimal(line.get("Rate", "0")), line.get("Desc"))
        for line in there["lines"]
    ]
    return {"ref_number": there.get("RefNumber"), "memo": there.get("Memo"), "lines": lines}


def told_by_host(kind: Kind, content: Json) -> Json:
    """The compared fields as the host gave them."""
    told = {name: content.get(name) for name in COMPARED[kind]}
    if kind in DOCUMENTS:
        told["lines"] = [
            (Decimal(line["quantity"]), Decimal(line["rate"]), line["desc"]) for line in content["lines"]
        ]
    return told


def addresses(there: Json) -> list[str]:
    return [part.strip().casefold() for part in there.get("Email", "").replace(";", ",").split(",")]


class Model(RuleBasedStateMachine):
    """The host's wishes, and what people did in QuickBooks since."""

    database: ClassVar[Database]
    ends: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        with self.database.begin() as conn:
            for table in reversed(metadata.sorted_tables):
                conn.execute(delete(table))
        self.now = START
        self.world = World(self.database, clock=lambda: self.now)
        self.wanted: dict[Key, Json] = {}
        # every value the host has ever given for a field, by record
        self.given: dict[Key, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        # the values a person in QuickBooks overruled: the host had given them before, and need not have them now
        self.overruled: dict[Key, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.edited: set[str] = set()

    # --- the host -------------------------------------------------------------------------------------------

    @initialize(
        posted=st.booleans(), documents=st.tuples(CONTENTS[Kind.INVOICE], CONTENTS[Kind.PURCHASE_ORDER])
    )
    def begin(self, posted: bool, documents: tuple[Json, Json]) -> None:
        self.world.warm()
        for number, mark in (("1", "a"), ("2", "b")):
            party = {"email": f"{mark}@fish.example", "phone": "red"}
            self.host_puts((Kind.CUSTOMER, number, {"name": f"Customer {number}", **party}))
            self.host_puts((Kind.VENDOR, number, {"name": f"Vendor {number}", **party}))
            item = {"name": f"Item {number}", "sku": f"{mark.upper()}-{number}", "price": "1.00"}
            self.host_puts((Kind.ITEM, number, item))
        for kind, content in zip(DOCUMENTS, documents, strict=True):
            self.host_puts((kind, "1", content))
        if posted:
            self._visit()

    @rule(put=PUTS)
    def host_puts(self, put: tuple[Kind, str, Json]) -> None:
        kind, external_id, content = put
        with suppress(Conflict):
            self.world.put(kind, external_id, content)
            self.wanted[kind, external_id] = content
            for field, value in told_by_host(kind, content).items():
                self.given[kind, external_id][field].append(value)
        self._tick()

    @rule(kind=st.sampled_from(list(Kind)), external_id=IDS)
    def host_cancels(self, kind: Kind, external_id: str) -> None:
        if (kind, external_id) not in self.wanted:
            return
        with suppress(Conflict):
            intake.cancel(self.world.core, "acme", kind, external_id, actor="host")
        self._tick()

    @rule(kind=st.sampled_from(DOCUMENTS), external_id=IDS)
    def host_voids(self, kind: Kind, external_id: str) -> None:
        if (kind, external_id) not in self.wanted:
            return
        intake.void(self.world.core, "acme", kind, external_id, actor="host")
        self._tick()

    # --- people in QuickBooks -------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(LISTS), name=NAMES, mark=st.one_of(EMAILS, SKUS))
    def person_enters(self, kind: Kind, name: str, mark: str) -> None:
        entry: Json = {"Name": name}
        if kind is Kind.ITEM:
            entry |= {
                "ManufacturerPartNumber": mark,
                "SalesOrPurchase": {"Price": "7.00", "AccountRef": "Sales"},
            }
        else:
            entry |= {"Email": mark}
        self._in_quickbooks(lambda person: person.add(IN_QUICKBOOKS[kind], entry))

    @rule(number=NUMBERS)
    def person_writes_an_invoice(self, number: str) -> None:
        customers = [each for each in self.world.company.records("Customer") if each["IsActive"] == "true"]
        if not customers:
            return
        header = {"CustomerRef": customers[0]["FullName"], "RefNumber": number, "TxnDate": "2026-11-19"}
        line = {"Desc": "by hand", "Amount": "3.00"}
        self._in_quickbooks(lambda person: person.add_transaction("Invoice", header, [line]))

    @rule(
        kind=st.sampled_from(LISTS),
        index=st.integers(0, 3),
        value=WORDS,
        email=_optional(EMAILS),
        name=_optional(NAMES),
    )
    def person_edits(self, kind: Kind, index: int, value: str, email: str | None, name: str | None) -> None:
        there = self._pick(kind, index)
        if there is None:
            return
        entry: Json = {}
        if kind is Kind.ITEM:
            entry["SalesOrPurchase"] = {"Desc": value}
        else:
            entry["Phone"] = value
            if email is not None:
                entry["Email"] = email
        if name is not None:
            entry["Name"] = name
        self._in_quickbooks(
            lambda person: person.edit(IN_QUICKBOOKS[kind], there["ListID"], entry), there["ListID"]
        )

    @rule(kind=st.sampled_from(LISTS), index=st.integers(0, 3))
    def person_deactivates(self, kind: Kind, index: int) -> None:
        if there := self._pick(kind, index):
            self._in_quickbooks(lambda person: person.deactivate(IN_QUICKBOOKS[kind], there["ListID"]))

    @rule(kind=st.sampled_from(LISTS), index=st.integers(0, 3))
    def person_reactivates(self, kind: Kind, index: int) -> None:
        if there := self._pick(kind, index):
            self._in_quickbooks(lambda person: person.reactivate(IN_QUICKBOOKS[kind], there["ListID"]))

    @rule(kind=st.sampled_from(LISTS), index=st.integers(0, 3))
    def person_deletes(self, kind: Kind, index: int) -> None:
        if there := self._pick(kind, index):
            self._in_quickbooks(lambda person: person.delete(IN_QUICKBOOKS[kind], there["ListID"]))

    @rule(kind=st.sampled_from(DOCUMENTS), index=st.integers(0, 3), memo=WORDS)
    def person_edits_a_document(self, kind: Kind, index: int, memo: str) -> None:
        there = self._pick(kind, index)
        if there is None:
            return
        change = {"Memo": memo}
        self._in_quickbooks(
            lambda person: person.edit_transaction(IN_QUICKBOOKS[kind], there["TxnID"], change),
            there["TxnID"],
        )

    @rule(index=st.integers(0, 3))
    def person_voids(self, index: int) -> None:
        there = self._pick(Kind.INVOICE, index)
        if there is None:
            return
        self._in_quickbooks(lambda person: person.void("Invoice", there["TxnID"]), there["TxnID"])

    @rule(kind=st.sampled_from(DOCUMENTS), index=st.integers(0, 3))
    def person_deletes_a_document(self, kind: Kind, index: int) -> None:
        if there := self._pick(kind, index):
            self._in_quickbooks(lambda person: person.delete_transaction(IN_QUICKBOOKS[kind], there["TxnID"]))

    @rule(kind=st.sampled_from(DOCUMENTS), index=st.integers(0, 3), quantity=st.sampled_from(["3", "4"]))
    def person_edits_the_first_line(self, kind: Kind, index: int, quantity: str) -> None:
        there = self._pick(kind, index)
        if there is None:
            return
        lines = [{"TxnLineID": line["TxnLineID"]} for line in there["lines"]]
        lines[0]["Quantity"] = quantity
        self._in_quickbooks(
            lambda person: person.edit_transaction(IN_QUICKBOOKS[kind], there["TxnID"], {}, lines),
            there["TxnID"],
        )

    @rule(kind=st.sampled_from(LISTS), index=st.integers(0, 3), into=st.integers(0, 3))
    def person_merges(self, kind: Kind, index: int, into: int) -> None:
        one, other = self._pick(kind, index), self._pick(kind, into)
        if one is None or other is None or one["ListID"] == other["ListID"]:
            return
        self._in_quickbooks(lambda person: person.merge(IN_QUICKBOOKS[kind], one["ListID"], other["ListID"]))

    def _pick(self, kind: Kind, index: int) -> Json | None:
        there = self.world.company.records(IN_QUICKBOOKS[kind])
        return there[index % len(there)] if there else None

    def _in_quickbooks(self, act: Callable[[Any], object], touched: str | None = None) -> None:
        """Let a person act, unless QuickBooks does not let them; what they touched need not be the host's."""
        try:
            act(self.world.company.person)
        except StatusError:
            return
        finally:
            self._tick()
        if touched is not None:
            self.edited.add(touched)
            for key, view in self._views().items():
                if view.get("list_id", view.get("txn_id")) == touched:
                    self._overrule(key)

    def _overrule(self, key: Key) -> None:
        for field, values in self.given[key].items():
            self.overruled[key][field] += [*values, None]

    # --- the Web Connector, the clock and staff -------------------------------------------------------------

    @rule()
    def web_connector_comes(self) -> None:
        self._visit()

    @rule(which=st.integers(0, 4))
    def an_answer_is_lost(self, which: int) -> None:
        count = iter(range(which))

        def lose(text: str, answer: Answer) -> Answer:
            if next(count, None) is None:
                raise PowerCut
            return answer

        visit = self.world.visit()
        with suppress(PowerCut):
            visit.run(lose)
        self.world.company.end_session()
        self._tick(minutes=15)
        self._notice_links()

    @rule()
    def staff_asks_for_a_resync(self) -> None:
        connectors.resync(self.world.core, "acme", actor="staff")
        self._visit()

    @rule(minutes=st.sampled_from([5, 61, 60 * 26]))
    def time_passes(self, minutes: int) -> None:
        self._tick(minutes=minutes)

    @rule(change=SETTINGS)
    def staff_changes_a_setting(self, change: Json) -> None:
        connectors.change_settings(self.world.core, "acme", change, actor="staff")
        self._tick()

    @rule()
    def staff_retries_everything(self) -> None:
        errors.retry(self.world.core, "acme", everything=True, actor="staff")
        self._tick()
        self._notice_links()

    @rule(kind=st.sampled_from(DOCUMENTS), external_id=IDS)
    def staff_posts_as_new(self, kind: Kind, external_id: str) -> None:
        with suppress(Conflict, NotFound):
            decisions.post_as_new(self.world.core, "acme", kind, external_id, actor="staff")
        self._tick()

    def _visit(self) -> None:
        self.world.poll()
        self._tick()
        self._notice_links()
        for kind in Kind:
            records = self.world.company.records(IN_QUICKBOOKS[kind])
            tags = Counter(each["ExternalGUID"] for each in records if "ExternalGUID" in each)
            assert not tags or max(tags.values()) == 1, "something is in QuickBooks twice"

    def _tick(self, minutes: int = 0) -> None:
        self.now += timedelta(minutes=minutes, seconds=2)

    def _notice_links(self) -> None:
        """What was found in QuickBooks, rather than created, is left as it was found."""
        for key, view in self._views().items():
            if view["matched_by"] not in (None, "created") and key not in self._noticed:
                self._noticed.add(key)
                self._overrule(key)

    @property
    def _noticed(self) -> set[Key]:
        found: set[Key] = self.__dict__.setdefault("_seen", set())
        return found

    def _views(self) -> dict[Key, Json]:
        found = host.find(self.world.core, "acme", limit=1000)
        return {(view["kind"], view["external_id"]): view for view in found}

    # --- the end --------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Let everything come to rest, and judge; then once more after all has been retried."""
        connectors.change_settings(self.world.core, "acme", {"read_only": False}, actor="staff")
        self._come_to_rest()
        self._judge(everything=False)
        errors.retry(self.world.core, "acme", everything=True, actor="staff")
        self._come_to_rest()
        self._judge(everything=True)

    def _come_to_rest(self) -> None:
        connectors.resync(self.world.core, "acme", actor="staff")
        for _ in range(12):
            self._visit()
            self._tick(minutes=61)
            self._visit()
            restless = [
                (key, view["state"], view["waiting_for"])
                for key, view in self._views().items()
                if view["state"] not in (State.SYNCED, State.BLOCKED, State.CANCELLED)
            ]
            if not restless:
                break
        assert not restless

    def _judge(self, *, everything: bool) -> None:
        views = self._views()
        causes = self._causes()
        self.ends.update(str(view["state"]) for view in views.values())
        self.ends.update(cause.name for found in causes.values() for cause in found)
        for key, view in views.items():
            if view["state"] is State.SYNCED:
                assert view["synced_revision"] == view["revision"], key
                self._judge_synced(key, view)
            elif view["state"] is State.BLOCKED:
                assert causes[key], f"{key} is blocked without a cause"
                for cause in causes[key]:
                    if cause.seen_in_cache or everything:
                        assert self._is_true(cause, views), f"{key}: {cause.message()} {cause}"
            if view["state"] is not State.BLOCKED:
                assert not causes[key], key

    def _causes(self) -> dict[Key, list[Cause]]:
        found: dict[Key, list[Cause]] = defaultdict(list)
        with self.database.read() as conn:
            for item in error_rows.find(conn):
                if item.kind is not None and item.external_id is not None:
                    found[item.kind, item.external_id].append(item.cause)
        return found

    def _judge_synced(self, key: Key, view: Json) -> None:
        kind = key[0]
        there = self._there(kind, view["txn_id" if kind in DOCUMENTS else "list_id"])
        assert there is not None, f"{key} is synced, and is not in QuickBooks"
        if view["is_void"]:
            assert there.get("IsManuallyClosed") == "true" or Decimal(there.get("Subtotal", "0")) == 0, key
            return
        said, wanted = told_by_quickbooks(kind, there), told_by_host(kind, self.wanted[key])
        for field, value in wanted.items():
            if value is None and field == "ref_number":
                continue  # QuickBooks numbers it
            if value not in self.overruled[key][field]:
                assert said[field] == value, f"{key}: {field} {value!r} became {said[field]!r}"

    def _there(self, kind: Kind, quickbooks_id: str) -> Json | None:
        id_name = "TxnID" if kind in DOCUMENTS else "ListID"
        found = [e for e in self.world.company.records(IN_QUICKBOOKS[kind]) if e[id_name] == quickbooks_id]
        return found[0] if found else None

    def _is_true(self, cause: Cause, views: Mapping[Key, Json]) -> bool:
        """Whether what a cause says is so in the company file (or, where it is about the host, there)."""
        company = self.world.company
        match cause:
            case CustomerNotMatched() | VendorNotMatched() | ItemNotMatched():
                return self._is_unmatched(cause, views)
            case RecordInactive(list_name=name, list_id=list_id):
                there = self._there(Kind(name), list_id)
                return there is not None and there["IsActive"] == "false"
            case RecordDeleted(list_name=name, list_id=list_id):
                return self._there(Kind(name), list_id) is None
            case NameInUse(list_name=name, full_name=full_name):
                space = "Item" if name == "item" else "Entity"
                return any(e["FullName"].casefold() == full_name.casefold() for e in company.records(space))
            case NumberConflict(document=document, number=number, txn_id=txn_id):
                there = self._there(Kind(document.replace(" ", "_")), txn_id)
                return there is not None and there["RefNumber"].casefold() == number.casefold()
            case DocumentDeleted(document=document, txn_id=txn_id):
                return self._there(Kind(document.replace(" ", "_")), txn_id) is None
            case ChangedInQuickbooks(record=label):
                key = self._key(label)
                quickbooks_id = views[key].get("list_id") or views[key].get("txn_id")
                return quickbooks_id in self.edited
            case Uncertain():
                return False
        return False

    def _is_unmatched(
        self, cause: CustomerNotMatched | VendorNotMatched | ItemNotMatched, views: Mapping[Key, Json]
    ) -> bool:
        kind = Kind(cause.name.removesuffix("_not_matched"))
        value = (cause.value or "").casefold()
        living = self.world.company.records(IN_QUICKBOOKS[kind])
        if kind is Kind.ITEM:
            hits = [each for each in living if each.get("ManufacturerPartNumber", "").casefold() == value]
        else:
            hits = [each for each in living if value in addresses(each)]
        match cause.why:
            case "email_missing" | "sku_missing":
                blamed = self.wanted[self._key(cause.record)]
                return "email" not in blamed and "sku" not in blamed
            case "email_unknown" | "sku_unknown":
                return not hits
            case "creation_off":
                setting = connectors.get(self.world.core, "acme").settings
                return not hits and not getattr(setting, f"create_{kind.plural}")
            case "several":
                return len([each for each in hits if each["IsActive"] == "true"]) != 1
            case "not_handed_over":
                target = views.get((kind, cause.value or ""))
                return target is None or target["state"] is State.CANCELLED
        return False

    def _key(self, label: str) -> Key:
        kind, _, external_id = label.rpartition(" ")
        return Kind(kind.replace(" ", "_")), external_id


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database that does not wait for the disk: nothing here pulls the plug."""

    def hurry(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(Pool, "checkout", hurry)
    made = Database(f"sqlite:///{tmp_path / 'model.db'}")
    made.upgrade()
    yield made
    made.close()
    event.remove(Pool, "checkout", hurry)


@pytest.mark.search
def test_whatever_happens_in_whatever_order_every_record_ends_synced_or_blocked_for_a_true_cause(
    database: Database,
) -> None:
    Model.database = database
    run_state_machine_as_test(
        Model,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not LONGER,
            database=None,
            phases=PHASES,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"\nhow records ended: {dict(Model.ends.most_common())}")
    assert {"synced", "blocked", "cancelled"} <= set(Model.ends)
