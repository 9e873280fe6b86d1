"""What would become of records if they were handed over: by the check that decides it, and written nowhere.

The verdicts are carried out on what is supposed alone, in the same order and with the same consequences as `resolve`
carries them out for good; and then the visit is gone through in which they are sent, so that what one of them takes
away from another is known, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from qbwc_server.domain import changes
from qbwc_server.domain.causes import NumberConflict
from qbwc_server.domain.errors import OpenCause
from qbwc_server.domain.host_records import keys_of, number_of
from qbwc_server.domain.host_records.values import given_of
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import fold
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.storage import Transaction
from qbwc_server.sync import copies, list_cache, wording
from qbwc_server.sync.check import (
    Blocked,
    Finding,
    Matched,
    Ready,
    Unread,
    Verdict,
    Waiting,
    anticipate,
    check,
)
from qbwc_server.sync.check.verdicts import blocked
from qbwc_server.sync.supposed import Supposed
from qbwc_server.sync.wording import Dialect
from qbwc_server.sync.work import asked, read_missing

AT_ONCE = 100
"""For so many records is read at once what they are checked against."""

_ROUNDS = 20
"""So often are list records looked at again that others stand in the way of: QuickBooks has no deeper families."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of a record.

    Attributes:
        record: as it would stand.
        verdict: what the check finds; None where it is not checked.
    """

    record: Record
    verdict: Verdict | None


def decide_all(known: Supposed, creations: "Creations", members: Sequence[Record]) -> dict[int, Outlook]:
    """What would become of queued and blocked records, each in sight of all the others; by their ids."""
    listed = [record for record in members if not record.kind.is_document]
    found = _in_rounds(creations.conn, known, listed)
    found |= _blocked_in_turn(known, creations, found)
    documents = [record for record in members if record.kind.is_document]
    decided = dict(_decided(creations.conn, known, documents))
    return found | decided | _blocked_in_turn(known, creations, decided)


def _in_rounds(conn: Transaction, known: Supposed, listed: Sequence[Record]) -> dict[int, Outlook]:
    found: dict[int, Outlook] = {}
    left = listed
    for _ in range(_ROUNDS):
        decided = dict(_decided(conn, known, left))
        moved = any(_says(found.get(each)) != _says(outlook) for each, outlook in decided.items())
        found |= decided
        left = [record for record in left if isinstance(found[record.id].verdict, Waiting | Blocked)]
        if not moved or not left:
            break
    return found


def _says(outlook: Outlook | None) -> object:
    if outlook is None:
        return None
    verdict = outlook.verdict
    return type(verdict), verdict.findings if isinstance(verdict, Blocked) else None


def _decided(conn: Transaction, known: Supposed, members: Sequence[Record]) -> Iterator[tuple[int, Outlook]]:
    dialect = Dialect.of(known.connector)
    for start in range(0, len(members), AT_ONCE):
        part = members[start : start + AT_ONCE]
        anticipate(known, part)
        if known.missing:
            read_missing(conn, known)
        for number, record in enumerate(part, start=1):
            verdict = _verdict(conn, known, known.now(record), part[number:])
            verdict = _as_can_be_said(record, verdict, dialect)
            yield record.id, Outlook(_carried_out(known, known.now(record), verdict), verdict)


def _verdict(conn: Transaction, known: Supposed, record: Record, others: Iterable[Record]) -> Verdict:
    """What the check finds of a record; what that takes is read for the others as well."""
    while True:
        verdict = check(known, record)
        if not known.missing:
            return verdict
        for other in others:
            check(known, known.now(other))
        read_missing(conn, known)


def _as_can_be_said(record: Record, verdict: Verdict, dialect: Dialect) -> Verdict:
    """The verdict, unless what it comes to cannot be said in this QuickBooks, as a visit would find."""
    if not isinstance(verdict, Ready):
        return verdict
    built = wording.said(record, wording.request_of(verdict, ""), dialect)
    return Blocked((built,)) if isinstance(built, Finding) else verdict


def _carried_out(known: Supposed, record: Record, verdict: Verdict) -> Record:
    """A record as it would stand when a verdict is carried out."""
    match verdict:
        case Blocked(findings):
            causes = [OpenCause(None, each.cause, each.cause.key, each.answer) for each in findings]
            known.tell_errors(record.id, causes)
            return known.changed(record._replace(state=State.BLOCKED, waiting=0))
        case Matched(link, unsaid):
            told = (
                changes.held(record.content, record.synced_content, unsaid) if record.link else record.content
            )
            record = record._replace(link=link, synced_content=told, synced_revision=record.revision)
            record = record._replace(state=State.SYNCED, waiting=0, is_surplus=False)
        case Waiting(on):
            record = record._replace(state=State.QUEUED, waiting=len(on))
        case Ready() | Unread():
            record = record._replace(state=State.QUEUED, waiting=0, is_surplus=False)
        case _:
            assert_never(verdict)
    known.tell_errors(record.id, ())
    return known.changed(record)


# --- as if QuickBooks held what is to be created -------------------------------------------------------------


def _blocked_in_turn(
    known: Supposed, creations: "Creations", decided: Mapping[int, Outlook]
) -> dict[int, Outlook]:
    """Those of the records that can go, or wait, which are blocked when it is their turn: what they would be, their
    name or their number is another's by then."""
    going = [
        each.record
        for each in decided.values()
        if isinstance(each.verdict, Ready | Waiting) and each.record.link is None
    ]
    turns = sorted([*going, *_namesakes(creations.conn, known, going)], key=_turn)
    blocked: dict[int, Outlook] = {}
    for number, record in enumerate(turns, start=1):
        before = decided[record.id].verdict if record.id in decided else None
        verdict = creations.when_it_is_its_turn(record, turns[number : number + AT_ONCE], before)
        if record.id in decided and isinstance(verdict, Blocked):
            blocked[record.id] = Outlook(known.now(record), verdict)
    creations.undo()
    return blocked


def _turn(record: Record) -> tuple[bool, int, int, int]:
    """The order of sending, as far as it is known before."""
    return (record.waiting > 0, KINDS[record.kind].rank, record.priority, record.id)


def _namesakes(conn: Transaction, known: Supposed, going: Sequence[Record]) -> list[Record]:
    """List records beside these that are on their way to QuickBooks and may have a name of theirs there."""
    names: dict[Kind, list[str]] = {}
    for record in going:
        own = [key for key in keys_of(known.parsed(record.kind, record.content)) if key.startswith("name:")]
        for list_name in ListName(record.kind).sharing if own else ():
            if list_name.is_matched:
                names.setdefault(Kind(list_name), []).extend(own)
    found = asked(conn, known, lambda: [each for kind in names for each in known.by_keys(kind, names[kind])])
    there = {record.id for record in going}
    return [
        each
        for each in found
        if each.id not in there
        and each.link is None
        and each.claim is None
        and each.state is not State.BLOCKED
    ]


class Creations:
    """Supposes that QuickBooks holds what is created, under ids that stand for those it will give, until that is
    undone. Whatever is decided is to be decided before: from then on the records count as linked.

    Attributes:
        stand_ins: what stands for the ListID or TxnID of each record, by its id; the same whenever it is supposed.
    """

    def __init__(self, conn: Transaction, known: Supposed) -> None:
        self.conn, self._known = conn, known
        self.stand_ins: dict[int, str] = {}
        self._decided: dict[int, Record] = {}
        self._there_by: dict[int, Verdict] = {}
        self._in_hand: set[int] = set()
        self._numbers: dict[tuple[Kind, str], Record] = {}

    def as_decided(self, record_id: int | None) -> Record | None:
        """A record as it stood when all was decided."""
        if record_id is None:
            return None
        return self._decided.get(record_id) or self._known.record(record_id)

    def undo(self) -> None:
        """QuickBooks holds none of it."""
        for record in self._decided.values():
            self._known.changed(record)
        self._decided, self._there_by = {}, {}
        self._known.would_hold_nothing()

    def verdict(self, record: Record, others: Iterable[Record] = ()) -> Verdict:
        """The verdict on a record once all that it waits for is in QuickBooks; what it takes to tell is read for the
        others as well."""
        known = self._known
        if record.id in self._there_by:
            return self._there_by[record.id]
        tried: set[int] = set()
        while True:
            verdict = _verdict(self.conn, known, known.now(record), others)
            if not isinstance(verdict, Waiting) or verdict.on <= tried:
                return _as_can_be_said(record, verdict, Dialect.of(known.connector))
            for each in sorted(verdict.on - tried):
                tried.add(each)
                self._come_to(each)

    def when_it_is_its_turn(
        self, record: Record, others: Iterable[Record] = (), before: Verdict | None = None
    ) -> Verdict:
        """The verdict on a record that QuickBooks does not hold; from then on it does, unless the record is blocked.

        Args:
            before: what was decided before. What a document names that could go then is in QuickBooks, and nothing
                that comes there is meant in its place: only its number may be another's by now.
        """
        if record.id in self._there_by:
            return self._there_by[record.id]
        if not (record.kind.is_document and isinstance(before, Ready)):
            before = self.verdict(record, others)
        verdict = self._unless_numbered_so(record, before)
        match verdict:
            case Blocked():
                _carried_out(self._known, self._known.now(record), verdict)
            case Matched(link):
                self._there_by[record.id] = verdict
                self._link(record, link)
            case Ready(operation=Operation.ADD):
                self._suppose(record, verdict)
        return verdict

    def _come_to(self, record_id: int) -> None:
        """Come to a record that another waits for."""
        record = self._known.record(record_id)
        if record is None or record.link is not None or record_id in self._in_hand:
            return
        self._in_hand.add(record_id)  # a circle ends here
        self.when_it_is_its_turn(record)
        self._in_hand.remove(record_id)

    def _unless_numbered_so(self, record: Record, verdict: Verdict) -> Verdict:
        """The verdict on a record, unless it is a document and another one has its number by then."""
        number = number_of(record.content.get("ref_number"), self._known.settings)
        if not record.kind.is_document or number is None or not isinstance(verdict, Ready):
            return verdict
        first = self._numbers.setdefault((record.kind, fold(number)), record)
        if first.id == record.id:
            return verdict
        return blocked(NumberConflict(record.kind.label, number, self._stand_in(first), taken_by=first.label))

    def _stand_in(self, record: Record) -> str:
        return self.stand_ins.setdefault(record.id, f"new-{record.kind}-{len(self.stand_ins) + 1}")

    def _suppose(self, record: Record, verdict: Ready) -> None:
        self._there_by[record.id] = verdict
        if record.kind.is_document:
            return
        stand_in = self._stand_in(record)
        full_name = copies.addition(verdict.payload).name
        values = {**given_of(verdict.payload), "list_id": stand_in, "full_name": full_name}
        kept = list_cache.Kept.of(values)
        entry = list_cache.entry_of(ListName(record.kind), verdict.payload.kind, kept)
        if entry is None:
            raise RuntimeError(f"{record.label} would be created without a name")
        self._known.would_hold(entry)
        self._link(record, Link(stand_in, None, full_name, "created", "answer"))

    def _link(self, record: Record, link: Link) -> None:
        self._decided[record.id] = self._known.now(record)
        self._known.changed(record._replace(link=link, state=State.SYNCED, waiting=0))
