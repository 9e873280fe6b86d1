"""QuickBooks' lists as they are known here, for people: how old that is, and what is linked to each entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record
from qbwc_server.storage import Transaction, lists, pickers, records
from qbwc_server.storage.lists import Place
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

MOST_FOUND = 100
"""So many entries are shown of those that are found by a text."""


@dataclass(frozen=True, slots=True)
class KnownLists:
    """The lists of a connector that are kept, or may be once something refers to them."""

    connector: Connector
    loads: tuple[ListLoad, ...]


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry of a list, and the records of the order system that are linked to it."""

    entry: ListEntry
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class KnownList:
    """A part of one list.

    Attributes:
        previous, next: the places before and behind which there are more; None: there are none.
        has_more: more were found than are shown.
    """

    connector: Connector
    load: ListLoad
    entries: tuple[KnownEntry, ...]
    previous: Place | None = None
    next: Place | None = None
    has_more: bool = False


def known(core: Core, connector_name: str) -> KnownLists:
    """The lists of a connector.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return KnownLists(connector, tuple(lists.loads(conn, connector.id, tuple(ListName))))


def page(
    core: Core,
    connector_name: str,
    list_name: ListName,
    *,
    behind: Place | None = None,
    before: Place | None = None,
    with_deleted: bool = False,
    limit: int,
) -> KnownList:
    """A page of a list, by name.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        found = lists.by_alphabet(
            conn,
            connector.id,
            list_name,
            behind=behind,
            before=before,
            limit=limit + 1,
            with_deleted=with_deleted,
        )
        is_longer = len(found) > limit
        here = found[-limit:] if before is not None else found[:limit]
        (load,) = lists.loads(conn, connector.id, (list_name,))
        entries = _with_records(conn, connector, list_name, here)
    has_previous = is_longer if before is not None else behind is not None
    return KnownList(
        connector,
        load,
        entries,
        previous=lists.place_of(here[0]) if here and has_previous else None,
        next=lists.place_of(here[-1]) if here and (before is not None or is_longer) else None,
    )


def found(core: Core, connector_name: str, list_name: ListName, text: str) -> KnownList:
    """What of a list holds a text: in a name, email, SKU, bar code or account number; or has it as its ListID.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        entries = pickers.holding(conn, connector.id, list_name, text, limit=MOST_FOUND + 1)
        (load,) = lists.loads(conn, connector.id, (list_name,))
        shown = _with_records(conn, connector, list_name, entries[:MOST_FOUND])
    return KnownList(connector, load, shown, has_more=len(entries) > MOST_FOUND)


def _with_records(
    conn: Transaction, connector: Connector, list_name: ListName, entries: Sequence[ListEntry]
) -> tuple[KnownEntry, ...]:
    """Entries with what is linked to them; only lists that records are matched with have any."""
    linked: dict[str, list[Record]] = {}
    if list_name.is_matched:
        ids = [entry.list_id for entry in entries]
        for record in records.linked_to(conn, connector.id, Kind(list_name), ids):
            if record.link is not None:
                linked.setdefault(record.link.quickbooks_id, []).append(record)
    return tuple(KnownEntry(entry, tuple(linked.get(entry.list_id, ()))) for entry in entries)
