"""How many records a second are taken in, beside a bare Flask route with one INSERT on the same server program.

    python benchmarks/taking_in.py [--records 400] [--rounds 5] [--clients 1]

Bare route, PUT of new records, PUT of the same again and POST …/batch of new ones take turns, round by round, so that a
busy moment of the machine meets all of them; what counts are the ratios. The records are invoices of 5 lines, whose
customers and items are in QuickBooks, so that each is checked against the lists as it comes in.

A second is one of the clock: every commit waits for the disk, in the bare route as well. Beside it the CPU of all
processes of the server.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from drain import House, Http, Json, Server, bare_route, customer, invoices, running

CUSTOMERS = 200


def sent(at: Server, where: str, headers: Mapping[str, str], records: list[Json], clients: int) -> None:
    """Each record with a PUT of its own, by so many clients at once, each over one connection."""

    def send(part: list[Json]) -> None:
        endpoint = Http(at.port)
        for record in part:
            body = json.dumps({name: value for name, value in record.items() if name != "external_id"})
            status, text = endpoint.send("PUT", f"{where}/{record['external_id']}", body.encode(), headers)
            if status not in (200, 201):
                raise SystemExit(f"a PUT was answered {status}: {text[:500]!r}")
        endpoint.close()

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(send, [records[first::clients] for first in range(clients)]))


class Course:
    """A way to take records in, and what each round of it took.

    Attributes:
        rates: records a second.
        costs: milliseconds of CPU a record.
    """

    def __init__(self, name: str, at: Server, take_in: Callable[[list[Json]], None]) -> None:
        self.name, self._at, self._take_in = name, at, take_in
        self.rates: list[float] = []
        self.costs: list[float] = []

    def run(self, records: list[Json]) -> None:
        """A round of it."""
        before, started = self._at.cpu(), time.perf_counter()
        self._take_in(records)
        self.rates.append(len(records) / (time.perf_counter() - started))
        self.costs.append(1000 * (self._at.cpu() - before) / len(records))


def told(courses: list[Course]) -> None:
    """Medians of the rounds, and of the ratios within each round to the first course."""
    floor = courses[0]
    print(f"{'':14} {'records/s':>10} {'x bare':>7} {'CPU ms':>7} {'x bare':>7}")
    for course in courses:
        rate = statistics.median(ours / bare for ours, bare in zip(course.rates, floor.rates, strict=True))
        cost = statistics.median(ours / bare for ours, bare in zip(course.costs, floor.costs, strict=True))
        print(
            f"{course.name:14} {statistics.median(course.rates):10.0f} {rate:7.2f} "
            f"{statistics.median(course.costs):7.2f} {cost:7.2f}"
        )


def measure(folder: Path, many: int, rounds: int, clients: int) -> None:
    """All of them, in turns."""
    house = House(folder, "taking-in")
    with running(house.serve()) as server, running(bare_route(house.folder)) as flask:
        house.web_connector(Http(house.port)).run(max_sessions=5)
        house.hand_over(Http(house.port), "customer", [customer(number) for number in range(CUSTOMERS)])
        house.web_connector(Http(house.port)).run(max_sessions=5)
        ours = "/api/v1/connectors/acme/invoices"

        def put(records: list[Json]) -> None:
            sent(server, ours, house.headers, records, clients)

        courses = [
            Course(
                "bare route",
                flask,
                lambda records: sent(
                    flask, "/records", {"Content-Type": "application/json"}, records, clients
                ),
            ),
            Course("PUT, new", server, put),
            Course("PUT, unchanged", server, put),
            Course(
                "batch, new",
                server,
                lambda records: house.hand_over(Http(server.port), "invoice", records),
            ),
        ]
        for number in range(rounds + 1):
            singles = invoices(many, CUSTOMERS, f"PUT{number}-")
            for course in courses[:3]:
                course.run(singles)
            courses[3].run(invoices(5 * many, CUSTOMERS, f"BAT{number}-"))
            if number == 0:  # every statement is built, every page of the database read
                for course in courses:
                    course.rates.clear()
                    course.costs.clear()
        told(courses)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--records", type=int, default=400, help="of each course in a round; of the batch 5 x so many"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=1, help="that send single records at the same time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.records, options.rounds, options.clients)


if __name__ == "__main__":
    main()
