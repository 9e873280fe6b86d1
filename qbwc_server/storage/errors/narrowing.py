"""The queries that find what error records are asked for, each by its index."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import record


def ids(
    connector_id: int, narrowed: Narrowed, *, is_open: bool, after_id: int, limit: int | None
) -> list[Select[Any]]:
    """Queries that together find the ids of such error records, the oldest of each first."""
    conditions = [
        table.c.id > after_id,
        table.c.closed_at.is_(None) if is_open else table.c.closed_at.is_not(None),
    ]
    for name in ("cause", "sub_reason", "actor"):
        value = getattr(narrowed, name)
        if value is not None:
            conditions.append(table.c[name] == value)
    if narrowed.cause_key is not None:
        conditions.append(table.c.folded_key == fold(narrowed.cause_key))
    whose = _whose(connector_id, narrowed)
    return [
        select(table.c.id).where(*conditions, *these).order_by(table.c.id).limit(limit) for these in whose
    ]


def _whose(connector_id: int, narrowed: Narrowed) -> list[list[ColumnElement[bool]]]:
    """Whether an error record is the connector's, and about such a record: it has one, or it tells what was refused."""
    ours = table.c.connector_id == connector_id
    if not narrowed.is_about_records:
        return [[ours]]
    if narrowed.external_id is None:
        return [[ours, table.c.kind == narrowed.kind]]
    kinds = tuple(Kind) if narrowed.kind is None else (narrowed.kind,)
    refused: list[ColumnElement[bool]] = [ours, table.c.refused_kind.in_(kinds)]
    its_id = select(record.c.id).where(
        record.c.connector_id == connector_id,
        record.c.kind.in_(kinds),
        record.c.external_id == narrowed.external_id,
    )
    # a record has its own connector; asked for both, SQLite would look at all that the connector has
    return [[table.c.record_id.in_(its_id)], [*refused, table.c.refused_id == narrowed.external_id]]
