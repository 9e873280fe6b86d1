"""Records and entries of lists of several connectors, found by what somebody typed; each way has its index."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
    union_all,
)

from qbwc_server.domain.findable import BACKWARDS, NUMBER, beginnings_asked, number_key
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.domain.records import State
from qbwc_server.storage.bulk import among, among_ids, rows_asked
from qbwc_server.storage.finding import MOST_FOUND, Beginnings, begins
from qbwc_server.storage.lists.rows import COLUMNS
from qbwc_server.storage.schema import entry_word, list_email, list_entry
from qbwc_server.storage.schema import record as table
from qbwc_server.storage.schema import record_word as word


@dataclass(frozen=True, slots=True)
class Asked:
    """What records are looked for by; any of it is enough.

    Attributes:
        number: a document's, as a whole.
        ids: what it is in QuickBooks, or for the order system.
        cents: what it comes to.
        words: how its words begin, as `rarest` puts them.
        parties: whose document it is: a connector's id and how the document may name that.
    """

    number: str | None = None
    ids: Collection[str] = ()
    cents: int | None = None
    words: Beginnings | None = None
    parties: Collection[tuple[int, str]] = ()
    kinds: Collection[Kind] = tuple(Kind)
    states: Collection[State] = tuple(State)


EXACT, AMOUNT, WORDS, OF_PARTY = range(4)
"""How well something is found, the best first."""


def find(
    conn: Connection, connector_ids: Collection[int], asked: Asked, *, limit: int
) -> list[tuple[int, int]]:
    """The ids of records, each with how well it is found: the best first, of these the newest change."""
    parts = [
        _ranked(conn, rank, source, asked, limit) for rank, source in _sources(conn, connector_ids, asked)
    ]
    if not parts:
        return []
    found = union_all(*(select(part.subquery()) for part in parts)).subquery()
    best = select(func.min(found.c.rank).label("rank"), found.c.id, func.max(found.c.at).label("at"))
    ordered = best.group_by(found.c.id).subquery()
    query = select(ordered.c.id, ordered.c.rank)
    query = query.order_by(ordered.c.rank, ordered.c.at.desc(), ordered.c.id.desc()).limit(limit)
    return [(record_id, rank) for record_id, rank in conn.execute(query)]


def _ranked(conn: Connection, rank: int, source: Any, asked: Asked, limit: int) -> Select[Any]:
    """The newest of what a source finds."""
    query = select(literal(rank).label("rank"), table.c.id, table.c.updated_at.label("at")).where(source)
    if len(asked.kinds) < len(Kind):
        query = query.where(table.c.kind.in_(asked.kinds))
    if len(asked.states) < len(State):
        query = query.where(table.c.state.in_(asked.states))
    return query.order_by(table.c.updated_at.desc(), table.c.id.desc()).limit(limit)


def _sources(conn: Connection, connector_ids: Collection[int], asked: Asked) -> list[tuple[int, Any]]:
    """Each way of finding records with its index."""
    whose = among_ids(conn, table.c.connector_id, connector_ids)
    sources: list[tuple[int, Any]] = []
    if asked.number:
        numbered = select(word.c.record_id).where(
            among_ids(conn, word.c.connector_id, connector_ids), word.c.word == number_key(asked.number)
        )
        sources.append((EXACT, table.c.id.in_(numbered)))
    if asked.ids:
        sources += [(EXACT, table.c.id.in_(each)) for each in _called(conn, connector_ids, asked.ids)]
    if asked.cents is not None:
        sources.append((AMOUNT, whose & (table.c.amount == asked.cents)))
    if asked.words:
        sources.append((WORDS, table.c.id.in_(_having(conn, connector_ids, asked.words))))
    if asked.parties:
        ours = table.alias()
        rows, named = rows_asked(conn, (ours.c.connector_id, ours.c.party), asked.parties)
        theirs = select(ours.c.id).join_from(rows, ours, named).where(ours.c.party.is_not(None))
        sources.append((OF_PARTY, table.c.id.in_(theirs)))
    return sources


def _called(conn: Connection, connector_ids: Collection[int], ids: Collection[str]) -> list[Select[Any]]:
    """What is called so by QuickBooks, by a person, or by the order system."""
    ours = table.alias()
    whose = among_ids(conn, ours.c.connector_id, connector_ids)
    kinds = ours.c.kind.in_(tuple(Kind))
    return [
        select(ours.c.id).where(whose, kinds, among(conn, ours.c.quickbooks_id, ids)),
        select(ours.c.id).where(whose, among(conn, ours.c.claimed_id, ids), ours.c.claimed_id.is_not(None)),
        select(ours.c.id).where(whose, kinds, among(conn, ours.c.external_id, ids)),
    ]


def _having(conn: Connection, connector_ids: Collection[int], words: Beginnings) -> Select[Any]:
    """The records of which some words begin so; the first is looked up, the others are looked for in it."""
    first, *others = words
    whose = among_ids(conn, word.c.connector_id, connector_ids)
    some = union_all(*(select(word.c.record_id).where(whose, begins(word.c.word, each)) for each in first))
    looked_up = some.subquery()
    query = select(looked_up.c.record_id)
    for other in others:
        beside = word.alias()
        its = (
            beside.c.record_id == looked_up.c.record_id,
            or_(*(begins(beside.c.word, each) for each in other)),
        )
        query = query.where(select(literal(1)).where(*its).correlate(looked_up).exists())
    return query


def rarest(
    conn: Connection, connector_ids: Collection[int], tries: Sequence[Beginnings]
) -> list[Beginnings | None]:
    """Of each of these the words with one in front that no more than `MOST_FOUND` records have; None where each has
    more. One statement."""
    if not tries:
        return []
    counts = [_counted(conn, connector_ids, each).scalar_subquery() for words in tries for each in words]
    numbers = iter(conn.execute(select(*counts)).one())
    return [_in_front(words, [next(numbers) for _ in words]) for words in tries]


def _in_front(words: Beginnings, numbers: Sequence[int]) -> Beginnings | None:
    least = min(range(len(words)), key=numbers.__getitem__)
    if numbers[least] > MOST_FOUND:
        return None
    return [words[least], *words[:least], *words[least + 1 :]]


def _counted(conn: Connection, connector_ids: Collection[int], beginnings: Sequence[str]) -> Select[Any]:
    whose = among_ids(conn, word.c.connector_id, connector_ids)
    some = (
        select(word.c.record_id).where(whose, begins(word.c.word, each)).limit(MOST_FOUND + 1)
        for each in beginnings
    )
    found = union_all(*(select(part.subquery()) for part in some)).subquery()
    return select(func.count()).select_from(found)


def entries(
    conn: Connection, connector_ids: Collection[int], text: str, ids: Collection[str], *, limit: int
) -> list[tuple[int, ListEntry]]:
    """Entries of whatever list that are this, or begin with it: their name, email, SKU, bar code, account number or
    ListID; then those that have its words in their names, each with its connector. Those that are gone come last."""
    folded = fold(text)
    whose = among_ids(conn, list_entry.c.connector_id, connector_ids)
    every_list = list_entry.c.list_name.in_(tuple(ListName))
    columns = list_entry.c
    ways = [
        (every_list, among(conn, columns.list_id, ids)),
        (every_list, begins(columns.name_key, folded)),
        (columns.sku_key == folded,),
        (columns.own_name_key == folded, columns.own_name_key.is_not(None)),
        (columns.barcode_key == folded, columns.barcode_key.is_not(None)),
        (every_list, columns.account_number_key == folded, columns.account_number_key.is_not(None)),
        (
            every_list,
            columns.list_id.in_(_with_email(conn, connector_ids, folded)),
            columns.email.is_not(None),
        ),
    ]
    is_worded = literal(0).label("is_worded")
    parts = [
        select(is_worded, columns.connector_id, *COLUMNS).where(whose, *way).limit(limit).subquery()
        for way in ways
    ]
    parts += [part.limit(limit).subquery() for part in _with_words(conn, connector_ids, text)]
    found = union_all(*map(select, parts)).subquery()
    order = (found.c.is_deleted, found.c.is_active.desc(), found.c.is_worded)
    query = select(found).order_by(*order).limit(limit * 2)
    unique: dict[Any, tuple[int, ListEntry]] = {}
    for _, whose_id, *values in conn.execute(query):
        entry = ListEntry(ListName(values[0]), *values[1:])
        unique.setdefault((whose_id, *values[:2]), (whose_id, entry))
    return list(unique.values())[:limit]


def _with_words(conn: Connection, connector_ids: Collection[int], text: str) -> Iterator[Select[Any]]:
    """Entries in whose names words begin as those of a text do: the longest is looked up, the others are looked for
    among the words, too, so that only entries that have all of them are read."""
    asked = [
        [each for each in words if each[:1] not in (NUMBER, BACKWARDS)] for words in beginnings_asked(text)
    ]
    first, *others = sorted(asked, key=lambda each: -len(each[0])) or [[]]
    if not first or len(first[0]) < _SHORTEST:
        return
    looked_up = _worded(conn, connector_ids, first).subquery()
    columns = tuple_(*(looked_up.c[name] for name in _NAMED))
    has_others = (columns.in_(_worded(conn, connector_ids, words)) for words in others)
    having = select(looked_up).where(*has_others).subquery()
    is_it = (list_entry.c[name] == having.c[name] for name in _NAMED)
    query = select(literal(1).label("is_worded"), list_entry.c.connector_id, *COLUMNS)
    yield query.select_from(having.join(list_entry, and_(*is_it)))


_NAMED = ("connector_id", "list_name", "list_id")


def _worded(
    conn: Connection, connector_ids: Collection[int], words: Sequence[str]
) -> CompoundSelect[int, str, str]:
    """The entries with a word that begins in one of these ways. Those their names begin with are not kept with the
    others."""
    whose = among_ids(conn, entry_word.c.connector_id, connector_ids)
    kept = select(*(entry_word.c[name] for name in _NAMED)).where(whose)
    whose = among_ids(conn, list_entry.c.connector_id, connector_ids)
    named = select(*(list_entry.c[name] for name in _NAMED)).where(
        whose, list_entry.c.list_name.in_(tuple(ListName))
    )
    return union(
        *(kept.where(begins(entry_word.c.word, each)) for each in words),
        *(named.where(begins(list_entry.c.name_key, each)) for each in words),
    )


_SHORTEST = 2
"""A word of fewer characters is in too many names to tell anything."""


def _with_email(conn: Connection, connector_ids: Collection[int], text: str) -> Select[Any]:
    return select(list_email.c.list_id).where(
        among_ids(conn, list_email.c.connector_id, connector_ids),
        list_email.c.list_name.in_((ListName.CUSTOMER, ListName.VENDOR)),
        list_email.c.email_key == text,
    )
