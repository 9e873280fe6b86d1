"""Rows of error records: opened with a cause, closed when it went away."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    insert,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
    update,
)

from qbwc_server import __version__
from qbwc_server.domain.causes import CATALOGUE, NOT_HANDED_OVER, Cause, NotAccepted, restore
from qbwc_server.domain.errors import QuickBooksAnswer, StoredError
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.domain.records import Record

from . import gathering, kept_counts, memory, opened_errors
from .bulk import among, among_ids, batched, listed, one_of
from .schema import connector, error_group, record, record_key
from .schema import error as table

if TYPE_CHECKING:
    pass

_SEEN_IN_CACHE = [name for name, cause in CATALOGUE.items() if cause.seen_in_cache]

_OF_CONNECTOR = and_(table.c.record_id.is_(None), table.c.refused_kind.is_(None))
_named = record.alias("named")
_other = table.alias("other")

_MOST_KEYS = 500
"""More keys than this are not looked up one by one: the open error records are read instead."""


def _value(row: Row[Any]) -> StoredError:
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
        kind=Kind(kind) if (kind := values["kind"] or values["refused_kind"]) else None,
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


def _query() -> Select[Any]:
    return (
        select(
            table,
            connector.c.name.label("connector_name"),
            record.c.kind,
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


def _read(conn: Connection, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[StoredError]:
    """The error records; of those that wait for a record that was refused it is said why."""
    found = [_value(row) for row in conn.execute(query, values)]
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
    if len(keys) <= _MOST_KEYS:
        query = query.where(table.c.folded_key.in_({fold(key) for key in keys}))
    found = {}
    for row in conn.execute(query):
        cause = restore(NotAccepted.name, row.data)
        if row.cause_key in keys and isinstance(cause, NotAccepted):
            found[row.cause_key] = cause.why
    return found


def open_error(
    conn: Connection,
    connector_id: int,
    record_id: int | None,
    cause: Cause,
    answer: QuickBooksAnswer | None = None,
    *,
    now: datetime,
    via_record_id: int | None = None,
    address: str | None = None,
) -> None:
    """Open an error record.

    Args:
        via_record_id: the blocked record that the one concerned refers to.
        address: where the Web Connector called from, for one of a connector as a whole.
    """
    memory.forget(conn, _of(record_id))
    row = {
        "connector_id": connector_id,
        "record_id": record_id,
        "via_record_id": via_record_id,
        "opened_at": now,
        "looked_at": now if answer is None else None,
        "looked_by": __version__ if answer is None else None,
        "address": address,
        **_told(cause, answer),
    }
    gathering.keep_back(conn, _store, row)


@dataclass(frozen=True, slots=True)
class _Closing:
    """Whatever is open of a record is to be closed."""

    record_id: int
    reason: str
    now: datetime


def _store(conn: Connection, changes: Sequence[Mapping[str, Any] | _Closing]) -> None:
    """Open and close error records of several records, those of each in their order."""
    rounds: list[tuple[list[_Closing], list[Mapping[str, Any]]]] = []
    reached: dict[int | None, tuple[int, bool]] = {}
    for each in changes:
        is_closing = isinstance(each, _Closing)
        record_id = each.record_id if isinstance(each, _Closing) else each["record_id"]
        number, has_opened = reached.get(record_id, (0, False))
        # in a round all that is to be closed is closed first
        number += is_closing and has_opened
        reached[record_id] = number, not is_closing
        if number == len(rounds):
            rounds.append(([], []))
        if isinstance(each, _Closing):
            rounds[number][0].append(each)
        else:
            rounds[number][1].append(each)
    for closings, openings in rounds:
        for reason, now in dict.fromkeys((each.reason, each.now) for each in closings):
            ids = [each.record_id for each in closings if (each.reason, each.now) == (reason, now)]
            these = (among_ids(conn, table.c.record_id, ids), table.c.closed_at.is_(None))
            conn.execute(update(table).where(*these).values(closed_at=now, close_reason=reason))
        if openings:
            opened_errors.note(conn, conn.execute(_NEW, openings))


_NEW = insert(table).returning(table.c.record_id, table.c.cause, table.c.cause_key, table.c.id)


def count_again(
    conn: Connection,
    connector_id: int,
    cause: Cause,
    answer: QuickBooksAnswer | None,
    *,
    now: datetime,
    address: str | None,
) -> bool:
    """Count once more the open error record of a connector as a whole, as it is told now; False when none is open."""
    again = (
        update(table)
        .where(
            table.c.connector_id == connector_id,
            _OF_CONNECTOR,
            table.c.closed_at.is_(None),
            table.c.cause == cause.name,
        )
        .values(times=table.c.times + 1, last_at=now, address=address, **_told(cause, answer))
    )
    return conn.execute(again).rowcount > 0


def _told(cause: Cause, answer: QuickBooksAnswer | None) -> dict[str, Any]:
    """The columns of a cause, and of what QuickBooks said."""
    return {
        "cause": cause.name,
        "cause_key": cause.key,
        "folded_key": fold(cause.key),
        "data": cause.data(),
        "actor": cause.actor,
        "quickbooks_code": answer.code if answer else None,
        "quickbooks_severity": answer.severity if answer else None,
        "quickbooks_message": answer.message if answer else None,
    }


def close(conn: Connection, error_ids: Sequence[int], reason: str, *, now: datetime) -> None:
    """Close open error records."""
    if not error_ids:
        return
    query = update(table).where(among_ids(conn, table.c.id, error_ids), table.c.closed_at.is_(None))
    query = query.values(closed_at=now, close_reason=reason)
    memory.forget(conn, *map(_of, conn.execute(query.returning(table.c.record_id)).scalars()))


def close_of_record(conn: Connection, record_id: int, reason: str, *, now: datetime) -> None:
    """Close whatever is open of a record."""
    memory.forget(conn, _of(record_id))
    memory.keep(conn, _of(record_id), "open", [])
    gathering.keep_back(conn, _store, _Closing(record_id, reason, now))


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
    query = select(table.c.record_id, table.c.folded_key, table.c.cause).where(
        table.c.connector_id == connector_id, table.c.closed_at.is_(None)
    )
    if len(wanted) <= _MOST_KEYS:
        query = query.where(among(conn, table.c.folded_key, wanted))
    found: dict[str, set[int]] = {}
    for row in conn.execute(query):
        if row.record_id is not None and row.cause in _SEEN_IN_CACHE:
            for key in wanted.get(row.folded_key, ()):
                found.setdefault(key, set()).add(row.record_id)
    return found


def any_in_cache(conn: Connection, connector_id: int) -> bool:
    """Whether any record has an open error record whose cause a look at the list cache can tell."""
    query = select(table.c.id).where(
        table.c.connector_id == connector_id,
        table.c.closed_at.is_(None),
        # that no index of records is used for it
        (table.c.record_id + 0).is_not(None),
        table.c.cause.in_(_SEEN_IN_CACHE),
    )
    return conn.execute(query.limit(1)).first() is not None


def blocked_via(conn: Connection, record_ids: Collection[int]) -> dict[int, set[int]]:
    """By each of these records the ids of those with an open error record only because they refer to it."""
    query = select(table.c.via_record_id, table.c.record_id).where(
        among_ids(conn, table.c.via_record_id, record_ids), table.c.closed_at.is_(None)
    )
    found: dict[int, set[int]] = {}
    for via, record_id in conn.execute(query):
        found.setdefault(via, set()).add(record_id)
    return found


def _of(record_id: int | None) -> tuple[str, int | None]:
    return ("errors", record_id)


def of_record(conn: Connection, connector_id: int, record_id: int) -> list[StoredError]:
    """The open error records of a record, oldest first."""
    return memory.recall(conn, _of(record_id), "open", lambda: find(conn, connector_id, record_id=record_id))


def read_ahead(conn: Connection, record_ids: Collection[int]) -> None:
    """Read the open error records of records that are about to be looked at one by one, where that is remembered."""
    if not record_ids:
        return
    found: dict[int | None, list[StoredError]] = {record_id: [] for record_id in record_ids}
    query = _query().where(table.c.record_id.in_(record_ids), table.c.closed_at.is_(None))
    for row in conn.execute(query):
        found[row.record_id].append(_value(row))
    for record_id, items in found.items():
        memory.keep(conn, _of(record_id), "open", items)


@dataclass(frozen=True, slots=True)
class OpenCause:
    """An open error record of a record, as far as what becomes of the record depends on it.

    Attributes:
        id: None of one that is yet to be written.
    """

    id: int | None
    cause: Cause
    cause_key: str
    quickbooks: QuickBooksAnswer | None


def causes_of(conn: Connection, record_ids: Iterable[int]) -> list[tuple[int, OpenCause]]:
    """The open error records of these records, each with its record's id, the oldest first; in one statement."""
    query = _causes_of(conn.dialect.name)
    found = []
    for row in conn.execute(query, {"ids": listed(conn, record_ids)}):
        answer = None
        if row.quickbooks_code is not None:
            answer = QuickBooksAnswer(row.quickbooks_code, row.quickbooks_severity, row.quickbooks_message)
        found.append((row.record_id, OpenCause(row.id, restore(row.cause, row.data), row.cause_key, answer)))
    return found


@lru_cache
def _causes_of(dialect: str) -> Select[Any]:
    columns = (
        "record_id",
        "id",
        "cause",
        "cause_key",
        "data",
        "quickbooks_code",
        "quickbooks_severity",
        "quickbooks_message",
    )
    query = select(*(table.c[name] for name in columns))
    query = query.where(one_of(dialect, table.c.record_id, "ids"), table.c.closed_at.is_(None))
    return query.order_by(table.c.id)


def told_by_a_look(conn: Connection, connector_id: int) -> set[int]:
    """The ids of records with an open error record of which a look at cache and settings tells if it went away."""
    query = select(table.c.record_id, table.c.cause, table.c.data).where(
        table.c.connector_id == connector_id, table.c.closed_at.is_(None), table.c.record_id.is_not(None)
    )
    return {
        record_id for record_id, cause, data in conn.execute(query) if restore(cause, data).told_by_a_look
    }


def find(
    conn: Connection,
    connector_id: int | None = None,
    *,
    open_only: bool = True,
    cause: str | None = None,
    cause_keys: Sequence[str] | None = None,
    record_id: int | None = None,
    ids: Sequence[int] | None = None,
    about: Record | None = None,
    connector_wide: bool = False,
) -> list[StoredError]:
    """Error records, oldest first; every argument narrows.

    Args:
        record_id: what stands in the way of this record.
        about: the same, and that it was refused when it was handed over anew.
    """
    query = _query()
    # a record has its own connector; asked for both, SQLite would look at all that the connector has
    if connector_id is not None and about is None:
        query = query.where(table.c.connector_id == connector_id)
    if open_only:
        query = query.where(table.c.closed_at.is_(None))
    if cause is not None:
        query = query.where(table.c.cause == cause)
    if cause_keys is not None:
        query = query.where(table.c.cause_key.in_(cause_keys))
    if record_id is not None:
        query = query.where(table.c.record_id == record_id)
    if ids is not None:
        query = query.where(table.c.id.in_(ids))
    if connector_wide:
        query = query.where(_OF_CONNECTOR)
    if about is not None:
        query = query.where(_concerns(conn.dialect.name))
    return _read(conn, query, {} if about is None else _marks(conn, [about]))


def of_connectors(conn: Connection, connector_ids: Collection[int]) -> dict[int, list[StoredError]]:
    """What is open of each of these connectors as a whole, oldest first."""
    found: dict[int, list[StoredError]] = {connector_id: [] for connector_id in connector_ids}
    for some in batched(connector_ids):
        query = _query().where(table.c.connector_id.in_(some), _OF_CONNECTOR, table.c.closed_at.is_(None))
        for item in _read(conn, query):
            found[item.connector_id].append(item)
    return found


def open_of(conn: Connection, concerned: Iterable[Record]) -> dict[int, list[StoredError]]:
    """The open error records of each of these records, oldest first, also that they were refused when they were
    handed over anew; by the record's id, those without any are not in it."""
    found: dict[int, list[StoredError]] = {}
    ours = list(concerned)
    if not ours:
        return found
    for item in _read(conn, _open_of(conn.dialect.name), _marks(conn, ours)):
        if item.about_id is not None:
            found.setdefault(item.about_id, []).append(item)
    return found


@lru_cache
def _open_of(dialect: str) -> Select[Any]:
    return _query().where(table.c.closed_at.is_(None), _concerns(dialect))


def _concerns(dialect: str) -> ColumnElement[bool]:
    """Whether an error record is of one of some records, or tells that it was refused; each has its own index."""
    of_record = select(_other.c.id).where(one_of(dialect, _other.c.record_id, "record_ids"))
    is_refused = select(_other.c.id).where(
        one_of(dialect, _other.c.connector_id, "connector_ids"),
        one_of(dialect, _other.c.refused_kind, "kinds"),
        one_of(dialect, _other.c.refused_id, "external_ids"),
    )
    return table.c.id.in_(union_all(of_record, is_refused))


def _marks(conn: Connection, concerned: Collection[Record]) -> dict[str, Any]:
    """The parameters that `_concerns` is given."""
    return {
        "connector_ids": listed(conn, {record.connector_id for record in concerned}),
        "kinds": listed(conn, {record.kind.value for record in concerned}),
        "external_ids": listed(conn, [record.external_id for record in concerned]),
        "record_ids": listed(conn, [record.id for record in concerned]),
    }


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


def count_open(conn: Connection, connector_id: int) -> tuple[int, int]:
    """How many error records of a connector are open, and how many of those tell what the host was refused."""
    found = kept_counts.open_errors(conn, [connector_id])[connector_id]
    return sum(found.values()), kept_counts.refused(found)


def page(
    conn: Connection,
    connector_id: int,
    *,
    is_open: bool | None,
    cause: str | None = None,
    after_id: int = 0,
    limit: int | None = 100,
) -> list[StoredError]:
    """Error records of a connector behind an id, oldest first; `is_open` None means open and closed ones."""
    parts = []
    for each in (True, False) if is_open is None else (is_open,):
        part = select(table.c.id).where(table.c.connector_id == connector_id, table.c.id > after_id)
        part = part.where(table.c.closed_at.is_(None) if each else table.c.closed_at.is_not(None))
        if cause is not None:
            part = part.where(table.c.cause == cause)
        parts.append(part.order_by(table.c.id).limit(limit))
    # open and closed ones have an index each; SQLite takes a part with an order only as a table of its own
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    first = select(found.c.id).order_by(found.c.id).limit(limit)
    return _read(conn, _query().where(table.c.id.in_(first)))


def closed(
    conn: Connection, connector_id: int, *, before: int | None = None, limit: int = 100
) -> list[StoredError]:
    """The closed error records of a connector from the newest back, or from the one before an id."""
    query = _query().where(table.c.connector_id == connector_id, table.c.closed_at.is_not(None))
    if before is not None:
        query = query.where(table.c.id < before)
    query = query.order_by(None).order_by(table.c.id.desc()).limit(limit)
    return _read(conn, query)


# --- what stands behind one cause key -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """The open error records of a connector with one cause behind one cause key.

    Attributes:
        number: how many there are.
        since_id: the one with which it began.
    """

    cause: str
    cause_key: str
    number: int
    since_id: int


def longest_groups(
    conn: Connection, connector_id: int, *, cause: str | None, actor: str, skipped: int, limit: int
) -> list[OpenGroup]:
    """The longest groups of a connector, of equals the oldest.

    Args:
        actor: only those that this one must put right; "" for all.
    """
    query = _groups(connector_id, cause, actor).order_by(error_group.c.minus, error_group.c.since_id)
    return _read_groups(conn, query.limit(limit).offset(skipped))


def groups_since(
    conn: Connection, connector_id: int, *, cause: str | None, after_id: int, limit: int
) -> list[OpenGroup]:
    """The groups of a connector in the order in which they began, behind one."""
    query = _groups(connector_id, cause, "").where(error_group.c.since_id > after_id)
    return _read_groups(conn, query.order_by(error_group.c.since_id).limit(limit))


def group_of(conn: Connection, connector_id: int, cause: str, cause_key: str) -> OpenGroup | None:
    """The group behind one cause key, or None when none of it is open."""
    query = _groups(connector_id, cause, "").where(error_group.c.cause_key == cause_key)
    return next(iter(_read_groups(conn, query)), None)


def count_groups(conn: Connection, connector_id: int, *, cause: str | None, actor: str, most: int) -> int:
    """How many groups there are; no more than `most` are counted."""
    some = _groups(connector_id, cause, actor).limit(most).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def _groups(connector_id: int, cause: str | None, actor: str) -> Select[Any]:
    # the actor as part of the text: some indexes hold only the groups of all, and the database must see that they do
    whose = error_group.c.actor == (actor or literal_column("''"))
    query = select(error_group).where(error_group.c.connector_id == connector_id, whose)
    return query if cause is None else query.where(error_group.c.cause == cause)


def _read_groups(conn: Connection, query: Select[Any]) -> list[OpenGroup]:
    return [OpenGroup(row.cause, row.cause_key, -row.minus, row.since_id) for row in conn.execute(query)]


def of_groups(
    conn: Connection, connector_id: int, groups: Sequence[OpenGroup], *, actor: str, limit: int
) -> dict[tuple[str, str], list[StoredError]]:
    """The first open error records of each of these groups, oldest first, by cause and cause key.

    Args:
        actor: only those that this one must put right; "" for all.
        limit: of each group.
    """
    found: dict[tuple[str, str], list[StoredError]] = {(each.cause, each.cause_key): [] for each in groups}
    if groups:
        first = _first_of(conn, connector_id, list(found), actor, limit)
        ids = list(conn.execute(first).scalars())
        for item in _read(conn, _query().where(among_ids(conn, table.c.id, ids))):
            found[item.cause.name, item.cause_key].append(item)
    return found


def _first_of(
    conn: Connection, connector_id: int, keys: Sequence[tuple[str, str]], actor: str, limit: int
) -> Select[Any]:
    """The ids of the first error records of each group: so many are looked at, however many there are."""
    member = table.alias("member")
    behind = (
        member.c.connector_id == error_group.c.connector_id,
        member.c.cause == error_group.c.cause,
        member.c.cause_key == error_group.c.cause_key,
        member.c.closed_at.is_(None),
    )
    some = select(member.c.id).where(*behind)
    if actor:
        some = some.where(member.c.actor == actor)
    some = some.order_by(member.c.id).limit(limit)
    these = (
        error_group.c.connector_id == connector_id,
        error_group.c.actor == actor,
        tuple_(error_group.c.cause, error_group.c.cause_key).in_(keys),
    )
    if conn.dialect.name == "sqlite":
        return (
            select(table.c.id)
            .join_from(error_group, table, table.c.id.in_(some.correlate(error_group)))
            .where(*these)
        )
    each = some.correlate(error_group).lateral("each")
    return select(each.c.id).select_from(error_group).join(each, true()).where(*these)


def found_by_its_key(
    conn: Connection, connector_id: int, groups: Sequence[OpenGroup]
) -> dict[tuple[str, str], list[StoredError]]:
    """Of these groups the open error records of what is itself found by the cause key, which others refer to by it."""
    keys = {fold(each.cause_key) for each in groups}
    found: dict[tuple[str, str], list[StoredError]] = {}
    if keys:
        query = (
            _query()
            .join(record_key, record_key.c.record_id == table.c.record_id)
            .where(
                record_key.c.connector_id == connector_id,
                record_key.c.kind.in_([kind for kind in Kind if not kind.is_document]),
                record_key.c.key.in_(keys),
                record_key.c.key == table.c.folded_key,
                table.c.closed_at.is_(None),
            )
        )
        for item in _read(conn, query):
            found.setdefault((item.cause.name, item.cause_key), []).append(item)
    return found
