"""What one transaction does to a set of records: what is known of them, and what is to be written of them together.

Everything is decided one record after the other, each in sight of what became of those before it, and written by
`flush` with as many statements for fifty records as for one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import errors, events, lists, records
from qbwc_server.storage.errors import NewError, OpenCause
from qbwc_server.storage.events import NewEvent
from qbwc_server.storage.records import Write

from .check import Finding
from .check.known import Known

T = TypeVar("T")


def read_missing(conn: Connection, known: Known) -> None:
    """Read what was asked for and is not known yet, for all records that asked: a statement for each of four things."""
    missing, connector_id = known.missing, known.connector.id
    known.forget_missing()
    if missing.loads:
        known.read_loads(lists.every_load(conn, connector_id))
    for entry_question, entries in lists.look_up(conn, connector_id, missing.entries).items():
        known.read_entries(entry_question, missing.entries[entry_question], entries)
    for record_question, found in records.look_up(conn, connector_id, missing.records).items():
        known.read_records(record_question, missing.records[record_question], found)
    if missing.errors:
        known.read_errors(missing.errors, errors.causes_of(conn, missing.errors))


def asked(conn: Connection, known: Known, question: Callable[[], T]) -> T:
    """The answer to a question about what is known, as soon as all of that is known."""
    while True:
        answer = question()
        if not known.missing:
            return answer
        read_missing(conn, known)


class Work:
    """A set of records within a transaction that holds their connector.

    Attributes:
        known: what is known, true also of what is yet to be written.
        given_up: records that will not be in QuickBooks as things stand, so that what waits for them is looked at;
            each with the actor.
        arrived: records that nobody has to wait for any more.
        freed: cause keys behind which records are to be looked at; each with the actor.
        reached: records because of which others are blocked, that are to be looked at; each with the actor.
    """

    def __init__(self, conn: Connection, connector: Connector, *, now: datetime) -> None:
        self.conn, self.connector, self.now = conn, connector, now
        self.known = Known(connector)
        self.given_up: dict[int, str] = {}
        self.arrived: dict[int, None] = {}
        self.freed: dict[str, str] = {}
        self.reached: dict[int, str] = {}
        self._states: dict[int, State] = {}
        self._values: dict[int, dict[str, Any]] = {}
        self._happened: list[NewEvent] = []
        self._opened: dict[int, list[NewError]] = {}
        self._closed: dict[str, dict[int, None]] = {}
        self._closed_ids: list[int] = []
        self._waits: dict[int, tuple[int, ...]] = {}

    # --- what is known --------------------------------------------------------------------------------------

    def add(self, members: Iterable[Record]) -> None:
        """These records as they stand in the database; what was done to one of them in this set already counts."""
        for record in members:
            if self.known.record(record.id) is None:
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

    def learn(
        self, entries: Sequence[ListEntry], *, load: int | None = None
    ) -> list[tuple[ListEntry | None, ListEntry]]:
        """Entries of one list as QuickBooks has just told them; those that are new or different, each with what was
        known of it before."""
        changed = lists.store(self.conn, self.connector.id, entries, load=load)
        for before, after in changed:
            self.known.learned(before, after)
        return changed

    # --- what becomes of the records -------------------------------------------------------------------------

    def move(
        self, record: Record, after: State, *, actor: str, detail: str | None = None, **values: Any
    ) -> Record:
        """Take a record to another state, set further columns with it, and note the event.

        Raises:
            ForbiddenTransition: there is no such transition.
        """
        before = self.known.now(record)
        moved = self._set(before, {**values, "state": after})
        self._happened.append(records.told(moved, before.state, now=self.now, actor=actor, detail=detail))
        return moved

    def change(self, record: Record, **values: Any) -> Record:
        """Set columns of a record without changing its state."""
        return self._set(self.known.now(record), values)

    def _set(self, before: Record, values: Mapping[str, Any]) -> Record:
        values = {**values, "updated_at": self.now}
        after = self.known.changed(records.altered(before, values))
        self._states.setdefault(before.id, before.state)
        self._values.setdefault(before.id, {}).update(values)
        if _gives_up_an_entry(before, after):
            self.flush()  # before another one takes it: the database is the referee of that
        return after

    def note(self, event: NewEvent) -> None:
        """Something else happened, in its order among the changes."""
        self._happened.append(event)

    def set_waits(self, record: Record, on: Iterable[int]) -> Record:
        """Let a record wait for exactly these others."""
        targets = tuple(sorted(set(on)))
        if targets or self.known.now(record).waiting:
            self._waits[record.id] = targets
        return self.change(record, waiting=len(targets))

    def close_errors(self, record: Record, reason: str) -> None:
        """Close whatever is open of a record."""
        self._opened.pop(record.id, None)
        self._closed.setdefault(reason, {})[record.id] = None
        self.known.tell_errors(record.id, ())

    def replace_errors(self, record: Record, findings: Iterable[Finding]) -> None:
        """Make a record's open error records say exactly these findings; one that stays keeps its age."""
        wanted = {(found.cause.name, found.cause.key): found for found in findings}
        open_ones = self.ask(lambda: self.known.errors_of(record.id))
        kept: list[OpenCause] = []
        for item in open_ones:
            name = item.cause.name, item.cause_key
            if name in wanted and wanted[name].cause.data() == item.cause.data():
                kept.append(item)
                del wanted[name]
        gone = [item for item in open_ones if item not in kept]
        self._closed_ids += [item.id for item in gone if item.id is not None]
        unwritten = [item.cause for item in gone if item.id is None]
        opened = [new for new in self._opened.get(record.id, ()) if new.cause not in unwritten]
        fresh = [NewError(record.id, each.cause, each.answer, each.via_record_id) for each in wanted.values()]
        self._opened[record.id] = [*opened, *fresh]
        self.known.tell_errors(
            record.id, [*kept, *(OpenCause(None, new.cause, new.cause.key, new.answer) for new in fresh)]
        )

    def flush(self) -> None:
        """Write what was decided.

        Raises:
            RuntimeError: a record has another state by now, which the connector's lock should have kept out.
        """
        conn = self.conn
        records.write_all(
            conn, [Write(each, self._states[each], self._values[each]) for each in self._values]
        )
        if self._waits:
            records.set_waits_of_all(conn, self._waits)
        events.add_all(conn, self._happened)
        self._flush_errors()
        self._states, self._values, self._happened, self._waits = {}, {}, [], {}

    def _flush_errors(self) -> None:
        conn, now = self.conn, self.now
        for reason, record_ids in self._closed.items():
            errors.close_of_records(conn, record_ids, reason, now=now)
        errors.close(conn, self._closed_ids, WENT_AWAY, now=now)
        new = [item for items in self._opened.values() for item in items]
        errors.open_all(conn, self.connector.id, new, now=now)
        # what was just written has an id now, which is read when it is asked for
        self.known.forget_errors(self._opened)
        self._closed, self._closed_ids, self._opened = {}, [], {}


WENT_AWAY = "went away"


def _gives_up_an_entry(before: Record, after: Record) -> bool:
    """Whether another record may have from now on what this one was linked to."""
    if before.link is None or before.is_surplus or before.state is State.CANCELLED:
        return False
    keeps = after.link is not None and after.link.quickbooks_id == before.link.quickbooks_id
    return not keeps or after.is_surplus or after.state is State.CANCELLED
