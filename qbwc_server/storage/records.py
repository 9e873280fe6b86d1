"""Rows of records: their states and transitions, what they wait for, and what may be sent next."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Unpack

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.events import Reason, came_to
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Claim, Link, Record, RecordField, State, meaning

from . import events, gathering, kept_counts, memory, record_changes
from .bulk import among, among_ids, batched, listed, one_of
from .columns import ClaimColumns, LinkColumns, RecordColumns
from .schema import event, record_key
from .schema import record as table
from .schema import record_wait as wait

DEFAULT_PRIORITY = 100
_Member = TypeVar("_Member", bound=StrEnum)


def _value(row: Row[Any]) -> Record:
    return _of_columns(row._mapping)


def _of_columns(values: Mapping[Any, Any]) -> Record:
    link = None
    if values["quickbooks_id"] is not None:
        link = Link(
            quickbooks_id=values["quickbooks_id"],
            edit_sequence=values["edit_sequence"],
            name=values["quickbooks_name"],
            matched_by=values["matched_by"],
            proof=values["proof"],
        )
    return Record(
        id=values["id"],
        connector_id=values["connector_id"],
        kind=Kind(values["kind"]),
        external_id=values["external_id"],
        state=State(values["state"]),
        revision=values["revision"],
        synced_revision=values["synced_revision"],
        content=values["content"],
        priority=values["priority"],
        is_surplus=values["is_surplus"],
        waiting=values["waiting"],
        link=link,
        synced_content=values["synced_content"],
        posted_lines=values["line_ids"],
        needs_reading=values["needs_reading"],
        is_void=values["is_void"],
        generation=values["generation"],
        warnings=tuple(values["warnings"]),
        attempts=values["attempts"],
        not_before=values["not_before"],
        pause_reason=values["pause_reason"],
        isolation=values["isolation"],
        probed_session_id=values["probed_session_id"],
        created_at=values["created_at"],
        updated_at=values["updated_at"],
        claim=_claim(values["claimed_id"], values["claim"]),
        linked_document=values["linked_document"],
        version=values["version"],
        revised_at=values["revised_at"],
        seen_at=values["seen_at"],
    )


def _claim(claimed_id: str | None, said: Mapping[str, Any] | None) -> Claim | None:
    if claimed_id is None or said is None:
        return None
    found_as = said["found_as"]
    return Claim(claimed_id, said["revision"], said["content"], Kind(found_as) if found_as else None)


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that is handed over for the first time."""

    kind: Kind
    external_id: str
    content: Mapping[str, Any]
    version: int | None = None


def add(
    conn: Connection,
    connector_id: int,
    kind: Kind,
    external_id: str,
    content: Mapping[str, Any],
    *,
    now: datetime,
    actor: str,
    version: int | None = None,
) -> Record:
    """Store a record that is handed over for the first time, queued."""
    new = NewRecord(kind, external_id, content, version)
    return add_all(conn, connector_id, [new], now=now, actor=actor)[0]


def add_all(
    conn: Connection, connector_id: int, new: Sequence[NewRecord], *, now: datetime, actor: str
) -> list[Record]:
    """Store records that are handed over for the first time, queued; no two of them are called the same."""
    rows = [_new_row(connector_id, each, now) for each in new]
    added = [
        Record(
            id=record_id,
            synced_revision=None,
            link=None,
            is_surplus=False,
            synced_content=None,
            posted_lines=(),
            not_before=None,
            pause_reason=None,
            isolation=None,
            probed_session_id=None,
            **{**{name: row[name] for name in row if name not in ("kind_rank", "line_ids")}, "warnings": ()},
        )
        for record_id, row in zip(_insert(conn, connector_id, new, rows), rows, strict=True)
    ]
    for record in added:
        _kept(conn, record)
    events.add_all(conn, [came_to(record, None, at=now, actor=actor) for record in added])
    return added


def _new_row(connector_id: int, new: NewRecord, now: datetime) -> dict[str, Any]:
    return {
        "connector_id": connector_id,
        "kind": new.kind,
        "kind_rank": KINDS[new.kind].rank,
        "external_id": new.external_id,
        "state": State.QUEUED,
        "revision": 1,
        "content": new.content,
        "priority": DEFAULT_PRIORITY,
        "waiting": 0,
        "line_ids": (),
        "needs_reading": False,
        "is_void": False,
        "generation": 0,
        "warnings": [],
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
        "version": new.version,
        "revised_at": now,
    }


def _insert(
    conn: Connection, connector_id: int, new: Sequence[NewRecord], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """Insert rows of records; their ids, in the order of the rows."""
    if len(rows) == 1:
        return [conn.execute(_NEW_ONE, rows[0]).scalar_one()]
    if rows:
        conn.execute(_NEW, rows)
    ids: dict[tuple[Kind, str], int] = {}
    for kind in {each.kind for each in new}:
        names = [each.external_id for each in new if each.kind is kind]
        query = select(table.c.external_id, table.c.id).where(
            table.c.connector_id == connector_id,
            table.c.kind == kind,
            among(conn, table.c.external_id, names),
        )
        ids |= {(kind, external_id): record_id for external_id, record_id in conn.execute(query)}
    return [ids[each.kind, each.external_id] for each in new]


_NEW = insert(table)
_NEW_ONE = insert(table).returning(table.c.id)


def _kept(conn: Connection, record: Record, before: Record | None = None) -> Record:
    """A record as it was just written; what was found of its kind is looked for anew.

    Args:
        before: what it was; None: it is new.
    """
    memory.forget(conn, record.kind)
    for known in filter(None, (before, record)):
        if known.link is not None:
            memory.forget(conn, _held(known.connector_id, known.kind, known.link.quickbooks_id))
    memory.keep(conn, _one(record.id), "row", record)
    memory.keep(conn, _called(record.connector_id, record.kind, record.external_id), "row", record)
    return record


def _called(connector_id: int, kind: Kind, external_id: str) -> tuple[int, Kind, str]:
    return (connector_id, kind, external_id)


def _one(record_id: int) -> tuple[str, int]:
    return ("record", record_id)


def remember(conn: Connection, record: Record) -> None:
    """A record was read as it stands, where that is remembered; what is known of it already is newer."""
    if memory.known(conn, _one(record.id), "row") is None:
        memory.keep(conn, _one(record.id), "row", record)


def get(conn: Connection, record_id: int) -> Record:
    """The record with this id, which must exist."""
    return memory.recall(conn, _one(record_id), "row", lambda: _get(conn, record_id))


def _get(conn: Connection, record_id: int) -> Record:
    return _value(conn.execute(select(table).where(table.c.id == record_id)).one())


def read_ahead(conn: Connection, record_ids: Collection[int]) -> None:
    """Read records that are about to be looked at one by one, where that is remembered."""
    get_all(conn, record_ids)


def get_all(conn: Connection, record_ids: Collection[int]) -> dict[int, Record]:
    """The records with these ids, by id."""
    found: dict[int, Record] = {
        record_id: record
        for record_id in record_ids
        if (record := memory.known(conn, _one(record_id), "row")) is not None
    }
    unread = [record_id for record_id in record_ids if record_id not in found]
    if unread:
        query = select(table).where(among_ids(conn, table.c.id, unread))
        for record in map(_value, conn.execute(query)):
            memory.keep(conn, _one(record.id), "row", record)
            found[record.id] = record
    return {record_id: found[record_id] for record_id in record_ids if record_id in found}


def names(conn: Connection, record_ids: Collection[int]) -> dict[int, tuple[Kind, str]]:
    """What these records are and what the host calls them, by id."""
    query = select(table.c.id, table.c.kind, table.c.external_id).where(
        among_ids(conn, table.c.id, record_ids)
    )
    return {record_id: (Kind(kind), external_id) for record_id, kind, external_id in conn.execute(query)}


def called(conn: Connection, connector_id: int, kinds: Collection[Kind], external_id: str) -> list[Record]:
    """The records of several kinds that the host calls so, in the order of the kinds."""
    query = select(table).where(
        table.c.connector_id == connector_id, table.c.kind.in_(kinds), table.c.external_id == external_id
    )
    return [_value(row) for row in conn.execute(query.order_by(table.c.kind_rank))]


def find(conn: Connection, connector_id: int, kind: Kind, external_id: str) -> Record | None:
    """The record the host calls so, or None."""
    return memory.recall(
        conn,
        _called(connector_id, kind, external_id),
        "row",
        lambda: _find(conn, connector_id, kind, external_id),
    )


def _find(conn: Connection, connector_id: int, kind: Kind, external_id: str) -> Record | None:
    query = select(table).where(
        table.c.connector_id == connector_id, table.c.kind == kind, table.c.external_id == external_id
    )
    return _perhaps(conn, query)


def _perhaps(conn: Connection, query: Select[Any]) -> Record | None:
    row = conn.execute(query).one_or_none()
    return None if row is None else _value(row)


def by_external_ids(
    conn: Connection, connector_id: int, kind: Kind, external_ids: Iterable[str]
) -> list[Record]:
    """The records of a kind with these ids."""
    query = select(table).where(
        table.c.connector_id == connector_id,
        table.c.kind == kind,
        among(conn, table.c.external_id, external_ids),
    )
    return [_value(row) for row in conn.execute(query)]


def by_keys(conn: Connection, connector_id: int, kind: Kind, keys: Iterable[str]) -> list[Record]:
    """The records that are found by one of these keys and are not cancelled, the oldest first."""
    wanted = frozenset(keys)
    if not wanted:
        return []
    return memory.recall(
        conn, kind, (connector_id, "keys", wanted), lambda: _by_keys(conn, connector_id, kind, wanted)
    )


def _by_keys(conn: Connection, connector_id: int, kind: Kind, keys: Collection[str]) -> list[Record]:
    having = select(record_key.c.record_id).where(
        record_key.c.connector_id == connector_id, record_key.c.kind == kind, record_key.c.key.in_(keys)
    )
    query = select(table).where(table.c.id.in_(having), table.c.state != State.CANCELLED)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id))]


Question = tuple[Kind, RecordField]
"""A kind, and what its records are looked up by."""


def look_up(
    conn: Connection, connector_id: int, wanted: Mapping[Question, Collection[str]]
) -> dict[Question, list[tuple[str, Record]]]:
    """The records that have these keys, each with the key it was found by, the oldest first.

    However many questions and keys, it is one statement.
    """
    found: dict[Question, list[tuple[str, Record]]] = {question: [] for question in wanted}
    if not found:
        return found
    questions = tuple(found)
    keys = {f"keys_{number}": listed(conn, wanted[question]) for number, question in enumerate(questions)}
    query = _looking_up(conn.dialect.name, questions)
    for row in conn.execute(query, {"connector_id": connector_id, **keys}):
        found[questions[row[0]]].append((row[1], _value(row)))
    for items in found.values():
        items.sort(key=lambda item: item[1].id)
    return found


@lru_cache(maxsize=256)
def _looking_up(dialect: str, questions: Sequence[Question]) -> CompoundSelect[Any] | Select[Any]:
    parts = [_part(dialect, number, *question) for number, question in enumerate(questions)]
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _part(dialect: str, number: int, kind: Kind, by: RecordField) -> Select[Any]:
    column = record_key.c.key if by == "key" else table.c[by]
    query = select(literal(number).label("question"), column.label("asked"), *table.c).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.kind == kind,
        one_of(dialect, column, f"keys_{number}"),
    )
    if by == "external_id":
        return query
    query = query.where(table.c.state != State.CANCELLED)
    if by != "key":
        return query
    return query.where(
        record_key.c.record_id == table.c.id,
        record_key.c.connector_id == bindparam("connector_id"),
        record_key.c.kind == kind,
    )


def set_keys(conn: Connection, record: Record, keys: Iterable[str]) -> None:
    """Let a record be found by exactly these keys."""
    set_keys_of_all(conn, record.connector_id, [(record, set(keys))], are_new=False)


def set_keys_of_all(
    conn: Connection, connector_id: int, keys: Sequence[tuple[Record, Collection[str]]], *, are_new: bool
) -> None:
    """Let records be found by exactly these keys; those that are new had none."""
    if not keys:
        return
    memory.forget(conn, *(each for record, _ in keys for each in (record.kind, ("keys", record.kind))))
    if not are_new:
        ids = [record.id for record, _ in keys]
        conn.execute(delete(record_key).where(among_ids(conn, record_key.c.record_id, ids)))
    rows = [
        {"record_id": record.id, "connector_id": connector_id, "kind": record.kind, "key": key}
        for record, some in keys
        for key in sorted(some)
    ]
    if rows:
        conn.execute(_NEW_KEY, rows)


_NEW_KEY = insert(record_key)


def holder(conn: Connection, record: Record, quickbooks_id: str) -> Record | None:
    """The other record of its kind that what QuickBooks calls so belongs to, or None."""
    holder_id: int | None = memory.recall(
        conn,
        _held(record.connector_id, record.kind, quickbooks_id),
        "holder",
        lambda: _holders(conn, record.connector_id, record.kind, [quickbooks_id]).get(quickbooks_id),
    )
    return None if holder_id in (None, record.id) else get(conn, holder_id)


def _held(connector_id: int, kind: Kind, quickbooks_id: str) -> tuple[str, int, Kind, str]:
    return ("holder", connector_id, kind, quickbooks_id)


def _holders(
    conn: Connection, connector_id: int, kind: Kind, quickbooks_ids: Collection[str]
) -> dict[str, int]:
    """The ids of the records that these belong to; each belongs to one at most."""
    query = select(table.c.quickbooks_id, table.c.id).where(
        table.c.connector_id == connector_id,
        table.c.kind == kind,
        among(conn, table.c.quickbooks_id, quickbooks_ids),
        table.c.state != State.CANCELLED,
        table.c.is_surplus.is_(False),
    )
    return {row.quickbooks_id: row.id for row in conn.execute(query)}


def surplus(conn: Connection) -> list[Record]:
    """The records of all connectors that are linked to what another one has, by connector."""
    query = select(table).where(table.c.is_surplus.is_(True), table.c.state != State.CANCELLED)
    return [_value(row) for row in conn.execute(query.order_by(table.c.connector_id, table.c.id))]


def linked_to(conn: Connection, connector_id: int, kind: Kind, quickbooks_ids: Iterable[str]) -> list[Record]:
    """The records linked to these ListIDs or TxnIDs, however many, that are not cancelled."""
    query = select(table).where(
        table.c.connector_id == connector_id,
        table.c.kind == kind,
        among(conn, table.c.quickbooks_id, quickbooks_ids),
        table.c.state != State.CANCELLED,
    )
    return [_value(row) for row in conn.execute(query.order_by(table.c.id))]


def claimed_as(conn: Connection, connector_id: int, kind: Kind, quickbooks_id: str) -> list[Record]:
    """The records of which a person said that they are this document, which QuickBooks is yet to be asked about."""
    query = select(table).where(
        table.c.connector_id == connector_id,
        table.c.claimed_id == quickbooks_id,
        table.c.kind == kind,
        table.c.state != State.CANCELLED,
    )
    return [_value(row) for row in conn.execute(query.order_by(table.c.id))]


def claimed(conn: Connection, connector_id: int, *, now: datetime, limit: int) -> list[Record]:
    """The queued records whose claim QuickBooks may be asked about now."""
    query = select(table).where(
        table.c.connector_id == connector_id,
        table.c.claimed_id.is_not(None),
        table.c.state == State.QUEUED,
        or_(table.c.not_before.is_(None), table.c.not_before <= now),
    )
    return [_value(row) for row in conn.execute(query.order_by(table.c.id).limit(limit))]


def synced_last(conn: Connection, connector_id: int, *, limit: int) -> list[Record]:
    """The records that are synced now and became so last, latest first; fewer than `limit` where the same ones
    became so several times."""
    query = (
        select(table)
        .join(event, event.c.record_id == table.c.id)
        .where(
            event.c.connector_id == connector_id,
            event.c.to_state == State.SYNCED,
            table.c.state == State.SYNCED,
        )
        .order_by(event.c.id.desc())
        .limit(limit)
    )
    return list({row.id: _value(row) for row in conn.execute(query)}.values())


def page(
    conn: Connection,
    connector_id: int,
    *,
    kind: Kind | None = None,
    state: State | None = None,
    after_id: int = 0,
    limit: int = 100,
) -> list[Record]:
    """Records in the order they were first handed over."""
    behind = (table.c.id > bindparam("after_id"),)
    query = _side_by_side(_some(kind, Kind), _some(state, State), behind, (table.c.id,))
    given = {"connector_id": connector_id, "after_id": after_id, "most": limit}
    return [_value(row) for row in conn.execute(query, given)]


def _some(one: _Member | None, every: type[_Member]) -> tuple[_Member, ...]:
    return tuple(every) if one is None else (one,)


def _side_by_side(
    kinds: Sequence[Kind],
    states: Sequence[State],
    conditions: Sequence[ColumnElement[bool]],
    order: Sequence[Column[Any]],
) -> Select[Any]:
    """Records of some kinds and states in an order of which the database has an index, for one kind and state each.

    The first of each are read from that index and then merged: however many there are, only so many are looked at.

    Args:
        conditions: what else they must fulfil.
        order: ends with the id.
    """
    parts = [
        select(*order)
        .where(
            table.c.connector_id == bindparam("connector_id"), table.c.kind == kind, table.c.state == state
        )
        .where(*conditions)
        .order_by(*order)
        .limit(bindparam("most"))
        for kind in kinds
        for state in states
    ]
    # SQLite takes a part with an order only as a table of its own
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    first = select(found.c.id).order_by(*(found.c[column.name] for column in order)).limit(bindparam("most"))
    return select(table).where(table.c.id.in_(first)).order_by(*order)


def changed(
    conn: Connection,
    connector_id: int,
    kind: Kind | None = None,
    *,
    states: Collection[State] = (),
    number: str | None = None,
    customer: str | None = None,
    since: datetime | None = None,
    behind: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> list[Record]:
    """Records of a kind or of all, the one whose last change is oldest first.

    In this order nothing is missed by whoever pages: a record that changes meanwhile comes once more.

    Args:
        states: only those in one of these; none means any.
        number: only documents with this number, the host's or the one in QuickBooks.
        customer: only documents that name their customer so: by external id, full name, email or ListID.
        since: only those changed later than this.
        behind: `updated_at` and id of the last record of the page before.
    """
    conditions = []
    if number is not None:
        conditions.append(_has_number(number))
    if customer is not None:
        conditions.append(_names_customer(customer))
    if since is not None:
        conditions.append(table.c.updated_at > since)
    if behind is not None:
        place = (table.c.updated_at, table.c.id)
        conditions.append(tuple_(*place) > tuple_(*map(literal, behind, (column.type for column in place))))
    order = (table.c.updated_at, table.c.id)
    query = _side_by_side(_some(kind, Kind), tuple(states) or tuple(State), conditions, order)
    return [_value(row) for row in conn.execute(query, {"connector_id": connector_id, "most": limit})]


def _has_number(number: str) -> ColumnElement[bool]:
    documents = [kind for kind in Kind if kind.is_document]
    given = table.c.content["ref_number"].as_string() == number
    return and_(table.c.kind.in_(documents), or_(given, table.c.quickbooks_name == number))


def _names_customer(customer: str) -> ColumnElement[bool]:
    """Whether a document names its customer so, as plain text or in one of the ways of a reference."""
    said = table.c.content["customer"]
    ways = ("external_id", "full_name", "email", "list_id")
    named = [table.c.content[("customer", way)].as_string() == customer for way in ways]
    return and_(table.c.kind == Kind.INVOICE, or_(said.as_string() == customer, *named))


def last_change(conn: Connection, connector_id: int, kind: Kind) -> datetime | None:
    """When any record of a kind last changed; None when there is none."""
    of_kind = select(func.max(table.c.updated_at).label("at")).where(
        table.c.connector_id == connector_id, table.c.kind == kind
    )
    # of each state, as that is how the index has them
    found = union_all(*(of_kind.where(table.c.state == state) for state in State)).subquery()
    latest: datetime | None = conn.execute(select(func.max(found.c.at))).scalar_one()
    return latest


def in_state(conn: Connection, connector_id: int, state: State, *, limit: int) -> list[Record]:
    """Records of a connector in a state, in the order of sending."""
    query = select(table).where(table.c.connector_id == connector_id, table.c.state == state)
    return [_value(row) for row in conn.execute(query.order_by(table.c.kind_rank, table.c.id).limit(limit))]


def counts(conn: Connection, connector_id: int) -> dict[State, int]:
    """How many records are in each state; states without records are 0."""
    return kept_counts.of_states(conn, [connector_id])[connector_id]


# --- life ---------------------------------------------------------------------------------------------------


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
    query = (
        update(table)
        .where(table.c.id == record.id, table.c.state == record.state)
        .values(state=after, updated_at=now, **values)
        .returning(*table.c)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        raise RuntimeError(f"{record.label} is no longer {record.state}")
    moved = _kept(conn, _value(row), record)
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
        query = update(table).where(table.c.id.in_([record.id for record in part]), table.c.state == before)
        moved = conn.execute(query.values(state=after, updated_at=now, **values)).rowcount
        memory.forget_all(conn)
        if moved != len(part):
            raise RuntimeError(f"{len(part) - moved} of {len(part)} records are no longer {before}")
        told = [came_to(replace(record, state=after), before, at=now, actor=actor) for record in part]
        events.add_all(conn, told)


def change(conn: Connection, record: Record, *, now: datetime, **values: Unpack[RecordColumns]) -> Record:
    """Set columns of a record without changing its state."""
    known = _to_be_changed(conn, record)
    if known is not None:
        return _keep_back(conn, known, {**values, "updated_at": now})
    query = update(table).where(table.c.id == record.id).values(updated_at=now, **values)
    return _kept(conn, _value(conn.execute(query.returning(*table.c)).one()), record)


def _to_be_changed(conn: Connection, record: Record) -> Record | None:
    """A record as it stands by now, where its change can be kept back; None where it is to be written at once."""
    known: Record | None = memory.known(conn, _one(record.id), "row") if gathering.is_on(conn) else None
    return known


def _keep_back(conn: Connection, record: Record, values: Mapping[str, Any]) -> Record:
    """Have a record changed together with others; returns it as it stands then."""
    after = _kept(conn, _altered(record, values), record)
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
        fields["claim"] = _claim(values["claimed_id"], values["claim"])
    if "line_ids" in values:
        fields["posted_lines"] = tuple(values["line_ids"])
    if "warnings" in values:
        fields["warnings"] = tuple(values["warnings"])
    return replace(record, **fields)


def _link_with(link: Link | None, values: Mapping[str, Any]) -> Link | None:
    before: Mapping[str, Any] = {} if link is None else link_columns(link)
    columns = {name: values.get(name, before.get(name)) for name in _LINK}
    if columns["quickbooks_id"] is None:
        return None
    columns["name"] = columns.pop("quickbooks_name")
    return Link(**columns)


_LINK = frozenset({"quickbooks_id", "edit_sequence", "quickbooks_name", "matched_by", "proof"})
_IN_OTHER_WORDS = _LINK | {"claimed_id", "claim", "line_ids", "warnings"}
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


def link_columns(link: Link) -> LinkColumns:
    """The columns that hold a link, for `move` and `change`."""
    return {
        "is_surplus": False,
        "quickbooks_id": link.quickbooks_id,
        "edit_sequence": link.edit_sequence,
        "quickbooks_name": link.name,
        "matched_by": link.matched_by,
        "proof": link.proof,
    }


def claim_columns(claim: Claim | None) -> ClaimColumns:
    """The columns that hold a claim, for `move` and `change`."""
    if claim is None:
        return {"claimed_id": None, "claim": None}
    said = {"revision": claim.revision, "content": dict(claim.content), "found_as": claim.found_as}
    return {"claimed_id": claim.quickbooks_id, "claim": said}


# --- waiting ------------------------------------------------------------------------------------------------


def set_waits(conn: Connection, record: Record, on: Iterable[int], *, now: datetime) -> Record:
    """Let a record wait for exactly these others."""
    targets = tuple(sorted(set(on)))
    if record.waiting or targets:
        gathering.keep_back(conn, _store_waits, (record.id, targets))
    return change(conn, record, now=now, waiting=len(targets))


def _store_waits(conn: Connection, waits: Sequence[tuple[int, Sequence[int]]]) -> None:
    # of what is said twice the last counts
    newest = dict(waits)
    conn.execute(delete(wait).where(among_ids(conn, wait.c.record_id, newest)))
    rows = [
        {"record_id": record_id, "on_record_id": target}
        for record_id, targets in newest.items()
        for target in targets
    ]
    if rows:
        conn.execute(_NEW_WAIT, rows)


_NEW_WAIT = insert(wait)


def waits_of(conn: Connection, record_id: int) -> list[Record]:
    """The records this one waits for."""
    query = select(table).join(wait, wait.c.on_record_id == table.c.id).where(wait.c.record_id == record_id)
    return [_value(row) for row in conn.execute(query.order_by(table.c.id))]


def waits_of_all(conn: Connection, record_ids: Collection[int]) -> dict[int, list[Record]]:
    """The records each of these waits for; those that wait for none are not in it."""
    found: dict[int, list[Record]] = {}
    for some in batched(record_ids):
        query: Select[Any] = select(*table.c, wait.c.record_id.label("waiter")).join(
            wait, wait.c.on_record_id == table.c.id
        )
        query = query.where(wait.c.record_id.in_(some)).order_by(table.c.id)
        for row in conn.execute(query):
            found.setdefault(row.waiter, []).append(_value(row))
    return found


def end_waits(conn: Connection, record_ids: Collection[int]) -> dict[int, list[int]]:
    """End all waiting for these records; the ids of those that waited for each that any waited for."""
    query = delete(wait).where(among_ids(conn, wait.c.on_record_id, record_ids))
    ended: dict[int, list[int]] = {}
    for on, waiter in conn.execute(query.returning(wait.c.on_record_id, wait.c.record_id)):
        ended.setdefault(on, []).append(waiter)
    waits = Counter(waiter for waiters in ended.values() for waiter in waiters)
    if waits:
        conn.execute(_WAITS_LESS, [{"which": waiter, "ended": number} for waiter, number in waits.items()])
    for waiter, number in waits.items():
        known: Record | None = memory.known(conn, _one(waiter), "row")
        if known is not None:
            _kept(conn, replace(known, waiting=known.waiting - number))
    return {on: sorted(waiters) for on, waiters in ended.items()}


_WAITS_LESS = (
    update(table)
    .where(table.c.id == bindparam("which"))
    .values(waiting=table.c.waiting - bindparam("ended", type_=Integer))
)


def on_their_way(conn: Connection, connector_id: int, kind: Kind, session_id: int) -> list[Record]:
    """Records of a kind that QuickBooks may hold at any moment, though it is not known to hold them yet.

    They are sent or uncertain, or their number was found to be free in this session.
    """
    given = {"connector_id": connector_id, "session_id": session_id}
    found = sorted(map(_value, conn.execute(_ON_THEIR_WAY, given)), key=lambda record: record.id)
    return [record for record in found if record.kind is kind and record.link is None]


# two queries of which each has its index: one with "or" looks through everything that waits, and so may one that also
# asks for the kind
_ON_THEIR_WAY = union_all(
    select(table).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.state.in_((State.SENT, State.UNCERTAIN)),
    ),
    select(table).where(
        table.c.connector_id == bindparam("connector_id"),
        table.c.state == State.QUEUED,
        table.c.probed_session_id == bindparam("session_id"),
    ),
)


def waiting_only_for(
    conn: Connection, on: Sequence[int], *, kinds: Sequence[Kind], limit: int
) -> list[Record]:
    """Queued records of these kinds that wait for nothing but (some of) the given records."""
    if not on:
        return []
    waited = (
        select(wait.c.record_id).where(wait.c.on_record_id.in_(on)).group_by(wait.c.record_id)
    ).add_columns(func.count().label("number"))
    part = waited.subquery()
    query = (
        select(table)
        .join(part, part.c.record_id == table.c.id)
        .where(table.c.state == State.QUEUED, table.c.waiting == part.c.number, table.c.kind.in_(kinds))
    )
    return [_value(row) for row in conn.execute(query.order_by(table.c.kind_rank, table.c.id).limit(limit))]


# --- what is next -------------------------------------------------------------------------------------------


def sendable(
    conn: Connection,
    connector: Connector,
    kinds: Sequence[Kind],
    *,
    now: datetime,
    limit: int,
    after: Record | None = None,
) -> list[Record]:
    """Queued records that wait for nothing, in the order of sending, starting behind `after`.

    Records that are being isolated are not among them: see `isolated`.
    """
    query = select(table).where(
        *_ready(connector.id, now), table.c.isolation.is_(None), table.c.kind.in_(kinds)
    )
    if after is not None:
        query = query.where(_behind(after))
    query = query.order_by(table.c.kind_rank, table.c.priority, table.c.id).limit(limit)
    return [_value(row) for row in conn.execute(query)]


def count_sendable(
    conn: Connection, connector: Connector, kinds: Sequence[Kind], *, now: datetime, most: int
) -> int:
    """How many records `sendable` would give; no more than `most` are counted."""
    ready = (*_ready(connector.id, now), table.c.isolation.is_(None), table.c.kind.in_(kinds))
    some = select(table.c.id).where(*ready).limit(most).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def isolated(conn: Connection, connector: Connector, kinds: Sequence[Kind], *, now: datetime) -> list[Record]:
    """The records of a refused message set among which the culprit is; empty when nothing is being isolated."""
    ready = and_(*_ready(connector.id, now), table.c.isolation.is_not(None), table.c.kind.in_(kinds))
    first = conn.execute(select(func.min(table.c.isolation)).where(ready)).scalar_one()
    if first is None:
        return []
    query = select(table).where(ready, table.c.isolation == first)
    return [_value(row) for row in conn.execute(query.order_by(table.c.kind_rank, table.c.id))]


def suspicion(set_id: int, *, last: bool = False) -> str:
    """The mark of the records among which is what made a message set fail.

    Args:
        last: they go behind everything else, as whatever they do to QuickBooks ends the session.
    """
    return f"{_LAST if last else ''}{set_id:012}"


def goes_last(record: Record) -> bool:
    """Whether a record that is being isolated goes behind everything else."""
    return (record.isolation or "").startswith(_LAST)


_LAST = "z"
"""Begins the marks that go last: a letter, as those are sorted behind digits by every database."""


def end_isolation(conn: Connection, connector_id: int) -> None:
    """Clear all suspicion: what was being isolated may travel with any others again."""
    marked = and_(table.c.connector_id == connector_id, table.c.isolation.is_not(None))
    memory.forget_all(conn)
    conn.execute(update(table).where(marked).values(isolation=None))


def _ready(connector_id: int, now: datetime) -> list[Any]:
    return [
        table.c.connector_id == connector_id,
        table.c.state == State.QUEUED,
        table.c.waiting == 0,
        table.c.claimed_id.is_(None),
        or_(table.c.not_before.is_(None), table.c.not_before <= now),
    ]


def _behind(record: Record) -> Any:
    rank = KINDS[record.kind].rank
    return or_(
        table.c.kind_rank > rank,
        and_(table.c.kind_rank == rank, table.c.priority > record.priority),
        and_(table.c.kind_rank == rank, table.c.priority == record.priority, table.c.id > record.id),
    )
