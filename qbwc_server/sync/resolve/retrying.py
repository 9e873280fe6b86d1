"""Blocked records tried again because a person says so."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, errors
from qbwc_server.sync import allowance
from qbwc_server.sync.check import (
    check,
)
from qbwc_server.sync.resolve.freeing import free_dependants
from qbwc_server.sync.resolve.sets import can_check, read, settle, was_deleted, working
from qbwc_server.sync.resolve.verdicts import carry_out, read_ahead, unblock
from qbwc_server.sync.work import Work


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
    members = [record for record in read(work, ids) if record.state is State.BLOCKED]
    _start_afresh(work, members)
    if may_check:
        read_ahead(work, members)
    released = still = 0
    for number, record in enumerate(members, start=1):
        before = work.known.now(record)
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
    return record.link is not None and work.ask(lambda: was_deleted(work.known, record))


def _retried(work: Work, record: Record, others: Sequence[Record], *, may_check: bool, actor: str) -> Record:
    """A blocked record as it stands when it has been tried again."""
    if _stays_deleted(work, record):
        return record
    if record.claim is None and may_check:
        verdict = work.ask_each(lambda each: check(work.known, each), record, others)
        return carry_out(work, record, verdict, actor=actor)
    return unblock(work, record, actor=actor)
