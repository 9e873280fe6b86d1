"""A world of a million records: what an ordinary server made of a thousand, copied set-wise in the tables.

A connector is really worked with: a host hands over customers, items, vendors, invoices and purchase orders, QuickBooks
is visited, some fall on causes of several kinds, some are put right, some wait. Then every row is copied so many
times by INSERT … SELECT, either within that connector (one of very many records) or into others (very many connectors):
with other ids, numbers, names, keys, words and moments, so that indexes meet what they meet in life. Words of names are
as common as names are; a tenth of the copies is of the very same customers and behind the same cause keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    Text,
    case,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    type_coerce,
    update,
)

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import batches
from qbwc_server.domain.connectors import new_guid
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.limits import Limits
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.simulator import CompanyFile
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import schema
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls

Row = dict[str, Any]
START = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
STEP = timedelta(hours=3)
"""So much later every copy happened than the one before."""
AT_ONCE = 50
"""So many copies are one statement and one transaction."""
PATH = r"C:\QB\acme.qbw"
FIRST = ("Ada", "Bob", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hanna", "Ivo", "Jutta", "Kai", "Lena")
LAST = ("Smith", "Harbour", "Fisher", "Müller", "Berg", "Stone", "Rivers", "Field", "Marsh", "Wood")


class Clock:
    """The time, which is moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class World:
    """A server without its front ends, and the company file that its connector ``acme`` writes to.

    Args:
        folder: where the company file is kept, and what else it takes to go on with the database another time.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.database, self.clock = Database(url), Clock()
        self.core = Core(self.database, self.clock, b"k" * 32, "https://qb.example.com", Limits())
        self.calls = WebConnectorCalls(self.core)
        self._file, self._kept = folder / "acme.company", folder / "kept.json"
        self.is_new = not self._kept.exists()
        if self.is_new:
            self._begin()
        else:
            self.database.upgrade()
            kept = json.loads(self._kept.read_text())
            self.clock.now, self.password = datetime.fromisoformat(kept["now"]), kept["password"]
            self.connector = connectors.get(self.core, "acme")
            self.company = CompanyFile.open(self._file, clock=self.clock)

    def _begin(self) -> None:
        self.database.upgrade()
        new = connectors.add(self.core, "acme", settings={"default_income_account": "Sales"}, actor="ada")
        self.connector, self.password = new.connector, new.password
        self.company = CompanyFile.create(self._file, clock=self.clock)
        self.company.register(self.connector.owner_id, self.connector.file_id)
        for name in ("Harbour Fish", "Quay & Sons"):
            self.company.person.add("Customer", {"Name": name, "Email": f"ap@{name[:4].lower()}.example"})

    def keep(self) -> None:
        """So that it can be gone on with."""
        self._kept.write_text(json.dumps({"now": self.clock.now.isoformat(), "password": self.password}))

    def hand_over(self, kind: Kind, records: Iterable[Row]) -> None:
        """As a host does, many at once."""
        lines = [json.dumps(record) for record in records]
        for outcome in batches.bring_in(self.core, "acme", kind, lines, actor="host"):
            assert not outcome.faults, outcome

    def visit(
        self, timed: Callable[[str, Callable[[], Any]], Any] = lambda _, call: call(), trips: int = 10**6
    ) -> int:
        """The Web Connector comes, and stays while there is something to do; how often it went to QuickBooks."""
        name, made = self.connector.username, 0
        ticket, file = timed(
            "authenticate", lambda: self.calls.authenticate(name, self.password, address="10.0.0.7")
        )[:2]
        if file in ("none", "nvu", "busy"):
            return 0
        self.company.begin_session()
        hcp = self.company.hcp_response(self.connector.owner_id, self.connector.file_id)
        while made < trips and (
            text := timed(
                "sendRequestXML", lambda hcp=hcp: self.calls.send_request_xml(ticket, hcp, PATH, "US", 13, 0)
            )
        ):
            answer, hcp, made = self.company.process(text), "", made + 1
            if (
                timed(
                    "receiveResponseXML",
                    lambda answer=answer: self.calls.receive_response_xml(ticket, answer, "", ""),
                )
                == 100
            ):
                break
        self.company.end_session()
        timed("closeConnection", lambda: self.calls.close_connection(ticket))
        return made

    def event_before_the_last(self) -> int:
        """From where a host that follows along asks for events."""
        its = select(schema.event.c.id).where(schema.event.c.connector_id == self.connector.id)
        with self.database.read() as conn:
            return conn.execute(its.order_by(schema.event.c.id.desc()).limit(1).offset(1)).scalar_one()

    def finish(self) -> None:
        """Nothing waits any more."""
        with self.database.begin() as conn:
            conn.execute(
                update(schema.record).where(schema.record.c.state == "queued").values(state="cancelled")
            )

    def close(self) -> None:
        """Hang up."""
        self.database.close()


# --- what is really worked with -----------------------------------------------------------------------------


def work(world: World, many: int) -> None:
    """So many records, seven tenths of them invoices, in all states."""
    customers, items = max(many // 8, 4), max(many // 25, 4)
    world.hand_over(Kind.CUSTOMER, map(customer, range(customers)))
    world.hand_over(Kind.VENDOR, map(vendor, range(max(many // 50, 2))))
    world.hand_over(Kind.ITEM, map(item, range(items)))
    world.visit()
    world.clock.now += timedelta(minutes=20)
    orders = many // 10
    world.hand_over(Kind.PURCHASE_ORDER, (order(each, items) for each in range(orders)))
    invoices = many - customers - items - orders - many // 50
    world.hand_over(Kind.INVOICE, (invoice(each, customers, items) for each in range(invoices * 9 // 10)))
    world.visit()
    # what was missing is there now, so that half of the errors are over
    world.clock.now += timedelta(minutes=80)
    for number in range(0, 20, 2):
        world.hand_over(
            Kind.ITEM,
            [
                {
                    **item(number),
                    "external_id": f"item-late{number}",
                    "sku": f"B-{number}",
                    "name": f"Late {number}",
                }
            ],
        )
    world.visit()
    world.clock.now += timedelta(minutes=5)
    left = range(invoices * 9 // 10, invoices)
    world.hand_over(Kind.INVOICE, (invoice(each, customers, items) for each in left))
    waits = (
        {**invoice(each, customers, items), "customer": {"external_id": f"cust-{customers}"}}
        for each in range(5)
    )
    world.hand_over(Kind.CUSTOMER, [customer(customers)])
    world.hand_over(Kind.INVOICE, ({**each, "external_id": f"w-{each['external_id']}"} for each in waits))


def customer(number: int) -> Row:
    """Of the host's customers."""
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    return {
        "external_id": f"cust-{number}",
        "name": f"{first} {last} {number}",
        "email": f"{last.lower().replace('ü', 'u')}{number}@fish.example",
        "company_name": f"{last} Seafood",
    }


def vendor(number: int) -> Row:
    """Of its vendors."""
    return {
        "external_id": f"vend-{number}",
        "name": f"{LAST[number % len(LAST)]} Boats {number}",
        "email": f"v{number}@boats.example",
    }


def item(number: int) -> Row:
    """Of its items."""
    return {
        "external_id": f"item-{number}",
        "name": f"Oyster {number}",
        "sku": f"A-{number}",
        "price": "9.50",
    }


def invoice(number: int, customers: int, items: int) -> Row:
    """One of five lines; one in eight falls on an item or a customer that nobody knows."""
    who = customer(number % customers)["email"] if number % 16 != 5 else f"who{number % 20}@x.example"
    skus = [f"A-{(number + step) % items}" for step in range(5)]
    if number % 16 == 9:
        skus[0] = f"B-{number % 20 + number // 16 % 2}"
    name = f"inv-{number}"
    return {
        "external_id": name,
        "ref_number": name,
        "txn_date": "2026-06-01",
        "customer": {"email": who},
        "lines": [{"item": {"sku": sku}, "quantity": "2", "rate": "9.50"} for sku in skus],
    }


def order(number: int, items: int) -> Row:
    """A purchase order."""
    name = f"po-{number}"
    return {
        "external_id": name,
        "ref_number": name,
        "txn_date": "2026-06-01",
        "vendor": {"email": f"v{number % 2}@boats.example"},
        "lines": [{"item": {"sku": f"A-{number % items}"}, "quantity": "2", "rate": "4.50"}],
    }


# --- copies -------------------------------------------------------------------------------------------------

_LEFT_OUT = {
    "connector",
    "record_count",
    "error_count",
    "error_group",
    "record_look",
    "api_key",
    "onboarding",
}
_BY_RECORD = {"record_word", "record_key"}
_LISTS = {"list_entry", "list_email", "entry_word"}
_LONG_LISTS = [each for each in ListName if each.is_matched]
"""A company has a hundred accounts and ten terms, however many customers: those lists are read whole each time."""
_OWN_NUMBER = {
    "record": ("external_id", "quickbooks_id", "quickbooks_name"),
    "session": ("ticket_digest",),
    "message_set": ("name",),
    "request": ("id",),
    "error": ("refused_id",),
    "list_entry": ("list_id", "full_name", "name_key", "email", "sku", "sku_key", "account_number",
                   "account_number_key", "barcode", "barcode_key", "own_name_key"),
    "list_email": ("list_id", "email_key"),
    "entry_word": ("list_id",),
    "record_key": ("key",),
}  # fmt: skip
"""What may be there once only, or tells rows apart: it gets the number of the copy at its end."""


class Copies:
    """Copies of all rows of a connector.

    Args:
        first: the id of the connector that is copied.
        apart: each copy belongs to a connector of its own; else all to that of the original.
    """

    def __init__(self, conn: Connection, first: int, *, apart: bool) -> None:
        self.first, self.apart, self.dialect = first, apart, conn.dialect.name
        self.strides: dict[str, int] = {}
        for table in self._tables():
            if isinstance(table.columns.get("id"), Column) and isinstance(table.c.id.type, Integer):
                self.strides[table.name] = conn.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
        self.originals: dict[str, Mapping[str, Any]] = {}

    def _tables(self) -> list[Table]:
        within = _LEFT_OUT | (set() if self.apart else {"list_load", "connector_day"})
        return [
            table
            for table in schema.metadata.sorted_tables
            if table.name not in within and ("connector_id" in table.c or table.name == "record_wait")
        ]

    def make(self, conn: Connection, numbers: range) -> None:
        """Copies of these numbers, from 1."""
        for table in self._tables():
            conn.execute(insert(table).from_select(list(table.c.keys()), self._of(table, numbers), False))

    def _of(self, table: Table, numbers: range) -> Select[Any]:
        counted = select(literal(numbers.start, Integer).label("n")).cte("counted", recursive=True)
        counted = counted.union_all(select(counted.c.n + 1).where(counted.c.n < numbers.stop - 1))
        n = counted.c.n
        values = [self._value(table, column, n).label(column.name) for column in table.columns]
        return select(*values).select_from(table).join(counted, literal(True)).where(*self._originals(table))

    def _originals(self, table: Table) -> list[ColumnElement[bool]]:
        if table.name in self.strides:
            wanted = [table.c.id <= self.strides[table.name]]
        elif "record_id" in table.c:
            wanted = [table.c.record_id <= self.strides["record"]]
        elif table.name == "request":
            wanted = [table.c.message_set_id <= self.strides["message_set"]]
        elif self.apart or table.name not in _LISTS:
            wanted = [table.c.connector_id == self.first]
        else:
            wanted = [table.c.list_id.not_like("%/%"), table.c.list_name.in_(_LONG_LISTS)]
        if table.name == "error" and not self.apart:
            wanted.append(table.c.record_id.is_not(None))
        return wanted

    def _value(self, table: Table, column: Column[Any], n: ColumnElement[int]) -> ColumnElement[Any]:
        suffix = literal("/") + cast(n, String)
        name = column.name
        if name == "connector_id":
            return column + n if self.apart else column
        if name == "id" and table.name in self.strides:
            return column + n * self.strides[table.name]
        for key in column.foreign_keys:
            return column + n * self.strides[key.column.table.name]
        if type(column.type) is schema.Moment:
            return self._later(column, n)
        if name in _OWN_NUMBER.get(table.name, ()):
            return column + suffix
        if table.name in ("record_word", "entry_word") and name == "word":
            has_digit = (
                column.regexp_match("[0-9]") if self.dialect != "sqlite" else column.op("GLOB")("*[0-9]*")
            )
            backwards = literal("~") + cast(n, String) + "/" + func.substr(column, 2)
            return case((column.like("~%"), backwards), (has_digit, column + suffix), else_=column)
        if table.name == "record":
            if name == "party":
                return case((n % 10 == 0, column), else_=column + suffix)
            if name == "amount":
                return column + n % 500
            if name in ("content", "synced_content"):
                quoted = literal('"') + table.c.external_id
                text = func.replace(cast(column, Text), quoted + '"', quoted + suffix + '"')
                # SQLite keeps it as text, and would make a number of it
                return cast(text, column.type) if self.dialect == "postgresql" else type_coerce(text, Text)
        if table.name == "error" and name in ("cause_key", "folded_key"):
            return case((n % 10 == 0, column), else_=column + suffix)
        return column

    def _later(self, column: Column[Any], n: ColumnElement[int]) -> ColumnElement[Any]:
        hours = int(STEP.total_seconds()) // 3600
        if self.dialect == "sqlite":
            shift = cast(n * hours, String) + " hours"
            return func.strftime("%Y-%m-%d %H:%M:%f000", _named(column), shift)
        return _named(column) + n * literal_column(f"interval '{hours} hours'")


def _named(column: Column[Any]) -> ColumnElement[Any]:
    """A moment as the database has it: without a type that would have it read and written."""
    return literal_column(f'"{column.table.name}"."{column.name}"')


def multiply(world: World, many: int, *, apart: bool) -> None:
    """All that is there, so many times."""
    with world.database.begin() as conn:
        copies = Copies(conn, world.connector.id, apart=apart)
        if apart:
            for number in range(1, many):
                made = add_connector(conn, number)
                assert made == world.connector.id + number
    for start in range(1, many, AT_ONCE):
        with world.database.begin() as conn:
            copies.make(conn, range(start, min(start + AT_ONCE, many)))
    world.clock.now += many * STEP
    with world.database.begin() as conn:
        if not apart:
            load = schema.list_load
            is_long = load.c.list_name.in_(_LONG_LISTS)
            conn.execute(update(load).where(is_long).values(entries=load.c.entries * many))
        # QuickBooks has none of the copies: a full load would find all of them gone
        loaded = dict.fromkeys(("loaded_at", "read_from", "fully_loaded_at"), world.clock.now)
        conn.execute(update(schema.list_load).values(loaded))
        conn.execute(update(schema.connector).values(last_seen_at=world.clock.now))
        if not world.database.is_sqlite:
            for name in copies.strides:
                conn.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM \"{name}\"))"
                )


def add_connector(conn: Connection, number: int) -> int:
    """Another that the Web Connector visits."""
    name = f"c{number:05}"
    return connector_rows.add(
        conn,
        uuid=uuid4(),
        name=name,
        username=f"qbwc-{name}",
        password_digest=f"{number:064x}",
        owner_id=new_guid(),
        file_id=new_guid(),
        settings=ConnectorSettings(),
        now=START,
    ).id


def settle(database: Database, *, analyze: bool) -> None:
    """What a database does by itself after so much was written: PostgreSQL always, SQLite where somebody asks."""
    if database.is_sqlite and not analyze:
        return
    with database.begin() as conn:
        conn.exec_driver_sql("ANALYZE")
