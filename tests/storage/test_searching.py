"""What is typed finds records and entries of all connectors that are asked for, each way by its index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from qbwc_server.desk.lists import searching as desk
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.findable import beginnings_asked
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import lists, records, searching
from qbwc_server.storage.database import Database
from qbwc_server.storage.searching import AMOUNT, EXACT, OF_PARTY, WORDS, Asked

from .test_finding import plan

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class Rows:
    """Records and entries of two connectors."""

    def __init__(self, conn: Connection, connector: Connector, other: Connector) -> None:
        self.conn, self.connector, self.now = conn, connector, NOW
        self.ids = [connector.id, other.id]
        self.names = {connector.id: connector.name, other.id: other.name}

    def add(
        self, external_id: str, kind: Kind = Kind.INVOICE, whose: int | None = None, **content: Any
    ) -> Record:
        self.now += timedelta(minutes=1)
        row = self.connector.id if whose is None else whose
        return records.add(self.conn, row, kind, external_id, content, now=self.now, actor="host")

    def entry(self, list_name: ListName, list_id: str, name: str, **more: Any) -> None:
        values = {"email": None, "sku": None, "is_active": True, "is_deleted": False, **more}
        entry = ListEntry(
            list_name, list_id, "X", name, edit_sequence="1", external_guid=None, terms=None, **values
        )
        lists.store(self.conn, self.connector.id, [entry], load=1)

    def found(self, **asked: Any) -> list[tuple[str, int]]:
        found = searching.find(self.conn, self.ids, Asked(**asked), limit=50)
        known = records.get_all(self.conn, [record_id for record_id, _ in found])
        return [(known[record_id].external_id, rank) for record_id, rank in found]

    def entries(self, text: str) -> list[str]:
        found = searching.entries(self.conn, self.ids, text, [text], limit=20)
        return [entry.full_name for _, entry in found]

    def hits(self, text: str) -> list[str]:
        """What somebody finds who types this."""
        return [each.external_id for each in desk.hits(self.conn, self.names, text).records]


@pytest.fixture
def rows(database: Database, connector: Connector, other: Connector) -> Any:
    with database.begin() as conn:
        yield Rows(conn, connector, other)


LINES = [{"item": {"sku": "OY"}, "quantity": "40", "rate": "11.00"}]


def test_records_of_all_connectors_are_found_the_exact_ones_first(rows: Rows) -> None:
    rows.add("b", ref_number="10420")
    rows.add("a", ref_number="1042")
    rows.add("c", whose=rows.ids[1], ref_number="1042")
    rows.add("d", ref_number="7", lines=LINES)
    words = beginnings_asked("1042")
    assert rows.found(number="1042", words=words) == [("c", EXACT), ("a", EXACT), ("b", WORDS)]
    rows.ids = rows.ids[:1]
    assert rows.found(number="1042", words=words) == [("a", EXACT), ("b", WORDS)]
    assert rows.found(cents=44000) == [("d", AMOUNT)]
    assert rows.found(cents=44001) == []
    assert rows.found(ids=["d"]) == [("d", EXACT)]
    assert rows.found(number="1042", kinds=[Kind.PURCHASE_ORDER]) == []
    assert rows.found(number="1042", states=[State.BLOCKED]) == []


def test_whose_documents_are_told_by_connector_and_name(rows: Rows) -> None:
    rows.add("a", customer={"external_id": "c-1"})
    rows.add("b", whose=rows.ids[1], customer={"external_id": "c-1"})
    assert rows.found(parties=[(rows.ids[0], "external_id:c-1")]) == [("a", OF_PARTY)]


def test_an_entry_is_found_by_what_people_know_of_it(rows: Rows) -> None:
    rows.entry(ListName.CUSTOMER, "80-1", "Ocean Grill", email="AP@ocean.example; b@ocean.example")
    rows.entry(ListName.ITEM, "80-2", "Fish:Oyster", sku="OY-100")
    rows.entry(ListName.TERMS, "80-3", "Net 30")
    rows.entry(ListName.VENDOR, "80-4", "Oceanic", is_deleted=True)
    assert rows.entries("ocean") == ["Ocean Grill", "Oceanic"]
    for text in ("b@OCEAN.example", "80-1", "Ocean Grill"):
        assert rows.entries(text) == ["Ocean Grill"], text
    for text in ("oy-100", "Oyster", "fish:"):
        assert rows.entries(text) == ["Fish:Oyster"], text
    assert rows.entries("net") == ["Net 30"]
    # any word of a name, and words of it in any order, also without their marks; not a word that is spelt otherwise
    rows.entry(ListName.CUSTOMER, "80-5", "Ocean Grill:Söhne am Hafen")
    assert rows.entries("grill") == ["Ocean Grill", "Ocean Grill:Söhne am Hafen"]
    for text in ("haf", "soehne", "hafen ocean", "sohn grill"):
        assert rows.entries(text) == ["Ocean Grill:Söhne am Hafen"], text
    assert rows.entries("afen") == rows.entries("grill pier") == []
    # also when the word that is looked up is the one a name begins with, which is not kept
    rows.entry(ListName.VENDOR, "80-6", "Fishmonger & Son")
    assert rows.entries("son fishmon") == ["Fishmonger & Son"]
    # what was renamed is found by what it is called now, and what stands below it
    rows.entry(ListName.CUSTOMER, "80-1", "Lobster House", email="b@ocean.example")
    assert rows.entries("grill") == []
    assert rows.entries("house") == ["Lobster House", "Lobster House:Söhne am Hafen"]


def test_an_invoice_is_found_by_whatever_somebody_on_the_telephone_says(rows: Rows) -> None:
    rows.entry(ListName.CUSTOMER, "80-9", "Söhne & Co", email="ap@soehne.example")
    rows.add("c-103", Kind.CUSTOMER, name="Ocean Grill", email="ap@ocean.example")
    rows.add(
        "inv-1",
        ref_number="1042",
        po_number="PO 77/b",
        customer={"external_id": "c-103"},
        lines=LINES,
        txn_date="2026-11-20",
    )
    rows.add("inv-2", ref_number="1043", customer={"external_id": "c-104"}, lines=LINES)
    rows.add("inv-3", ref_number="A/9", customer={"email": "ap@soehne.example"})
    rows.add("inv-4", ref_number="B/9", customer="Ærø Fisk")
    for text in ("1042", "#1042", "inv 1042", "Invoice no. 1042", "042", "PO 77/b", "inv-1", "INV-1"):
        assert rows.hits(text)[0] == "inv-1", text
    said = "invoice 1042, Ocean Grill, 440.00"
    for text in (said, "Ocean Grill 440", "1042 ocean", "440.00 Ocean Grill 1042"):
        assert rows.hits(text) == ["inv-1"], text
    assert set(rows.hits("$440.00")) == {"inv-1", "inv-2"}
    assert set(rows.hits("ocean grill")) == {"c-103", "inv-1"}
    assert set(rows.hits("AP@ocean.example")) == {"c-103", "inv-1"}
    assert rows.hits("Söhne & Co") == ["inv-3"]
    for text in ("Ærø", "aero", "AEROE fisk"):
        assert rows.hits(text) == ["inv-4"], text
    assert rows.hits("nobody") == rows.hits("9999") == rows.hits("nobody 9999") == []


def test_words_that_too_many_have_do_not_hide_what_is_exact(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_FOUND", 3)
    for number in range(5):
        rows.add(f"i-{number}", ref_number=f"SO-{number}", customer="Pier")
    found = desk.hits(rows.conn, rows.names, "pier")
    assert (found.records, found.too_common) == ((), True)
    assert rows.hits("so-4")[0] == "i-4"


ASKED: Sequence[tuple[str, dict[str, Any], Sequence[str]]] = [
    ("number", {"number": "9"}, ["PRIMARY KEY"]),
    ("id", {"ids": ["5F-1"]}, ["ix_record_quickbooks_id", "ix_record_claim"]),
    ("amount", {"cents": 1}, ["ix_record_amount"]),
    ("words", {"words": beginnings_asked("so 9")}, ["PRIMARY KEY", "ix_record_word_record"]),
    ("party", {"parties": [(1, "full_name:x")]}, ["ix_record_party"]),
]


@pytest.mark.parametrize(("asked", "indexes"), [way[1:] for way in ASKED], ids=[way[0] for way in ASKED])
@pytest.mark.parametrize("states", [tuple(State), (State.BLOCKED,)], ids=["all states", "one state"])
def test_each_way_of_searching_has_its_index(
    rows: Rows, asked: dict[str, Any], indexes: Sequence[str], states: Sequence[State]
) -> None:
    told = plan(
        rows.conn, lambda: searching.find(rows.conn, rows.ids, Asked(states=states, **asked), limit=5)
    )
    _reads_no_whole_table(told)
    if rows.conn.dialect.name == "sqlite":
        for index in indexes:
            assert index in told, told


def test_entries_and_counts_are_looked_up_by_index(rows: Rows) -> None:
    told = plan(rows.conn, lambda: searching.entries(rows.conn, rows.ids, "fish co", ["x"], limit=5))
    _reads_no_whole_table(told)
    assert "ix_list_entry_name" in told
    assert rows.conn.dialect.name != "sqlite" or "SEARCH entry_word USING PRIMARY KEY" in told
    tries = [beginnings_asked("so 9"), beginnings_asked("x")]
    _reads_no_whole_table(plan(rows.conn, lambda: searching.rarest(rows.conn, rows.ids, tries)))


def _reads_no_whole_table(told: str) -> None:
    for line in told.splitlines():
        assert not line.startswith(("SCAN record", "SCAN ix_", "SCAN list_", "SCAN entry_")), told
        assert "Seq Scan" not in line, told
