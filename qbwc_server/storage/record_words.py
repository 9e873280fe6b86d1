"""The words by which records are found, as they are written beside them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, delete, insert

from qbwc_server.domain.findable import items_of, words_of, words_of_name
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record
from qbwc_server.storage import gathering
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import record_word as table
from qbwc_server.storage.upserts import upsert


def of(record: Record) -> frozenset[str]:
    """The words of a record as it stands, with what it is called in QuickBooks."""
    words = words_of_new(record)
    return words | of_name(record.kind, record.link.name if record.link else None)


def of_name(kind: Kind, name: str | None) -> frozenset[str]:
    """The words of what QuickBooks calls a record."""
    return words_of_name(kind, name) if name else frozenset()


def add_all(conn: Connection, added: Iterable[Record]) -> None:
    """Let new records be found."""
    _write(conn, [(record, words_of_new(record)) for record in added])


def words_of_new(record: Record) -> frozenset[str]:
    """Those of a record that was just handed over; of a document also the items that its lines name."""
    words = words_of(record.kind, record.external_id, record.content)
    return words | items_of(record.kind, record.content)


def revise_all(conn: Connection, revised: Sequence[tuple[Record, Record]]) -> None:
    """Let records be found by what they say now.

    Args:
        revised: each as it was and as it is.
    """
    changed = {after.id: (after, words) for before, after in revised if of(before) != (words := of(after))}
    if changed:
        conn.execute(delete(table).where(among_ids(conn, table.c.record_id, changed)))
        _write(conn, changed.values())


def _write(conn: Connection, found_by: Iterable[tuple[Record, Collection[str]]]) -> None:
    rows = [row for record, words in found_by for row in _rows(record, words)]
    if rows:
        _NEW.write(conn, rows)


def learn_name(conn: Connection, record: Record, name: str | None) -> None:
    """Let a record be found by what QuickBooks calls it, too, where its own words do not tell it."""
    if record.kind.is_document and name == record.content.get("ref_number"):
        return  # by far the most, and all of its words are there
    words = of_name(record.kind, name)
    if words and (new := words - words_of_new(record)):
        gathering.keep_back(conn, _learn, *_rows(record, new))


def _learn(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    conn.execute(_learning(conn.dialect.name), list(rows))


@lru_cache
def _learning(dialect: str) -> Any:
    return upsert(table, dialect).on_conflict_do_nothing()


def _rows(record: Record, words: Collection[str]) -> list[dict[str, Any]]:
    return [
        {"connector_id": record.connector_id, "word": word, "record_id": record.id} for word in sorted(words)
    ]


_NEW = Prepared(insert(table))
