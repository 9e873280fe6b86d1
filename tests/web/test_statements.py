"""A page or an answer asks the database a constant number of questions, of one snapshot, however much there is."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event

from qbwc_server.access import api_keys
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.causes import CustomerNotMatched
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import errors, raw_requests, records, rulings, sessions
from qbwc_server.storage.database import Database
from tests.worlds import site_world

MOST = 12
MORE = {
    "connector": 2,
    "connector drawn anew": 2,
    "records found": 1,
    "records found by nothing": 1,
    "record": 1,
}
"""So many more a page may ask that has the most parts. Three of a connector's own pages tell how it is doing, and of a
Resync, above the page."""
MANY = 120

PAGES = {
    "connectors": "/",
    "connectors in trouble": "/?state=stuck&name=o",
    "connector": "/connectors/{name}",
    "connector drawn anew": "/connectors/{name}/now?of=connector",
    "banner drawn anew": "/connectors/{name}/now",
    "records": "/connectors/{name}/records",
    "records blocked": "/connectors/{name}/records/invoices?state=blocked",
    "records found": "/connectors/{name}/records?q=so-10",
    "records found by nothing": "/connectors/{name}/records?q=nobody",
    "lists": "/connectors/{name}/lists",
    "list": "/connectors/{name}/lists/customers",
    "list searched": "/connectors/{name}/lists/customers?q=harbour",
    "search": "/search?q=so-10",
    "search for two": "/search?q=inv+a-1+b-1",
    "search for a customer": "/search?q=harbour+fish",
    "search for nothing": "/search?q=nobody",
    "record": "/connectors/{name}/records/invoices/SO-1045",
    "errors": "/connectors/{name}/errors",
    "errors of a cause": "/connectors/{name}/errors?cause=customer_not_matched&who=host",
    "errors closed": "/connectors/{name}/errors/closed",
    "log": "/connectors/{name}/log",
    "log of failures": "/connectors/{name}/log?kind=failed&from=2020-01-01&to=2030-01-01&q=e",
    "log of deeds": "/connectors/{name}/log/deeds",
    "log of everything": "/connectors/{name}/log/everything",
    "log filtered": "/connectors/{name}/log/everything?by=host&kind=handed-over&q=a&from=2020-01-01&to=2030-01-01",
    "visit": "/connectors/{name}/log/visits/2",
    "decided for good": "/connectors/{name}/decided",
    "raw requests": "/connectors/{name}/requests",
    "audit": "/audit",
}
ANSWERS = {
    "connectors": "/connectors",
    "connector": "/connectors/{name}",
    "records": "/connectors/{name}/invoices?limit=100",
    "records by number": "/connectors/{name}/invoices?ref_number=1045",
    "records by customer": "/connectors/{name}/invoices?customer=ap@harbour.example&state=blocked,queued",
    "records by id": "/connectors/{name}/invoices?txn_id=5F-1",
    "records by words": "/connectors/{name}/invoices?q=so-10&limit=100",
    "records by time": "/connectors/{name}/invoices?created_after=2020-01-01T00:00:00Z&limit=100",
    "record": "/connectors/{name}/invoices/SO-1045",
    "counts": "/connectors/{name}/counts",
    "queue": "/connectors/{name}/queue?limit=100",
    "errors": "/connectors/{name}/errors?limit=100",
    "errors of a record": "/connectors/{name}/errors?external_id=a-1&kind=invoice",
    "errors all": "/connectors/{name}/errors?state=all&limit=100",
    "errors grouped": "/connectors/{name}/errors?group_by=cause_key&limit=100",
    "events": "/connectors/{name}/events?limit=100",
}


LONG = {
    "audit", "entry_word", "error", "error_group", "event", "list_email", "list_entry", "message_set", "record",
    "record_key", "record_wait", "record_word", "request", "session",
}  # fmt: skip
"""Tables of which there may be a million rows."""
IN_ORDER = {
    "SCAN event USING INDEX ix_event_deed_of_all",
    "SCAN audit",
    "SEARCH record USING INDEX ix_record_later (connector_id=?)",
}
"""What is read from one end, and no further than a page."""
OF_A_CONNECTOR = re.compile(
    r"SEARCH (?:record(?:_\d+)?|record_\w+|list_\w+|request|message_set) .*\(connector_id=\?\)"
)
"""What goes through all a connector has."""
KEPT_OR_FEW = ("record_count", "record_look", "list_load")


class Asked:
    """What the database was asked: its questions, and how many transactions they were in."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.values: list[Any] = []
        self.transactions = 0

    def without_index(self, database: Database) -> list[str]:
        """Whatever of it, as the database plans it, goes through a long table, or through all a connector has of it."""
        with database.read() as conn:
            plans = [
                (row[3], text)
                for text, values in list(zip(self.statements, self.values, strict=True))
                for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple(values))
            ]
        return [f"{line}\n{text}" for line, text in plans if _is_long(line)]


def _is_long(line: str) -> bool:
    if not line.startswith(("SCAN", "SEARCH")) or line in IN_ORDER:
        return False
    table = re.sub(r"_\d+$", "", line.split()[1])
    if line.startswith("SCAN"):
        return table in LONG
    return bool(OF_A_CONNECTOR.match(line)) and table not in KEPT_OR_FEW


@contextmanager
def asked() -> Iterator[Asked]:
    found, thread = Asked(), threading.get_ident()

    def said(*heard: Any) -> None:
        if threading.get_ident() == thread and not heard[2].startswith("BEGIN"):
            found.statements.append(heard[2])
            found.values.append(heard[3])

    def begun(_: Any) -> None:
        found.transactions += threading.get_ident() == thread

    event.listen(Engine, "before_cursor_execute", said)
    event.listen(Engine, "begin", begun)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", said)
        event.remove(Engine, "begin", begun)


def grow(world: Any, lab: Any, batch: str) -> None:
    """Much of everything: connectors, records that wait, errors behind one key and behind many, visits."""
    for number in range(30):
        connectors.add(world.core, f"other-{batch}{number}", actor="tests")
    now = world.clock()
    with world.core.database.begin() as conn:
        row = connector_rows.by_name(conn, lab.CONNECTOR).id
        for number in range(MANY):
            name = f"{batch}-{number}"
            made = records.add(conn, row, Kind.INVOICE, name, {}, now=now, actor="host")
            on = records.add(conn, row, Kind.CUSTOMER, name, {"name": "C"}, now=now, actor="host")
            records.set_waits(conn, made, [on.id], now=now)
            for why, value in (("email_unknown", "one@x.example"), ("email_missing", f"{name}@x.example")):
                errors.open_error(conn, row, made.id, CustomerNotMatched(why, made.label, value), now=now)
            errors.close(conn, [errors.find(conn, row, record_id=made.id)[-1].id], "went away", now=now)
        for number in range(15):
            key = f"email:{batch}{number}@x.example"
            rulings.set_one(conn, row, ListName.CUSTOMER, key, f"{number}-1", actor="ann", now=now)
            text = {"name": "TermsQueryRq", "text": "<TermsQueryRq/>", "actor": "ann"}
            raw_requests.add(conn, row, writes=False, follow=False, now=now, **text)
            visit = sessions.open_session(conn, row, f"{batch}{number}", now=now)
            sessions.change(conn, visit.id, state="closed", ended_at=now, end_reason="finished")
    lab.loading(world)


@pytest.fixture(scope="module")
def grown(templates, tmp_path_factory) -> Iterator[tuple[Any, Any]]:
    """Two worlds that are only looked at: one with much of everything, one with twice as much."""
    with ExitStack() as opened:
        worlds, folder = [], templates["troubled"]
        for batches in ("a", "ab"):
            copy = tmp_path_factory.mktemp("grown")
            world = opened.enter_context(site_world.copied_world(folder, copy))
            for batch in batches:
                grow(world, site_world, batch)
            worlds.append(world)
        yield worlds[0], worlds[1]


@pytest.fixture(scope="module")
def keys(grown) -> list[str]:
    """A key of each of them."""
    return [api_keys.create(world.core, "k", connector=None, actor="tests").secret for world in grown]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_a_constant_number_of_questions(lab, grown, site_of, signed_in, page) -> None:
    address = PAGES[page].format(name=lab.CONNECTOR)

    def looks() -> Iterator[Callable[[], Any]]:
        for world in grown:
            yield partial(signed_in(site_of(world), lab.ADMIN).get, address)

    found = _grows_not(looks(), MOST + MORE.get(page, 0))
    assert found.without_index(grown[-1].core.database) == []


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_asks_a_constant_number_of_questions(lab, grown, keys, site_of, answer) -> None:
    address = f"/api/v1{ANSWERS[answer].format(name=lab.CONNECTOR)}"

    def looks() -> Iterator[Callable[[], Any]]:
        for world, key in zip(grown, keys, strict=True):
            client = site_of(world).test_client()
            yield partial(client.get, address, headers={"Authorization": f"Bearer {key}"})

    found = _grows_not(looks())
    assert found.without_index(grown[-1].core.database) == []


def test_a_page_that_watches_while_nothing_happens_costs_two_questions(
    lab, troubled, site_of, signed_in
) -> None:
    visitor = signed_in(site_of(troubled), lab.ADMIN)
    address = f"/connectors/{lab.CONNECTOR}/now?of=connector"
    tag = visitor.get(address).headers["ETag"]
    with asked() as found:
        assert visitor.client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert len(found.statements) == 2, found.statements


def _grows_not(looks: Iterable[Callable[[], Any]], most: int = MOST) -> Asked:
    numbers = []
    for look in looks:
        look()  # the first one of a key is noted
        with asked() as found:
            assert look().status_code == 200
        numbers.append(len(found.statements))
        # who it is that asks is looked up before
        assert found.transactions <= 5, found.transactions
    assert numbers[0] == numbers[1]
    assert numbers[1] <= most, "\n\n".join(found.statements)
    return found
