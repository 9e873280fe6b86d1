"""Which records an open error record holds back, by its cause key or by what is to blame."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    select,
)

from qbwc_server.domain.causes import restore
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.storage.bulk import listed, one_of
from qbwc_server.storage.errors.pages import OpenGroup
from qbwc_server.storage.errors.rows import MOST_KEYS, SEEN_IN_CACHE, read, whole
from qbwc_server.storage.prepared import Prepared
from qbwc_server.storage.schema import error as table
from qbwc_server.storage.schema import record_key


def waiting_behind(conn: Connection, connector_id: int, keys: Collection[str]) -> set[int]:
    """The ids of records with an open error record behind one of these cause keys, in any case, whose cause a
    look at the list cache can tell."""
    return {each for found in records_behind(conn, connector_id, keys).values() for each in found}


def records_behind(conn: Connection, connector_id: int, keys: Collection[str]) -> dict[str, set[int]]:
    """The ids of the same records, by the cause key they are behind."""
    wanted: dict[str, list[str]] = {}
    for key in keys:
        wanted.setdefault(fold(key), []).append(key)
    # the rest is told apart here: SQLite would else look for the cause among all that is open
    query = _behind(conn.dialect.name if len(wanted) <= MOST_KEYS else None)
    found: dict[str, set[int]] = {}
    given = {"connector_id": connector_id}
    if len(wanted) <= MOST_KEYS:
        given["keys"] = listed(conn, wanted)
    for record_id, folded_key, cause in query.rows(conn, given):
        if record_id is not None and cause in SEEN_IN_CACHE:
            for key in wanted.get(folded_key, ()):
                found.setdefault(key, set()).add(record_id)
    return found


@lru_cache
def _behind(dialect: str | None) -> Prepared:
    """All that is open of a connector; with the name of a dialect, only what is behind some keys."""
    query = select(table.c.record_id, table.c.folded_key, table.c.cause).where(
        table.c.connector_id == bindparam("connector_id"), table.c.closed_at.is_(None)
    )
    return Prepared(query if dialect is None else query.where(one_of(dialect, table.c.folded_key, "keys")))


def any_in_cache(conn: Connection, connector_id: int) -> bool:
    """Whether any record has an open error record whose cause a look at the list cache can tell."""
    return conn.execute(_ONE_IN_CACHE, {"connector_id": connector_id}).first() is not None


_ONE_IN_CACHE = (
    select(table.c.id)
    .where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.closed_at.is_(None),
        # that no index of records is used for it
        (table.c.record_id + 0).is_not(None),
        table.c.cause.in_(SEEN_IN_CACHE),
    )
    .limit(1)
)


def blocked_via(conn: Connection, record_ids: Collection[int]) -> dict[int, set[int]]:
    """By each of these records the ids of those with an open error record only because they refer to it."""
    found: dict[int, set[int]] = {}
    for via, record_id in conn.execute(_via(conn.dialect.name), {"ids": listed(conn, record_ids)}):
        found.setdefault(via, set()).add(record_id)
    return found


@lru_cache
def _via(dialect: str) -> Select[int, int]:
    return select(table.c.via_record_id, table.c.record_id).where(
        one_of(dialect, table.c.via_record_id, "ids"), table.c.closed_at.is_(None)
    )


def told_by_a_look(conn: Connection, connector_id: int) -> set[int]:
    """The ids of records with an open error record of which a look at cache and settings tells if it went away."""
    found = _OPEN_OF_RECORDS.rows(conn, {"connector_id": connector_id})
    return {record_id for record_id, cause, data in found if restore(cause, data).told_by_a_look}


_OPEN_OF_RECORDS = Prepared(
    select(table.c.record_id, table.c.cause, table.c.data).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.closed_at.is_(None),
        table.c.record_id.is_not(None),
    )
)


def found_by_its_key(
    conn: Connection, connector_id: int, groups: Sequence[OpenGroup]
) -> dict[tuple[str, str], list[StoredError]]:
    """Of these groups the open error records of what is itself found by the cause key, which others refer to by it."""
    keys = {fold(each.cause_key) for each in groups}
    found: dict[tuple[str, str], list[StoredError]] = {}
    if keys:
        query = (
            whole()
            .join(record_key, record_key.c.record_id == table.c.record_id)
            .where(
                record_key.c.connector_id == connector_id,
                record_key.c.kind.in_([kind for kind in Kind if not kind.is_document]),
                record_key.c.key.in_(keys),
                record_key.c.key == table.c.folded_key,
                table.c.closed_at.is_(None),
            )
        )
        for item in read(conn, query):
            found.setdefault((item.cause.name, item.cause_key), []).append(item)
    return found
