"""A server without its front ends beside a simulated QuickBooks, and the Web Connector's part played by hand.

What QuickBooks holds is judged from the company file's own ledger, never from what the server believes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from sqlalchemy import Connection, Engine, event

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import host, intake
from qbwc_server.desk.views import record_views
from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.clock import Clock, utc_now
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.simulator import CompanyFile
from qbwc_server.simulator.errors import RequestProcessorError
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
PATH = r"C:\QB\rock castle.qbw"
QUICKBOOKS_NAMES = {
    Kind.CUSTOMER: "Customer",
    Kind.VENDOR: "Vendor",
    Kind.ITEM: "Item",
    Kind.INVOICE: "Invoice",
    Kind.PURCHASE_ORDER: "PurchaseOrder",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Web Connector hands to receiveResponseXML."""

    response: str = ""
    hresult: str = ""
    message: str = ""


class PowerCut(Exception):
    """Raised by a test's fault to break a visit off."""


@dataclass
class Visit:
    """One session as the Web Connector carries it, call by call or to its end."""

    world: World
    name: str
    answer: tuple[str, ...]
    texts: list[str] = field(default_factory=list)
    progress: list[int] = field(default_factory=list)
    last_error: str | None = None
    closed: str | None = None

    @property
    def ticket(self) -> str:
        return self.answer[0]

    @property
    def is_open(self) -> bool:
        return self.answer[1] not in ("none", "nvu", "busy")

    def send(self) -> str:
        """sendRequestXML, with the Web Connector's own queries the first time."""
        file = self.world.quickbooks[self.name]
        connector = connectors.get(self.world.core, self.name)
        hcp = "" if self.texts else file.hcp_response(connector.owner_id, connector.file_id)
        text = self.world.calls.send_request_xml(
            self.ticket, hcp, self.world.paths.get(self.name, PATH), "US", 13, 0
        )
        if text:
            self.texts.append(text)
        return text

    def process(self, text: str) -> Answer:
        """Let QuickBooks execute a message set."""
        try:
            return Answer(self.world.quickbooks[self.name].process(text))
        except RequestProcessorError as error:
            return Answer("", error.hresult, error.message)

    def receive(self, answer: Answer) -> int:
        """receiveResponseXML."""
        progress = self.world.calls.receive_response_xml(
            self.ticket, answer.response, answer.hresult, answer.message
        )
        self.progress.append(progress)
        return progress

    def exchange(self) -> int:
        """One round trip; its progress."""
        return self.receive(self.process(self.send()))

    def run(self, fault: Fault | None = None) -> Visit:
        """Go on to the end, as the Web Connector does."""
        if self.is_open:
            while text := self.send():
                answer = self.process(text)
                if fault is not None:
                    answer = fault(text, answer)
                if not 0 <= self.receive(answer) < 100:
                    break
                if len(self.texts) > 400:
                    raise AssertionError("the session does not come to an end")
            if not text or self.progress[-1] < 0:
                self.last_error = self.world.calls.get_last_error(self.ticket)
        return self.close()

    def close(self) -> Visit:
        """closeConnection; QuickBooks' iterators die."""
        self.world.quickbooks[self.name].end_session()
        self.closed = self.world.calls.close_connection(self.ticket)
        return self

    def requests(self) -> list[etree._Element]:
        """Every request of the session, in order."""
        return [request for text in self.texts for request in requests_in(text)]


Fault = Callable[[str, Answer], Answer]
"""What becomes of an answer on its way to the server."""


class World:
    """A server on its own SQLite file with the connector ``acme``, and a company file bound to it."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = utc_now,
        limits: Limits | None = None,
        settings: Mapping[str, Any] | None = None,
        time_zone: str = "UTC",
    ) -> None:
        self.clock = clock
        self.time_zone = time_zone
        self.core = Core(database, clock, b"k" * 32, "https://qb.example.com", limits or Limits())
        self.calls = WebConnectorCalls(self.core)
        self.quickbooks: dict[str, CompanyFile] = {}
        self.passwords: dict[str, str] = {}
        self.paths: dict[str, str] = {}
        self.add_connector("acme", settings)

    def add_connector(self, name: str, settings: Mapping[str, Any] | None = None) -> CompanyFile:
        """A further connector with a company file of its own."""
        given = {"default_income_account": "Sales", **(settings or {})}
        new = connectors.add(self.core, name, settings=given, actor="staff")
        file = CompanyFile.create(
            None, clock=self.clock, company_name=f"{name} seafood", time_zone=self.time_zone
        )
        file.register(new.connector.owner_id, new.connector.file_id)
        self.quickbooks[name], self.passwords[name] = file, new.password
        return file

    @property
    def company(self) -> CompanyFile:
        return self.quickbooks["acme"]

    # --- the host ---------------------------------------------------------------------------------------------

    def put(self, kind: Kind, external_id: str, fields: Mapping[str, Any], *, connector: str = "acme") -> Any:
        return intake.put(self.core, connector, kind, external_id, fields, actor="host")

    def revive(self, kind: Kind, external_id: str, **fields: Any) -> Any:
        """Take a cancelled record up again, with some fields changed."""
        content = {**self.view(kind, external_id)["record"], **fields}
        return intake.put(self.core, "acme", kind, external_id, content, actor="host", revive=True)

    def customer(self, external_id: str, **fields: Any) -> Any:
        given = {"name": f"Customer {external_id}", "email": f"{external_id}@fish.example", **fields}
        return self.put(Kind.CUSTOMER, external_id, given)

    def vendor(self, external_id: str, **fields: Any) -> Any:
        given = {"name": f"Vendor {external_id}", "email": f"{external_id}@boats.example", **fields}
        return self.put(Kind.VENDOR, external_id, given)

    def item(self, external_id: str, **fields: Any) -> Any:
        given = {"name": f"Item {external_id}", "sku": f"SKU-{external_id}", "price": "9.50", **fields}
        return self.put(Kind.ITEM, external_id, given)

    def invoice(self, external_id: str, **fields: Any) -> Any:
        """An invoice of customer ``c`` over item ``i`` unless told otherwise."""
        given = {
            "ref_number": external_id,
            "txn_date": "2026-11-20",
            "customer": {"external_id": "c"},
            "lines": [line("i")],
            **fields,
        }
        return self.put(Kind.INVOICE, external_id, {k: v for k, v in given.items() if v is not None})

    def order(self, external_id: str, **fields: Any) -> Any:
        """A purchase order to vendor ``v`` over item ``i`` unless told otherwise."""
        given = {
            "ref_number": external_id,
            "txn_date": "2026-11-20",
            "vendor": {"external_id": "v"},
            "lines": [line("i")],
            **fields,
        }
        return self.put(Kind.PURCHASE_ORDER, external_id, given)

    def basics(self) -> None:
        """Customer ``c`` and item ``i``."""
        self.customer("c")
        self.item("i")

    def view(self, kind: Kind, external_id: str, *, connector: str = "acme") -> dict[str, Any]:
        return record_views.view(self.core, connector, kind, external_id)

    def state(self, kind: Kind, external_id: str) -> str:
        return str(self.view(kind, external_id)["state"])

    def states(self, kind: Kind | None = None) -> Counter[str]:
        """How many records are in which state."""
        found = host.find(self.core, "acme", kind=kind, limit=10_000)
        return Counter(str(item["state"]) for item in found)

    def causes(self, kind: Kind, external_id: str) -> list[tuple[str, str | None]]:
        """The open error records of a record: cause and sub-reason."""
        return [(item["cause"], item["sub_reason"]) for item in self.view(kind, external_id)["errors"]]

    def errors(self, **narrow: Any) -> list[ErrorRecord]:
        return errors.find(self.core, **narrow)

    def connector_errors(self) -> list[ErrorRecord]:
        """The open error records of the connector as a whole."""
        return [item for item in self.errors() if item.kind is None]

    # --- the Web Connector ------------------------------------------------------------------------------------

    def visit(self, name: str = "acme", password: str | None = None) -> Visit:
        """authenticate; where a session opened, QuickBooks is opened too."""
        username = connectors.get(self.core, name).username
        answer = self.calls.authenticate(username, password or self.passwords[name], address="10.0.0.7")
        made = Visit(self, name, answer)
        if made.is_open:
            self.quickbooks[name].begin_session()
        return made

    def poll(self, name: str = "acme", fault: Fault | None = None) -> Visit:
        """A whole visit."""
        return self.visit(name).run(fault)

    def warm(self) -> None:
        """Have the lists loaded, so that records are checked when they are handed over."""
        assert self.poll().progress[-1] == 100

    # --- QuickBooks -------------------------------------------------------------------------------------------

    def posted(self, kind: Kind | None = None, *, connector: str = "acme") -> Counter[str]:
        """What the server had QuickBooks execute: name or number → how often."""
        return Counter(
            str(entry.name)
            for entry in self.quickbooks[connector].ledger
            if entry.by == "application" and (kind is None or entry.kind.startswith(QUICKBOOKS_NAMES[kind]))
        )


@dataclass
class Transaction:
    """What one committed transaction said to the database."""

    thread: str
    writes: bool
    statements: list[str] = field(default_factory=list)

    def number(self, beginning: str) -> int:
        """How many of its statements begin so; a row that is inserted together with others counts as one."""
        return sum(statement.startswith(beginning) for statement in self.statements)


@contextmanager
def transactions() -> Iterator[list[Transaction]]:
    """The transactions that are committed within the block, of all threads, in the order of their commits."""
    done: list[Transaction] = []
    running: dict[int, Transaction] = {}

    def begun(conn: Connection) -> None:
        writes = not conn.get_execution_options().get("only_reads", False)
        running[threading.get_ident()] = Transaction(threading.current_thread().name, writes)

    def said(conn: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        now = running.get(threading.get_ident())
        if now is not None:
            # rows whose ids are asked for are all in one statement, with their values one behind the other
            rows = len(values) if isinstance(values, list) else statement.count("), (") + 1
            now.statements += [statement] * (rows if many else 1)

    def committed(conn: Connection) -> None:
        done.append(running.pop(threading.get_ident()))

    heard = (("begin", begun), ("before_cursor_execute", said), ("commit", committed))
    for name, listener in heard:
        event.listen(Engine, name, listener)
    try:
        yield done
    finally:
        for name, listener in heard:
            event.remove(Engine, name, listener)


def line(item: str = "i", quantity: str = "2", rate: str = "9.50") -> dict[str, Any]:
    """A line over an item by its external id."""
    return {"item": {"external_id": item}, "quantity": quantity, "rate": rate}


def refusing(name: str, code: int) -> Fault:
    """QuickBooks answers every request whose response has this name with an error, and nothing else."""

    def fault(text: str, answer: Answer) -> Answer:
        message_set = message_set_of(answer.response)
        for response in message_set.findall(name):
            response[:] = []
            response.set("statusCode", str(code))
            response.set("statusSeverity", "Error")
        document = message_set.getparent()
        assert document is not None
        return Answer(etree.tostring(document, encoding="unicode"))

    return fault


def enter_by_hand(world: World, number: str, kind: str = "Invoice") -> str:
    """A person enters a document with this number for somebody else; its TxnID."""
    person = world.company.person
    party = "Customer" if kind == "Invoice" else "Vendor"
    person.add(party, {"Name": f"By hand {number}"})
    item = person.add(
        "ItemService",
        {"Name": f"Service {number}", "SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"}},
    )
    line = {"ItemRef": {"ListID": item}, "Quantity": "3", "Rate": "4.00"}
    entry = {f"{party}Ref": f"By hand {number}", "RefNumber": number, "TxnDate": "2026-11-01"}
    return person.add_transaction(kind, entry, [line])


def requests_in(text: str) -> list[etree._Element]:
    """The requests of a message set."""
    (message_set,) = etree.fromstring(text.encode())
    return list(message_set)


def names_in(text: str) -> list[str]:
    """The element names of the requests of a message set."""
    return [str(request.tag) for request in requests_in(text)]


def message_set_of(text: str) -> etree._Element:
    """The ``QBXMLMsgsRq`` (or ``Rs``) element."""
    (message_set,) = etree.fromstring(text.encode())
    return message_set


def writes_in(text: str) -> list[str]:
    """The names of the writing requests of a message set."""
    return [name for name in names_in(text) if not name.endswith("QueryRq")]
