"""Open error records as far as a retry or a look at them needs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Connection,
    select,
    update,
)

from qbwc_server import __version__
from qbwc_server.domain.causes import CATALOGUE, Cause, restore
from qbwc_server.domain.errors import EVERY, Narrowed
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import record


@dataclass(frozen=True, slots=True)
class OpenError:
    """An open error record, as far as it takes to tell what a retry is about."""

    id: int
    record_id: int | None
    cause: type[Cause]


def open_ones(
    conn: Connection,
    connector_id: int,
    *,
    ids: Collection[int] | None = None,
    cause_key: str | None = None,
    record_ids: Collection[int] | None = None,
    narrowed: Narrowed = EVERY,
) -> list[OpenError]:
    """The open error records of a connector, however many, oldest first; every argument narrows."""
    query = select(table.c.id, table.c.record_id, table.c.cause).where(
        table.c.connector_id == connector_id, table.c.closed_at.is_(None)
    )
    if ids is not None:
        query = query.where(among_ids(conn, table.c.id, ids))
    if cause_key is not None:
        # the second is what is indexed
        query = query.where(table.c.cause_key == cause_key, table.c.folded_key == fold(cause_key))
    if record_ids is not None:
        query = query.where(among_ids(conn, table.c.record_id, record_ids))
    for name in ("cause", "sub_reason", "actor"):
        value = getattr(narrowed, name)
        if value is not None:
            query = query.where(table.c[name].is_(None) if value == "" else table.c[name] == value)
    # put in order here: SQLite would else read all that is open in it
    return [
        OpenError(error_id, record_id, CATALOGUE[cause])
        for error_id, record_id, cause in sorted(map(tuple, conn.execute(query)))
    ]


@dataclass(frozen=True, slots=True)
class LookedAt:
    """An open error record of a record, as far as it takes to tell whether another look would find the same.

    Attributes:
        by_quickbooks: QuickBooks itself found it.
        looked_at: when a look last found it; None when that is not known.
        looked_by: the version of this server that looked.
        updated_at: when the record last changed.
    """

    record_id: int
    kind: Kind
    cause: Cause
    by_quickbooks: bool
    looked_at: datetime | None
    looked_by: str | None
    updated_at: datetime


def looks(conn: Connection, connector_id: int) -> list[LookedAt]:
    """All open error records of a connector's records, with the look that last found each."""
    query = (
        select(
            table.c.record_id,
            record.c.kind,
            table.c.cause,
            table.c.data,
            table.c.quickbooks_code,
            table.c.looked_at,
            table.c.looked_by,
            record.c.updated_at,
        )
        .join(record, record.c.id == table.c.record_id)
        .where(table.c.connector_id == connector_id, table.c.closed_at.is_(None))
    )
    return [
        LookedAt(record_id, Kind(kind), restore(cause, data), code is not None, *rest)
        for record_id, kind, cause, data, code, *rest in conn.execute(query)
    ]


def note_looks(conn: Connection, record_ids: Collection[int], *, now: datetime) -> None:
    """These records were looked at, and whatever a look can find of them is still so."""
    if record_ids:
        these = (among_ids(conn, table.c.record_id, record_ids), table.c.closed_at.is_(None))
        seen = update(table).where(*these, table.c.quickbooks_code.is_(None))
        conn.execute(seen.values(looked_at=now, looked_by=__version__))
