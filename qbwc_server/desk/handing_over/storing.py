"""Records that are handed over are kept, as a set: what is new, what was changed, and what follows from it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbwc_server.desk.handing_over.given import CHANGED, CREATED, UNCHANGED, Given, find_all
from qbwc_server.domain.faults import Conflict, PreconditionFailed
from qbwc_server.domain.host_records import keys_of
from qbwc_server.domain.order import Expected
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import record_words, records
from qbwc_server.sync import resolve
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.work import Work


@dataclass(frozen=True, slots=True)
class Stored:
    """A record that was kept, and what became of it: one of `CREATED`, `CHANGED`, `UNCHANGED`."""

    record: Record
    result: str


def store_all(
    work: Work, handed: Sequence[tuple[Given, Expected]], *, actor: str
) -> list[Stored | Conflict | PreconditionFailed]:
    """Keep what is handed over, each with what is expected of the record so far; no record may come twice.

    Returns:
        For each what was stored, or why it may not be changed, or not by this; then nothing of it was written. How
        the records stand in the end is known to `work` when all that follows has been looked at.
    """
    done = _kept(work, handed, actor=actor)
    touched = [each for each in done if isinstance(each, Stored) and each.result != UNCHANGED]
    _set_keys(work, touched)
    members = [
        record
        for each in touched
        if (record := each.record).state in (State.QUEUED, State.BLOCKED) and record.claim is None
    ]
    if members and resolve.can_check(work.conn, work.connector):
        resolve.decide_all(work, members, actor=actor)
        resolve.free_all_dependants(work, members, actor=actor)
    return done


def _kept(
    work: Work, handed: Sequence[tuple[Given, Expected]], *, actor: str
) -> list[Stored | Conflict | PreconditionFailed]:
    """Write the records themselves, the new ones together."""
    found = find_all(work, [given for given, _ in handed])
    done: list[Stored | Conflict | PreconditionFailed | None] = []
    new: list[Given] = []
    revised: list[tuple[Record, Record]] = []
    for given, expected in handed:
        work.known.believe(given.content, given.typed)
        record = found[given.kind, given.external_id]
        try:
            expected.check(f"{given.kind.label} {given.external_id}", record)
            result = given.result(record)
        except (Conflict, PreconditionFailed) as error:
            done.append(error)
            continue
        if record is None:
            new.append(given)
            done.append(None)
        elif result == CHANGED:
            after = _revise(work, record, given, actor=actor)
            revised.append((record, after))
            done.append(Stored(after, result))
        else:
            done.append(Stored(_at_turn(work, record, given), result))
    record_words.revise_all(work.conn, revised)
    added = iter(_added(work, new, actor=actor))
    return [Stored(next(added), CREATED) if each is None else each for each in done]


def _added(work: Work, new: Sequence[Given], *, actor: str) -> list[Record]:
    rows = [each.as_new() for each in new]
    added = records.add_all(work.conn, work.connector.id, rows, now=work.now, actor=actor)
    for record in added:
        work.known.tell_errors(record.id, ())
    return added


def _set_keys(work: Work, touched: Iterable[Stored]) -> None:
    """Let the records be found by what they say now."""
    keys: dict[bool, list[tuple[Record, Collection[str]]]] = {True: [], False: []}
    for each in touched:
        if not each.record.kind.is_document:  # nothing refers to one
            found_by = keys_of(work.known.parsed(each.record.kind, each.record.content))
            keys[each.result == CREATED].append((each.record, found_by))
    for are_new, some in keys.items():
        records.set_keys_of_all(work.conn, work.connector.id, some, are_new=are_new)


def _at_turn(work: Work, record: Record, given: Given) -> Record:
    """The same content under a later version, or to be sent at another turn, is no new revision."""
    version = record.version if given.version is None else given.version
    priority = record.priority if given.priority is None else given.priority
    if (version, priority) == (record.version, record.priority):
        return record
    return work.change(record, version=version, priority=priority)


def _revise(work: Work, record: Record, given: Given, *, actor: str) -> Record:
    values: dict[str, Any] = work.ask(lambda: revised(work.known, record, given, now=work.now))
    if given.priority is not None:
        values["priority"] = given.priority
    values |= records.found_by(record.kind, given.content)
    if record.state in COMES_BACK:
        return work.move(record, State.QUEUED, actor=actor, **values)
    return work.change(record, **values)


COMES_BACK = (State.CANCELLED, State.SYNCED)
"""The states from which a new revision is queued; in any other a record stays as it is."""


def revised(known: Known, record: Record, given: Given, *, now: datetime) -> dict[str, Any]:
    """What a new revision changes of a record, beside its state."""
    values = {
        "content": given.content,
        "revision": record.revision + 1,
        "revised_at": now,
        "version": record.version if given.version is None else given.version,
    }
    if record.state is State.CANCELLED and record.link is not None:
        # what it was linked to may be another record's by now
        values["is_surplus"] = known.holder(record, record.link.quickbooks_id) is not None
    return values
