"""Rows of error records about what the host was refused: the newest refusal of each record, bounded in number."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Update, bindparam, case, delete, select, update

from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.storage.bulk import among_ids, batched, listed, one_of
from qbwc_server.storage.errors.rows import read, whole
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.upserts import upsert

MOST_KEPT = 1_000
"""So many of a connector are kept; the oldest go first."""
_AT_ONCE = 200


def keep(conn: Connection, connector_id: int, refused: Sequence[NotAccepted], *, now: datetime) -> None:
    """Note refusals, one of each record, in place of earlier ones of it."""
    # in one order always, so that two who write the same rows at once do not wait for each other
    ordered = sorted(refused, key=lambda cause: (cause.kind, cause.external_id))
    for part in batched(ordered, _AT_ONCE):
        conn.execute(_upsert(conn, [_row(connector_id, cause, now) for cause in part], now))
    conn.execute(_surplus(connector_id))


def _row(connector_id: int, cause: NotAccepted, now: datetime) -> dict[str, Any]:
    return {
        "connector_id": connector_id,
        "kind": cause.kind,
        "refused_kind": cause.kind,
        "refused_id": cause.external_id,
        "cause": cause.name,
        "cause_key": cause.key,
        "folded_key": fold(cause.key),
        "data": cause.data(),
        "actor": cause.actor,
        "opened_at": now,
        "last_at": now,
    }


def _upsert(conn: Connection, rows: list[dict[str, Any]], now: datetime) -> Any:
    """One that is open goes on, and is counted; one that was over begins anew."""
    query = upsert(table, conn.dialect.name).values(rows)
    is_open = table.c.closed_at.is_(None)
    return query.on_conflict_do_update(
        index_elements=["connector_id", "refused_kind", "refused_id"],
        index_where=table.c.refused_kind.is_not(None),
        set_={
            "data": query.excluded.data,
            "last_at": now,
            "times": case((is_open, table.c.times + 1), else_=1),
            "opened_at": case((is_open, table.c.opened_at), else_=query.excluded.opened_at),
            "closed_at": None,
            "close_reason": None,
        },
    )


def _surplus(connector_id: int) -> Any:
    kept = select(table.c.id).where(table.c.connector_id == connector_id, table.c.refused_kind.is_not(None))
    newest_first = kept.order_by(table.c.closed_at.is_not(None), table.c.last_at.desc(), table.c.id.desc())
    return delete(table).where(table.c.id.in_(newest_first.offset(MOST_KEPT)))


def close(
    conn: Connection,
    connector_id: int,
    kind: Kind,
    external_ids: Iterable[str],
    reason: str,
    *,
    now: datetime,
) -> None:
    """What is refused of these records is over."""
    values = {"whose": connector_id, "which": kind.value, "names": listed(conn, external_ids)}
    conn.execute(_closing(conn.dialect.name), {**values, "at": now, "why": reason})


@lru_cache
def _closing(dialect: str) -> Update:
    these = (
        table.c.connector_id == bindparam("whose"),
        table.c.refused_kind == bindparam("which"),
        one_of(dialect, table.c.refused_id, "names"),
        table.c.closed_at.is_(None),
    )
    return update(table).where(*these).values(closed_at=bindparam("at"), close_reason=bindparam("why"))


def of(conn: Connection, connector_id: int, kind: Kind, external_id: str) -> NotAccepted | None:
    """What a record was refused for when it was handed over last; None when that was accepted, or never was."""
    query = select(table.c.data).where(
        table.c.connector_id == connector_id,
        table.c.refused_kind == kind.value,
        table.c.refused_id == external_id,
        table.c.closed_at.is_(None),
    )
    data = conn.execute(query).scalar_one_or_none()
    return None if data is None else NotAccepted(**{**data, "faults": tuple(map(tuple, data["faults"]))})


def called(conn: Connection, connector_ids: Collection[int], external_id: str) -> list[StoredError]:
    """What was refused under this id, of whatever kind and connectors."""
    query = whole().where(
        among_ids(conn, table.c.connector_id, connector_ids),
        table.c.refused_kind.in_(tuple(Kind)),
        table.c.refused_id == external_id,
        table.c.closed_at.is_(None),
    )
    return read(conn, query)


def forget(conn: Connection, connector_id: int, *, before: datetime) -> None:
    """Drop those that were refused last before a moment."""
    conn.execute(
        delete(table).where(
            table.c.connector_id == connector_id,
            table.c.refused_kind.is_not(None),
            table.c.last_at < before,
        )
    )
