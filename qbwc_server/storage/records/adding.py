"""Records that are handed over for the first time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    insert,
    select,
)

from qbwc_server.domain.events import came_to
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import events, record_words
from qbwc_server.storage.bulk import among
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.records.rows import DEFAULT_PRIORITY, found_by, kept
from qbwc_server.storage.schema import record as table


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that is handed over for the first time."""

    kind: Kind
    external_id: str
    content: Mapping[str, Any]
    version: int | None = None
    priority: int = DEFAULT_PRIORITY


def add(
    conn: Connection,
    connector_id: int,
    kind: Kind,
    external_id: str,
    content: Mapping[str, Any],
    *,
    now: datetime,
    actor: str,
    version: int | None = None,
) -> Record:
    """Store a record that is handed over for the first time, queued."""
    new = NewRecord(kind, external_id, content, version)
    return add_all(conn, connector_id, [new], now=now, actor=actor)[0]


def add_all(
    conn: Connection, connector_id: int, new: Sequence[NewRecord], *, now: datetime, actor: str
) -> list[Record]:
    """Store records that are handed over for the first time, queued; no two of them are called the same."""
    rows = [_new_row(connector_id, each, now) for each in new]
    added = [
        _record(record_id, row)
        for record_id, row in zip(_insert(conn, connector_id, new, rows), rows, strict=True)
    ]
    for record in added:
        kept(conn, record)
    record_words.add_all(conn, added)
    events.add_all(conn, [came_to(record, None, at=now, actor=actor) for record in added])
    return added


def as_added(connector_id: int, new: NewRecord, record_id: int, *, now: datetime) -> Record:
    """A record as `add_all` would store it; nothing is stored."""
    return _record(record_id, _new_row(connector_id, new, now))


def _record(record_id: int, row: Mapping[str, Any]) -> Record:
    return Record(
        id=record_id,
        synced_revision=None,
        link=None,
        is_surplus=False,
        synced_content=None,
        posted_lines=(),
        not_before=None,
        pause_reason=None,
        isolation=None,
        probed_session_id=None,
        **{**{name: row[name] for name in row if name not in _NO_FIELDS}, "warnings": ()},
    )


_NO_FIELDS = frozenset({"kind_rank", "line_ids", "party", "amount"})
"""Columns of a new row that a record does not have, or otherwise."""


def _new_row(connector_id: int, new: NewRecord, now: datetime) -> dict[str, Any]:
    return {
        "connector_id": connector_id,
        "kind": new.kind,
        "kind_rank": KINDS[new.kind].rank,
        "external_id": new.external_id,
        "state": State.QUEUED,
        "revision": 1,
        "content": new.content,
        **found_by(new.kind, new.content),
        "priority": new.priority,
        "waiting": 0,
        "line_ids": (),
        "needs_reading": False,
        "is_void": False,
        "generation": 0,
        "warnings": [],
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
        "version": new.version,
        "revised_at": now,
    }


def _insert(
    conn: Connection, connector_id: int, new: Sequence[NewRecord], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """Insert rows of records; their ids, in the order of the rows."""
    if len(rows) == 1:
        return [record_id for (record_id,) in _NEW_ONE.rows(conn, rows[0])]
    if rows:
        _NEW.write(conn, rows)
    ids: dict[tuple[Kind, str], int] = {}
    for kind in {each.kind for each in new}:
        names = [each.external_id for each in new if each.kind is kind]
        query = select(table.c.external_id, table.c.id).where(
            table.c.connector_id == connector_id,
            table.c.kind == kind,
            among(conn, table.c.external_id, names),
        )
        ids |= {(kind, external_id): record_id for external_id, record_id in conn.execute(query)}
    return [ids[each.kind, each.external_id] for each in new]


_NEW = Prepared(insert(table))
_NEW_ONE = Prepared(insert(table).returning(table.c.id))
