"""A small wholesaler to look at: people, one connector with records in every state, and one that is fresh.

Everything is written through the server's own steps and tables, on a real SQLite file.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from qbwc_server.access import users
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.causes import (
    BadCredentials,
    ChangedInQuickbooks,
    NumberConflict,
    Refused,
    WrongCompanyFile,
)
from qbwc_server.domain.connectors import Binding
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.operations import Adding, Operation, Request
from qbwc_server.domain.people import Role
from qbwc_server.domain.records import Link, PostedLine, Record, State
from qbwc_server.domain.sessions import SessionState, SetState
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage import events, lists, records, sessions
from qbwc_server.storage.database import Database
from qbwc_server.sync import resolve, revision
from qbwc_server.sync.core import Core
from tests.worlds.hand_clock import HandClock

ADMIN, SUPPORT = "Ada Admin", "Sam Support"
PASSWORD = "correct horse battery"
CONNECTOR, FRESH = "harbour-fish", "pier-seven"
TYPES = {
    ListName.CUSTOMER: "Customer",
    ListName.VENDOR: "Vendor",
    ListName.ITEM: "ItemNonInventory",
    ListName.TERMS: "StandardTerms",
}
FILE = "qbwc.db"
LATER = timedelta(minutes=4)
START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SENT_TEXT = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">'
    '<InvoiceAddRq requestID="req-SO-1045"><InvoiceAdd><RefNumber>1045</RefNumber></InvoiceAdd></InvoiceAddRq>'
    '<InvoiceAddRq requestID="req-SO-1050"><InvoiceAdd><RefNumber>1050</RefNumber>'
    "<Memo>&lt;b&gt; &amp; more</Memo></InvoiceAdd></InvoiceAddRq></QBXMLMsgsRq></QBXML>"
)
ANSWER_TEXT = (
    '<?xml version="1.0" encoding="utf-8"?><QBXML><QBXMLMsgsRs>'
    '<InvoiceAddRs requestID="req-SO-1050" statusCode="0"><InvoiceRet><TxnID>2B3C-1700000002</TxnID>'
    "</InvoiceRet></InvoiceAddRs>"
    '<InvoiceAddRs requestID="req-SO-1045" statusCode="0"><InvoiceRet><TxnID>1A2B-1700000001</TxnID>'
    "</InvoiceRet></InvoiceAddRs></QBXMLMsgsRs></QBXML>"
)
ODD_ID = "SO/1042 ä&?#%41"
PUBLIC_URL = "https://sync.harbour.example"
TAKEN_TXN_ID = "9F-1700000009"


@dataclass
class World:
    """A core and the clock it goes by."""

    core: Core
    clock: HandClock = field(default_factory=lambda: HandClock(START))


@contextmanager
def _opened(folder: Path, clock: HandClock, public_url: str) -> Iterator[World]:
    database = Database(f"sqlite:///{folder / FILE}")
    try:
        yield World(Core(database, clock, b"k" * 32, public_url), clock)
    finally:
        database.close()


@contextmanager
def empty_world(folder: Path, *, public_url: str = PUBLIC_URL) -> Iterator[World]:
    """A new database in `folder`, without users and connectors."""
    with _opened(folder, HandClock(START), public_url) as world:
        world.core.database.upgrade()
        yield world


@contextmanager
def copied_world(source: Path, folder: Path, *, public_url: str = PUBLIC_URL) -> Iterator[World]:
    """A copy of a database that `empty_world` made in `source` and `populate` may have filled."""
    shutil.copy(source / FILE, folder / FILE)
    with _opened(folder, HandClock(START + LATER), public_url) as world:
        yield world


def people(world: World) -> None:
    """An admin and a support person."""
    users.add(world.core, ADMIN, PASSWORD, Role.ADMIN, actor="tests")
    users.add(world.core, SUPPORT, PASSWORD, Role.SUPPORT, actor="tests")


def populate(world: World) -> None:
    """People, a connector at work and a connector never used."""
    people(world)
    connectors.add(world.core, FRESH, company_file=r"C:\Books\Pier Seven.qbw", actor="cli")
    connectors.add(
        world.core, CONNECTOR, settings={"create_customers": False, "create_items": False}, actor="cli"
    )
    _used_before(world)
    _lists_loaded(world)
    _records(world)
    world.clock.moment += LATER


def state_of(world: World, kind: Kind, external_id: str) -> State:
    """Where a record of the busy connector is."""
    return State(record_views.view(world.core, CONNECTOR, kind, external_id)["state"])


def loading(world: World) -> None:
    """A Resync is going on: terms are read, customers are being read, the rest waits."""
    connectors.resync(world.core, CONNECTOR, actor=SUPPORT)
    with world.core.database.begin() as conn:
        row = _connector_id(conn)
        changes = {"new": 3, "renamed": 1, "sku_changed": 2, "released": 12}
        lists.change_load(conn, row, ListName.TERMS, resync_requested_at=None, changes=changes)
        running: dict[str, Any] = {"running": "full", "number": 1, "changes": {"email_changed": 1}}
        lists.change_load(conn, row, ListName.CUSTOMER, expected=1, left_to_tell=0, **running)


def resync_ends(world: World) -> None:
    """All lists that a person's Resync asked for have been read; it released nothing."""
    with world.core.database.begin() as conn:
        row = _connector_id(conn)
        for load in lists.every_load(conn, row).values():
            read: dict[str, Any] = {
                "resync_requested_at": None,
                "is_persons": False,
                "loaded_at": world.clock(),
            }
            lists.change_load(conn, row, load.list_name, **read)
        events.add(conn, row, ConnectorHappening.RESYNC_DONE, at=world.clock(), actor="server")


def seen_without_work(world: World) -> None:
    """The Web Connector of the connector that nobody has used has called."""
    with world.core.database.begin() as conn:
        row = connector_rows.by_name(conn, FRESH).id
        connector_rows.change(conn, row, last_seen_at=world.clock())


def first_load(world: World) -> None:
    """The connector that nobody has used is visited for the first time: twelve of its customers are read."""
    with world.core.database.begin() as conn:
        row = connector_rows.by_name(conn, FRESH).id
        lists.loads(conn, row, tuple(ListName))
        so_far: dict[str, Any] = {"running": "full", "number": 1, "expected": 40, "left_to_tell": 28}
        lists.change_load(conn, row, ListName.CUSTOMER, **so_far)
        entries = [_entry(ListName.CUSTOMER, "C" * length) for length in range(1, 13)]
        lists.store(conn, row, entries, load=1)


def cure_sku(world: World, sku: str = "OY-100") -> None:
    """Enter the missing SKU in the list cache, as a look at QuickBooks would."""
    with world.core.database.begin() as conn:
        lists.store(conn, _connector_id(conn), [_entry(ListName.ITEM, "Oyster 100ct", sku=sku)], load=None)


def quarantine(world: World, name: str = CONNECTOR) -> None:
    """Another company file was found open."""
    cause = WrongCompanyFile(
        {"company name": ("Harbour Fish Co", "Sample Bakery")},
        {"file_id": None, "company_name": "Sample Bakery", "path": None},
    )
    with world.core.database.begin() as conn:
        error_rows.open_error(conn, connector_rows.by_name(conn, name).id, None, cause, now=world.clock())


def changed_by_a_person(world: World, external_id: str) -> None:
    """A blocked invoice was changed in QuickBooks: that is what holds it up now."""
    with world.core.database.begin() as conn:
        record = records.find(conn, _connector_id(conn), Kind.INVOICE, external_id)
        assert record is not None
        error_rows.close_of_record(conn, record.id, "went away", now=world.clock())
        cause = ChangedInQuickbooks(record.label, {"memo": ("as ordered", "")})
        error_rows.open_error(conn, record.connector_id, record.id, cause, now=world.clock())


def number_taken(world: World, external_id: str) -> None:
    """A blocked invoice has a number that an invoice in QuickBooks has already: that is what holds it up now."""
    with world.core.database.begin() as conn:
        record = records.find(conn, _connector_id(conn), Kind.INVOICE, external_id)
        assert record is not None
        error_rows.close_of_record(conn, record.id, "went away", now=world.clock())
        cause = NumberConflict("invoice", "1044", TAKEN_TXN_ID, "Walk-in", "2026-11-02", "6.00")
        error_rows.open_error(conn, record.connector_id, record.id, cause, now=world.clock())


def wrong_password(world: World, name: str = CONNECTOR) -> None:
    """The Web Connector came with a wrong password."""
    with world.core.database.begin() as conn:
        row = connector_rows.by_name(conn, name).id
        error_rows.open_error(conn, row, None, BadCredentials(), now=world.clock())


def silent(world: World, name: str, days: int) -> None:
    """A connector that was at work `days` ago, and has not been called since; an invoice waits."""
    connectors.add(world.core, name, actor="cli")
    _used_before(world, name, timedelta(days=days))
    intake.put(
        world.core, name, Kind.INVOICE, "first", _invoice("7001", "ap@harbour.example", "MU-1"), actor="host"
    )


def entered(world: World, list_name: ListName, full_name: str, email: str | None = None) -> None:
    """An entry of QuickBooks' lists was read."""
    with world.core.database.begin() as conn:
        lists.store(conn, _connector_id(conn), [_entry(list_name, full_name, email=email)], load=None)


def resync_finds_sku(world: World, sku: str) -> None:
    """The visit that a person's Resync waited for comes, and brings the missing SKU."""
    cure_sku(world, sku)
    with world.core.database.begin() as conn:
        resolve.release_all(conn, connector_rows.by_name(conn, CONNECTOR), now=world.clock(), actor="server")
    resync_ends(world)


def many_invoices(world: World, number: int, sku: str = "MU-1") -> None:
    """`number` invoices for an item; if QuickBooks has it, they wait for nothing but the next message set."""
    for count in range(number):
        _put(world, Kind.INVOICE, f"bulk-{count:04}", _invoice(f"B{count}", "AP@Harbour.example", sku))


def troubles(world: World) -> None:
    """What needs a person: customer c-2 whose email two customers have, with invoice SO-1051 behind it; invoice
    SO-1050, deleted in QuickBooks; beside them customer c-1, linked, and the message set that carried two invoices."""
    with world.core.database.begin() as conn:
        both = [
            _entry(ListName.CUSTOMER, name, email="north@fish.example")
            for name in ("North Fish", "North Fish (old)")
        ]
        lists.store(conn, _connector_id(conn), both, load=1)
    _put(world, Kind.CUSTOMER, "c-1", {"name": "Harbour Fish", "email": "ap@harbour.example"})
    _put(world, Kind.CUSTOMER, "c-2", {"name": "North Fish Ltd", "email": "north@fish.example"})
    _put(world, Kind.INVOICE, "SO-1050", _invoice("1050", "ap@harbour.example", "MU-1"))
    _put(
        world,
        Kind.INVOICE,
        "SO-1051",
        {**_invoice("1051", "", "MU-1"), "customer": {"external_id": "c-2"}},
    )
    with world.core.database.begin() as conn:
        _carried(world, conn)
        connector = connector_rows.by_name(conn, CONNECTOR)
        revision.documents_gone(conn, connector, Kind.INVOICE, ["2B3C-1700000002"], now=world.clock())


def _carried(world: World, conn: Connection) -> None:
    """One message set took two invoices to QuickBooks, which accepted both."""
    session = sessions.open_session(conn, _connector_id(conn), "carrying", now=world.clock())
    sent = sessions.add_set(
        conn, session, name="0123456789abcdef0123", writes=True, text="", now=world.clock()
    )
    wanted = [records.find(conn, _connector_id(conn), Kind.INVOICE, name) for name in ("SO-1045", "SO-1050")]
    found = [item for item in wanted if item is not None]
    made = [
        Request(f"req-{item.external_id}", sent.id, sent.connector_id, Operation.ADD, item.id, 1, Adding())
        for item in found
    ]
    sessions.add_requests(conn, made)
    for request in made:
        sessions.settle(conn, request.id, 0, "Info", "Status OK")
    sessions.change_set(
        conn,
        sent.id,
        state=SetState.ANSWERED,
        text=SENT_TEXT,
        response=ANSWER_TEXT,
        answered_at=world.clock(),
    )
    sessions.change(
        conn, session.id, state=SessionState.CLOSED, ended_at=world.clock(), end_reason="finished"
    )
    records.move(conn, found[1], State.SENT, now=world.clock(), actor="server")
    link = Link("2B3C-1700000002", "1700000002", "1050", "created", "answer")
    again = records.get(conn, found[1].id)
    columns: dict[str, Any] = {
        "synced_revision": 1,
        "synced_content": dict(again.content),
        "line_ids": (PostedLine("2B3D-1700000002"),),
        **records.link_columns(link),
    }
    records.move(conn, again, State.SYNCED, now=world.clock(), actor="quickbooks", **columns)


def go_live(world: World) -> None:
    """A session is going on."""
    with world.core.database.begin() as conn:
        sessions.open_session(conn, _connector_id(conn), "ticket-digest", now=world.clock())


def many_sessions(world: World, number: int) -> None:
    """`number` sessions that are over."""
    with world.core.database.begin() as conn:
        for count in range(number):
            opened = sessions.open_session(conn, _connector_id(conn), f"many-{count}", now=world.clock())
            sessions.change(
                conn, opened.id, state=SessionState.CLOSED, ended_at=world.clock(), end_reason="finished"
            )


def _used_before(world: World, name: str = CONNECTOR, ago: timedelta = timedelta(minutes=10)) -> None:
    began = world.clock() - ago
    with world.core.database.begin() as conn:
        row = connector_rows.by_name(conn, name).id
        session = sessions.open_session(conn, row, f"old-{name}", now=began)
        sessions.change(
            conn,
            session.id,
            state=SessionState.CLOSED,
            last_call_at=began + timedelta(minutes=2),
            ended_at=began + timedelta(minutes=2),
            end_reason="closed by the Web Connector",
        )
        connector_rows.change(
            conn,
            row,
            last_seen_at=began + timedelta(minutes=2),
            binding=Binding(None, "Harbour Fish Co", r"C:\Books\Harbour Fish.qbw"),
            product="QuickBooks Enterprise Solutions 24.0",
            country="US",
            qbxml_version="13.0",
        )


def _connector_id(conn: Connection) -> int:
    return connector_rows.by_name(conn, CONNECTOR).id


def _lists_loaded(world: World) -> None:
    loaded_at = world.clock() - timedelta(minutes=40)
    entries = (
        [_entry(ListName.CUSTOMER, "Harbour Fish Co", email="ap@harbour.example")],
        [_entry(ListName.TERMS, "Net 30")],
        [_entry(ListName.VENDOR, "Ice & Crates", email="office@ice.example")],
        [
            _entry(ListName.ITEM, "Mussels 5kg", sku="MU-1"),
            _entry(ListName.ITEM, "Old Crate", sku="CR-0", is_active=False),
        ],
    )
    with world.core.database.begin() as conn:
        row = _connector_id(conn)
        lists.loads(conn, row, tuple(ListName))
        for found in entries:
            lists.store(conn, row, found, load=1)
        for name in (each for each in ListName if not each.is_on_demand):
            lists.change_load(conn, row, name, number=1, loaded_at=loaded_at)


def _entry(
    list_name: ListName,
    full_name: str,
    *,
    email: str | None = None,
    sku: str | None = None,
    is_active: bool = True,
) -> ListEntry:
    return ListEntry(
        list_name=list_name,
        list_id=f"8000{len(full_name):04X}-1700000000",
        type=TYPES[list_name],
        full_name=full_name,
        is_active=is_active,
        is_deleted=False,
        email=email,
        sku=sku,
        edit_sequence="1700000000",
        external_guid=None,
        terms=None,
        **(KNOWN_OF_PARTIES if list_name in (ListName.CUSTOMER, ListName.VENDOR) else {}),
    )


KNOWN_OF_PARTIES: dict[str, Any] = {"city": "Bremen", "phone": "0421 553311", "balance": Decimal("1234.50")}


def _invoice(number: str, email: str, *skus: str) -> dict[str, object]:
    return {
        "ref_number": number,
        "txn_date": "2026-11-20",
        "customer": {"email": email},
        "lines": [{"item": {"sku": sku}, "quantity": "12", "rate": "9.50"} for sku in skus],
    }


def _put(world: World, kind: Kind, external_id: str, fields: dict[str, object]) -> None:
    intake.put(world.core, CONNECTOR, kind, external_id, fields, actor="host")


def _records(world: World) -> None:
    good = "ap@harbour.example"
    _put(world, Kind.INVOICE, "SO-1040", _invoice("1040", good, "MU-1"))
    _put(world, Kind.INVOICE, "SO-1041", _invoice("1041", good, "OY-100"))
    _put(world, Kind.INVOICE, ODD_ID, _invoice("1042", good, "MU-1", "OY-100"))
    _put(world, Kind.INVOICE, "SO-1043", _invoice("1043", "nobody@else.example", "MU-1"))
    _put(world, Kind.INVOICE, "SO-1044", _invoice("1044", good, "CR-0"))
    _put(world, Kind.INVOICE, "SO-1045", _invoice("1045", good, "MU-1"))
    _put(world, Kind.INVOICE, "SO-1046", _invoice("1046", good, "MU-1"))
    with world.core.database.begin() as conn:
        _synced(world, conn, "SO-1045")
        _refused(world, conn, "SO-1046")


def _synced(world: World, conn: Connection, external_id: str) -> None:
    now = world.clock()
    record = _sent(world, conn, external_id)
    link = Link("1A2B-1700000001", "1700000001", "1045", "created", "answer")
    columns: dict[str, Any] = {"synced_revision": 1, "seen_at": now, **records.link_columns(link)}
    records.move(conn, record, State.SYNCED, now=now, actor="quickbooks", **columns)


def _refused(world: World, conn: Connection, external_id: str) -> None:
    record = _sent(world, conn, external_id)
    now = world.clock()
    blocked = records.move(conn, record, State.BLOCKED, now=now, actor="quickbooks")
    answer = QuickBooksAnswer("3180", "Error", "There was an error when saving a Invoice <transaction>.")
    error_rows.open_error(
        conn,
        blocked.connector_id,
        blocked.id,
        Refused(blocked.label),
        answer,
        now=now,
    )


def _sent(world: World, conn: Connection, external_id: str) -> Record:
    record = records.find(conn, _connector_id(conn), Kind.INVOICE, external_id)
    assert record is not None
    return records.move(conn, record, State.SENT, now=world.clock(), actor="server")
