"""A record is recognised by number, name, date and amount, however it names whose it is; asked of either database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event

from qbwc_server.desk.documents import documents
from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.domain.causes import CustomerNotMatched
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, email_keys
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.storage import errors, lists, records
from qbwc_server.storage.database import Database

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
LINES = [{"item": {"sku": "OY"}, "quantity": "40", "rate": "11.00"}]


class Rows:
    """Records and entries of lists of connectors."""

    def __init__(self, conn: Connection, connector: Connector) -> None:
        self.conn, self.connector = conn, connector

    def add(self, external_id: str, kind: Kind = Kind.INVOICE, **content: Any) -> Record:
        made = records.add(self.conn, self.connector.id, kind, external_id, content, now=NOW, actor="host")
        if email := content.get("email"):
            records.set_keys(self.conn, made, [f"email:{key}" for key in email_keys(email)])
        return made

    def link(self, record: Record, quickbooks_id: str, name: str, **more: Any) -> Record:
        link = Link(quickbooks_id, "1", name, "created", "answer")
        for state in (State.SENT, State.SYNCED):
            record = records.move(
                self.conn, record, state, now=NOW, actor="server", **records.link_columns(link), **more
            )
        return record

    def entry(self, list_id: str, name: str, email: str | None = None, *, is_deleted: bool = False) -> None:
        entry = ListEntry(
            ListName.CUSTOMER, list_id, "Customer", name, True, is_deleted, email, None, "1", None, None
        )
        lists.store(self.conn, self.connector.id, [entry], load=1)

    def known(self, record: Record) -> Recognised:
        return documents.recognised(self.conn, [record.id])[record.id]


@pytest.fixture
def rows(database: Database, connector: Connector, other: Connector) -> Any:
    with database.begin() as conn:
        yield Rows(conn, connector)


def test_an_invoice_is_recognised_by_number_customer_date_and_amount(rows: Rows) -> None:
    made = rows.add("inv-1042", ref_number="1042", customer="Ocean Grill", txn_date="2026-11-20", lines=LINES)
    known = rows.known(made)
    assert known.words == "Invoice 1042 · Ocean Grill · 2026-11-20 · 440.00"
    assert known.amount == Decimal("440.00")
    assert (known.connector, known.external_id, known.state) == ("acme", "inv-1042", State.QUEUED)
    assert (known.reason, known.error_id, known.party_id) == (None, None, None)


def test_a_customer_is_named_as_quickbooks_names_it_and_its_record_is_told_for_a_link(rows: Rows) -> None:
    ours = rows.add("c-103", Kind.CUSTOMER, name="Ocean", email="ap@ocean.example")
    ways: list[Any] = [
        {"external_id": "c-103"},
        {"list_id": "80-1"},
        {"email": "AP@ocean.example"},
        {"email": "nobody@x.example", "external_id": "c-103"},
    ]
    made = [rows.add(f"i-{number}", customer=way) for number, way in enumerate(ways)]
    assert rows.known(made[0]).party == "Ocean"
    rows.link(ours, "80-1", "Ocean Grill")
    assert [rows.known(each).party for each in made] == ["Ocean Grill"] * 4
    rows.entry("80-1", "Ocean Grill & Bar", "ap@ocean.example")
    assert [rows.known(each).party for each in made] == ["Ocean Grill & Bar"] * 4
    assert {(rows.known(each).party_kind, rows.known(each).party_id) for each in made} == {
        (Kind.CUSTOMER, "c-103")
    }


def test_a_customer_the_order_system_does_not_have_is_named_by_quickbooks_list(rows: Rows) -> None:
    rows.entry("80-9", "Pier Seven", "ap@pier.example")
    for way in ({"list_id": "80-9"}, {"email": "ap@pier.example"}):
        known = rows.known(rows.add(f"i-{way}", customer=way))
        assert (known.party, known.party_id) == ("Pier Seven", None)


def test_an_email_of_two_customers_names_neither_of_them(rows: Rows) -> None:
    rows.entry("80-1", "North", "ap@north.example")
    rows.entry("80-2", "North (old)", "ap@north.example")
    assert rows.known(rows.add("i", customer={"email": "ap@north.example"})).party == "ap@north.example"
    rows.entry("80-2", "North (old)", "ap@north.example", is_deleted=True)
    assert rows.known(rows.add("j", customer={"email": "ap@north.example"})).party == "North"


def test_who_has_no_name_is_called_as_the_document_calls_them(rows: Rows) -> None:
    assert rows.known(rows.add("i", customer={"external_id": "c-9"})).party == "c-9"
    assert rows.known(rows.add("j")).words == "Invoice j"
    assert rows.known(rows.add("k", customer={"external_id": 7}, txn_date="soon")).words == "Invoice k"


def test_what_quickbooks_shows_comes_before_what_we_know(rows: Rows) -> None:
    made = rows.add("i", ref_number="1042", lines=LINES)
    shown = {"number": "W-1042", "party": "Ocean", "date": "2026-11-01", "total": "439.99"}
    after = rows.link(made, "5F-1", "W-1042", linked_document=shown, synced_revision=1)
    assert rows.known(after).words == "Invoice W-1042 · 439.99"
    revised = records.change(rows.conn, after, now=NOW, revision=2)
    assert rows.known(revised).amount == Decimal("440.00")


def test_a_list_record_is_recognised_by_its_name_and_email_or_sku(rows: Rows) -> None:
    customer = rows.add("c-1", Kind.CUSTOMER, name="Ærø Fisk", email="kontor@aeroe.example")
    item = rows.add("i-1", Kind.ITEM, name="Oyster", sku="OY-100")
    assert rows.known(customer).words == "Customer Ærø Fisk · kontor@aeroe.example"
    assert rows.known(item).words == "Item Oyster · OY-100"


def test_why_it_does_not_go_on_is_said_with_the_error_record_that_says_so(rows: Rows) -> None:
    made = rows.add("i")
    cause = CustomerNotMatched("email_unknown", made.label, "ap@x.example")
    errors.open_error(rows.conn, rows.connector.id, made.id, cause, now=NOW)
    known = rows.known(made)
    assert (known.reason, known.error_id) == (
        cause.message(),
        errors.find(rows.conn, record_id=made.id)[0].id,
    )


def test_what_is_not_there_is_left_out_and_many_cost_no_more_than_one(
    rows: Rows, connector: Connector, other: Connector
) -> None:
    assert documents.recognised(rows.conn, []) == {}
    assert documents.recognised(rows.conn, [10**6]) == {}
    rows.entry("80-1", "Ocean", "ap@ocean.example")
    numbers = []
    for batch in ("a", "bb"):
        ids = []
        for whose in (connector, other):
            rows.connector = whose
            for number in range(30 * len(batch)):
                ways = {"email": "ap@ocean.example"} if number % 2 else {"external_id": f"c-{number}"}
                ids.append(rows.add(f"{batch}{number}", customer=ways).id)
        numbers.append(_asked(rows.conn, ids))
    assert numbers[0] == numbers[1] <= 6


def _asked(conn: Connection, ids: list[int]) -> int:
    """How many statements it takes to recognise these."""
    asked: list[str] = []

    def said(*heard: Any) -> None:
        asked.append(heard[2])

    event.listen(conn, "before_cursor_execute", said)
    assert list(documents.recognised(conn, ids)) == ids
    event.remove(conn, "before_cursor_execute", said)
    return len(asked)
