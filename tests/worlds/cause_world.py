"""Every cause of the catalogue as it comes about: who hands what over, what stands in QuickBooks, what is told.

One server process; every case has a connector and a company file of its own.
"""

# several acts in one expression make a row of the table
# mypy: disable-error-code="func-returns-value"

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.config.reading import load_config
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.kinds import Kind
from qbwc_server.simulator import CompanyFile, WebConnector
from qbwc_server.simulator.web_connector.report import (
    CallEvent,
    Outcome,
    SessionReport,
)
from qbwc_server.simulator.web_connector.soap_client import SoapEndpoint
from qbwc_server.sync.core import Core
from qbwc_server.wiring import core_from
from tests.worlds.acceptance_world import LEASE_SECONDS, Json

EMAIL, OTHER_EMAIL, SKU = "ap@harbour.example", "office@pier.example", "OYS-100"
DAY = "2026-11-20"


@dataclass
class Stage:
    """One connector, its company file, and everybody who has to do with them."""

    core: Core
    name: str
    company: CompanyFile
    web_connector: WebConnector
    notes: dict[str, str] = field(default_factory=dict)

    # --- the host -------------------------------------------------------------------------------------------

    def put(self, kind: Kind, external_id: str, **fields: Any) -> None:
        intake.put(self.core, self.name, kind, external_id, fields, actor="host")

    def customer(self, **fields: Any) -> None:
        self.put(Kind.CUSTOMER, "c", **{"name": "Harbour Fish", "email": EMAIL, **fields})

    def vendor(self, **fields: Any) -> None:
        self.put(Kind.VENDOR, "v", **{"name": "Boats Ltd", "email": EMAIL, **fields})

    def item(self, **fields: Any) -> None:
        self.put(Kind.ITEM, "i", **{"name": "Oysters", "sku": SKU, "price": "9.50", **fields})

    def invoice(self, customer: Any = None, item: Any = None, **fields: Any) -> None:
        """An invoice for what is in QuickBooks from the start, unless told otherwise."""
        line = {"item": item or {"full_name": "Ice"}, "quantity": "2", "rate": "9.50"}
        given = {"ref_number": "SO-1", "txn_date": DAY, "customer": customer or {"full_name": "Regular"}}
        self.put(Kind.INVOICE, "inv", **{**given, "lines": [line], **fields})

    def order(self, vendor: Any = None, **fields: Any) -> None:
        """A purchase order, as `invoice`."""
        line = {"item": {"full_name": "Ice"}, "quantity": "2", "rate": "9.50"}
        given = {"ref_number": "PO-1", "txn_date": DAY, "vendor": vendor or {"full_name": "Supplier"}}
        self.put(Kind.PURCHASE_ORDER, "po", **{**given, "lines": [line], **fields})

    def view(self, kind: Kind, external_id: str) -> Json:
        return record_views.view(self.core, self.name, kind, external_id)

    # --- QuickBooks -----------------------------------------------------------------------------------------

    def enter(self, kind: str, name: str, **fields: Any) -> str:
        """A person enters a list record; what it is called is noted."""
        if kind == "ItemNonInventory":
            fields["SalesOrPurchase"] = {"Price": "3.00", "AccountRef": "Sales"}
        self.notes[name] = self.company.person.add(kind, {"Name": name, **fields})
        return self.notes[name]

    def edit(self, kind: str, name: str, **fields: Any) -> None:
        """A person edits one; a Resync is asked for afterwards."""
        self.company.person.edit(kind, self.notes[name], fields)
        self.resync()

    def write_invoice(self, **fields: Any) -> str:
        header = {"CustomerRef": "Regular", "RefNumber": "SO-1", "TxnDate": DAY, **fields}
        line = {"ItemRef": "Ice", "Quantity": "2", "Rate": "9.50"}
        return self.company.person.add_transaction("Invoice", header, [line])

    def the_invoice(self) -> str:
        return str(self.company.find("Invoice", RefNumber="SO-1")["TxnID"])

    # --- staff and the Web Connector ------------------------------------------------------------------------

    def settings(self, **values: Any) -> None:
        connectors.change_settings(self.core, self.name, values, actor="staff")

    def resync(self) -> None:
        connectors.resync(self.core, self.name, actor="staff")

    def retry(self) -> None:
        (error,) = self.errors()
        outcome = errors.retry(self.core, self.name, cause_key=error.cause_key, actor="staff")
        assert (outcome.released, outcome.still_blocked) == (1, 0)

    def visit(self) -> SessionReport:
        """A visit that may have to wait for the lease of one that was cut off."""
        return self.web_connector.run(until_idle=False, max_sessions=1)[0]

    def until_idle(self) -> tuple[SessionReport, ...]:
        reports = self.web_connector.run(max_sessions=6)
        # an error in the Web Connector's window has an error record here
        assert self.errors() or [report.error_code for report in reports] == [None] * len(reports)
        return reports

    def errors(self) -> list[ErrorRecord]:
        return errors.find(self.core, connector=self.name)


Step = Callable[[Stage], object]
S = TypeVar("S", bound=Stage)


@dataclass(frozen=True, slots=True)
class Case:
    """One row: a cause, how it comes about, and how it goes away.

    Attributes:
        key: the cause key; ``{name}`` stands for the ListID of what was entered under that name.
        says: a part of the sentence.
        blocked: the record that is blocked.
        seed: what is in the company file before the host hands anything over.
        hand_over: what the host does.
        meanwhile: what a person does once the record has been synced, for causes of a later change; then
            `change` is what the host does next.
        mend: what makes the cause go away.
        sent: True when only QuickBooks itself can find the cause, so that a message set must have been sent.
    """

    cause: str
    sub_reason: str | None
    key: str
    actor: str
    says: str
    blocked: tuple[Kind, str]
    hand_over: Step
    mend: Step
    seed: Step = lambda stage: None
    meanwhile: Step | None = None
    change: Step = lambda stage: None
    settings: Json = field(default_factory=dict)
    sent: bool = False
    note: str = ""

    @property
    def id(self) -> str:
        return "-".join(filter(None, (self.cause, self.sub_reason, self.note))).replace(" ", "_")


INVOICE, ORDER = (Kind.INVOICE, "inv"), (Kind.PURCHASE_ORDER, "po")
CUSTOMER, VENDOR, ITEM = (Kind.CUSTOMER, "c"), (Kind.VENDOR, "v"), (Kind.ITEM, "i")


def two(kind: str, **fields: Any) -> Step:
    """Two entries alike."""

    def enter(stage: Stage) -> None:
        stage.enter(kind, "First", **fields)
        stage.enter(kind, "Second", **fields)

    return enter


def gone(stage: Stage) -> None:
    """A customer the host has seen, deleted since."""
    stage.enter("Customer", "Gone", Email=OTHER_EMAIL)
    stage.visit()
    stage.company.person.delete("Customer", stage.notes["Gone"])
    stage.resync()


def retried(mend: Step) -> Step:
    """Mended where the cache cannot see it: somebody says so."""

    def both(stage: Stage) -> None:
        mend(stage)
        stage.retry()

    return both


def synced_meanwhile(act: Step) -> Step:
    """A person acts after the record has arrived; the next Resync shows it."""

    def both(stage: Stage) -> None:
        act(stage)
        stage.resync()

    return both


def person(act: Callable[[Any, Stage], object]) -> Step:
    return lambda stage: act(stage.company.person, stage)


def _party_cases(party: str, cause: str, blocked: tuple[Kind, str], own: tuple[Kind, str]) -> Iterator[Case]:
    """What customers and vendors have in common."""
    kind = party.capitalize()

    def document(**ref: str) -> Step:
        return lambda s: s.invoice(ref) if party == "customer" else s.order(ref)

    def hand_over_party(**fields: Any) -> Step:
        return lambda s: s.customer(**fields) if party == "customer" else s.vendor(**fields)

    user, host = "quickbooks_user", "host"
    yield Case(
        cause, "email_missing", f"record:{party} {own[1]}", host, "email, so it cannot be matched", own,
        hand_over_party(email=None), hand_over_party(),
    )  # fmt: skip
    yield Case(
        cause, "number_missing", f"record:{party} {own[1]}", host, "has no account number", own,
        hand_over_party(), hand_over_party(account_number="AC-1"),
        settings={f"match_{party}s_by": "account_number"},
    )  # fmt: skip
    yield Case(
        cause, "email_unknown", f"email:{EMAIL}", user, f"has the email {EMAIL}", blocked,
        document(email=EMAIL), lambda s: s.edit(kind, "Known", Email=EMAIL),
        seed=lambda s: s.enter(kind, "Known", Email=OTHER_EMAIL),
    )  # fmt: skip
    yield Case(
        cause, "several", f"email:{EMAIL}", user, f"2 {party}s in QuickBooks have the email", own,
        hand_over_party(), lambda s: s.edit(kind, "Second", Email=OTHER_EMAIL), seed=two(kind, Email=EMAIL),
    )  # fmt: skip
    yield Case(
        cause, "name_unknown", f"{party}_name:newcomer", host, "has the name “Newcomer”", blocked,
        document(full_name="Newcomer"), lambda s: (s.enter(kind, "Newcomer"), s.resync()),
    )  # fmt: skip
    yield Case(
        cause, "id_unknown", "list_id:80000777-1", host, "has the ListID 80000777-1", blocked,
        document(list_id="80000777-1"), lambda s: document(list_id=s.notes["Known"])(s),
        seed=lambda s: s.enter(kind, "Known"),
    )  # fmt: skip
    yield Case(
        cause, "not_handed_over", f"{party}:{own[1]}", host, "has not been handed over yet", blocked,
        document(external_id=own[1]), hand_over_party(),
    )  # fmt: skip
    yield Case(
        cause, "creation_off", f"email:{EMAIL}", user, f"does not create {party}s", own, hand_over_party(),
        lambda s: s.settings(**{f"create_{party}s": True}), settings={f"create_{party}s": False},
    )  # fmt: skip
    yield Case(
        cause, "creation_off", f"email:{EMAIL}", user, f"does not create {party}s", own, hand_over_party(),
        lambda s: decisions.link(s.core, s.name, own[0], own[1], s.notes["By hand"], actor="staff"),
        seed=lambda s: s.enter(kind, "By hand"), settings={f"create_{party}s": False}, note="linked by hand",
    )  # fmt: skip


PART = "ItemNonInventory"

ITEMS = [
    Case(
        "item_not_matched", "sku_missing", "record:item i", "host", "has no SKU", ITEM,
        lambda s: s.item(sku=None), lambda s: s.item(),
    ),
    Case(
        "item_not_matched", "sku_unknown", f"sku:{SKU}", "quickbooks_user", f"Part Number {SKU} (line 1 of", INVOICE,
        lambda s: s.invoice(item={"sku": SKU}), lambda s: s.edit(PART, "Oysters", ManufacturerPartNumber=SKU),
        seed=lambda s: s.enter(PART, "Oysters"),
    ),
    Case(
        "item_not_matched", "several", f"sku:{SKU}", "quickbooks_user", "2 items in QuickBooks have", INVOICE,
        lambda s: s.invoice(item={"sku": SKU}), lambda s: s.edit(PART, "Second", ManufacturerPartNumber="OTHER"),
        seed=two(PART, ManufacturerPartNumber=SKU),
    ),
    Case(
        "item_not_matched", "name_unknown", "item_name:scallops", "host", "has the name “Scallops”", INVOICE,
        lambda s: s.invoice(item={"full_name": "Scallops"}), lambda s: (s.enter(PART, "Scallops"), s.resync()),
    ),
    Case(
        "item_not_matched", "id_unknown", "list_id:80000777-1", "host", "has the ListID 80000777-1", INVOICE,
        lambda s: s.invoice(item={"list_id": "80000777-1"}), lambda s: s.invoice(),
    ),
    Case(
        "item_not_matched", "not_handed_over", "item:i", "host", "has not been handed over yet", INVOICE,
        lambda s: s.invoice(item={"external_id": "i"}), lambda s: s.item(),
    ),
    Case(
        "item_not_matched", "creation_off", f"sku:{SKU}", "quickbooks_user", "does not create items", ITEM,
        lambda s: s.item(), lambda s: (s.enter(PART, "Oysters", ManufacturerPartNumber=SKU), s.resync()),
        settings={"create_items": False},
    ),
]  # fmt: skip

LISTS = [
    Case(
        "record_inactive", None, f"email:{EMAIL}", "quickbooks_user", "“Sleeper” is inactive", CUSTOMER,
        lambda s: s.customer(), lambda s: s.edit("Customer", "Sleeper", IsActive="true"),
        seed=lambda s: s.enter("Customer", "Sleeper", Email=EMAIL, IsActive="false"),
    ),
    Case(
        "record_inactive", None, f"sku:{SKU}", "quickbooks_user", "“Sleeper” is inactive", INVOICE,
        lambda s: s.invoice(item={"sku": SKU}), lambda s: s.edit(PART, "Sleeper", IsActive="true"),
        seed=lambda s: s.enter(PART, "Sleeper", ManufacturerPartNumber=SKU, IsActive="false"), note="item",
    ),
    Case(
        "record_inactive", None, "list_id:{Harbour Fish}", "quickbooks_user", "“Harbour Fish” is inactive", CUSTOMER,
        lambda s: s.customer(), lambda s: s.edit("Customer", "Harbour Fish", IsActive="true"),
        seed=lambda s: s.enter("Customer", "Harbour Fish", Email=EMAIL),
        meanwhile=synced_meanwhile(lambda s: s.edit("Customer", "Harbour Fish", IsActive="false")),
        note="after it was synced",
    ),
    Case(
        "record_deleted", None, "list_id:{Gone}", "staff", "“Gone” was deleted", INVOICE,
        lambda s: s.invoice({"list_id": s.notes["Gone"]}), lambda s: s.invoice(), seed=gone,
    ),
    Case(
        "record_deleted", None, "list_id:{Harbour Fish}", "staff", "“Harbour Fish” was deleted", CUSTOMER,
        lambda s: s.customer(),
        lambda s: decisions.unlink(s.core, s.name, *CUSTOMER, actor="staff"),
        seed=lambda s: s.enter("Customer", "Harbour Fish", Email=EMAIL),
        meanwhile=synced_meanwhile(person(lambda p, s: p.delete("Customer", s.notes["Harbour Fish"]))),
        note="after it was synced",
    ),
    Case(
        "name_in_use", None, "customer_name:harbour fish", "staff", "already used in QuickBooks by a vendor", CUSTOMER,
        lambda s: s.customer(), lambda s: s.customer(name="Harbour Fish (customer)"),
        seed=lambda s: s.enter("Vendor", "Harbour Fish", Email=OTHER_EMAIL),
    ),
    Case(
        "name_in_use", None, "item_name:oysters", "staff", "by an item without a part number", ITEM,
        lambda s: s.item(), lambda s: s.edit(PART, "Oysters", ManufacturerPartNumber=SKU),
        seed=lambda s: s.enter(PART, "Oysters"), note="the same item",
    ),
    Case(
        "already_linked", None, "list_id:{Harbour Fish}", "staff", "which customer first is already", CUSTOMER,
        lambda s: (s.put(Kind.CUSTOMER, "first", name="First", email=EMAIL), s.customer()),
        lambda s: s.customer(name="Second", email=OTHER_EMAIL),
        seed=lambda s: s.enter("Customer", "Harbour Fish", Email=EMAIL),
        note="the host tells them apart",
    ),
    Case(
        "reference_missing", "income account", "setting:income_account", "staff", "needs an income account", ITEM,
        lambda s: s.item(), lambda s: s.settings(default_income_account="Sales"),
        settings={"default_income_account": ""},
    ),
    Case(
        "reference_missing", "terms", "terms_name:net 45", "staff", "terms “Net 45” of customer c", CUSTOMER,
        lambda s: s.customer(terms="Net 45"), lambda s: (s.enter("StandardTerms", "Net 45"), s.resync()),
    ),
    Case(
        "invalid_field", "ref_number", "setting:ref_number_prefix", "host", "14 characters, QuickBooks takes", INVOICE,
        lambda s: s.invoice(ref_number="SO-12345678"), lambda s: s.invoice(ref_number="SO-1"),
        settings={"ref_number_prefix": "WEB"},
    ),
]  # fmt: skip


def cut_off(stage: Stage) -> None:
    """The answer to the invoice is lost, and before anybody asks again a person replaces the invoice by hand."""

    class PowerCut(Exception):
        pass

    def cut(event: CallEvent) -> None:
        written = any(entry.request == "InvoiceAddRq" for entry in stage.company.ledger)
        if event.phase == "before" and event.method == "receiveResponseXML" and written:
            raise PowerCut

    stage.web_connector.on_call = cut
    try:
        stage.visit()
    except PowerCut:
        pass
    finally:
        stage.web_connector.on_call = None
    stage.company.person.delete_transaction("Invoice", stage.the_invoice())
    stage.write_invoice()


def changed_by_both(stage: Stage) -> None:
    stage.company.person.edit_transaction("Invoice", stage.the_invoice(), {"Memo": "by hand"})


DOCUMENTS = [
    Case(
        "number_conflict", None, "number:SO-1", "staff", "another invoice with the number SO-1", INVOICE,
        lambda s: s.invoice(),
        retried(person(lambda p, s: p.edit_transaction("Invoice", s.notes["rival"], {"RefNumber": "X-1"}))),
        seed=lambda s: s.notes.update(rival=s.write_invoice()), sent=True,
    ),
    Case(
        "document_deleted", None, "txn_id:{posted}", "staff", "was deleted in QuickBooks", INVOICE,
        lambda s: s.invoice(), lambda s: decisions.post_as_new(s.core, s.name, *INVOICE, actor="staff"),
        meanwhile=lambda s: (
            s.notes.update(posted=s.the_invoice()),
            s.company.person.delete_transaction("Invoice", s.the_invoice()),
            s.resync(),
        ),
    ),
    Case(
        "link_refused", "not_there", "record:invoice inv", "staff", "QuickBooks has no such invoice", INVOICE,
        lambda s: (s.invoice(), decisions.link(s.core, s.name, *INVOICE, "1FFFF-1700000000", actor="staff")),
        lambda s: s.retry(), sent=True,
    ),
    Case(
        "changed_in_quickbooks", None, "record:invoice inv", "staff", "memo was “one”, now “by hand”", INVOICE,
        lambda s: s.invoice(memo="one"), lambda s: s.retry(),
        meanwhile=changed_by_both, change=lambda s: s.invoice(memo="two"), sent=True,
    ),
    Case(
        "not_permitted", None, "permission", "quickbooks_user", "does not let the Web Connector", INVOICE,
        lambda s: s.invoice(), retried(person(lambda p, s: p.allow("InvoiceAdd"))),
        seed=person(lambda p, s: p.deny("InvoiceAdd")), sent=True,
    ),
    Case(
        "closed_period", None, "closed_period", "quickbooks_user", "closed in QuickBooks", INVOICE,
        lambda s: s.invoice(), retried(person(lambda p, s: p.close_books(None))),
        seed=person(lambda p, s: p.close_books("2026-11-30")), sent=True,
    ),
    Case(
        "refused", None, "record:invoice inv", "staff", "QuickBooks refused invoice inv", INVOICE,
        lambda s: s.invoice(), retried(person(lambda p, s: p.allow("InvoiceAdd"))),
        seed=person(lambda p, s: p.deny("InvoiceAdd", 3250)), sent=True,
    ),
    Case(
        "uncertain", None, "record:invoice inv", "staff", "cannot say for sure", INVOICE,
        lambda s: (s.invoice(), cut_off(s)),
        lambda s: decisions.link(s.core, s.name, *INVOICE, s.the_invoice(), actor="staff"), sent=True,
    ),
]  # fmt: skip

CASES = [
    *_party_cases("customer", "customer_not_matched", INVOICE, CUSTOMER),
    *_party_cases("vendor", "vendor_not_matched", ORDER, VENDOR),
    *ITEMS,
    *LISTS,
    *DOCUMENTS,
]


# --- one server for all -------------------------------------------------------------------------------------


@dataclass
class House:
    """The server process, and the database it shares with the host's and staff's own steps."""

    core: Core
    endpoint: SoapEndpoint
    url: str

    def stage(self, name: str, settings: Json) -> Stage:
        """A connector of its own, with what is in its company file from the start."""
        return self.stage_of(Stage, name, settings)

    def stage_of(self, kind: type[S], name: str, settings: Json) -> S:
        """The same, for a host of another kind."""
        given = {"default_income_account": "Sales", **settings}
        new = connectors.add(self.core, name, settings=given, actor="staff")
        company = CompanyFile.create(None, company_name=name)
        connector = new.connector
        visitor = WebConnector(
            self.url,
            connector.username,
            new.password,
            company,
            connector.owner_id,
            connector.file_id,
            endpoint=self.endpoint,
        )
        visitor.add_application()
        made = kind(self.core, name, company, visitor)
        made.enter("Customer", "Regular", Email="regular@fish.example")
        made.enter("Vendor", "Supplier", Email="supplier@boats.example")
        made.enter(PART, "Ice", ManufacturerPartNumber="ICE")
        return made


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """A server process on a database of its own."""
    port = free_port()
    config = write_config(folder, port)
    with config.open("a", encoding="utf-8") as file:
        file.write(f"[session]\nlease_seconds = {LEASE_SECONDS}\n")
    with ServerProcess(config, port, folder / "server.log") as server:
        core = core_from(load_config(config))
        url = f"{server.url}/qbwc"
        yield House(core, SoapEndpoint(url), url)
        core.database.close()


def told(stage: Stage, case: Case) -> ErrorRecord:
    """The one open error record, which says what the case wants it to say."""
    assert stage.view(*case.blocked)["state"] == "blocked"
    (error,) = stage.errors()
    assert (error.kind, error.external_id) == case.blocked
    key = case.key.format(**stage.notes)
    assert (error.cause, error.sub_reason, error.cause_key) == (case.cause, case.sub_reason, key)
    assert error.actor == case.actor
    assert case.says in error.message
    assert error.remedy
    return error


def written_by_us(stage: Stage) -> int:
    return sum(entry.by == "application" for entry in stage.company.ledger)


def bring_about(stage: Stage, case: Case) -> None:
    """Everything up to the moment at which the cause has to be known."""
    case.seed(stage)
    if not case.sent or case.meanwhile:
        assert stage.visit().outcome is Outcome.DONE
    case.hand_over(stage)
    if case.meanwhile is not None:
        stage.until_idle()
        assert stage.view(*case.blocked)["state"] == "synced"
        case.meanwhile(stage)
        case.change(stage)


def there(stage: Stage, kind: Kind, view: Json) -> Json:
    """The record in the company file."""
    if kind.is_document:
        name = "Invoice" if kind is Kind.INVOICE else "PurchaseOrder"
        return stage.company.find(name, TxnID=view["txn_id"])
    return stage.company.find(kind.value.capitalize(), ListID=view["list_id"])
