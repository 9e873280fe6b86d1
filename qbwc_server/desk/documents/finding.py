"""Records found by what whoever asks knows of them: a number, a customer, a TxnID, or some words."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qbwc_server.desk.pages import Page
from qbwc_server.desk.views import record_views
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.findable import WAYS, beginnings_asked, party_key
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, finding, lists, records
from qbwc_server.storage.finding import MOST_FOUND, Place, Wanted
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

SHORTEST_WORD = 2
MOST_WORDS = 8
MOST_WAYS = 24
"""Whose documents are asked for may be called in so many ways at most."""
MOST_PARTIES = 8
"""So many customers and vendors that are found by some words are shown with their documents."""

_LISTS = tuple(kind for kind in Kind if not kind.is_document)
_DOCUMENTS = tuple(kind for kind in Kind if kind.is_document)
HAVING: Mapping[str, Sequence[Kind]] = {
    "ref_number": _DOCUMENTS,
    "txn_id": _DOCUMENTS,
    "list_id": _LISTS,
    **{
        party: tuple(kind for kind in _DOCUMENTS if KINDS[kind].party == party)
        for party in ("customer", "vendor")
    },
}
"""What only records of some kinds have."""
_WORDS = {"ref_number": "number", "txn_id": "TxnID", "list_id": "ListID"}


@dataclass(frozen=True, slots=True)
class Filter:
    """What is known of the records that are looked for; what is None, or empty, narrows nothing.

    Attributes:
        states: only those in one of these.
        ref_number: only documents with this number, the host's or the one in QuickBooks, in any case.
        txn_id, list_id: only what this is in QuickBooks.
        customer, vendor: only documents of this one: its external id, full name, an email or its ListID, whichever
            way they name it themselves.
        q: only those of which words begin as the words of this text do.
        created_after, created_before, updated_after, updated_before: without the moment itself.
    """

    kind: Kind | None = None
    states: Collection[State] = ()
    ref_number: str | None = None
    txn_id: str | None = None
    list_id: str | None = None
    customer: str | None = None
    vendor: str | None = None
    q: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None

    def kinds(self) -> tuple[tuple[Kind, ...], list[Fault]]:
        """Of which kinds such records may be, and each part that leaves none of them."""
        kinds = set(Kind) if self.kind is None else {self.kind}
        left, faults = kinds, []
        for name, having in HAVING.items():
            if getattr(self, name) is None:
                continue
            if left.isdisjoint(having):
                faults.append(Fault(f"/{name}", f"{_plural(left)} have no {_WORDS.get(name, name)}"))
            else:
                left = left & set(having)
        return tuple(kind for kind in Kind if kind in left), faults


def _plural(kinds: Collection[Kind]) -> str:
    return " and ".join(kind.plural.replace("-", " ") for kind in Kind if kind in kinds)


def page(
    core: Core, connector_name: str, wanted: Filter, *, behind: Place | None = None, limit: int = 100
) -> Page[dict[str, Any], Place]:
    """Records as `record_views.view` shows them, oldest change first; with bounds of creation alone, oldest first.

    Whoever pages misses none: a record that changes meanwhile comes once more.

    Args:
        behind: `end` of the page before.

    Raises:
        NotFound: there is no such connector.
        InvalidInput: nothing can be found so.
    """
    kinds, faults = wanted.kinds()
    words, more = _words(wanted.q)
    if faults or more:
        raise InvalidInput([*faults, *more])
    with look(core, connector_name) as (conn, connector):
        asked = _asked(conn, connector, wanted, kinds, words)
        found = finding.find(conn, connector.id, asked, behind=behind, limit=limit + 1)
        views = tuple(record_views.views_of(conn, found[:limit]))
    last = found[limit - 1] if len(found) > limit else None
    return Page(views, (last.created_at if asked.by_creation else last.updated_at, last.id) if last else None)


def best(
    core: Core, connector_name: str, text: str, *, kind: Kind | None = None, limit: int = 25
) -> tuple[dict[str, Any], ...]:
    """Records that are found by some words, for whoever types them; none by what is too short or too common.

    Raises:
        NotFound: there is no such connector.
    """
    try:
        return page(core, connector_name, Filter(kind=kind, q=text), limit=limit).items
    except InvalidInput:
        return ()


def _words(text: str | None) -> tuple[list[tuple[str, ...]] | None, list[Fault]]:
    """How words of what is found begin, and why they tell nothing."""
    if text is None:
        return None, []
    words = beginnings_asked(text)
    if len(fold(text)) < SHORTEST_WORD or not words:
        return None, [Fault("/q", f"write at least {SHORTEST_WORD} letters or digits")]
    if len(words) > MOST_WORDS:
        return None, [Fault("/q", f"write {MOST_WORDS} words at most")]
    return words, []


def _asked(
    conn: Transaction,
    connector: Connector,
    wanted: Filter,
    kinds: tuple[Kind, ...],
    words: Sequence[Sequence[str]] | None,
) -> Wanted:
    parties = None
    for name, text in (("customer", wanted.customer), ("vendor", wanted.vendor)):
        if text is not None:
            parties = _ways(conn, connector, Kind(name), text)
            if len(parties) > MOST_WAYS:
                raise InvalidInput(
                    [Fault(f"/{name}", f"several {name}s are called so: give its external id")]
                )
    asked = Wanted(
        kinds=kinds,
        states=tuple(wanted.states) or tuple(State),
        number=wanted.ref_number,
        ids=None if (its_id := wanted.txn_id or wanted.list_id) is None else _spelt(its_id),
        parties=parties,
        created_after=wanted.created_after,
        created_before=wanted.created_before,
        updated_after=wanted.updated_after,
        updated_before=wanted.updated_before,
    )
    return (
        asked if wanted.q is None or words is None else _with_words(conn, connector, asked, wanted.q, words)
    )


def _spelt(text: str) -> tuple[str, ...]:
    """A TxnID or ListID as it was typed, and as QuickBooks writes it."""
    return tuple(dict.fromkeys((text.strip(), text.strip().upper())))


def _with_words(
    conn: Transaction, connector: Connector, asked: Wanted, text: str, words: Sequence[Sequence[str]]
) -> Wanted:
    rarest = finding.rarest(conn, connector.id, words)
    if rarest is None:
        raise InvalidInput(
            [Fault("/q", f"more than {MOST_FOUND:,} records have such words: write more of them")]
        )
    people = Wanted(kinds=(Kind.CUSTOMER, Kind.VENDOR), words=rarest)
    found = finding.find(conn, connector.id, people, limit=MOST_PARTIES + 1)
    ways = (
        {way for record in found for way in ways_of_record(record)} if len(found) <= MOST_PARTIES else set()
    )
    return replace(
        asked, words=rarest, called=_spelt(text), of_parties=ways if len(ways) <= MOST_WAYS else frozenset()
    )


def _ways(conn: Transaction, connector: Connector, kind: Kind, text: str) -> set[str]:
    """In which ways documents may name the customer or vendor that is called so."""
    list_name, bare, folded = ListName(kind), text.strip(), fold(text)
    keys = [f"name:{folded}", f"email:{folded}"]
    asked: dict[records.Question, Collection[str]] = {
        (kind, "external_id"): [bare],
        (kind, "quickbooks_id"): _spelt(text),
        (kind, "key"): keys,
    }
    ours = [record for found in records.look_up(conn, connector.id, asked).values() for _, record in found]
    ids = {record.link.quickbooks_id for record in ours if record.link}
    entries = _entries(conn, connector, list_name, {*_spelt(text), *ids}, folded)
    others = records.linked_to(conn, connector.id, kind, {entry.list_id for entry in entries} - ids)
    return {
        *(party_key(way, text) for way in WAYS),
        *(way for record in (*ours, *others) for way in ways_of_record(record)),
        *(way for entry in entries for way in ways_of_entry(entry)),
    }


def _entries(
    conn: Transaction, connector: Connector, list_name: ListName, ids: Collection[str], folded: str
) -> list[ListEntry]:
    asked: dict[lists.Question, Collection[str]] = {
        (list_name, "list_id"): list(ids),
        (list_name, "email"): [folded],
        (list_name, "full_name"): [folded],
    }
    found = lists.look_up(conn, connector.id, asked)
    return list({entry.list_id: entry for some in found.values() for _, entry in some}.values())


def ways_of_record(record: Record) -> Iterator[str]:
    """How documents may name a customer or vendor of the order system."""
    yield party_key("external_id", record.external_id)
    if record.link is not None:
        yield party_key("list_id", record.link.quickbooks_id)
    name, parent = record.content.get("name"), record.content.get("parent")
    called = record.link.name if record.link and record.link.name else name
    if isinstance(called, str) and (called != name or not parent):
        yield party_key("full_name", called)
    yield from _ways_of_email(record.content.get("email"))


def ways_of_entry(entry: ListEntry) -> Iterator[str]:
    """How they may name what it is in QuickBooks."""
    yield party_key("list_id", entry.list_id)
    yield party_key("full_name", entry.full_name)
    yield from _ways_of_email(entry.email)


def _ways_of_email(addresses: Any) -> Iterator[str]:
    for each in email_keys(addresses if isinstance(addresses, str) else None):
        yield party_key("email", each)
