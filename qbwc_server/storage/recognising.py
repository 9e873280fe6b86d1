"""What people recognise records by, read for a set of them of whatever connectors: rows, parties, entries of lists."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Select, String, and_, cast, func, literal, null, select, union_all

from qbwc_server.domain.causes import Cause, restore
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage.bulk import among_ids, rows_asked
from qbwc_server.storage.schema import connector, error, list_email, list_entry, record, record_key

T = TypeVar("T")

Question = tuple[int, Kind, str, str]
"""Of a connector: a customer, vendor or item; by what it is asked for (``external_id``, ``list_id``,
``email``), and that."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record, as far as people recognise it.

    Attributes:
        said: what it was linked to by hand, as QuickBooks showed it.
        error_id: its oldest open error record, which tells `cause`; None where none is open.
    """

    id: int
    connector_id: int
    connector: str
    kind: Kind
    external_id: str
    state: State
    is_latest: bool
    content: Mapping[str, Any]
    amount: int | None
    quickbooks_id: str | None
    quickbooks_name: str | None
    said: Mapping[str, str | None] | None
    updated_at: datetime
    error_id: int | None
    cause: Cause | None


def rows(conn: Connection, record_ids: Collection[int]) -> dict[int, Row]:
    """These records, by their ids."""
    if not record_ids:
        return {}
    query = _ROWS.where(among_ids(conn, record.c.id, record_ids))
    return {row.id: _row(row) for row in conn.execute(query)}


_OLDEST_OPEN = (
    select(func.min(error.c.id))
    .where(error.c.record_id == record.c.id, error.c.closed_at.is_(None))
    .correlate(record)
    .scalar_subquery()
)
_ROWS = (
    select(
        record,
        connector.c.name.label("connector_name"),
        error.c.id.label("error_id"),
        error.c.cause.label("cause"),
        error.c.data.label("cause_data"),
    )
    .join(connector, connector.c.id == record.c.connector_id)
    .outerjoin(error, error.c.id == _OLDEST_OPEN)
)


def _row(row: Any) -> Row:
    return Row(
        id=row.id,
        connector_id=row.connector_id,
        connector=row.connector_name,
        kind=Kind(row.kind),
        external_id=row.external_id,
        state=State(row.state),
        is_latest=row.revision == row.synced_revision,
        content=row.content,
        amount=row.amount,
        quickbooks_id=row.quickbooks_id,
        quickbooks_name=row.quickbooks_name,
        said=row.linked_document,
        updated_at=row.updated_at,
        error_id=row.error_id,
        cause=None if row.error_id is None else restore(row.cause, row.cause_data),
    )


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody or something that documents name, as far as it is known.

    Attributes:
        external_id: of the record the host has of it; None: it has none.
    """

    name: str
    external_id: str | None


def parties(conn: Connection, asked: Collection[Question]) -> dict[Question, Party]:
    """Whom these are, under the name QuickBooks has for them, else the host's; what is several is none of them.

    One statement, however many are asked for.
    """
    if not asked:
        return {}
    ours: dict[Question, set[Party]] = {}
    entries: dict[Question, set[str]] = {}
    for row in conn.execute(union_all(*_ours(conn, asked), *_entries(conn, asked))):
        question = (row.connector_id, Kind(row.kind), row.way, row.key.removeprefix("email:"))
        if row.external_id is None:
            entries.setdefault(question, set()).add(row.name)
        else:
            ours.setdefault(question, set()).add(Party(row.name, row.external_id))
    found = {}
    for question in asked:
        own, name = _only(ours.get(question)), _only(entries.get(question))
        name = name or (own.name if own is not None else None)
        if name:
            found[question] = Party(name, own.external_id if own is not None else None)
    return found


def _only(found: Collection[T] | None) -> T | None:
    return next(iter(found)) if found is not None and len(found) == 1 else None


_ITS_ENTRY = and_(
    list_entry.c.connector_id == record.c.connector_id,
    list_entry.c.list_name == record.c.kind,
    list_entry.c.list_id == record.c.quickbooks_id,
)
_OWN = (
    record.c.connector_id,
    record.c.kind,
    record.c.external_id,
    func.coalesce(
        list_entry.c.full_name, record.c.quickbooks_name, record.c.content["name"].as_string(), ""
    ).label("name"),
)


def _ours(conn: Connection, asked: Collection[Question]) -> Iterator[Select[Any]]:
    """The host's own records that are meant, each under the name of its entry, if it has one."""
    for way, column in (("external_id", record.c.external_id), ("list_id", record.c.quickbooks_id)):
        if keys := _keys(asked, way):
            rows, these = rows_asked(conn, (record.c.connector_id, record.c.kind, column), keys)
            query = _said(way, column, *_OWN).join_from(rows, record, these)
            yield query.outerjoin(list_entry, _ITS_ENTRY).where(record.c.state != State.CANCELLED)
    if keys := [(whose, kind, f"email:{key}") for whose, kind, key in _keys(asked, "email")]:
        columns = (record_key.c.connector_id, record_key.c.kind, record_key.c.key)
        rows, these = rows_asked(conn, columns, keys)
        query = _said("email", record_key.c.key, *_OWN).join_from(rows, record_key, these)
        query = query.join(record, record_key.c.record_id == record.c.id).outerjoin(list_entry, _ITS_ENTRY)
        yield query.where(record.c.state != State.CANCELLED)


_ENTRY = (
    list_entry.c.connector_id,
    list_entry.c.list_name.label("kind"),
    cast(null(), String).label("external_id"),
    list_entry.c.full_name.label("name"),
)


def _entries(conn: Connection, asked: Collection[Question]) -> Iterator[Select[Any]]:
    """The entries of QuickBooks' lists that are meant."""
    if keys := _keys(asked, "list_id"):
        columns = (list_entry.c.connector_id, list_entry.c.list_name, list_entry.c.list_id)
        rows, these = rows_asked(conn, columns, keys)
        yield _said("list_id", list_entry.c.list_id, *_ENTRY).join_from(rows, list_entry, these)
    if keys := _keys(asked, "email"):
        columns = (list_email.c.connector_id, list_email.c.list_name, list_email.c.email_key)
        rows, these = rows_asked(conn, columns, keys)
        its_entry = and_(
            list_entry.c.connector_id == list_email.c.connector_id,
            list_entry.c.list_name == list_email.c.list_name,
            list_entry.c.list_id == list_email.c.list_id,
        )
        query = _said("email", list_email.c.email_key, *_ENTRY).join_from(rows, list_email, these)
        yield query.join(list_entry, its_entry).where(list_entry.c.is_deleted.is_(False))


def _keys(asked: Collection[Question], way: str) -> list[tuple[int, str, str]]:
    return [(connector_id, kind.value, key) for connector_id, kind, by, key in asked if by == way]


def _said(way: str, key: Column[Any], *columns: Any) -> Select[Any]:
    return select(cast(literal(way), String).label("way"), key.label("key"), *columns)
