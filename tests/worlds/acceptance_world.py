"""A real server process, the command line, a simulated Web Connector, and a judge who trusts none of them.

The judge reads what the host handed over (fixtures/demo) and what the company file holds in the end; it knows
nothing of the server's own idea of how things went.
"""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from qbwc_server.cli import main
from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.simulator import WebConnector
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.web_connector.report import CallEvent, SessionReport
from qbwc_server.storage.database import Database

DEMO = Path(__file__).parents[2] / "fixtures" / "demo"
KINDS = ("customer", "vendor", "item", "invoice", "purchase_order")

QUICKBOOKS_DOCUMENTS = {"invoice": "Invoice", "purchase_order": "PurchaseOrder"}

BLOCKED: Mapping[tuple[str, str], tuple[str, str | None, str]] = {
    ("customer", "c-14"): ("customer_not_matched", "email_missing", "record:customer c-14"),
    ("invoice", "inv-1041"): ("customer_not_matched", "email_missing", "record:customer c-14"),
    ("invoice", "inv-1042"): ("customer_not_matched", "email_unknown", "email:orders@ghost-kitchen.example"),
    ("invoice", "inv-1043"): ("item_not_matched", "sku_missing", "record:invoice inv-1043"),
    ("invoice", "inv-1044"): ("item_not_matched", "sku_unknown", "sku:SWD-STK-99"),
    ("invoice", "inv-1030"): ("number_conflict", None, "number:SO-1030"),
    ("invoice", "inv-1045"): ("record_inactive", None, "sku:MF-TAIL"),
}
"""The seeded cases: record → cause, sub-reason and cause key of its one error record."""

LEASE_SECONDS = 1
"""How long a returning Web Connector is put off while QuickBooks may still be at work: short, for a test."""

Json = dict[str, Any]


def handed_over(kind: str) -> dict[str, Json]:
    """What the host hands over, by external id."""
    lines = (DEMO / f"{kind}s.ndjson").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return {record.pop("external_id"): record for record in records}


def to_be_synced(kind: str) -> dict[str, Json]:
    """What of it is to reach QuickBooks."""
    return {name: record for name, record in handed_over(kind).items() if (kind, name) not in BLOCKED}


def to_be_created(kind: str) -> dict[str, Json]:
    """What of it QuickBooks does not hold before: customers and vendors by email, items by SKU, no document."""
    company, records = CompanyFile.open(DEMO / "company.json"), to_be_synced(kind)
    if kind in ("customer", "vendor"):
        held = {email for party in company.records(kind.capitalize()) for email in _addresses(party)}
        return {name: record for name, record in records.items() if record["email"].casefold() not in held}
    if kind == "item":
        held = {item.get("ManufacturerPartNumber", "").casefold() for item in company.records("Item")}
        return {name: record for name, record in records.items() if record["sku"].casefold() not in held}
    return records


def expected_writes() -> Counter[str]:
    """The requests that may write, and how often in all: once for everything that is to be created."""
    types = {"inventory": "ItemInventoryAddRq", "non_inventory": "ItemNonInventoryAddRq"}
    writes = Counter(types[item["type"]] for item in to_be_created("item").values())
    for kind, request in (("customer", "Customer"), ("vendor", "Vendor"), *QUICKBOOKS_DOCUMENTS.items()):
        writes[f"{request}AddRq"] = len(to_be_created(kind))
    return writes


@cache
def _new_database() -> bytes:
    """A database with our tables and no rows. Every migration after the other takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "qbwc.db"
        database = Database(f"sqlite:///{path}")
        database.upgrade()
        database.close()
        return path.read_bytes()


def _new_company_file(folder: Path) -> CompanyFile:
    """The demonstration's company file, as it is before anything was synced."""
    return CompanyFile.open(shutil.copyfile(DEMO / "company.json", folder / "company.json"))


@dataclass
class World:
    """One server on a fresh database, one connector, one company file."""

    folder: Path
    server: ServerProcess
    company: CompanyFile
    card: Json

    @classmethod
    def create(cls, folder: Path) -> "World":
        """Everything set up by commands, the server not yet started."""
        port = free_port()
        config = write_config(folder, port)
        with config.open("a", encoding="utf-8") as file:
            file.write(f"[session]\nlease_seconds = {LEASE_SECONDS}\n")
        (folder / "qbwc.db").write_bytes(_new_database())
        world = cls(folder, ServerProcess(config, port, folder / "server.log"), _new_company_file(folder), {})
        world.card = world._new_connector()
        return world

    def begin_anew(self) -> None:
        """Another company file, and another connector in the place of the one there is; the server goes on."""
        self.command("connector", "remove", "seafood", "--yes", "seafood")
        self.company, self.card = _new_company_file(self.folder), self._new_connector()

    def _new_connector(self) -> Json:
        card: Json = self.command("connector", "add", "seafood", "--default-terms", "Net 30")
        return card

    def run(self, *arguments: str, text: str | None = None) -> Result:
        """A command of the command line."""
        return CliRunner().invoke(
            main, ["--config", str(self.server.config_path), *arguments], input=text, catch_exceptions=False
        )

    def command(self, *arguments: str, text: str | None = None) -> Any:
        """The JSON a command prints; it must succeed."""
        done = self.run(*arguments, "--json", text=text)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def hand_over_everything(self) -> Counter[str]:
        """Import the demonstration's records; what became of the lines."""
        results: Counter[str] = Counter()
        for kind in KINDS:
            outcome = self.command("import", kind, str(DEMO / f"{kind}s.ndjson"))
            results.update(entry["result"] for entry in outcome["records"])
        return results

    def web_connector(self, on_call: Callable[[CallEvent], None] | None = None) -> WebConnector:
        """A Web Connector that has loaded the .qwc."""
        made = WebConnector(
            self.card["soap_url"],
            self.card["username"],
            self.card["password"],
            self.company,
            self.card["owner_id"],
            self.card["file_id"],
            on_call=on_call,
        )
        made.add_application()
        return made

    def visit(self, on_call: Callable[[CallEvent], None] | None = None) -> tuple[SessionReport, ...]:
        """Visits of the Web Connector until nothing is left to do."""
        return self.web_connector(on_call).run(max_sessions=10)

    def view(self, kind: str, external_id: str) -> Json:
        """What the host is told about a record."""
        view: Json = self.command("get", kind, external_id)
        return view

    def written(self) -> Counter[str]:
        """How many writes of each type the company file executed."""
        return Counter(entry.request for entry in self.company.ledger if entry.by == "application")


# --- the judge ----------------------------------------------------------------------------------------------


def wrong_with_documents(company: CompanyFile) -> list[str]:
    """Every way in which the company file's documents differ from what was handed over."""
    faults = []
    for kind, name in QUICKBOOKS_DOCUMENTS.items():
        in_quickbooks = Counter(document.get("RefNumber") for document in company.records(name))
        for external_id, wanted in to_be_synced(kind).items():
            number = wanted["ref_number"]
            if in_quickbooks[number] != 1:
                faults.append(f"{external_id}: {in_quickbooks[number]} {name}s have the number {number}")
                continue
            found = company.find(name, RefNumber=number)
            differences = _differences(company, "customer" if kind == "invoice" else "vendor", wanted, found)
            faults += [f"{external_id}: {fault}" for fault in differences]
    return faults


def _differences(company: CompanyFile, party: str, wanted: Json, found: Json) -> list[str]:
    held = company.find(party.capitalize(), ListID=found[f"{party.capitalize()}Ref"]["ListID"])
    total = found["Subtotal"] if party == "customer" else found["TotalAmount"]
    pairs = {
        party: (True, _email_of(party, wanted[party]).casefold() in _addresses(held)),
        "date": (wanted["txn_date"], found["TxnDate"]),
        "ship date": (wanted.get("ship_date"), found.get("ShipDate")),
        "PO number": (wanted.get("po_number"), found.get("PONumber")),
        "memo": (wanted.get("memo"), found.get("Memo")),
        "lines": (
            [_wanted_line(line) for line in wanted["lines"]],
            [_line(company, x) for x in found["lines"]],
        ),
        "total": (sum(map(_amount, wanted["lines"])), Decimal(total)),
    }
    return [f"{what}: {asked!r} became {got!r}" for what, (asked, got) in pairs.items() if asked != got]


def _addresses(customer: Json) -> list[str]:
    """QuickBooks' Email field may hold several."""
    return [part.strip().casefold() for part in customer.get("Email", "").replace(";", ",").split(",")]


def _email_of(kind: str, party: Json) -> str:
    email: str = party.get("email") or handed_over(kind)[party["external_id"]]["email"]
    return email


def _wanted_line(line: Json) -> tuple[str, Decimal, Decimal, Decimal]:
    item = line["item"]
    sku = handed_over("item")[item["external_id"]]["sku"] if "external_id" in item else item.get("sku")
    return (
        (sku or item["full_name"]).casefold(),
        Decimal(line["quantity"]),
        Decimal(line["rate"]),
        _amount(line),
    )


def _line(company: CompanyFile, line: Json) -> tuple[str, Decimal, Decimal, Decimal]:
    item = company.find("Item", ListID=line["ItemRef"]["ListID"])
    name = item.get("ManufacturerPartNumber") or item["FullName"]
    return name.casefold(), Decimal(line["Quantity"]), Decimal(line["Rate"]), Decimal(line["Amount"])


def _amount(line: Json) -> Decimal:
    exact = Decimal(line["quantity"]) * Decimal(line["rate"])
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def wrong_with_lists(company: CompanyFile) -> list[str]:
    """Every customer, vendor or item that is not in the company file exactly once."""
    faults = []
    for kind in ("customer", "vendor"):
        emails = Counter(email for held in company.records(kind.capitalize()) for email in _addresses(held))
        for external_id, party in to_be_synced(kind).items():
            count = emails[party["email"].casefold()]
            if count != 1:
                faults.append(f"{kind} {external_id}: {count} {kind}s have its email")
    skus = Counter(item.get("ManufacturerPartNumber", "").casefold() for item in company.records("Item"))
    for external_id, item in to_be_synced("item").items():
        if skus[item["sku"].casefold()] != 1:
            faults.append(f"item {external_id}: {skus[item['sku'].casefold()]} items have its SKU")
    return faults


def written_twice(company: CompanyFile) -> list[str]:
    """Names and numbers the application wrote more than once."""
    names = Counter((entry.request, entry.name) for entry in company.ledger if entry.by == "application")
    return [f"{request} {name}: {count} times" for (request, name), count in names.items() if count > 1]
