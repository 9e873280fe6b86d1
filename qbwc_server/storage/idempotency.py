"""Rows of keys that hosts give their requests: claimed, answered, let go."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from qbwc_server.domain.repeats import Claim, Earlier
from qbwc_server.storage.bulk import some_of
from qbwc_server.storage.schema import idempotency_key as table
from qbwc_server.storage.upserts import upsert


def claim(conn: Connection, wanted: Claim, *, kept_since: datetime, takes_over: bool) -> bool:
    """Whether the key is this request's now: nobody has it, or nobody any more.

    Args:
        kept_since: what came earlier is forgotten.
        takes_over: the same request, if it was cut off, is done again.
    """
    query = upsert(table, conn.dialect.name).values(
        api_key_id=wanted.api_key_id,
        key=wanted.key,
        digest=wanted.digest,
        claimed_at=wanted.claimed_at,
        under_way_until=wanted.under_way_until,
    )
    is_free = table.c.claimed_at < kept_since
    if takes_over:
        was_cut_off = and_(
            table.c.status.is_(None),
            table.c.under_way_until <= wanted.claimed_at,
            table.c.digest == wanted.digest,
        )
        is_free = or_(is_free, was_cut_off)
    taken = {name: query.excluded[name] for name in ("digest", "claimed_at", "under_way_until")}
    query = query.on_conflict_do_update(
        index_elements=["api_key_id", "key"],
        set_={**taken, "status": None, "etag": None, "answer": None},
        where=is_free,
    )
    return conn.execute(query.returning(table.c.key)).one_or_none() is not None


def earlier(conn: Connection, api_key_id: int, key: str) -> Earlier | None:
    """What came under the key, or None."""
    columns = (table.c.digest, table.c.under_way_until, table.c.status, table.c.etag, table.c.answer)
    query = select(*columns).where(table.c.api_key_id == api_key_id, table.c.key == key)
    row = conn.execute(query).one_or_none()
    return None if row is None else Earlier(**row._mapping)


def answered(conn: Connection, ours: Claim, status: int, etag: str | None, answer: str | None) -> None:
    """Keep what the request was answered, unless the key has gone to another one meanwhile."""
    conn.execute(update(table).where(*_is(ours)).values(status=status, etag=etag, answer=answer))


def cut_off(conn: Connection, ours: Claim, *, at: datetime) -> None:
    """The request is under way no more."""
    conn.execute(update(table).where(*_is(ours)).values(under_way_until=at))


def let_go(conn: Connection, ours: Claim) -> None:
    """The key is free again."""
    conn.execute(delete(table).where(*_is(ours)))


def _is(ours: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.api_key_id == ours.api_key_id,
        table.c.key == ours.key,
        table.c.digest == ours.digest,
        table.c.claimed_at == ours.claimed_at,
        table.c.status.is_(None),
    )


def forget_some(conn: Connection, *, before: datetime, limit: int) -> int:
    """Remove some of what came before a moment; how many that were."""
    some = some_of(conn, table, table.c.claimed_at < before, limit)
    return conn.execute(delete(table).where(some)).rowcount
