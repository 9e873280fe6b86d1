"""The life of records: from state to state, and their columns."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    update,
)

from qbwc_server.domain.events import Reason, came_to
from qbwc_server.domain.records import Link, Record, State, meaning
from qbwc_server.storage import events, gathering, memory, record_changes
from qbwc_server.storage.bulk import listed
from qbwc_server.storage.columns import RecordColumns
from qbwc_server.storage.records.rows import claim, kept, key, link_columns, value
from qbwc_server.storage.schema import record as table


def move(
    conn: Connection,
    record: Record,
    after: State,
    *,
    now: datetime,
    actor: str,
    detail: str | None = None,
    reasons: Sequence[Reason] = (),
    **values: Unpack[RecordColumns],
) -> Record:
    """Take a record to another state, set further columns with it, and note the event.

    The update may lose: it changes the row only while its state is the one the caller saw.

    Args:
        reasons: the error records for which it is blocked.

    Raises:
        ForbiddenTransition: there is no such transition.
        RuntimeError: the record has another state by now, which the connector's lock should have kept out.
    """
    meaning(record.state, after)
    known = _to_be_changed(conn, record)
    if known is not None:
        if known.state is not record.state:
            raise RuntimeError(f"{record.label} is no longer {record.state}")
        moved = _keep_back(conn, known, {**values, "state": after, "updated_at": now})
        told = came_to(moved, record.state, at=now, actor=actor, detail=detail, reasons=reasons)
        events.add_all(conn, [told])
        return moved
    given = {"which": record.id, "was": record.state, **values, "state": after, "updated_at": now}
    row = conn.execute(_MOVE, given).one_or_none()
    if row is None:
        raise RuntimeError(f"{record.label} is no longer {record.state}")
    moved = kept(conn, value(row), record)
    told = came_to(moved, record.state, at=now, actor=actor, detail=detail, reasons=reasons)
    events.add_all(conn, [told])
    return moved


def move_all(
    conn: Connection,
    members: Sequence[Record],
    after: State,
    *,
    now: datetime,
    actor: str,
    **values: Unpack[RecordColumns],
) -> None:
    """Take several records to another state at once, as `move` does each.

    Raises:
        ForbiddenTransition: there is no such transition.
        RuntimeError: one of them has another state by now.
    """
    if all(_to_be_changed(conn, record) is not None for record in members):
        for record in members:
            move(conn, record, after, now=now, actor=actor, **values)
        return
    for before in sorted({record.state for record in members}):
        meaning(before, after)
        part = [record for record in members if record.state is before]
        those = {"those": listed(conn, [record.id for record in part]), "was": before}
        query = record_changes.changing(conn.dialect.name)
        changed = query.write(conn, [{**values, "state": after, "updated_at": now, **those}])
        memory.forget_all(conn)
        if changed != len(part):
            raise RuntimeError(f"{len(part) - changed} of {len(part)} records are no longer {before}")
        happened = [came_to(record._replace(state=after), before, at=now, actor=actor) for record in part]
        events.add_all(conn, happened)


def change(conn: Connection, record: Record, *, now: datetime, **values: Unpack[RecordColumns]) -> Record:
    """Set columns of a record without changing its state."""
    known = _to_be_changed(conn, record)
    if known is not None:
        return _keep_back(conn, known, {**values, "updated_at": now})
    row = conn.execute(_CHANGE, {"which": record.id, **values, "updated_at": now}).one()
    return kept(conn, value(row), record)


_CHANGE = update(table).where(table.c.id == bindparam("which")).returning(*table.c)
_MOVE = _CHANGE.where(table.c.state == bindparam("was"))
"""What they set are the names of the values they are executed with."""


def _to_be_changed(conn: Connection, record: Record) -> Record | None:
    """A record as it stands by now, where its change can be kept back; None where it is to be written at once."""
    known: Record | None = memory.known(conn, key(record.id), "row") if gathering.is_on(conn) else None
    return known


def _keep_back(conn: Connection, record: Record, values: Mapping[str, Any]) -> Record:
    """Have a record changed together with others; returns it as it stands then."""
    after = kept(conn, _altered(record, values), record)
    # what QuickBooks holds belongs to one record at a time: one that gives it up does so before another gets it
    gives_up = record.link is not None and (
        after.link is None
        or after.link.quickbooks_id != record.link.quickbooks_id
        or after.is_surplus is not record.is_surplus
        or State.CANCELLED in (after.state, record.state)
    )
    if gives_up:
        gathering.write(conn)
    gathering.keep_back(conn, record_changes.store, (record, values))
    if gives_up:
        gathering.write(conn)
    return after


def _altered(record: Record, values: Mapping[str, Any]) -> Record:
    """A record as it stands once these columns are set."""
    fields = {name: value for name, value in values.items() if name not in _IN_OTHER_WORDS}
    if not _LINK.isdisjoint(values):
        fields["link"] = _link_with(record.link, values)
    if "claimed_id" in values:
        fields["claim"] = claim(values["claimed_id"], values["claim"])
    if "line_ids" in values:
        fields["posted_lines"] = tuple(values["line_ids"])
    if "warnings" in values:
        fields["warnings"] = tuple(values["warnings"])
    return record._replace(**fields)


def _link_with(link: Link | None, values: Mapping[str, Any]) -> Link | None:
    before: Mapping[str, Any] = {} if link is None else link_columns(link)
    columns = {name: values.get(name, before.get(name)) for name in _LINK}
    if columns["quickbooks_id"] is None:
        return None
    columns["name"] = columns.pop("quickbooks_name")
    return Link(**columns)


_LINK = frozenset({"quickbooks_id", "edit_sequence", "quickbooks_name", "matched_by", "proof"})


_IN_OTHER_WORDS = _LINK | {"claimed_id", "claim", "line_ids", "warnings", "party", "amount"}
"""Columns that are no fields of a record by the same name, or of another type."""


def change_all(
    conn: Connection, members: Sequence[Record], *, now: datetime, **values: Unpack[RecordColumns]
) -> None:
    """Set the same columns of several records without changing their states."""
    if all(_to_be_changed(conn, record) is not None for record in members):
        for record in members:
            change(conn, record, now=now, **values)
    else:
        memory.forget_all(conn)
        query = update(table).where(table.c.id.in_([record.id for record in members]))
        conn.execute(query.values(updated_at=now, **values))


def seen(conn: Connection, record_ids: Collection[int], *, now: datetime) -> None:
    """QuickBooks showed these records as they are known; that is no change of theirs."""
    if record_ids:
        memory.forget_all(conn)
        conn.execute(update(table).where(table.c.id.in_(record_ids)).values(seen_at=now))


def end_pauses(conn: Connection, connector_id: int) -> None:
    """Let everything that was to be tried again later be tried with the next visit."""
    paused = and_(
        table.c.connector_id == connector_id,
        table.c.state.in_((State.QUEUED, State.UNCERTAIN)),
        table.c.not_before.is_not(None),
    )
    memory.forget_all(conn)
    conn.execute(update(table).where(paused).values(not_before=None, pause_reason=None))
