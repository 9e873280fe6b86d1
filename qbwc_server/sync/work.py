"""What one transaction does to a set of records: what is known of them, and what follows from what becomes of them.

Everything is decided one record after the other, each in sight of what became of those before it. The writes are kept
back (`storage.gathering`), so that they take as few statements for fifty records as for one.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar, Unpack

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import OpenCause
from qbwc_server.domain.events import Reason
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, errors, gathering, lists, memory, records, rulings
from qbwc_server.storage.columns import RecordColumns
from qbwc_server.storage.of_transactions import Kept, by_transaction
from qbwc_server.sync.check import Finding
from qbwc_server.sync.check.known import Known

T = TypeVar("T")


def read_missing(conn: Transaction, known: Known) -> None:
    """Read what was asked for and is not known yet, for all records that asked: a statement for each kind of thing."""
    missing, connector_id = known.missing, known.connector.id
    known.forget_missing()
    if missing.loads:
        known.read_loads(lists.every_load(conn, connector_id))
    if missing.rulings:
        known.read_rulings(rulings.every(conn, connector_id))
    for entry_question, entries in lists.look_up(conn, connector_id, missing.entries).items():
        known.read_entries(entry_question, missing.entries[entry_question], entries)
    for record_question, found in records.look_up(conn, connector_id, missing.records).items():
        known.read_records(record_question, missing.records[record_question], found)
    if missing.errors:
        known.read_errors(missing.errors, errors.causes_of(conn, missing.errors))


def asked(conn: Transaction, known: Known, question: Callable[[], T]) -> T:
    """The answer to a question about what is known, as soon as all of that is known."""
    while True:
        answer = question()
        if not known.missing:
            return answer
        read_missing(conn, known)


class Work:
    """A set of records within a transaction that holds their connector.

    Attributes:
        known: what is known of them, true also of what was decided and is yet to be written.
        given_up: records that will not be in QuickBooks as things stand, so that what waits for them is looked at;
            each with the actor.
        arrived: records that nobody has to wait for any more.
        freed: cause keys behind which records are to be looked at; each with the actor.
        reached: records because of which others are blocked, that are to be looked at; each with the actor.
        may_be_refused: whether a record that is handed over may have been refused when it was handed over before.
    """

    def __init__(self, conn: Transaction, connector: Connector, *, now: datetime) -> None:
        self.conn, self.connector, self.now = conn, connector, now
        self.known = Known(connector)
        self.given_up: dict[int, str] = {}
        self.arrived: dict[int, None] = {}
        self.freed: dict[str, str] = {}
        self.reached: dict[int, str] = {}
        self.may_be_refused = False

    # --- what is known --------------------------------------------------------------------------------------

    def add(self, members: Iterable[Record]) -> None:
        """These records as they stand; what was done to one of them in this set already counts."""
        for record in members:
            if self.known.record(record.id) is None:
                records.remember(self.conn, record)
                self.known.changed(record)

    def read(self) -> None:
        """Read what was asked for and is not known yet."""
        read_missing(self.conn, self.known)

    def ask(self, question: Callable[[], T]) -> T:
        """The answer to a question about what is known, as soon as all of that is known."""
        return asked(self.conn, self.known, question)

    def ask_each(self, question: Callable[[Record], T], record: Record, others: Sequence[Record]) -> T:
        """The answer to a question about a record. What it takes to answer is read for others as well, of which the
        same will be asked."""
        while True:
            answer = question(record)
            if not self.known.missing:
                return answer
            for other in others:
                question(self.known.now(other))
            self.read()

    def kept(self, answer: object) -> None:
        """A record was read or written."""
        if isinstance(answer, Record) and answer.connector_id == self.connector.id:
            self.known.changed(answer)

    def forgot(self, on: Hashable) -> None:
        """Something was written by others than this set."""
        match on:
            case ("errors", int() as record_id):
                self.known.forget_errors([record_id])
            case ("keys", Kind() as kind):
                self.known.forget_keys(kind)
            case ("rulings", int()):
                self.known.forget_rulings()
            case lists.REMEMBERED:
                self.known.forget_lists()

    def forgot_all(self) -> None:
        """Anything may have been written."""
        self.known.forget_all()

    # --- what becomes of the records -------------------------------------------------------------------------

    def move(
        self,
        record: Record,
        after: State,
        *,
        actor: str,
        detail: str | None = None,
        reasons: Sequence[Reason] = (),
        **values: Unpack[RecordColumns],
    ) -> Record:
        """Take a record to another state, set further columns with it, and note the event.

        Raises:
            ForbiddenTransition: there is no such transition.
        """
        return records.move(
            self.conn, record, after, now=self.now, actor=actor, detail=detail, reasons=reasons, **values
        )

    def change(self, record: Record, **values: Unpack[RecordColumns]) -> Record:
        """Set columns of a record without changing its state."""
        return records.change(self.conn, record, now=self.now, **values)

    def set_waits(self, record: Record, on: Iterable[int]) -> Record:
        """Let a record wait for exactly these others."""
        return records.set_waits(self.conn, record, on, now=self.now)

    def close_errors(self, record: Record, reason: str) -> None:
        """Close whatever is open of a record."""
        errors.close_of_record(self.conn, record.id, reason, now=self.now)
        self.known.tell_errors(record.id, ())

    def replace_errors(self, record: Record, findings: Iterable[Finding]) -> tuple[list[Reason], bool]:
        """Make a record's open error records say exactly these findings; one that stays keeps its age.

        Returns:
            What stands in its way now, and whether that is something else than before.
        """
        wanted = {(found.cause.name, found.cause.key): found for found in findings}
        kept: list[OpenCause] = []
        gone: list[int] = []
        for item in self._written_errors(record):
            found = wanted.get((item.cause.name, item.cause_key))
            if found is not None and found.cause.data() == item.cause.data():
                kept.append(item)
                del wanted[item.cause.name, item.cause_key]
            elif item.id is not None:
                gone.append(item.id)
        errors.close(self.conn, gone, "went away", now=self.now)
        for found in wanted.values():
            errors.open_error(
                self.conn,
                record.connector_id,
                record.id,
                found.cause,
                found.answer,
                now=self.now,
                via_record_id=found.via_record_id,
            )
        fresh = [OpenCause(None, found.cause, found.cause.key, found.answer) for found in wanted.values()]
        self.known.tell_errors(record.id, [*kept, *fresh])
        reasons = [Reason(item.cause, item.id, item.quickbooks) for item in (*kept, *fresh)]
        return reasons, bool(fresh or gone)

    def _written_errors(self, record: Record) -> list[OpenCause]:
        """A record's open error records with their ids."""
        found = self.ask(lambda: self.known.errors_of(record.id))
        if all(item.id is not None for item in found):
            return found
        self.known.forget_errors([record.id])
        return self.ask(lambda: self.known.errors_of(record.id))


_at_work: Kept[Work] = by_transaction()
"""The set that is dealt with in a transaction."""


@contextmanager
def joined(conn: Transaction, connector: Connector, *, now: datetime) -> Iterator[tuple[Work, bool]]:
    """The set that is being dealt with in this transaction, and whether it begins and ends with this block."""
    work = _at_work.get(conn)
    if work is not None and work.connector == connector:
        yield work, False
        return
    work, before = Work(conn, connector, now=now), work
    _at_work[conn] = work
    try:
        with memory.remembering(conn), gathering.gathered(conn), memory.heard_by(conn, work):
            yield work, True
    finally:
        if before is None:
            del _at_work[conn]
        else:
            _at_work[conn] = before
