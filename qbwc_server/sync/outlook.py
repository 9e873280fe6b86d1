"""What would become of records if they were handed over: by the check that decides it, and written nowhere.

The verdicts are carried out on what is supposed alone, in the same order and with the same consequences as `resolve`
carries them out for good.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from qbwc_server.domain import changes
from qbwc_server.domain.errors import OpenCause
from qbwc_server.domain.host_records.values import given_of
from qbwc_server.domain.kinds import ListName
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


def decide_all(conn: Transaction, known: Supposed, members: Sequence[Record]) -> dict[int, Outlook]:
    """What would become of queued and blocked records, each in sight of all the others; by their ids."""
    found: dict[int, Outlook] = {}
    listed = [record for record in members if not record.kind.is_document]
    left = listed
    for _ in range(_ROUNDS):
        decided = dict(_decided(conn, known, left))
        moved = any(_says(found.get(each)) != _says(outlook) for each, outlook in decided.items())
        found |= decided
        left = [record for record in left if isinstance(found[record.id].verdict, Waiting | Blocked)]
        if not moved or not left:
            break
    documents = [record for record in members if record.kind.is_document]
    return found | dict(_decided(conn, known, documents))


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


class Creations:
    """Supposes that QuickBooks holds records that others wait for, under ids that stand for those it will give.

    Whatever is decided is to be decided before: from then on they count as linked.
    """

    def __init__(self, conn: Transaction, known: Supposed) -> None:
        self._conn, self._known = conn, known
        self.stand_ins: dict[int, str] = {}
        """What stands for the ListID of each record, by its id."""
        self._decided: dict[int, Record] = {}
        self._created_by: dict[int, Ready] = {}

    def as_decided(self, record_id: int | None) -> Record | None:
        """A record as it stood when all was decided."""
        if record_id is None:
            return None
        return self._decided.get(record_id) or self._known.record(record_id)

    def verdict(self, record: Record) -> Verdict:
        """The verdict on a record once all that it waits for is in QuickBooks."""
        known = self._known
        if record.id in self._created_by:
            return self._created_by[record.id]
        tried: set[int] = set()
        while True:
            verdict = asked(self._conn, known, lambda: check(known, known.now(record)))
            if not isinstance(verdict, Waiting) or verdict.on <= tried:
                return _as_can_be_said(record, verdict, Dialect.of(known.connector))
            for each in sorted(verdict.on - tried):
                self._create(each, tried)

    def _create(self, record_id: int, tried: set[int]) -> None:
        tried.add(record_id)
        record = self._known.record(record_id)
        if record is None or record.link is not None or record_id in self.stand_ins:
            return
        self.stand_ins[record_id] = ""  # a circle ends here
        verdict = self.verdict(record)
        if isinstance(verdict, Matched):
            del self.stand_ins[record_id]
            self._link(record, verdict.link)
        elif isinstance(verdict, Ready) and verdict.operation is Operation.ADD:
            self._suppose(record, verdict)
        else:
            del self.stand_ins[record_id]

    def _suppose(self, record: Record, verdict: Ready) -> None:
        stand_in = f"new-{record.kind}-{sum(map(bool, self.stand_ins.values())) + 1}"
        self.stand_ins[record.id], self._created_by[record.id] = stand_in, verdict
        full_name = copies.addition(verdict.payload).name
        values = {**given_of(verdict.payload), "list_id": stand_in, "full_name": full_name}
        kept = list_cache.Kept.of(values)
        entry = list_cache.entry_of(ListName(record.kind), verdict.payload.kind, kept)
        if entry is None:
            raise RuntimeError(f"{record.label} would be created without a name")
        self._known.would_hold(entry)
        self._link(record, Link(stand_in, None, full_name, "created", "answer"))

    def _link(self, record: Record, link: Link) -> None:
        self._decided[record.id] = record
        self._known.changed(record._replace(link=link, state=State.SYNCED, waiting=0))
