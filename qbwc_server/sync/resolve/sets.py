"""A set of records dealt with as one, and what follows from it for others."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from qbwc_server.domain.causes import AlreadyLinked, DocumentDeleted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import MATCHED, Kind, ListName
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, errors, lists, looks, records
from qbwc_server.sync import allowance
from qbwc_server.sync.check import (
    Blocked,
    Verdict,
    check,
)
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.resolve.blocking import put_off
from qbwc_server.sync.resolve.freeing import free_dependants
from qbwc_server.sync.resolve.verdicts import carry_out, read_ahead
from qbwc_server.sync.work import Work, joined


def can_check(conn: Transaction, connector: Connector) -> bool:
    """Whether the list cache is there to check records against."""
    return lists.all_loaded(conn, connector.id, MATCHED)


def meet(work: Work, handed: Mapping[Kind, Collection[str]]) -> None:
    """Read the records that are handed over, as far as they are there, and the records that were asked for before,
    with all that a check begins with: in one statement.

    Args:
        handed: what the host calls them.
    """
    known = work.known
    for kind, names in handed.items():
        for name in names:
            known.called(kind, name)
    wanted = known.missing.records
    if not wanted:  # all of them were read before, when nobody looked whether these were refused
        work.may_be_refused = True
        return
    known.missing.records = {}
    met = records.meet(work.conn, work.connector.id, handed, wanted, needed=MATCHED)
    for question, found in met.found.items():
        known.read_records(question, wanted[question], found)
        for _, record in found:
            if record.id not in met.in_trouble:
                known.tell_errors(record.id, ())
    work.may_be_refused |= met.is_refused


@contextmanager
def working(conn: Transaction, connector: Connector, *, now: datetime) -> Iterator[Work]:
    """Deal with a set of records, in the same way however many they are: decided one by one, written together.

    When the block ends, everything is written, and what follows for other records has been looked at. Whatever this
    package does of single records within the block is part of the set.
    """
    with joined(conn, connector, now=now) as (work, is_whole):
        yield work
        if is_whole:
            settle(work)


def settle(work: Work) -> list[Record]:
    """Look at all that what was decided has consequences for, and at what those have.

    Returns:
        Those that are no longer blocked because of what was decided; not those that were released because of them.
    """
    released: list[Record] | None = None
    while to_look_at := _consequences(work):
        found = look_at_all(work, to_look_at)
        released = found if released is None else released
    return released or []


def _consequences(work: Work) -> dict[int, str]:
    """The records that are to be looked at because of what became of others, each with the actor."""
    conn, found = work.conn, dict[int, str]()
    given_up, arrived, freed, reached = work.given_up, work.arrived, work.freed, work.reached
    work.given_up, work.arrived, work.freed, work.reached = {}, {}, {}, {}
    if given_up or arrived:
        for on, waiters in records.end_waits(conn, [*given_up, *arrived]).items():
            if on in given_up:
                found |= {waiter: given_up[on] for waiter in waiters if waiter not in found}
    if freed:
        for key, behind in errors.records_behind(conn, work.connector.id, freed).items():
            for record_id in sorted(behind):
                found.setdefault(record_id, freed[key])
    if reached:
        for via, behind in errors.blocked_via(conn, reached).items():
            for record_id in sorted(behind):
                found.setdefault(record_id, reached[via])
    return found


def look_at_all(work: Work, actors: Mapping[int, str], list_name: ListName | None = None) -> list[Record]:
    """Look at these records, each with its actor, as far as the `allowance` goes; the returned are released."""
    if not actors:
        return []
    may_look = can_check(work.conn, work.connector)
    mine: dict[int, str] = {}
    for actor in sorted(set(actors.values())):
        ids = [each for each in actors if actors[each] == actor]
        if may_look:
            share = allowance.share(work.conn, work.connector.id, ids, actor=actor, list_name=list_name)
            mine |= dict.fromkeys(share, actor)
        else:
            looks.note(work.conn, work.connector.id, ids, actor=actor, list_name=list_name)
    return look_at(work, dict(sorted(mine.items())))


def look_at(work: Work, actors: Mapping[int, str]) -> list[Record]:
    """Look at these records; what waits behind those that are released, and returned, is looked at next."""
    released = []
    members = read(work, actors)
    read_ahead(work, members)
    for number, record in enumerate(members, start=1):
        before = work.known.now(record)
        verdict = work.ask_each(lambda each: seen(work.known, each), before, members[number:])
        if verdict is None:
            continue
        if before.state is State.SYNCED:
            if isinstance(verdict, Blocked):
                put_off(work, before, verdict.findings, actor="quickbooks")
            continue
        after = carry_out(work, before, verdict, actor=actors[record.id])
        if before.state is State.BLOCKED and after.state is not State.BLOCKED:
            released.append(after)
            free_dependants(work, after, actor=actors[record.id])
    return released


def read(work: Work, record_ids: Collection[int]) -> list[Record]:
    """These records, and their open error records, as they stand by now."""
    unread = [each for each in record_ids if work.known.record(each) is None]
    if unread:
        work.add(records.get_all(work.conn, unread).values())
    members = [record for each in record_ids if (record := work.known.record(each)) is not None]
    for record in members:
        # of one that is synced, too: a look may find that it is to be blocked
        if record.state in (State.BLOCKED, State.SYNCED):
            work.known.errors_of(record.id)
    return members


def seen(known: Known, record: Record) -> Verdict | None:
    """What a look at a record finds; None where there is nothing to be found."""
    match record.state:
        case State.BLOCKED if not _is_anothers(known, record):
            return check(known, record)
        case State.QUEUED if record.claim is None:
            return check(known, record)
        case State.SYNCED if not record.kind.is_document:
            return check(known, record)
    return None


def _is_anothers(known: Known, record: Record) -> bool:
    """Whether a document was found to be the one another record has, and that one has it still: its number would
    only be asked for again."""
    if not record.kind.is_document:
        return False
    causes = [item.cause for item in known.errors_of(record.id)]
    return any(
        isinstance(cause, AlreadyLinked) and known.holder(record, cause.quickbooks_id) is not None
        for cause in causes
    )


def was_deleted(known: Known, record: Record) -> bool:
    """Whether its document is gone from QuickBooks: nothing would be left to send, as if it were synced."""
    return any(isinstance(item.cause, DocumentDeleted) for item in known.errors_of(record.id))
