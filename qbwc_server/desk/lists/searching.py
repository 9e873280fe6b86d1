"""One search over everything people may see: records, entries of QuickBooks' lists, what was refused, connectors."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from qbwc_server.desk.documents import documents
from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.documents.finding import (
    MOST_PARTIES,
    MOST_WAYS,
    SHORTEST_WORD,
    ways_of_entry,
    ways_of_record,
)
from qbwc_server.desk.views.error_views import ErrorRecord, shown
from qbwc_server.domain import typed
from qbwc_server.domain.findable import beginnings_asked
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.typed import Typed
from qbwc_server.storage import Transaction, connectors, records, refused, searching
from qbwc_server.storage.searching import EXACT, Asked
from qbwc_server.sync.core import Core

MOST_SHOWN = 50
"""So many records are shown; whoever finds more writes more of what is known."""
MOST_ENTRIES = 20
PARTIES = (Kind.CUSTOMER, Kind.VENDOR)


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry of a list of QuickBooks, of a connector."""

    connector: str
    entry: ListEntry


@dataclass(frozen=True, slots=True)
class Found:
    """What was found by a text.

    Attributes:
        looked_in: the connectors that were searched, by name.
        records: the best first; `has_more` of them are there than are shown.
        exact: how many of them are exactly what was typed.
        loosely: none has everything that was typed; these have some of it.
        too_common: more records have such words than it makes sense to look through.
        refused: what the order system handed over under this id, and what was not accepted.
    """

    typed: Typed
    looked_in: tuple[str, ...] = ()
    records: tuple[Recognised, ...] = ()
    exact: int = 0
    has_more: bool = False
    loosely: bool = False
    too_common: bool = False
    entries: tuple[FoundEntry, ...] = ()
    refused: tuple[ErrorRecord, ...] = ()
    connectors: tuple[str, ...] = ()

    @property
    def only(self) -> Recognised | None:
        """The one record that was meant for certain."""
        is_alone = len(self.records) == self.exact == 1 and not self.refused and not self.connectors
        return self.records[0] if is_alone else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.records or self.entries or self.refused or self.connectors)


@dataclass(frozen=True, slots=True)
class Hits:
    """Records, the best first, as `Found` tells of them."""

    records: tuple[Recognised, ...]
    exact: int = 0
    has_more: bool = False
    too_common: bool = False
    loosely: bool = False


@dataclass(frozen=True, slots=True)
class _Search:
    """What is searched: some connectors, and of their records some."""

    conn: Transaction
    names: Mapping[int, str]
    typed: Typed
    kinds: Sequence[Kind] = tuple(Kind)
    states: Sequence[State] = tuple(State)
    entries: Sequence[tuple[int, ListEntry]] = field(default=())


def everywhere(core: Core, text: str) -> Found:
    """Whatever is known under a text, over all connectors; in a constant number of statements."""
    said = typed.read(text)
    if len(fold(said.text)) < SHORTEST_WORD and not said.text.isdigit():
        return Found(said)
    with core.database.read() as conn:
        names = connectors.living(conn)
        search = _Search(conn, names, said)
        entries = searching.entries(conn, names, said.number, said.ids, limit=MOST_ENTRIES)
        hits = _hits(replace(search, entries=entries))
        not_accepted = refused.called(conn, names, said.text)
        meant = connectors.with_guid(conn, UUID(said.text)) if said.is_guid else ()
    folded = fold(said.text)
    return Found(
        typed=said,
        looked_in=tuple(names.values()),
        records=hits.records,
        exact=1 if _is_called(hits.records, said) else hits.exact,
        has_more=hits.has_more,
        loosely=hits.loosely,
        too_common=hits.too_common,
        entries=tuple(FoundEntry(names[whose], entry) for whose, entry in entries),
        refused=tuple(map(shown, not_accepted)),
        connectors=tuple(
            name for whose, name in names.items() if folded in name.casefold() or whose in meant
        ),
    )


def _is_called(found: Sequence[Recognised], said: Typed) -> bool:
    """Whether the one that was found is a customer, vendor or item of just this name."""
    if len(found) != 1 or found[0].kind.is_document:
        return False
    return fold(found[0].party or "") in (fold(said.text), fold(said.number))


def hits(
    conn: Transaction,
    names: Mapping[int, str],
    text: str,
    *,
    kinds: Sequence[Kind] = tuple(Kind),
    states: Sequence[State] = tuple(State),
) -> Hits:
    """The records of some connectors, by their ids, that a text means."""
    said = typed.read(text)
    entries = searching.entries(conn, names, said.number, said.ids, limit=MOST_ENTRIES)
    return _hits(_Search(conn, names, said, kinds, states, entries))


def _hits(search: _Search) -> Hits:
    """What is meant, as closely as anything is found."""
    said = search.typed
    rarest = searching.rarest(search.conn, search.names, [each.words for each in said.tries])
    usable = [
        (each.kinds, words) for each, words in zip(said.tries, rarest, strict=True) if words is not None
    ]
    parties = _parties(search, usable[-1][1] if usable else None)
    found: dict[int, int] = {}
    base = Asked(number=said.number, ids=said.ids, cents=said.cents, states=search.states)
    for number, (kinds, words) in enumerate(usable or [(tuple(Kind), None)]):
        asked = replace(
            base,
            words=words,
            kinds=_both(kinds, search.kinds),
            parties=parties if number == 0 else (),
        )
        for record_id, rank in searching.find(search.conn, search.names, asked, limit=MOST_SHOWN + 1):
            found.setdefault(record_id, rank)
    too_common = bool(said.tries) and not usable
    if found or not said.parts:
        best = sorted(found, key=lambda each: found[each])
        known = documents.recognised(search.conn, best[:MOST_SHOWN])
        exact = sum(rank == EXACT for rank in found.values())
        return Hits(tuple(known.values()), exact, len(best) > MOST_SHOWN, too_common)
    return _loosely(search)


def _both(kinds: Sequence[Kind], others: Sequence[Kind]) -> tuple[Kind, ...]:
    return tuple(kind for kind in kinds if kind in others)


def _loosely(search: _Search) -> Hits:
    """What has a number or amount among the words that were typed; what has more of them comes first."""
    said = search.typed
    tries = [beginnings_asked(part) for part in said.parts]
    rarest = searching.rarest(search.conn, search.names, tries)
    asked = [
        Asked(number=part, words=words, cents=typed.cents(part), kinds=search.kinds, states=search.states)
        for part, words in zip(said.parts, rarest, strict=True)
    ]
    found: dict[int, None] = {}
    complete = set()
    for part, each in zip(said.parts, asked, strict=True):
        having = searching.find(search.conn, search.names, each, limit=MOST_SHOWN)
        found.update(dict.fromkeys(record_id for record_id, _ in having))
        if len(having) < MOST_SHOWN:
            complete.add(part)
    known = documents.recognised(search.conn, found)
    best = sorted(known.values(), key=lambda each: -_agreement(each, said))
    most = _agreement(best[0], said) if best else 0
    # one word alone of several, where another record has more of them, is not what is meant
    near = [each for each in best if _agreement(each, said) == most]
    if len(near) == 1 and _has_all(near[0], said, complete):
        return Hits((near[0],), exact=1)
    return Hits(tuple(near[:MOST_SHOWN]), has_more=len(near) > MOST_SHOWN, loosely=True)


def _has_all(known: Recognised, said: Typed, complete: Collection[str]) -> bool:
    """Whether a record has everything that was typed, and its number so that all with that number were seen."""
    text, number = _told(known), fold(known.number or "")
    is_there = all(
        fold(word) in text or known.amount in set(typed.amounts_in((word,))) for word in said.words
    )
    return is_there and any(number.endswith(fold(part)) for part in complete)


def _agreement(known: Recognised, said: Typed) -> int:
    """How many of the words that were typed a record has."""
    text = _told(known)
    amounts = set(typed.amounts_in(said.parts))
    return sum(fold(word) in text for word in said.words) + (known.amount in amounts)


def _told(known: Recognised) -> str:
    """All that is told of a record, to be compared."""
    return fold(" ".join(filter(None, (known.words, known.external_id, known.mark))))


def _parties(search: _Search, words: Sequence[Sequence[str]] | None) -> Collection[tuple[int, str]]:
    """Whose documents are meant, if the text is a customer or vendor: a few, else it tells nothing."""
    ways = {(whose, way) for whose, entry in search.entries for way in ways_of_entry(entry)}
    if words is not None:
        asked = Asked(words=words, kinds=PARTIES)
        people = searching.find(search.conn, search.names, asked, limit=MOST_PARTIES + 1)
        if len(people) <= MOST_PARTIES:
            ways |= set(_ways(records.get_all(search.conn, [record_id for record_id, _ in people]).values()))
    return ways if len(ways) <= MOST_WAYS * 4 else ()


def _ways(people: Collection[Record]) -> Iterator[tuple[int, str]]:
    for record in people:
        for way in ways_of_record(record):
            yield record.connector_id, way
