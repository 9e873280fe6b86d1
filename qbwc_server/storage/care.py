"""Rows of what people agreed about error groups: assignee, snooze, notes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, exists, insert, or_, select

from qbwc_server.domain.care import Care, Note, Snooze
from qbwc_server.storage.schema import error, error_group
from qbwc_server.storage.schema import group_care as table
from qbwc_server.storage.schema import group_note as notes_table
from qbwc_server.storage.upserts import upsert

_KEY: tuple[Column[Any], ...] = (table.c.connector_id, table.c.cause, table.c.cause_key)


def every(conn: Connection, connector_id: int) -> dict[tuple[str, str], Care]:
    """What was agreed about the groups of a connector, by cause and cause key."""
    rows = conn.execute(select(table).where(table.c.connector_id == connector_id))
    return {(row.cause, row.cause_key): _care(row._mapping) for row in rows}


def of(conn: Connection, connector_id: int, cause: str, cause_key: str) -> Care:
    """What was agreed about one group."""
    row = conn.execute(select(table).where(*_of(table, connector_id, cause, cause_key))).first()
    return Care() if row is None else _care(row._mapping)


def _care(row: Mapping[Any, Any]) -> Care:
    snooze = None
    if row["snoozed_until"] is not None:
        kinds = frozenset(filter(None, row["snoozed_kinds"].split(",")))
        snooze = Snooze(row["snoozed_until"], row["snoozed_by"], row["snoozed_number"], kinds)
    return Care(row["assignee"], snooze)


def assign(
    conn: Connection, connector_id: int, cause: str, cause_key: str, assignee: str | None, *, now: datetime
) -> None:
    """Say who looks after a group; None: nobody in particular."""
    _set(conn, connector_id, cause, cause_key, {"assignee": assignee, "changed_at": now})


def snooze(
    conn: Connection, connector_id: int, cause: str, cause_key: str, how: Snooze | None, *, now: datetime
) -> None:
    """Let a group sleep, or wake it."""
    said = {
        "snoozed_until": None if how is None else how.until,
        "snoozed_by": None if how is None else how.by,
        "snoozed_number": 0 if how is None else how.number,
        "snoozed_kinds": "" if how is None else ",".join(sorted(how.kinds)),
        "changed_at": now,
    }
    _set(conn, connector_id, cause, cause_key, said)


def _set(conn: Connection, connector_id: int, cause: str, cause_key: str, said: Mapping[str, Any]) -> None:
    key = {"connector_id": connector_id, "cause": cause, "cause_key": cause_key}
    query = upsert(table, conn.dialect.name).values(
        **{"snoozed_number": 0, "snoozed_kinds": "", **key, **said}
    )
    conn.execute(query.on_conflict_do_update(index_elements=list(_KEY), set_=dict(said)))


def note(
    conn: Connection, connector_id: int, cause: str, cause_key: str, text: str, *, actor: str, now: datetime
) -> None:
    """Note something on a group."""
    row = {"connector_id": connector_id, "cause": cause, "cause_key": cause_key}
    conn.execute(insert(notes_table).values(**row, text=text, actor=actor, at=now))


def notes(conn: Connection, connector_id: int, cause: str, cause_key: str, *, limit: int) -> list[Note]:
    """The newest notes on a group, the newest first."""
    query = select(notes_table).where(*_of(notes_table, connector_id, cause, cause_key))
    rows = conn.execute(query.order_by(notes_table.c.id.desc()).limit(limit))
    return [Note(row.at, row.actor, row.text) for row in rows]


def forget(conn: Connection, connector_id: int, *, before: datetime) -> None:
    """Forget what was agreed before a moment about groups of which nothing is open, nor was since then."""
    for each, at in ((table, table.c.changed_at), (notes_table, notes_table.c.at)):
        conn.execute(
            delete(each).where(each.c.connector_id == connector_id, at < before, *_is_over(each, before))
        )


def _is_over(each: Table, before: datetime) -> tuple[ColumnElement[bool], ...]:
    is_open = exists().where(
        error_group.c.connector_id == each.c.connector_id,
        error_group.c.actor == "",
        error_group.c.cause == each.c.cause,
        error_group.c.cause_key == each.c.cause_key,
        error_group.c.minus < 0,
    )
    was_open = exists().where(
        error.c.connector_id == each.c.connector_id,
        error.c.cause == each.c.cause,
        error.c.cause_key == each.c.cause_key,
        or_(error.c.closed_at.is_(None), error.c.closed_at >= before),
    )
    return ~is_open, ~was_open


def _of(each: Table, connector_id: int, cause: str, cause_key: str) -> tuple[ColumnElement[bool], ...]:
    return (each.c.connector_id == connector_id, each.c.cause == cause, each.c.cause_key == cause_key)
