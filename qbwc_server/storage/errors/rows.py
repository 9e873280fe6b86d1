"""One row as the error record it is, with its connector and its record."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    select,
)

from qbwc_server.domain.causes import CATALOGUE, NOT_HANDED_OVER, NotAccepted, restore
from qbwc_server.domain.errors import QuickBooksAnswer, StoredError
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.storage.schema import connector, record
from qbwc_server.storage.schema import error as table

SEEN_IN_CACHE = [name for name, cause in CATALOGUE.items() if cause.seen_in_cache]


OF_CONNECTOR = and_(table.c.record_id.is_(None), table.c.refused_kind.is_(None))


_named = record.alias("named")


MOST_KEYS = 500
"""More keys than this are not looked up one by one: the open error records are read instead."""


def value(row: Row[Any]) -> StoredError:
    """A row of `whole` as the error record it is."""
    values = row._mapping
    answer = None
    if values["quickbooks_code"] is not None:
        answer = QuickBooksAnswer(
            values["quickbooks_code"], values["quickbooks_severity"], values["quickbooks_message"]
        )
    return StoredError(
        id=values["id"],
        connector_id=values["connector_id"],
        connector_name=values["connector_name"],
        record_id=values["record_id"],
        kind=Kind(values["kind"]) if values["kind"] else None,
        external_id=values["external_id"] or values["refused_id"],
        about_id=values["record_id"] if values["record_id"] is not None else values["named_id"],
        cause=restore(values["cause"], values["data"]),
        cause_key=values["cause_key"],
        quickbooks=answer,
        opened_at=values["opened_at"],
        closed_at=values["closed_at"],
        close_reason=values["close_reason"],
        times=values["times"],
        last_at=values["last_at"] or values["opened_at"],
        address=values["address"],
    )


def whole() -> Select[Any]:
    """Error records with their connectors and records, oldest first."""
    return (
        select(
            table,
            connector.c.name.label("connector_name"),
            record.c.external_id,
            _named.c.id.label("named_id"),
        )
        .join(connector, connector.c.id == table.c.connector_id)
        .outerjoin(record, record.c.id == table.c.record_id)
        .outerjoin(
            _named,
            and_(
                _named.c.connector_id == table.c.connector_id,
                _named.c.kind == table.c.refused_kind,
                _named.c.external_id == table.c.refused_id,
            ),
        )
        .order_by(table.c.id)
    )


def read(conn: Connection, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[StoredError]:
    """The error records; of those that wait for a record that was refused it is said why."""
    found = [value(row) for row in conn.execute(query, values)]
    waiting = {item.connector_id: set[str]() for item in found if _waits_for_one(item)}
    for item in found:
        if _waits_for_one(item):
            waiting[item.connector_id].add(item.cause_key)
    refused = {
        (connector_id, key): why
        for connector_id, keys in waiting.items()
        for key, why in _refusals(conn, connector_id, keys).items()
    }
    return [
        replace(item, refusal=refused[item.connector_id, item.cause_key])
        if _waits_for_one(item) and (item.connector_id, item.cause_key) in refused
        else item
        for item in found
    ]


def _waits_for_one(item: StoredError) -> bool:
    return item.closed_at is None and item.cause.sub_reason == NOT_HANDED_OVER


def _refusals(conn: Connection, connector_id: int, keys: Collection[str]) -> dict[str, str]:
    """Of the records with these keys that were refused: why."""
    query = select(table.c.cause_key, table.c.data).where(
        table.c.connector_id == connector_id,
        table.c.refused_kind.is_not(None),
        table.c.closed_at.is_(None),
    )
    if len(keys) <= MOST_KEYS:
        query = query.where(table.c.folded_key.in_({fold(key) for key in keys}))
    found = {}
    for row in conn.execute(query):
        cause = restore(NotAccepted.name, row.data)
        if row.cause_key in keys and isinstance(cause, NotAccepted):
            found[row.cause_key] = cause.why
    return found


def key(record_id: int | None) -> tuple[str, int | None]:
    """What remembers the open error records of a record."""
    return ("errors", record_id)
