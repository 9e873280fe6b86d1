"""Records are found by what is known of them, each way by its index, on either database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.findable import beginnings_asked, party_of
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.storage import finding, record_words, records
from qbwc_server.storage.database import Database
from qbwc_server.storage.finding import Wanted

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
INVOICES = (Kind.INVOICE,)
LINK = Link("5F-1700000000", "1", "W-9", "created", "answer")


class Rows:
    """Records of one connector, handed over a minute after one another."""

    def __init__(self, conn: Connection, connector: Connector) -> None:
        self.conn, self.connector, self.now = conn, connector, NOW

    def add(self, external_id: str, kind: Kind = Kind.INVOICE, **content: Any) -> Record:
        self.now += timedelta(minutes=1)
        return records.add(
            self.conn, self.connector.id, kind, external_id, content, now=self.now, actor="host"
        )

    def post(self, record: Record, link: Link = LINK) -> Record:
        self.now += timedelta(minutes=1)
        for state in (State.SENT, State.SYNCED):
            record = records.move(
                self.conn, record, state, now=self.now, actor="server", **records.link_columns(link)
            )
        record_words.learn_name(self.conn, record, link.name)
        return record

    def found(self, **wanted: Any) -> list[str]:
        return [record.external_id for record in finding.find(self.conn, self.connector.id, Wanted(**wanted))]

    def having(self, words: str, **more: Any) -> list[str]:
        rarest = finding.rarest(self.conn, self.connector.id, beginnings_asked(words))
        return self.found(words=rarest, **more)


@pytest.fixture
def rows(database: Database, connector: Connector, other: Connector) -> Any:
    with database.begin() as conn:
        yield Rows(conn, connector)


def test_a_document_is_found_by_the_hosts_number_and_by_the_one_in_quickbooks(rows: Rows) -> None:
    rows.post(rows.add("a", ref_number="9"))
    rows.add("b", ref_number="W-9", kind=Kind.PURCHASE_ORDER)
    rows.add("w-9", ref_number="10")
    assert rows.found(number="9") == ["a"]
    assert rows.found(number=" w-9") == ["a", "b"]
    assert rows.found(number="w-9", kinds=INVOICES) == ["a"]
    assert rows.found(number="w-9", states=[State.QUEUED]) == ["b"]
    assert rows.found(number="W") == []


def test_a_record_is_found_by_what_it_is_or_is_said_to_be_in_quickbooks(rows: Rows) -> None:
    rows.post(rows.add("a"))
    said = rows.add("b")
    records.change(
        rows.conn, said, now=NOW, claimed_id="5F-2", claim={"revision": 1, "content": {}, "found_as": None}
    )
    assert rows.found(ids=["5f-1700000000", "5F-1700000000"]) == ["a"]
    assert rows.found(ids=["5F-2"]) == ["b"]
    assert rows.found(ids=["5F-2"], kinds=[Kind.CUSTOMER]) == []


def test_documents_are_found_by_whose_they_are(rows: Rows) -> None:
    rows.add("a", customer={"external_id": "c-7"})
    rows.add("b", customer="Harbour Fish")
    rows.add("c", Kind.PURCHASE_ORDER, vendor="Harbour Fish")
    rows.add("d")
    both = {"external_id:c-7", "full_name:harbour fish"}
    assert rows.found(parties=both) == ["a", "b", "c"]
    assert rows.found(parties=both, kinds=INVOICES) == ["a", "b"]
    assert rows.found(parties=set()) == []
    assert rows.found(parties=both, number="9") == []


def test_words_find_what_has_them_all(rows: Rows) -> None:
    rows.add("a", ref_number="SO-1042", po_number="PO-9")
    rows.add("b", ref_number="SO-1043", po_number="PO-9")
    rows.add("c", Kind.CUSTOMER, name="Harbour Fish")
    assert rows.having("po-9") == ["a", "b"]
    assert rows.having("042") == ["a"]
    assert rows.having("PO 1043") == ["b"]
    assert rows.having("fish harb") == ["c"]
    assert rows.having("fish 1042") == []
    assert rows.having("so-1042", called=["x"], of_parties={"full_name:x"}) == ["a"]


def test_words_find_documents_of_whom_they_find(rows: Rows) -> None:
    rows.add("a", customer={"external_id": "c-7"}, ref_number="77")
    rows.post(rows.add("b"))
    of_them = {"external_id:c-7"}
    assert rows.having("c-7", of_parties=of_them, called=[LINK.quickbooks_id]) == ["a", "b"]
    assert rows.having("77", of_parties=of_them) == ["a"]
    assert rows.having("77", of_parties=of_them, number="78") == []
    assert rows.having("c-7", of_parties=of_them, parties={"external_id:c-8"}) == []


def test_what_a_record_said_before_finds_it_no_longer(rows: Rows) -> None:
    before = rows.post(rows.add("a", ref_number="SO-1", customer="Old Pier"))
    content = {"ref_number": "SO-2", "customer": "New Pier"}
    after = records.change(
        rows.conn, before, now=NOW, content=content, party=party_of(Kind.INVOICE, content), revision=2
    )
    record_words.revise_all(rows.conn, [(before, after)])
    assert rows.found(number="so-1") == rows.having("old") == rows.found(parties=["full_name:old pier"]) == []
    assert (
        rows.found(number="so-2") == rows.having("new") == rows.found(parties=["full_name:new pier"]) == ["a"]
    )
    assert rows.found(number="W-9") == ["a"], "it is still called so in QuickBooks"


def test_moments_bound_what_is_found_and_bounds_of_creation_alone_give_its_order(rows: Rows) -> None:
    first, second, third = rows.add("a"), rows.add("b"), rows.add("c")
    changed = rows.post(first)
    assert rows.found() == ["b", "c", "a"]
    assert rows.found(created_after=first.created_at) == ["b", "c"]
    assert rows.found(created_before=third.created_at) == ["a", "b"]
    assert rows.found(updated_after=second.updated_at) == ["c", "a"]
    assert rows.found(updated_before=changed.updated_at) == ["b", "c"]
    assert rows.found(created_before=third.created_at, updated_after=second.updated_at) == ["a"]


@pytest.mark.parametrize("by_creation", [False, True])
def test_pages_of_what_is_found_are_whole_and_in_order(rows: Rows, by_creation: bool) -> None:
    for number in range(25):
        rows.now -= timedelta(minutes=1) if number % 3 else timedelta()  # several of one moment
        rows.add(f"i-{number}", ref_number=str(number), customer="Pier")
    bounds = {"created_after": NOW - timedelta(days=1)} if by_creation else {}
    for more in ({}, {"parties": ["full_name:pier"]}, {"words": beginnings_asked("pier")}):
        wanted, seen, place = Wanted(**bounds, **more), [], None
        while page := finding.find(rows.conn, rows.connector.id, wanted, behind=place, limit=4):
            seen += [record.external_id for record in page]
            place = (page[-1].updated_at, page[-1].id)
        assert seen == rows.found(**bounds, **more)
        assert len(seen) == 25


def test_words_that_too_many_records_have_tell_nothing(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_FOUND", 3)
    for number in range(5):
        rows.add(f"i-{number}", ref_number=f"SO-{number}")
    assert finding.rarest(rows.conn, rows.connector.id, beginnings_asked("so")) is None
    assert rows.having("so 4") == ["i-4"]


def test_nobody_is_found_by_another_connectors_records(rows: Rows, other: Connector) -> None:
    records.add(
        rows.conn, other.id, Kind.INVOICE, "x", {"ref_number": "9", "customer": "Pier"}, now=NOW, actor="host"
    )
    assert rows.found() == rows.found(number="9") == rows.having("9") == []
    assert rows.found(parties=["full_name:pier"]) == []


# --- what is looked at ---------------------------------------------------------------------------------------


def plan(conn: Connection, read: Callable[[], object]) -> str:
    """How the database carries out what `read` asks, which is one statement."""
    asked: list[tuple[str, Any]] = []

    def heard(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(conn, "before_cursor_execute", heard)
    read()
    event.remove(conn, "before_cursor_execute", heard)
    ((statement, parameters),) = asked
    is_sqlite = conn.dialect.name == "sqlite"
    if not is_sqlite:  # it would rather read tables that are nearly empty from their begin to their end
        for way in ("seqscan", "bitmapscan"):
            conn.execute(text(f"SET LOCAL enable_{way} = off"))
    said = conn.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{statement}", parameters)
    return "\n".join(str(row[-1]) for row in said)


LATER = {"behind": (NOW, 7)}
WAYS: Sequence[tuple[str, dict[str, Any], Sequence[str]]] = [
    ("number", {"number": "9"}, ["PRIMARY KEY"]),
    ("id", {"ids": ["5F-1"]}, ["ix_record_quickbooks_id", "ix_record_claim"]),
    ("party", {"parties": ["full_name:x"]}, ["ix_record_party"]),
    ("party and state", {"parties": ["full_name:x"], "states": [State.BLOCKED]}, ["ix_record_party"]),
    ("state", {"states": [State.BLOCKED, State.QUEUED]}, ["ix_record_changed"]),
    ("updated", {"updated_after": NOW, "updated_before": NOW}, ["ix_record_changed"]),
    ("created", {"created_after": NOW, "created_before": NOW}, ["ix_record_created"]),
    ("created and state", {"created_before": NOW, "states": [State.BLOCKED]}, ["ix_record_created"]),
    ("words", {"words": beginnings_asked("so 9")}, ["PRIMARY KEY", "ix_record_word_record"]),
    (
        "words of whom",
        {"words": beginnings_asked("x"), "of_parties": ["full_name:x"]},
        ["PRIMARY KEY", "ix_record_party"],
    ),
]


@pytest.mark.parametrize(("asked", "indexes"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
@pytest.mark.parametrize("kinds", [tuple(Kind), INVOICES], ids=["all kinds", "one kind"])
def test_each_way_of_asking_has_its_index(
    rows: Rows, kinds: Sequence[Kind], asked: dict[str, Any], indexes: Sequence[str]
) -> None:
    wanted = Wanted(kinds=kinds, **asked)
    told = plan(rows.conn, lambda: finding.find(rows.conn, rows.connector.id, wanted, behind=(NOW, 7)))
    if (
        rows.conn.dialect.name == "sqlite"
    ):  # PostgreSQL goes by how much there is of each, which is nothing here
        for index in indexes:
            assert index in told, told
    for line in told.splitlines():
        # a part is read as a table of its own; the tables themselves never from their begin to their end
        assert not line.startswith(("SCAN record", "SCAN ix_")), told
        assert "Seq Scan" not in line, told


def test_counting_what_has_a_word_reads_its_index(rows: Rows) -> None:
    told = plan(rows.conn, lambda: finding.rarest(rows.conn, rows.connector.id, beginnings_asked("so 9")))
    assert "record_word" in told
    assert "SCAN record_word" not in told, told
    assert "Seq Scan" not in told, told


def test_the_words_of_a_record_go_with_it(rows: Rows) -> None:
    record = rows.add("a", ref_number="SO-1")
    rows.conn.execute(text("DELETE FROM event"))
    rows.conn.execute(text(f"DELETE FROM record WHERE id = {record.id}"))
    assert rows.conn.execute(text("SELECT count(*) FROM record_word")).scalar_one() == 0


def test_a_name_that_is_learned_twice_is_one_word(rows: Rows) -> None:
    record = rows.post(rows.add("a", Kind.CUSTOMER, name="Store 1"), LINK._replace(name="Chain:Store 1"))
    record_words.learn_name(rows.conn, record, "Chain:Store 1")
    assert rows.having("chain") == ["a"]
