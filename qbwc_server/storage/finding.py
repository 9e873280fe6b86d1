"""Records found by what is known of them: each way of asking has its index, and all of them together one statement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from qbwc_server.domain.findable import number_key
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage.bulk import among
from qbwc_server.storage.records.rows import value
from qbwc_server.storage.schema import record as table
from qbwc_server.storage.schema import record_word as word

MOST_FOUND = 5_000
"""Words that more records have than these tell nothing."""
_AFTER_ALL = "\U0010ffff"

Beginnings = Sequence[Sequence[str]]
"""Of each word that is asked for, how a word of a record may begin: one of several ways."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is None, or empty, narrows nothing.

    Attributes:
        number: of documents, the host's or the one in QuickBooks.
        ids: a TxnID or ListID in the ways it may be spelt, also one that a person said it is.
        parties: whose documents, in all the ways these are named (`findable.party_of`).
        words: how words of theirs begin, as `rarest` puts them.
        called: instead of these words, the ListID or TxnID they may be.
        of_parties: instead of these words, whose documents they may be.
        by_creation: in the order in which they were handed over, not in that of their changes.
    """

    kinds: Collection[Kind] = tuple(Kind)
    states: Collection[State] = tuple(State)
    number: str | None = None
    ids: Collection[str] | None = None
    parties: Collection[str] | None = None
    words: Beginnings | None = None
    called: Collection[str] = ()
    of_parties: Collection[str] = ()
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None

    @property
    def by_creation(self) -> bool:
        """Whether the order is that of creation, by which it is bounded: else that of the last change."""
        created = self.created_after is not None or self.created_before is not None
        return created and self.updated_after is None and self.updated_before is None


Place = tuple[datetime, int]


def find(
    conn: Connection, connector_id: int, wanted: Wanted, *, behind: Place | None = None, limit: int = 100
) -> list[Record]:
    """Records in the order of their last change, or of their creation (`Wanted.by_creation`).

    Args:
        behind: the moment of that and the id of the last record of the page before.
    """
    parts = _parts(conn, connector_id, wanted, behind, limit)
    if not parts:
        return []
    order = _order(wanted)
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    first = select(found.c.id).group_by(found.c.id, found.c.at).order_by(found.c.at, found.c.id).limit(limit)
    query = select(table).where(table.c.id.in_(select(first.subquery().c.id))).order_by(*order)
    return [value(row) for row in conn.execute(query)]


def _order(wanted: Wanted) -> tuple[Column[Any], Column[Any]]:
    return (table.c.created_at if wanted.by_creation else table.c.updated_at, table.c.id)


def _parts(
    conn: Connection, connector_id: int, wanted: Wanted, behind: Place | None, limit: int
) -> list[Select[Any]]:
    """Queries that together find all that is wanted, each by an index; of each only the first so many."""
    order = _order(wanted)
    conditions = _bounds(wanted, behind)
    parts = []
    for sources, parties in _sources(connector_id, wanted):
        if sources:
            these: list[ColumnElement[bool]] = [table.c.id.in_(source) for source in sources]
            if len(wanted.kinds) < len(Kind):
                these.append(table.c.kind.in_(wanted.kinds))
            if len(wanted.states) < len(State):
                these.append(table.c.state.in_(wanted.states))
            if parties is not None:
                these.append(among(conn, table.c.party, parties))
            parts.append(_first(order, [*these, *conditions], limit))
            continue
        for whose in [None] if parties is None else sorted(parties):
            for kind in wanted.kinds:
                for state in wanted.states:
                    of_them = [
                        table.c.connector_id == connector_id,
                        table.c.kind == kind,
                        table.c.state == state,
                    ]
                    of_them += [] if whose is None else [table.c.party == whose]
                    parts.append(_first(order, [*of_them, *conditions], limit))
    return parts


def _first(
    order: tuple[Column[Any], Column[Any]], conditions: Sequence[ColumnElement[bool]], limit: int
) -> Select[Any]:
    at, row = order
    return select(at.label("at"), row.label("id")).where(*conditions).order_by(*order).limit(limit)


def _sources(connector_id: int, wanted: Wanted) -> list[tuple[list[Select[Any]], Collection[str] | None]]:
    """What records are found by: ids that are few, and whose documents they are; of several ways any is enough."""
    sources = []
    if wanted.number is not None:
        is_it = (word.c.connector_id == connector_id, word.c.word == number_key(wanted.number))
        sources.append(select(word.c.record_id).where(*is_it))
    if wanted.ids is not None:
        sources.append(_called(connector_id, wanted.ids))
    if wanted.words is None:
        return [(sources, wanted.parties)]
    ways: list[tuple[list[Select[Any]], Collection[str] | None]] = []
    if wanted.words:
        ways.append(([*sources, _having(connector_id, wanted.words)], wanted.parties))
    if wanted.called:
        ways.append(([*sources, _called(connector_id, wanted.called)], wanted.parties))
    theirs = (
        set(wanted.of_parties) if wanted.parties is None else set(wanted.of_parties) & set(wanted.parties)
    )
    return [*ways, (sources, theirs)] if theirs else ways


def _called(connector_id: int, ids: Collection[str]) -> Select[Any]:
    """The ids of the records that are this in QuickBooks, or of which a person says so."""
    ours = table.alias()
    linked = select(ours.c.id).where(
        ours.c.connector_id == connector_id,
        ours.c.kind.in_(tuple(Kind)),
        ours.c.quickbooks_id.in_(ids),
    )
    claimed = select(ours.c.id).where(ours.c.connector_id == connector_id, ours.c.claimed_id.in_(ids))
    return select(union_all(linked, claimed).subquery().c.id)


def begins(column: Column[str], beginning: str) -> ColumnElement[bool]:
    """Whether a word begins so."""
    # by code points, as the column is collated on every database
    return (column >= beginning) & (column < beginning + _AFTER_ALL)


def _having(connector_id: int, words: Beginnings) -> Select[Any]:
    """The ids of the records of which some words begin so; the first is looked up, the others are looked for in it."""
    first, *others = words
    some = union_all(
        *(
            select(word.c.record_id).where(word.c.connector_id == connector_id, begins(word.c.word, each))
            for each in first
        )
    ).subquery()
    query = select(some.c.record_id)
    for other in others:
        beside = word.alias()
        its = (beside.c.record_id == some.c.record_id, or_(*(begins(beside.c.word, each) for each in other)))
        query = query.where(select(literal(1)).where(*its).correlate(some).exists())
    return query


def rarest(conn: Connection, connector_id: int, words: Beginnings) -> Beginnings | None:
    """These words with one in front that no more than `MOST_FOUND` records have; None where each has more."""
    counts = [_counted(connector_id, each).scalar_subquery() for each in words]
    numbers = list(conn.execute(select(*counts)).one())
    least = min(range(len(words)), key=numbers.__getitem__)
    if numbers[least] > MOST_FOUND:
        return None
    return [words[least], *words[:least], *words[least + 1 :]]


def _counted(connector_id: int, beginnings: Sequence[str]) -> Select[Any]:
    some = (
        select(word.c.record_id)
        .where(word.c.connector_id == connector_id, begins(word.c.word, each))
        .limit(MOST_FOUND + 1)
        for each in beginnings
    )
    found = union_all(*(select(part.subquery()) for part in some)).subquery()
    return select(func.count()).select_from(found)


def _bounds(wanted: Wanted, behind: Place | None) -> list[ColumnElement[bool]]:
    """Between which moments, and behind which record."""
    created, updated = table.c.created_at, table.c.updated_at
    bounds = []
    if wanted.created_after is not None:
        bounds.append(created > wanted.created_after)
    if wanted.created_before is not None:
        bounds.append(created < wanted.created_before)
    if wanted.updated_after is not None:
        bounds.append(updated > wanted.updated_after)
    if wanted.updated_before is not None:
        bounds.append(updated < wanted.updated_before)
    if behind is not None:
        place = _order(wanted)
        bounds.append(tuple_(*place) > tuple_(*map(literal, behind, (column.type for column in place))))
    return bounds
