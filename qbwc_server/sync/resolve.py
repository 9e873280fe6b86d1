"""Carrying out verdicts: blocking, releasing by cause key, retrying, and linking what QuickBooks already holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qbwc_server.domain import changes
from qbwc_server.domain.causes import AlreadyLinked, DocumentDeleted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.host_records import keys_of, parse
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.domain.records import Link, PostedLine, Record, State
from qbwc_server.storage import errors, lists, looks, memory, records

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
    check,
    full_names,
)

_FROM_MEMORY = ("cache", "person")
"""Proofs for which QuickBooks itself was not asked."""

NEEDED = tuple(list_name for list_name in ListName if list_name.is_matched)
"""The lists that must have been loaded once before anything can be matched."""


def can_check(conn: Connection, connector: Connector) -> bool:
    """Whether the list cache is there to check records against."""
    return lists.all_loaded(conn, connector.id, NEEDED)


def decide(
    conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str
) -> tuple[Record, Verdict]:
    """Check a queued or blocked record and carry out the verdict; returns it as it stands then."""
    verdict = check(conn, connector, record)
    match verdict:
        case Blocked(findings):
            return block(conn, connector, record, findings, now=now, actor="server"), verdict
        case Matched(link, unsaid) if record.link is not None:
            # the new revision says nothing that QuickBooks need be told, or can be
            kept = record.posted_lines if not record.needs_reading else None
            record = records.change(conn, record, now=now, warnings=[each.sentence for each in unsaid])
            return become_synced(
                conn,
                connector,
                record,
                link,
                record.revision,
                now=now,
                actor=actor,
                content=changes.held(record.content, record.synced_content, unsaid),
                posted_lines=kept,
            ), verdict
        case Matched(link):
            return become_synced(
                conn, connector, record, link, record.revision, now=now, actor=actor
            ), verdict
        case Waiting(on):
            record = _unblock(conn, record, now=now, actor=actor)
            return records.set_waits(conn, record, on, now=now), verdict
        case Unread(wanted):
            for load in lists.loads(conn, connector.id, sorted(wanted)):
                if not load.is_wanted:
                    lists.change_load(conn, connector.id, load.list_name, resync_requested_at=now)
            return _unblock(conn, record, now=now, actor=actor), verdict
        case Ready():
            record = _unblock(conn, record, now=now, actor=actor)
            if record.waiting:
                record = records.set_waits(conn, record, (), now=now)
            return record, verdict


def _unblock(conn: Connection, record: Record, *, now: datetime, actor: str) -> Record:
    if record.state is not State.BLOCKED:
        return records.change(conn, record, now=now, is_surplus=False) if record.is_surplus else record
    errors.close_of_record(conn, record.id, f"released by {actor}", now=now)
    return records.move(conn, record, State.QUEUED, now=now, actor=actor, is_surplus=False)


def block(
    conn: Connection,
    connector: Connector,
    record: Record,
    findings: Sequence[Finding],
    *,
    now: datetime,
    actor: str,
) -> Record:
    """Block a record for these reasons; what waits for it is blocked behind the same keys."""
    if record.state is not State.BLOCKED:
        detail = "; ".join(finding.cause.name for finding in findings)
        if record.waiting:
            record = records.set_waits(conn, record, (), now=now)
        record = records.move(
            conn, record, State.BLOCKED, now=now, actor=actor, detail=detail, isolation=None
        )
    _reconcile(conn, record, findings, now=now)
    stop_waiting_for(conn, connector, record, now=now, actor="server")
    return record


def stop_waiting_for(
    conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str
) -> None:
    """A record will not be in QuickBooks as things stand: what waited for it is looked at."""
    if record.kind.is_document:
        return  # nothing refers to a document, so nothing waits for one
    waiters = records.stop_waiting_for(conn, record.id)
    _look_at_all(conn, connector, waiters, now=now, actor=actor)


def _reconcile(conn: Connection, record: Record, findings: Sequence[Finding], *, now: datetime) -> None:
    """Make the record's open error records say exactly these findings; one that stays keeps its age."""
    wanted = {(finding.cause.name, finding.cause.key): finding for finding in findings}
    for item in errors.of_record(conn, record.connector_id, record.id):
        finding = wanted.pop((item.cause.name, item.cause_key), None)
        if finding is None or finding.cause.data() != item.cause.data():
            errors.close(conn, [item.id], "went away", now=now)
            if finding is not None:
                wanted[finding.cause.name, finding.cause.key] = finding
    for finding in wanted.values():
        errors.open_error(
            conn,
            record.connector_id,
            record.id,
            finding.cause,
            finding.answer,
            now=now,
            via_record_id=finding.via_record_id,
        )


def become_synced(
    conn: Connection,
    connector: Connector,
    record: Record,
    link: Link,
    revision: int,
    *,
    now: datetime,
    actor: str,
    content: Mapping[str, Any] | None = None,
    posted_lines: Sequence[PostedLine] | None = None,
    learned: Iterable[ListEntry] = (),
) -> Record:
    """QuickBooks holds the record at this revision: link it, and let go what waited for it.

    What another record is linked to already blocks this one instead.

    Args:
        content: the record's content at that revision; its present one by default.
        posted_lines: a document's lines in QuickBooks; when None they are read before the next change.
        learned: the entries of the list cache that its answer changed, as they were and as they are.
    """
    before = record.link
    if before is None or before.quickbooks_id != link.quickbooks_id or record.is_surplus:
        other = records.holder(conn, record, link.quickbooks_id)
        if other is not None:
            cause = already_linked(record, other, link.quickbooks_id, link.name)
            return block(conn, connector, record, [Finding(cause)], now=now, actor=actor)
    was_blocked = record.state is State.BLOCKED
    if was_blocked:
        errors.close_of_record(conn, record.id, "synced", now=now)
    record = records.move(
        conn,
        record,
        State.SYNCED,
        now=now,
        actor=actor,
        detail=f"{link.matched_by}, shown by {link.proof}",
        synced_revision=revision,
        attempts=0,
        not_before=None,
        pause_reason=None,
        isolation=None,
        synced_content=dict(record.content if content is None else content),
        line_ids=tuple(posted_lines or ()),
        needs_reading=record.kind.is_document and posted_lines is None,
        seen_at=record.seen_at if link.proof in _FROM_MEMORY else now,
        **records.link_columns(link),
    )
    if record.waiting:
        record = records.set_waits(conn, record, (), now=now)
    if record.revision != revision:
        record = records.move(conn, record, State.QUEUED, now=now, actor="host")
    keys = entry_keys(learned)
    if before is not None and before.quickbooks_id != link.quickbooks_id:
        keys.add(link_key(record, before))
    if not record.kind.is_document:  # nothing refers to a document, so nothing waits for one
        records.stop_waiting_for(conn, record.id)
        keys |= reference_keys(conn, connector, record)
        if was_blocked:
            release_via(conn, connector, record, now=now)
    if keys:
        release(conn, connector, keys, now=now, actor="server")
    return record


def link_key(record: Record, link: Link) -> str:
    """The cause key behind which others wait that would be linked to the same."""
    return f"{record.kind.id_name}:{link.quickbooks_id}"


def let_go(conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str) -> None:
    """A record has given up its link, or was withdrawn: check again those that would be linked to the same."""
    if record.link is not None:
        release(conn, connector, {link_key(record, record.link)}, now=now, actor=actor)


def revision_found(record: Record) -> int:
    """The revision of a document that was found in QuickBooks: voiding it is still to be done."""
    return record.revision - 1 if record.is_void else record.revision


def reference_keys(conn: Connection, connector: Connector, record: Record) -> set[str]:
    """The cause keys behind which others may wait for this record to be handed over or linked."""
    own = keys_of(parse(record.kind, record.content))
    named = {f"{record.kind}_name:{name}" for name in full_names(conn, connector, record)}
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


def release(
    conn: Connection,
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
    return _look_at_all(conn, connector, waiting, now=now, actor=actor, list_name=list_name)


def release_behind(
    conn: Connection,
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


def release_dependants(
    conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str
) -> list[Record]:
    """Look again at what waits behind a record that was blocked: behind its keys, or because it refers to it.

    Returns:
        Those that are no longer blocked.
    """
    if record.kind.is_document:
        return []  # nothing refers to a document, so nothing waits behind one
    waiting = errors.waiting_behind(conn, connector.id, reference_keys(conn, connector, record))
    waiting |= errors.blocked_via(conn, record.id)
    return _look_at_all(conn, connector, waiting, now=now, actor=actor)


def release_via(conn: Connection, connector: Connector, record: Record, *, now: datetime) -> list[Record]:
    """Look again at what is blocked only because it refers to this record."""
    return _look_at_all(conn, connector, errors.blocked_via(conn, record.id), now=now, actor="server")


def release_all(
    conn: Connection,
    connector: Connector,
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look again at every blocked record whose cause a look at cache and settings can tell."""
    waiting = errors.told_by_a_look(conn, connector.id)
    return _look_at_all(conn, connector, waiting, now=now, actor=actor, list_name=list_name)


def review(conn: Connection, connector: Connector, entries: Iterable[ListEntry], *, now: datetime) -> None:
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
    _look_at_all(conn, connector, linked, now=now, actor="quickbooks")


def has_noted(conn: Connection, connector: Connector) -> bool:
    """Whether former transactions noted records that can be looked at now."""
    return looks.any_noted(conn, connector.id) and can_check(conn, connector)


def take_up(conn: Connection, connector: Connector, *, now: datetime) -> list[Record]:
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
    for actor, list_name in sorted({(look.actor, look.list_name) for look in noted}, key=str):
        ids = [look.record_id for look in noted if (look.actor, look.list_name) == (actor, list_name)]
        found = _look_at(conn, connector, ids, now=now, actor=actor)
        if list_name is not None and found:
            lists.count_changes(conn, connector.id, list_name, "released", len(found))
        released += found
    return released


def _look_at_all(
    conn: Connection,
    connector: Connector,
    record_ids: Collection[int],
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look at these records, and at what waits behind those that are released; the returned are released."""
    if not record_ids:
        return []
    if not can_check(conn, connector):
        looks.note(conn, connector.id, record_ids, actor=actor, list_name=list_name)
        return []
    mine = allowance.share(conn, connector.id, record_ids, actor=actor, list_name=list_name)
    return _look_at(conn, connector, mine, now=now, actor=actor)


def _look_at(
    conn: Connection, connector: Connector, record_ids: Sequence[int], *, now: datetime, actor: str
) -> list[Record]:
    released = []
    with memory.remembering(conn):
        _read_ahead(conn, record_ids)
        for record_id in record_ids:
            before = records.get(conn, record_id)
            after = _looked_at(conn, connector, before, now=now, actor=actor)
            if before.state is State.BLOCKED and after.state is not State.BLOCKED:
                released.append(after)
                release_dependants(conn, connector, after, now=now, actor=actor)
    return released


def _read_ahead(conn: Connection, record_ids: Sequence[int]) -> None:
    """Read what is needed of each of these records for all of them at once."""
    records.read_ahead(conn, record_ids)
    errors.read_ahead(conn, record_ids)


def _looked_at(
    conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str
) -> Record:
    """A record as it stands when it has been looked at."""
    match record.state:
        case State.BLOCKED if not _is_anothers(conn, record):
            return decide(conn, connector, record, now=now, actor=actor)[0]
        case State.QUEUED if record.claim is None:
            return decide(conn, connector, record, now=now, actor=actor)[0]
        case State.SYNCED if not record.kind.is_document:
            verdict = check(conn, connector, record)
            if isinstance(verdict, Blocked):
                return block(conn, connector, record, verdict.findings, now=now, actor="quickbooks")
    return record


def _is_anothers(conn: Connection, record: Record) -> bool:
    """Whether a document was found to be the one another record has, and that one has it still: its number would
    only be asked for again."""
    if not record.kind.is_document:
        return False
    causes = [item.cause for item in errors.of_record(conn, record.connector_id, record.id)]
    return any(
        isinstance(cause, AlreadyLinked) and records.holder(conn, record, cause.quickbooks_id)
        for cause in causes
    )


def _was_deleted(conn: Connection, record: Record) -> bool:
    """Whether its document is gone from QuickBooks: nothing would be left to send, as if it were synced."""
    return any(
        isinstance(item.cause, DocumentDeleted)
        for item in errors.of_record(conn, record.connector_id, record.id)
    )


def retry(
    conn: Connection, connector: Connector, record_ids: Iterable[int], *, now: datetime, actor: str
) -> tuple[int, int]:
    """Try blocked records again because a person says so.

    Returns:
        How many are no longer blocked, and how many still are because the list cache shows the cause remains.
    """
    ids = sorted(set(record_ids))
    allowance.spend(conn, len(ids))
    released = still = 0
    with memory.remembering(conn):
        _start_afresh(conn, ids, now=now)
        for record_id in ids:
            record = records.get(conn, record_id)
            if record.state is not State.BLOCKED:
                continue
            record = _retried(conn, connector, record, now=now, actor=actor)
            if record.state is State.BLOCKED:
                still += 1
            else:
                released += 1
                released += len(release_dependants(conn, connector, record, now=now, actor=actor))
    if still and can_check(conn, connector):
        errors.note_looks(conn, ids, now=now)
    return released, still


def _start_afresh(conn: Connection, record_ids: Sequence[int], *, now: datetime) -> None:
    """Whatever kept blocked records back before is over: they are tried as if for the first time."""
    _read_ahead(conn, record_ids)
    found = [records.get(conn, record_id) for record_id in record_ids]
    marked = [
        record
        for record in found
        if record.state is State.BLOCKED
        and (record.attempts or record.not_before or record.pause_reason or record.isolation)
        and not (record.link is not None and _was_deleted(conn, record))
    ]
    if marked:
        fresh: dict[str, Any] = {
            "attempts": 0,
            "not_before": None,
            "pause_reason": None,
            "isolation": None,
        }
        records.change_all(conn, marked, now=now, **fresh)
        _read_ahead(conn, record_ids)


def _retried(conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    """A blocked record as it stands when it has been tried again."""
    if record.link is not None and _was_deleted(conn, record):
        return record
    if record.claim is None and can_check(conn, connector):
        return decide(conn, connector, record, now=now, actor=actor)[0]
    return _unblock(conn, record, now=now, actor=actor)


def withdraw(conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    """Cancel a record that is not on its way, and with it a wish to void it that QuickBooks has not heard of yet;
    what waited for it is checked again."""
    open_errors = errors.find(conn, connector.id, record_id=record.id)
    errors.close(conn, [item.id for item in open_errors], "cancelled", now=now)
    is_void = record.is_void and record.synced_revision == record.revision
    record = records.move(conn, record, State.CANCELLED, now=now, actor=actor, is_void=is_void)
    record = records.set_waits(conn, record, (), now=now)
    stop_waiting_for(conn, connector, record, now=now, actor=actor)
    release_dependants(conn, connector, record, now=now, actor=actor)
    let_go(conn, connector, record, now=now, actor=actor)
    return record
