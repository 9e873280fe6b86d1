"""A host in Python hands over in its own transaction; what reaches QuickBooks is judged from the company file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from qbwc_server import Connector
from qbwc_server.config.reading import load_config
from qbwc_server.sync import allowance
from tests.worlds.change_world import Office

LATE = {"name": "Late", "email": "late@x.example"}
PAGE = Path(__file__).parents[2] / "docs" / "in-process.md"


@pytest.fixture
def engine(office: Office) -> Iterator[Engine]:
    """The host's engine on the server's SQLite file, in which it has its orders."""
    url = load_config(office.house.server.config_path).database_url
    made = create_engine(url)
    with made.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, state TEXT)")
        conn.exec_driver_sql("DELETE FROM orders")
        conn.exec_driver_sql("INSERT INTO orders VALUES ('SO-1042', 'new')")
    yield made
    made.dispose()


@pytest.fixture
def pack(office: Office, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The function the documentation shows."""
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    monkeypatch.setenv("SHOP_DATABASE_URL", str(engine.url))
    space: dict[str, Any] = {}
    exec(program.replace('"harbour"', repr(office.name)), space)
    space["engine"].dispose()
    found: Callable[..., None] = space["pack"]
    return found


def state(engine: Engine) -> str:
    with engine.connect() as conn:
        found: str = conn.exec_driver_sql("SELECT state FROM orders").scalar_one()
    return found


def test_an_order_that_is_packed_has_its_invoice_in_quickbooks(
    office: Office, engine: Engine, pack: Callable[..., None]
) -> None:
    pack(engine, "SO-1042", "c", "OYS", 12, Decimal("9.50"))
    office.visit()
    with engine.connect() as conn:
        harbour = Connector(office.name, connection=conn)
        found = harbour.get("invoice", "SO-1042")
        assert "invoice.synced" in [event.type for event in harbour.events()]
    assert found is not None
    assert (found.state, found.number) == ("synced", "SO-1042")
    (invoice,) = office.company.records("Invoice")
    assert (invoice["TxnID"], invoice["Subtotal"]) == (found.txn_id, "114.00")
    assert state(engine) == "packed"


def test_of_an_order_that_fails_after_its_customer_was_handed_over_nothing_is_there(
    office: Office, engine: Engine
) -> None:
    class Torn(Exception):
        pass

    def tear() -> None:
        with engine.begin() as conn:
            conn.exec_driver_sql("UPDATE orders SET state = 'packed'")
            torn = {"name": "Torn", "email": "t@x.example"}
            Connector(office.name, connection=conn).put("customer", "c-2", torn)
            raise Torn

    with pytest.raises(Torn):
        tear()
    office.visit()
    assert state(engine) == "new"
    assert [each for each in office.company.records("Customer") if each["Name"] == "Torn"] == []
    assert office.call("GET", "customers/c-2")[0] == 404


def test_what_one_door_was_handed_the_other_shows(office: Office, engine: Engine) -> None:
    office.invoice("inv-1")
    with engine.begin() as conn:
        harbour = Connector(office.name, connection=conn)
        found = harbour.get("invoice", "inv-1")
        assert found is not None
        assert found.all == office.view("invoices/inv-1")
        assert harbour.settings() == office.call("GET", "settings")[1]
        assert harbour.counts().as_json() == office.call("GET", "counts")[1]
        assert harbour.queue().as_json() == office.call("GET", "queue")[1]
        shown = harbour.status().as_json()
        assert shown == {**office.call("GET", "")[1], "lists": shown["lists"]}  # their age has moved on
        same = harbour.put("invoice", "inv-1", dict(found.content))
        assert same.revision == 1


def test_an_error_is_settled_by_an_answer_in_the_hosts_transaction(office: Office, engine: Engine) -> None:
    for name in ("Twin A", "Twin B"):
        office.company.person.add("Customer", {"Name": name, "Email": "twin@x.example"})
    office.refresh()
    with engine.begin() as conn:
        harbour = Connector(office.name, connection=conn)
        put = harbour.put("customer", "twin", {"name": "Twin", "email": "twin@x.example"})
        assert put.state == "blocked"
        (error,) = [each for each in harbour.errors() if each.external_id == "twin"]
        shown = harbour.error(error.id)
        choice = next(
            each for each in shown.choices if each.candidate is not None and each.candidate.name == "Twin B"
        )
        done = harbour.answer(error.id, choice.id, token=shown.token)
        assert (done.choice, done.still_waiting) == (choice.id, 0)
    office.visit()
    twin = office.synced("customers/twin")
    assert twin["list_id"] == office.company.find("Customer", Name="Twin B")["ListID"]


@pytest.mark.parametrize("many", [False, True], ids=["put", "put_many"])
def test_what_one_transaction_cannot_look_at_goes_on_with_the_next_visit(
    office: Office, engine: Engine, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    for number in range(8):
        office.invoice(f"inv-{number}", ref_number=f"W-{number}", customer={"external_id": "c-late"})
    office.visit()
    assert office.company.records("Invoice") == []
    monkeypatch.setattr(allowance, "AT_ONCE", 3)
    with engine.begin() as conn:
        harbour = Connector(office.name, connection=conn)
        if many:
            harbour.put_many([("customer", "c-late", LATE)])
        else:
            harbour.put("customer", "c-late", LATE)
        released = [harbour.get("invoice", f"inv-{number}") for number in range(8)]
        assert sum(each is not None and each.state == "queued" for each in released) < 8
    monkeypatch.undo()
    office.visit()
    numbers = sorted(each["RefNumber"] for each in office.company.records("Invoice"))
    assert numbers == [f"W-{number}" for number in range(8)]


def test_many_previews_and_lists_are_answered_as_the_api_answers(office: Office, engine: Engine) -> None:
    for number in range(3):
        office.company.person.add("Customer", {"Name": f"Pier {number}", "Email": f"p{number}@x.example"})
    office.refresh()
    invoice: dict[str, Any] = {
        "ref_number": "N-1",
        "txn_date": "2026-11-20",
        "customer": {"email": "p1@x.example"},
        "lines": [{"item": {"sku": "NONE"}, "quantity": "1", "rate": "2"}],
    }
    records = [
        ("customer", "p-9", {"name": "Pier 9", "email": "p9@x.example"}),
        ("invoice", "n-1", invoice),
        ("invoice", "n-2", {**invoice, "txn_date": "yesterday"}),
    ]
    lines = [{"kind": kind, "external_id": name, **content} for kind, name, content in records]
    with engine.begin() as conn:
        harbour = Connector(office.name, connection=conn)
        previewed = [view.as_json() for view in harbour.preview(records)]
        assert previewed == office.call("POST", "preview", lines)[1]
        assert [each["outcome"] for each in previewed] == ["queued", "blocked", "refused"]
        for asked, query in (
            ({}, ""),
            ({"q": "pier"}, "?q=pier"),
            ({"email": "P2@x.example"}, "?email=P2@x.example"),
        ):
            entries = [entry.as_json() for entry in harbour.quickbooks("customers", **asked)]
            assert entries
            assert entries == office.call("GET", f"quickbooks/customers{query}")[1]["entries"]
        done = harbour.put_many(records)
    assert [each.result for each in done] == ["created", "created", "faulty"]
    again = office.batch(lines)
    assert [each["result"] for each in again] == ["unchanged", "unchanged", "faulty"]
    for ours, theirs in zip(done, again, strict=True):
        assert (ours.line, ours.kind, ours.external_id, ours.state) == (
            theirs["line"],
            theirs["kind"],
            theirs["external_id"],
            theirs["state"],
        )
        assert [(fault.pointer, fault.message) for fault in ours.faults] == [
            (fault["pointer"], fault["message"]) for fault in theirs["faults"]
        ]
    office.visit()
    assert [each["Name"] for each in office.company.records("Customer")].count("Pier 9") == 1


def test_who_waits_is_told_as_soon_as_quickbooks_has_answered(office: Office, engine: Engine) -> None:
    with engine.begin() as conn:
        Connector(office.name, connection=conn).put_many([("customer", "c-late", LATE)])
    with (
        Connector(office.name, database_url=str(engine.url)) as harbour,
        ThreadPoolExecutor(1) as aside,
    ):
        waiting = aside.submit(harbour.wait, "customer", "c-late", 50)
        office.visit()
        found = waiting.result(timeout=20)
    assert found is not None
    assert (found.state, found.list_id) == (
        "synced",
        office.company.find("Customer", Name="Late")["ListID"],
    )
