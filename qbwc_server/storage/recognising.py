"""What people recognise records by, read for a set of them of whatever connectors: rows, parties, entries of lists."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, String, cast, literal, select, union_all

from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import State

from .bulk import among_ids, rows_asked
from .schema import connector, list_email, list_entry, record, record_key

Question = tuple[int, Kind, str, str]
"""Of a connector: a customer, vendor or item; by what it is asked for (``external_id``, ``list_id``,
``email``), and that."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record, as far as people recognise it.

    Attributes:
        said: what it was linked to by hand, as QuickBooks showed it.
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


def rows(conn: Connection, record_ids: Collection[int]) -> dict[int, Row]:
    """These records, by their ids."""
    query = select(record, connector.c.name.label("connector_name")).join(
        connector, connector.c.id == record.c.connector_id
    )
    query = query.where(among_ids(conn, record.c.id, record_ids))
    return {row.id: _row(row) for row in conn.execute(query)} if record_ids else {}


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

    Two statements, however many are asked for.
    """
    ours = _ours(conn, asked)
    entries = _entries(conn, [*asked, *(each.of_entry for each in ours.values() if each.of_entry)])
    found = {}
    for question in asked:
        own, entry = ours.get(question), entries.get(question)
        if entry is None and own is not None and own.of_entry is not None:
            entry = entries.get(own.of_entry)
        name = entry or (own.name if own is not None else None)
        if name:
            found[question] = Party(name, own.external_id if own is not None else None)
    return found


@dataclass(frozen=True, slots=True)
class _Own:
    external_id: str
    name: str | None
    of_entry: Question | None


def _ours(conn: Connection, asked: Collection[Question]) -> dict[Question, _Own]:
    """The host's own records that are meant."""
    parts = [
        part
        for way, column in (("external_id", record.c.external_id), ("list_id", record.c.quickbooks_id))
        if (part := _by_column(conn, asked, way, column)) is not None
    ]
    if (emails := _by_email(conn, asked)) is not None:
        parts.append(emails)
    found: dict[Question, set[_Own]] = {}
    for way, key, row in _executed(conn, parts):
        kind = Kind(row.kind)
        linked = row.quickbooks_id
        entry: Question | None = None if linked is None else (row.connector_id, kind, "list_id", linked)
        own = _Own(row.external_id, row.quickbooks_name or _name_in(row.content), entry)
        found.setdefault((row.connector_id, kind, way, key), set()).add(own)
    return {question: each.pop() for question, each in found.items() if len(each) == 1}


def _name_in(content: Mapping[str, Any]) -> str | None:
    name = content.get("name")
    return name if isinstance(name, str) and name else None


_OWN = (
    record.c.connector_id,
    record.c.kind,
    record.c.external_id,
    record.c.quickbooks_id,
    record.c.quickbooks_name,
    record.c.content,
)


def _by_column(
    conn: Connection, asked: Collection[Question], way: str, column: Column[Any]
) -> Select[Any] | None:
    keys = [(connector_id, kind.value, key) for connector_id, kind, by, key in asked if by == way]
    if not keys:
        return None
    rows, these = rows_asked(conn, (record.c.connector_id, record.c.kind, column), keys)
    query = select(_text(way).label("way"), column.label("key"), *_OWN).join_from(rows, record, these)
    return query.where(record.c.state != State.CANCELLED)


def _by_email(conn: Connection, asked: Collection[Question]) -> Select[Any] | None:
    keys = [
        (connector_id, kind.value, f"email:{key}") for connector_id, kind, way, key in asked if way == "email"
    ]
    if not keys:
        return None
    rows, these = rows_asked(conn, (record_key.c.connector_id, record_key.c.kind, record_key.c.key), keys)
    query = select(_text("email").label("way"), record_key.c.key.label("key"), *_OWN)
    query = query.join_from(rows, record_key, these).join(record, record_key.c.record_id == record.c.id)
    return query.where(record.c.state != State.CANCELLED)


def _text(value: str) -> Any:
    return cast(literal(value), String)


def _executed(conn: Connection, parts: Collection[Select[Any]]) -> list[tuple[str, str, Any]]:
    if not parts:
        return []
    query = union_all(*parts) if len(parts) > 1 else next(iter(parts))
    return [(row.way, row.key.removeprefix("email:"), row) for row in conn.execute(query)]


def _entries(conn: Connection, asked: Collection[Question]) -> dict[Question, str]:
    """The full names of the entries of QuickBooks' lists that are meant, living ones before those that are gone."""
    parts: list[Select[Any]] = []
    by_id = [(whose, ListName(kind).value, key) for whose, kind, way, key in asked if way == "list_id"]
    by_email = [(whose, ListName(kind).value, key) for whose, kind, way, key in asked if way == "email"]
    named = (
        list_entry.c.connector_id,
        list_entry.c.list_name,
        list_entry.c.full_name,
        list_entry.c.is_deleted,
    )
    if by_id:
        columns = (list_entry.c.connector_id, list_entry.c.list_name, list_entry.c.list_id)
        rows, these = rows_asked(conn, columns, by_id)
        query = select(_text("list_id").label("way"), list_entry.c.list_id.label("key"), *named)
        parts.append(query.join_from(rows, list_entry, these))
    if by_email:
        columns = (list_email.c.connector_id, list_email.c.list_name, list_email.c.email_key)
        rows, these = rows_asked(conn, columns, by_email)
        its_entry = (
            (list_entry.c.connector_id == list_email.c.connector_id)
            & (list_entry.c.list_name == list_email.c.list_name)
            & (list_entry.c.list_id == list_email.c.list_id)
        )
        query = select(_text("email").label("way"), list_email.c.email_key.label("key"), *named)
        query = query.join_from(rows, list_email, these).join(list_entry, its_entry)
        parts.append(query.where(list_entry.c.is_deleted.is_(False)))
    found: dict[Question, set[str]] = {}
    for way, key, row in _executed(conn, parts):
        found.setdefault((row.connector_id, Kind(row.list_name), way, key), set()).add(row.full_name)
    return {question: names.pop() for question, names in found.items() if len(names) == 1}
