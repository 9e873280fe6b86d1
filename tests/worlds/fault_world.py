"""One history: a server, a host, a QuickBooks and a Web Connector with which things go wrong, played to its end.

The host's wishes are kept beside the server, and the company file is another party: the judge (fault_judge)
compares the two and then asks the server whether it told the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import host, intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.simulator import CompanyFile, WebConnector
from qbwc_server.simulator.fault_plan import FaultPlan
from qbwc_server.simulator.faults import Fault
from qbwc_server.simulator.web_connector.application import Application
from qbwc_server.simulator.web_connector.report import CallEvent, Outcome, SessionReport
from qbwc_server.simulator.web_connector.soap_client import (
    Argument,
    Endpoint,
    Result,
    SoapCallError,
)
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import metadata
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls
from tests.worlds.hand_clock import HandClock

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MOST_SESSIONS = 120
"""Visits after which a history must have come to rest; the longest seen take about half as many."""

Wish = tuple[Kind, str]
"""A record of the host: its kind and external id."""


class InProcess:
    """The Web Connector's calls made on the server directly: what HTTP and SOAP carry, without carrying it."""

    def __init__(self, calls: WebConnectorCalls, clock: HandClock) -> None:
        self._clock = clock
        self._methods: Mapping[str, Callable[[Mapping[str, Any]], Result]] = {
            "serverVersion": lambda a: calls.server_version(),
            "clientVersion": lambda a: calls.client_version(a["strVersion"]),
            "authenticate": lambda a: calls.authenticate(
                a["strUserName"], a["strPassword"], address="10.0.0.7"
            ),
            "sendRequestXML": lambda a: calls.send_request_xml(
                a["ticket"],
                a["strHCPResponse"],
                a["strCompanyFileName"],
                a["qbXMLCountry"],
                a["qbXMLMajorVers"],
                a["qbXMLMinorVers"],
            ),
            "receiveResponseXML": lambda a: calls.receive_response_xml(
                a["ticket"], a["response"], a["hresult"], a["message"]
            ),
            "connectionError": lambda a: calls.connection_error(a["ticket"], a["hresult"], a["message"]),
            "getLastError": lambda a: calls.get_last_error(a["ticket"]),
            "closeConnection": lambda a: calls.close_connection(a["ticket"]),
        }

    def call(self, method: str, arguments: Mapping[str, Argument]) -> Result:
        """One call. What the server raises is a bug, not a fault, and ends the test."""
        self._clock.forward(1)
        if method not in self._methods:
            raise SoapCallError(method, "not in this part")
        return self._methods[method](arguments)


class NeverAtRest(AssertionError):
    """The Web Connector polled on and on, and some records were still under way."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the host last said of a record."""

    fields: Mapping[str, Any]
    is_void: bool = False


Act = Callable[["History"], None]
"""Something the host or a person does."""


class History:
    """One server on its own database, one company file, one Web Connector with a plan of faults.

    Args:
        database: empty.
        faults: what goes wrong; see the simulator's own list.
        batch_size: writes in a message set: small, so that a short run has many sets.
        host_wins: the connector's setting.
        during: acts by the number of the SOAP call before which they happen.
        core: of a server that runs elsewhere on the same database; `endpoint` then leads there.
    """

    def __init__(
        self,
        database: Database,
        faults: Iterable[Fault | str] = (),
        *,
        core: Core | None = None,
        endpoint: Endpoint | None = None,
        batch_size: int = 10,
        host_wins: bool = False,
        during: Mapping[int, Act] | None = None,
    ) -> None:
        self.clock = HandClock()
        self.core = core or Core(database, self.clock, b"k" * 32, "https://qb.example.com", Limits())
        settings = {
            "default_income_account": "Sales",
            "default_expense_account": "Purchases",
            "batch_size": batch_size,
            "host_wins": host_wins,
        }
        new = connectors.add(self.core, "acme", settings=settings, actor="staff")
        self.owner_id, self.file_id = new.connector.owner_id, new.connector.file_id
        self.company: CompanyFile = self._company_file("Acme Seafood", new.connector.file_id)
        self.sisters: list[CompanyFile] = []
        self.plan = FaultPlan.of(faults)
        self.plan.wrong_file = self._open_sister
        self.connector = WebConnector(
            "in-process",
            new.connector.username,
            new.password,
            self.company,
            self.owner_id,
            self.file_id,
            endpoint=endpoint or InProcess(WebConnectorCalls(self.core), self.clock),
            sleep=self.clock.forward,
            faults=self.plan,
            on_call=self._count,
        )
        self.wishes: dict[Wish, Wanted] = {}
        self.withdrawn: set[Wish] = set()
        self.by_person: set[Wish] = set()
        self.taken_by_person: set[str] = set()
        self.reports: list[SessionReport] = []
        self.calls = 0
        self._during = dict(during or {})

    def _company_file(self, name: str, file_id: str) -> CompanyFile:
        made = CompanyFile.create(None, clock=self.clock, company_name=name)
        made.register(self.owner_id, file_id)
        return made

    def _open_sister(self, _: Application[CompanyFile]) -> CompanyFile:
        """The wrong file: the same application is set up in it, for another connection."""
        self.sisters.append(
            self._company_file("Sister Company, Inc.", "{00000000-0000-4000-8000-00000BADF11E}")
        )
        return self.sisters[-1]

    def _count(self, event: CallEvent) -> None:
        if event.phase == "before":
            self.calls += 1
            act = self._during.pop(self.calls, None)
            if act is not None:
                act(self)

    # --- the host -------------------------------------------------------------------------------------------

    def put(self, kind: Kind, external_id: str, **fields: Any) -> None:
        """Hand a record over, or change some of its fields; None takes a field away."""
        before = self.wishes.get((kind, external_id), Wanted({}))
        if before.is_void or (kind, external_id) in self.withdrawn:
            return
        wanted = {key: value for key, value in {**before.fields, **fields}.items() if value is not None}
        intake.put(self.core, "acme", kind, external_id, wanted, actor="host")
        self.wishes[kind, external_id] = Wanted(wanted)

    def void(self, kind: Kind, external_id: str) -> None:
        """Have a document voided, a purchase order closed."""
        view = intake.void(self.core, "acme", kind, external_id, actor="host")
        if (kind, external_id) in self.withdrawn:
            return
        self.wishes[kind, external_id] = Wanted(self.wishes[kind, external_id].fields, True)
        if view["state"] == "cancelled":
            del self.wishes[kind, external_id]
            self.withdrawn.add((kind, external_id))

    def view(self, kind: Kind, external_id: str) -> dict[str, Any]:
        """What the server tells of a record."""
        return record_views.view(self.core, "acme", kind, external_id)

    def views(self) -> dict[Wish, dict[str, Any]]:
        """What the server tells of all records."""
        found = host.find(self.core, "acme", limit=10_000)
        return {(Kind(each["kind"]), each["external_id"]): each for each in found}

    # --- the Web Connector ----------------------------------------------------------------------------------

    def visit(self) -> SessionReport:
        """One visit, and the pause behind it."""
        report = self.connector.run_once()
        self.reports.append(report)
        self.clock.forward(report.postponed_seconds or 60)
        return report

    def settle(self) -> None:
        """Let the Web Connector come until nothing is under way any more.

        Raises:
            NeverAtRest: that does not happen.
        """
        for _ in range(MOST_SESSIONS):
            report = self.visit()
            if report.outcome is Outcome.NOTHING_TO_DO:
                if not self.under_way():
                    return
                self.clock.forward(600)
        raise NeverAtRest(f"{self.under_way()} after {MOST_SESSIONS} visits; {self.reports[-1].status}")

    def an_hour_later(self) -> None:
        """Let the next refresh of the lists see what happened to the company file behind the server's back.

        Raises:
            NeverAtRest: as `settle`.
        """
        self.clock.forward(3700)
        self.settle()

    def under_way(self) -> dict[Wish, str]:
        """The records that are on their way, or wait to be."""
        states = {wish: str(view["state"]) for wish, view in self.views().items()}
        return {wish: state for wish, state in states.items() if state in ("queued", "sent", "uncertain")}

    @property
    def fired(self) -> set[str]:
        """The kinds of faults that did strike."""
        return {fault.kind for fault in self.plan.fired}

    # --- a person -------------------------------------------------------------------------------------------

    def decide_what_is_uncertain(self) -> int:
        """Do what the remedy of an uncertain record says: look in QuickBooks, then link it or retry it.

        Returns:
            How many records there were to decide.
        """
        decided = 0
        for (kind, external_id), view in self.views().items():
            if view["state"] != "blocked" or {item["cause"] for item in view["errors"]} != {"uncertain"}:
                continue
            found = self.in_quickbooks(kind, external_id)
            if found and kind.is_document and view[kind.id_name] is None:
                decisions.link(self.core, "acme", kind, external_id, found[0]["TxnID"], actor="staff:ann")
            else:
                host.retry(self.core, "acme", kind, external_id, actor="staff:ann")
            decided += 1
        return decided

    def in_quickbooks(self, kind: Kind, external_id: str) -> list[dict[str, Any]]:
        """The documents of the company file that look like one of the host's, as a person would find them."""
        if not kind.is_document:
            return []
        mark = self.wishes[kind, external_id].fields["memo"].partition(";")[0] + ";"
        return [each for each in self.company.records(QUICKBOOKS_NAMES[kind]) if mark in each.get("Memo", "")]

    def retry_everything(self) -> None:
        """A person presses retry on every error record there is."""
        for item in errors.find(self.core):
            if item.kind is not None and item.external_id is not None:
                with suppress(Conflict):  # it went on when another one of its errors was retried
                    host.retry(self.core, "acme", Kind(item.kind), item.external_id, actor="staff:ann")


QUICKBOOKS_NAMES = {
    Kind.CUSTOMER: "Customer",
    Kind.VENDOR: "Vendor",
    Kind.ITEM: "Item",
    Kind.INVOICE: "Invoice",
    Kind.PURCHASE_ORDER: "PurchaseOrder",
}


def id_name(kind: Kind) -> str:
    """What QuickBooks calls the identity of such a record."""
    return "TxnID" if kind.is_document else "ListID"


def emptied(database: Database) -> Database:
    """The database, with nothing in it."""
    with database.begin() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(delete(table))
    return database
