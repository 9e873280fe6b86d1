"""Many links at once: each line says what a record is in QuickBooks, and is done whole or not at all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from qbwc_server.desk.deciding import decisions
from qbwc_server.desk.deciding.link_lines import Line, Wish, understood
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, choose, fold
from qbwc_server.domain.records import Record
from qbwc_server.storage import Transaction, connectors, lists, records
from qbwc_server.storage.bulk import batched
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import turn

CHUNK = 100
"""Lines of one transaction: nobody else waits longer for the connector than these take."""

_WORDS = {
    "list_id": "ListID",
    "txn_id": "TxnID",
    "full_name": "full name",
    "account_number": "account number",
    "sku": "Manufacturer's Part Number",
    "barcode": "bar code",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a line.

    Attributes:
        result: ``linked`` (when it is only looked at: it would be), ``unchanged`` as it is linked to that already,
            or ``faulty``: `reason` says why.
        full_name: what QuickBooks calls it, as far as that is known.
    """

    line: int
    kind: Kind | None
    external_id: str | None
    result: Literal["linked", "unchanged", "faulty"]
    quickbooks_id: str | None = None
    full_name: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class _Done:
    """What the lines of the whole file link so far: by record, and by what it is in QuickBooks."""

    by_record: dict[tuple[Kind, str], Outcome] = field(default_factory=dict)
    by_id: dict[tuple[Kind, str], Outcome] = field(default_factory=dict)

    def add(self, wish: Wish, outcome: Outcome) -> None:
        self.by_record.setdefault(wish.record, outcome)
        self.by_id.setdefault((wish.kind, outcome.quickbooks_id or ""), outcome)

    def check(self, wish: Wish, quickbooks_id: str) -> None:
        """Refuse what another line of the same file says otherwise."""
        former = self.by_record.get(wish.record)
        if former is not None and former.quickbooks_id != quickbooks_id:
            raise _Refused(f"line {former.line} links it to {former.quickbooks_id}")
        other = self.by_id.get((wish.kind, quickbooks_id))
        if other is not None and other.external_id != wish.external_id:
            label = f"{wish.kind.label} {other.external_id}"
            raise _Refused(f"line {other.line} links {label} to {quickbooks_id} already")


class _Refused(Exception):
    """A line cannot be done; its text says why."""


class _OnlyLooked(Exception):
    """Takes back what a preview did."""


def link_all(
    core: Core, connector_name: str, lines: Iterable[Line], *, actor: str, dry_run: bool = False
) -> Iterator[Outcome]:
    """Link records by the rule of `decisions.link`; a faulty line holds up no other.

    Args:
        dry_run: only tell what would become of each line.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connectors.by_name(conn, connector_name)
    return _in_chunks(core, connector_name, lines, actor, dry_run)


def _in_chunks(
    core: Core, connector_name: str, lines: Iterable[Line], actor: str, dry_run: bool
) -> Iterator[Outcome]:
    done = _Done()
    for chunk in batched(lines, CHUNK):
        outcomes: list[Outcome] = []
        try:
            with turn(core, connector_name) as (conn, connector):
                outcomes = list(_chunk(core, conn, connector, chunk, done, actor))
                if dry_run:
                    raise _OnlyLooked
        except _OnlyLooked:
            pass
        yield from outcomes


def _chunk(
    core: Core,
    conn: Transaction,
    connector: Connector,
    lines: Sequence[Line],
    done: _Done,
    actor: str,
) -> Iterator[Outcome]:
    """What becomes of each line, in order."""
    read = [(line, understood(line)) for line in lines]
    wishes = [wish for _, wish in read if isinstance(wish, Wish)]
    known = _known_records(conn, connector, wishes)
    found = _found(conn, connector, wishes)
    for line, wish in read:
        if isinstance(wish, str):
            yield Outcome(line.number, None, line.cells.get("external_id"), "faulty", reason=wish)
            continue
        outcome = _outcome(core, conn, connector, wish, known, found, done, actor)
        if outcome.result != "faulty":
            done.add(wish, outcome)
        yield outcome


def _known_records(
    conn: Transaction, connector: Connector, wishes: Sequence[Wish]
) -> dict[tuple[Kind, str], Record]:
    return {
        (kind, record.external_id): record
        for kind in {wish.kind for wish in wishes}
        for record in records.by_external_ids(
            conn, connector.id, kind, [wish.external_id for wish in wishes if wish.kind is kind]
        )
    }


_Finder = Callable[[Transaction, int, ListName, Sequence[str]], Mapping[str, list[ListEntry]]]
_FINDERS: Mapping[str, _Finder] = {
    "full_name": lists.by_names,
    "email": lambda conn, connector_id, name, emails: lists.by_emails(
        conn, connector_id, name, map(fold, emails)
    ),
    "account_number": lists.by_account_numbers,
    "sku": lambda conn, connector_id, _, skus: lists.by_skus(conn, connector_id, skus),
    "barcode": lambda conn, connector_id, _, codes: lists.by_barcodes(conn, connector_id, codes),
}


def _found(
    conn: Transaction, connector: Connector, wishes: Sequence[Wish]
) -> dict[tuple[Kind, str, str], list[ListEntry]]:
    """The entries that the lines name otherwise than by ListID: (kind, way, folded value) → entries."""
    wanted: dict[tuple[Kind, str], list[str]] = {}
    for wish in wishes:
        if wish.way in _FINDERS:
            wanted.setdefault((wish.kind, wish.way), []).append(wish.value)
    return {
        (kind, way, key): entries
        for (kind, way), values in wanted.items()
        for key, entries in _FINDERS[way](conn, connector.id, ListName(kind), values).items()
    }


def _outcome(
    core: Core,
    conn: Transaction,
    connector: Connector,
    wish: Wish,
    known: Mapping[tuple[Kind, str], Record],
    found: Mapping[tuple[Kind, str, str], list[ListEntry]],
    done: _Done,
    actor: str,
) -> Outcome:
    record = known.get(wish.record)
    quickbooks_id: str | None = None
    try:
        if record is None:
            raise _Refused(
                f"the {wish.kind.label} {wish.external_id!r} has not been handed over yet: hand it over first"
            )
        quickbooks_id = _meant(wish, found)
        done.check(wish, quickbooks_id)
        former = done.by_record.get(wish.record)
        if former is not None or decisions.is_linked_to(record, quickbooks_id):
            name = former.full_name if former else record.link.name if record.link else None
            return Outcome(wish.line, *wish.record, "unchanged", quickbooks_id, name)
        # what fails in the middle leaves nothing of this line behind, and all of the others
        with conn.begin_nested():
            linked = decisions.link_in(core, conn, connector, *wish.record, quickbooks_id, actor=actor)
    except (_Refused, NotFound, Conflict) as error:
        return Outcome(wish.line, *wish.record, "faulty", quickbooks_id, reason=str(error))
    except InvalidInput as error:
        return Outcome(wish.line, *wish.record, "faulty", quickbooks_id, reason=error.faults[0].message)
    # what a document is called is known when QuickBooks has shown it
    name = linked.link.name if linked.link and linked.claim is None else None
    return Outcome(wish.line, *wish.record, "linked", quickbooks_id, name)


def _meant(wish: Wish, found: Mapping[tuple[Kind, str, str], list[ListEntry]]) -> str:
    """The ListID or TxnID that a line names."""
    if wish.way not in _FINDERS:
        return wish.value
    entries = choose(found[wish.kind, wish.way, fold(wish.value)])
    words = f"{wish.kind.label} with the {_WORDS.get(wish.way, wish.way)} {wish.value!r}"
    if not entries:
        raise _Refused(
            f"QuickBooks' list has no {words}; if it is newer than the last refresh, press Resync (qbwc-server resync "
            "NAME) and try again after the next visit"
        )
    if len(entries) > 1:
        several = ", ".join(f"{entry.full_name} ({entry.list_id})" for entry in entries)
        raise _Refused(f"QuickBooks has more than one {words}: {several}. Name the list_id of one")
    return entries[0].list_id
