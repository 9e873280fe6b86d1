"""Carrying out verdicts: blocking, releasing by cause key, retrying, and linking what QuickBooks already holds.

What follows for others from what became of a set is looked at once the whole set has been decided (`settle`), again
and again, until nothing follows any more: every round has released or blocked somebody, and a record is released but
once for one cause.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbwc_server.domain import changes
from qbwc_server.domain.causes import AlreadyLinked, DocumentDeleted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.events import came_to
from qbwc_server.domain.host_records import keys_of
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.domain.records import Link, PostedLine, Record, State
from qbwc_server.storage import Transaction, errors, events, lists, looks, records

from . import allowance
from .check import (
    Blocked,
    Finding,
    Matched,
    Ready,
    Unread,
    Verdict,
    Waiting,
    already_linked,
    anticipate,
    check,
    full_names,
)
from .check.known import Known
from .work import Work, joined

_FROM_MEMORY = ("cache", "person")
"""Proofs for which QuickBooks itself was not asked."""

NEEDED = tuple(list_name for list_name in ListName if list_name.is_matched)
"""The lists that must have been loaded once before anything can be matched."""


def can_check(conn: Transaction, connector: Connector) -> bool:
    """Whether the list cache is there to check records against."""
    return lists.all_loaded(conn, connector.id, NEEDED)


# --- a set --------------------------------------------------------------------------------------------------


@contextmanager
def working(conn: Transaction, connector: Connector, *, now: datetime) -> Iterator[Work]:
    """Deal with a set of records, in the same way however many they are: decided one by one, written together.

    When the block ends, everything is written, and what follows for other records has been looked at. Whatever this
    module does of single records within the block is part of the set.
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
        found = _look_at_all(work, to_look_at)
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


def decide_all(work: Work, members: Sequence[Record], *, actor: str) -> list[tuple[Record, Verdict]]:
    """Check queued or blocked records and carry out the verdicts, in their order, each in sight of those before it.

    Returns:
        Each as it stands once its verdict is carried out, and the verdict.
    """
    work.add(members)
    _read_ahead(work, members)
    decided = []
    for number, record in enumerate(members, start=1):
        verdict = work.ask_each(
            lambda each: check(work.known, each), work.known.now(record), members[number:]
        )
        decided.append((carry_out(work, record, verdict, actor=actor), verdict))
    return decided


def _read_ahead(work: Work, members: Sequence[Record]) -> None:
    """Read what these records are sure to be checked against; what they turn out to refer to beside is read as it is
    asked for."""
    anticipate(work.known, members)
    if work.known.missing:
        work.read()


def carry_out(work: Work, record: Record, verdict: Verdict, *, actor: str) -> Record:
    """Do to a queued or blocked record what a check found."""
    match verdict:
        case Blocked(findings):
            return put_off(work, record, findings, actor="server")
        case Matched(link, unsaid) if record.link is not None:
            # the new revision says nothing that QuickBooks need be told, or can be
            record = work.change(record, warnings=[each.sentence for each in unsaid])
            content = changes.held(record.content, record.synced_content, unsaid)
            kept = record.posted_lines if not record.needs_reading else None
            return link_to(
                work,
                Arrival(record, link, record.revision, content=content, posted_lines=kept),
                actor=actor,
            )
        case Matched(link):
            return link_to(work, Arrival(record, link, record.revision), actor=actor)
        case Waiting(on):
            return work.set_waits(_unblock(work, record, actor=actor), on)
        case Unread(wanted):
            for load in lists.loads(work.conn, work.connector.id, sorted(wanted)):
                if not load.is_wanted:
                    lists.change_load(
                        work.conn, work.connector.id, load.list_name, resync_requested_at=work.now
                    )
            return _unblock(work, record, actor=actor)
        case Ready():
            record = _unblock(work, record, actor=actor)
            return work.set_waits(record, ()) if record.waiting else record


def _unblock(work: Work, record: Record, *, actor: str) -> Record:
    record = work.known.now(record)
    if record.state is not State.BLOCKED:
        return work.change(record, is_surplus=False) if record.is_surplus else record
    work.close_errors(record, f"released by {actor}")
    return work.move(record, State.QUEUED, actor=actor, is_surplus=False)


def put_off(work: Work, record: Record, findings: Sequence[Finding], *, actor: str) -> Record:
    """Block a record for these reasons; what waits for it is blocked behind the same keys."""
    work.add([record])
    record = work.known.now(record)
    reasons, are_others = work.replace_errors(record, findings)
    detail = "; ".join(finding.cause.name for finding in findings)
    if record.state is not State.BLOCKED:
        if record.waiting:
            record = work.set_waits(record, ())
        record = work.move(record, State.BLOCKED, actor=actor, detail=detail, reasons=reasons, isolation=None)
    elif are_others:
        told = came_to(record, State.BLOCKED, at=work.now, actor=actor, detail=detail, reasons=reasons)
        events.add_all(work.conn, [told])
    give_up(work, record, actor="server")
    return record


def put_off_all(work: Work, found: Sequence[tuple[Record, Finding]], *, actor: str) -> None:
    """As `put_off`, of several records, each for one reason."""
    foresee_errors(work, [record for record, _ in found])
    for record, finding in found:
        put_off(work, record, [finding], actor=actor)


def foresee_errors(work: Work, members: Iterable[Record]) -> None:
    """Read the open error records of records of which some are about to be blocked, for all at once."""
    for record in members:
        work.known.errors_of(record.id)
    if work.known.missing:
        work.read()


def give_up(work: Work, record: Record, *, actor: str) -> None:
    """A record will not be in QuickBooks as things stand: what waits for it is looked at."""
    if not record.kind.is_document:  # nothing refers to a document, so nothing waits for one
        work.given_up[record.id] = actor


@dataclass(frozen=True, slots=True)
class Arrival:
    """That QuickBooks holds a record at a revision, and as what.

    Attributes:
        content: the record's content at that revision; its present one by default.
        posted_lines: a document's lines in QuickBooks; when None they are read before the next change.
    """

    record: Record
    link: Link
    revision: int
    content: Mapping[str, Any] | None = None
    posted_lines: Sequence[PostedLine] | None = None


def link_all(work: Work, arrivals: Sequence[Arrival], *, actor: str) -> list[Record]:
    """QuickBooks holds these records: link them, and let go what waited for them. What another record is linked to
    already blocks this one instead.

    Returns:
        Each as it stands then.
    """
    work.add(arrival.record for arrival in arrivals)
    for arrival in arrivals:
        work.known.holder(arrival.record, arrival.link.quickbooks_id)
    if work.known.missing:
        work.read()
    return [link_to(work, arrival, actor=actor) for arrival in arrivals]


def link_to(work: Work, arrival: Arrival, *, actor: str) -> Record:
    """As `link_all`, of one record among others that are dealt with."""
    work.add([arrival.record])
    record, link = work.known.now(arrival.record), arrival.link
    before = record.link
    if before is None or before.quickbooks_id != link.quickbooks_id or record.is_surplus:
        other = work.ask(lambda: work.known.holder(record, link.quickbooks_id))
        if other is not None:
            cause = already_linked(record, other, link.quickbooks_id, link.name)
            return put_off(work, record, [Finding(cause)], actor=actor)
    was_blocked = record.state is State.BLOCKED
    if was_blocked:
        work.close_errors(record, "synced")
    lines = arrival.posted_lines
    record = work.move(
        record,
        State.SYNCED,
        actor=actor,
        detail=f"{link.matched_by}, shown by {link.proof}",
        synced_revision=arrival.revision,
        attempts=0,
        not_before=None,
        pause_reason=None,
        isolation=None,
        synced_content=dict(record.content if arrival.content is None else arrival.content),
        line_ids=tuple(lines or ()),
        needs_reading=record.kind.is_document and lines is None,
        seen_at=record.seen_at if link.proof in _FROM_MEMORY else work.now,
        **records.link_columns(link),
    )
    if record.waiting:
        record = work.set_waits(record, ())
    if record.revision != arrival.revision:
        record = work.move(record, State.QUEUED, actor="host")
    keys: set[str] = set()
    if before is not None and before.quickbooks_id != link.quickbooks_id:
        keys.add(link_key(record, before))
    if not record.kind.is_document:  # nothing refers to a document, so nothing waits for one
        work.arrived[record.id] = None
        keys |= reference_keys(work, record)
        if was_blocked:
            work.reached.setdefault(record.id, "server")
    free(work, keys, actor="server")
    return record


def withdrawn(work: Work, record: Record, *, actor: str) -> Record:
    """As `withdraw`, of one record among others that are dealt with."""
    work.add([record])
    record = work.known.now(record)
    work.close_errors(record, "cancelled")
    is_void = record.is_void and record.synced_revision == record.revision
    record = work.set_waits(work.move(record, State.CANCELLED, actor=actor, is_void=is_void), ())
    give_up(work, record, actor=actor)
    free_dependants(work, record, actor=actor)
    free_entry(work, record, actor=actor)
    return record


def free(work: Work, keys: Iterable[str], *, actor: str) -> None:
    """What is blocked behind these cause keys is looked at, where a look at the cache can tell."""
    for key in keys:
        work.freed.setdefault(key, actor)


def free_dependants(work: Work, record: Record, *, actor: str) -> None:
    """What waits behind a record that was blocked is looked at: behind its keys, or because it refers to it."""
    if not record.kind.is_document:  # nothing refers to a document, so nothing waits behind one
        free(work, reference_keys(work, record), actor=actor)
        work.reached.setdefault(record.id, actor)


def free_all_dependants(work: Work, members: Sequence[Record], *, actor: str) -> None:
    """As `free_dependants`, of several."""
    listed = [record for record in members if not record.kind.is_document]
    for number, record in enumerate(listed, start=1):
        work.ask_each(lambda each: full_names(work.known, each), record, listed[number:])
        free_dependants(work, work.known.now(record), actor=actor)


def link_key(record: Record, link: Link) -> str:
    """The cause key behind which others wait that would be linked to the same."""
    return f"{record.kind.id_name}:{link.quickbooks_id}"


def free_entry(work: Work, record: Record, *, actor: str) -> None:
    """A record has given up its link, or was withdrawn: those are looked at that would be linked to the same."""
    if record.link is not None:
        free(work, {link_key(record, record.link)}, actor=actor)


def revision_found(record: Record) -> int:
    """The revision of a document that was found in QuickBooks: voiding it is still to be done."""
    return record.revision - 1 if record.is_void else record.revision


def reference_keys(work: Work, record: Record) -> set[str]:
    """The cause keys behind which others may wait for this record to be handed over or linked."""
    own = keys_of(work.known.parsed(record.kind, record.content))
    names = work.ask(lambda: full_names(work.known, record))
    named = {f"{record.kind}_name:{name}" for name in names}
    marks = {key for key in own if not key.startswith("name:")}
    return {f"{record.kind}:{record.external_id}"} | marks | named


def entry_keys(entries: Iterable[ListEntry]) -> set[str]:
    """The cause keys behind which records may wait for these entries of the list cache."""
    keys: set[str] = set()
    for entry in entries:
        keys.add(f"list_id:{entry.list_id}")
        # names are shared between customers and vendors
        keys.update(f"{list_name}_name:{fold(entry.full_name)}" for list_name in entry.list_name.sharing)
        keys.update(f"email:{key}" for key in email_keys(entry.email))
        if entry.account_number:
            keys.add(f"account_number:{fold(entry.account_number)}")
        if entry.list_name is ListName.ITEM:
            # whatever the connector's rules compare with a SKU
            marks = (entry.sku, entry.full_name, entry.own_name, entry.barcode)
            keys.update(f"sku:{fold(mark)}" for mark in marks if mark)
    return keys


# --- one record, for whoever has no others ------------------------------------------------------------------


def decide(
    conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str
) -> tuple[Record, Verdict]:
    """Check a queued or blocked record and carry out the verdict; returns it as it stands then."""
    with working(conn, connector, now=now) as work:
        ((record, verdict),) = decide_all(work, [record], actor=actor)
    return work.known.now(record), verdict


def block(
    conn: Transaction,
    connector: Connector,
    record: Record,
    findings: Sequence[Finding],
    *,
    now: datetime,
    actor: str,
) -> Record:
    """Block a record for these reasons; what waits for it is blocked behind the same keys."""
    with working(conn, connector, now=now) as work:
        record = put_off(work, record, findings, actor=actor)
    return work.known.now(record)


def become_synced(
    conn: Transaction,
    connector: Connector,
    record: Record,
    link: Link,
    revision: int,
    *,
    now: datetime,
    actor: str,
    content: Mapping[str, Any] | None = None,
    posted_lines: Sequence[PostedLine] | None = None,
) -> Record:
    """QuickBooks holds the record at this revision, as `link_all` takes it of several."""
    arrival = Arrival(record, link, revision, content, posted_lines)
    with working(conn, connector, now=now) as work:
        record = link_to(work, arrival, actor=actor)
    return work.known.now(record)


def withdraw(conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    """Cancel a record that is not on its way, and with it a wish to void it that QuickBooks has not heard of yet;
    what waited for it is checked again."""
    with working(conn, connector, now=now) as work:
        record = withdrawn(work, record, actor=actor)
    return work.known.now(record)


def let_go(conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str) -> None:
    """A record has given up its link, or was withdrawn: check again those that would be linked to the same."""
    with working(conn, connector, now=now) as work:
        free_entry(work, record, actor=actor)


# --- releasing ----------------------------------------------------------------------------------------------


def release(
    conn: Transaction,
    connector: Connector,
    keys: set[str],
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look again at the records blocked behind these cause keys, where a look at the cache can tell.

    Args:
        list_name: the list whose refresh it was, to count what is released later.

    Returns:
        Those that are no longer blocked. What goes beyond the transaction's `allowance` is noted, to be looked at
        later.
    """
    waiting = errors.waiting_behind(conn, connector.id, keys)
    return _look_at_each(conn, connector, waiting, now=now, actor=actor, list_name=list_name)


def release_behind(
    conn: Transaction,
    connector: Connector,
    entries: Sequence[ListEntry],
    *,
    now: datetime,
    list_name: ListName | None = None,
) -> list[Record]:
    """`release` what may wait for these entries of the list cache."""
    # mostly nothing waits at all, and the keys of a long list are many
    if not entries or not errors.any_in_cache(conn, connector.id):
        return []
    return release(conn, connector, entry_keys(entries), now=now, actor="server", list_name=list_name)


def release_all(
    conn: Transaction,
    connector: Connector,
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look again at every blocked record whose cause a look at cache and settings can tell."""
    waiting = errors.told_by_a_look(conn, connector.id)
    return _look_at_each(conn, connector, waiting, now=now, actor=actor, list_name=list_name)


def review(conn: Transaction, connector: Connector, entries: Iterable[ListEntry], *, now: datetime) -> None:
    """Block the synced records whose entries in QuickBooks' lists were deleted or made inactive there."""
    gone: dict[ListName, list[str]] = {}
    for entry in entries:
        if entry.list_name.is_matched and (entry.is_deleted or not entry.is_active):
            gone.setdefault(entry.list_name, []).append(entry.list_id)
    linked = {
        record.id
        for list_name, list_ids in gone.items()
        for record in records.linked_to(conn, connector.id, Kind(list_name), list_ids)
        if record.state is State.SYNCED
    }
    _look_at_each(conn, connector, linked, now=now, actor="quickbooks")


def has_noted(conn: Transaction, connector: Connector) -> bool:
    """Whether former transactions noted records that can be looked at now."""
    return looks.any_noted(conn, connector.id) and can_check(conn, connector)


def take_up(conn: Transaction, connector: Connector, *, now: datetime) -> list[Record]:
    """Look at what former transactions noted, as far as the `allowance` of this one goes.

    Returns:
        Those that are no longer blocked.
    """
    room = allowance.left(conn)
    if not room or not has_noted(conn, connector):
        return []
    noted = looks.take(conn, connector.id, limit=room)
    allowance.spend(conn, len(noted))
    released: list[Record] = []
    with working(conn, connector, now=now) as work:
        for actor, list_name in sorted({(look.actor, look.list_name) for look in noted}, key=str):
            ids = [look.record_id for look in noted if (look.actor, look.list_name) == (actor, list_name)]
            found = _look_at(work, dict.fromkeys(ids, actor))
            if list_name is not None and found:
                lists.count_changes(conn, connector.id, list_name, "released", len(found))
            released += found
    return released


def _look_at_each(
    conn: Transaction,
    connector: Connector,
    record_ids: Iterable[int],
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look at these records, and at what waits behind those that are released; the returned are released."""
    with working(conn, connector, now=now) as work:
        return _look_at_all(work, dict.fromkeys(record_ids, actor), list_name)


def _look_at_all(work: Work, actors: Mapping[int, str], list_name: ListName | None = None) -> list[Record]:
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
    return _look_at(work, dict(sorted(mine.items())))


def _look_at(work: Work, actors: Mapping[int, str]) -> list[Record]:
    """Look at these records; what waits behind those that are released, and returned, is looked at next."""
    released = []
    members = _read(work, actors)
    _read_ahead(work, members)
    for number, record in enumerate(members, start=1):
        before = work.known.now(record)
        verdict = work.ask_each(lambda each: _seen(work.known, each), before, members[number:])
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


def _read(work: Work, record_ids: Collection[int]) -> list[Record]:
    """These records, and their open error records, as they stand by now."""
    unread = [each for each in record_ids if work.known.record(each) is None]
    if unread:
        work.add(records.get_all(work.conn, unread).values())
    members = [record for each in record_ids if (record := work.known.record(each)) is not None]
    for record in members:
        if record.state is State.BLOCKED:
            work.known.errors_of(record.id)
    return members


def _seen(known: Known, record: Record) -> Verdict | None:
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


def _was_deleted(known: Known, record: Record) -> bool:
    """Whether its document is gone from QuickBooks: nothing would be left to send, as if it were synced."""
    return any(isinstance(item.cause, DocumentDeleted) for item in known.errors_of(record.id))


# --- retrying -----------------------------------------------------------------------------------------------


def retry(
    conn: Transaction, connector: Connector, record_ids: Iterable[int], *, now: datetime, actor: str
) -> tuple[int, int]:
    """Try blocked records again because a person says so.

    Returns:
        How many are no longer blocked, and how many still are because the list cache shows the cause remains.
    """
    ids = sorted(set(record_ids))
    allowance.spend(conn, len(ids))
    may_check = can_check(conn, connector)
    with working(conn, connector, now=now) as work:
        released, still = _retry(work, ids, may_check=may_check, actor=actor)
    if still and may_check:
        errors.note_looks(conn, ids, now=now)
    return released, still


def _retry(work: Work, ids: Sequence[int], *, may_check: bool, actor: str) -> tuple[int, int]:
    members = [record for record in _read(work, ids) if record.state is State.BLOCKED]
    _start_afresh(work, members)
    if may_check:
        _read_ahead(work, members)
    released = still = 0
    for number, record in enumerate(members, start=1):
        before = work.known.now(record)
        if before.state is not State.BLOCKED:
            continue
        after = _retried(work, before, members[number:], may_check=may_check, actor=actor)
        if after.state is State.BLOCKED:
            still += 1
        else:
            released += 1
            free_dependants(work, after, actor=actor)
    return released + len(settle(work)), still


def _start_afresh(work: Work, members: Sequence[Record]) -> None:
    """Whatever kept blocked records back before is over: they are tried as if for the first time."""
    for record in members:
        marked = record.attempts or record.not_before or record.pause_reason or record.isolation
        if marked and not _stays_deleted(work, record):
            work.change(record, attempts=0, not_before=None, pause_reason=None, isolation=None)


def _stays_deleted(work: Work, record: Record) -> bool:
    return record.link is not None and work.ask(lambda: _was_deleted(work.known, record))


def _retried(work: Work, record: Record, others: Sequence[Record], *, may_check: bool, actor: str) -> Record:
    """A blocked record as it stands when it has been tried again."""
    if _stays_deleted(work, record):
        return record
    if record.claim is None and may_check:
        verdict = work.ask_each(lambda each: check(work.known, each), record, others)
        return carry_out(work, record, verdict, actor=actor)
    return _unblock(work, record, actor=actor)
