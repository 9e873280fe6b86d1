"""Records linked with what QuickBooks holds, and withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.records import Link, PostedLine, Record, State
from qbwc_server.storage import record_words, records
from qbwc_server.sync.check import (
    Finding,
    already_linked,
)
from qbwc_server.sync.resolve.blocking import give_up, put_off
from qbwc_server.sync.resolve.freeing import free, free_dependants, free_entry
from qbwc_server.sync.resolve.keys import link_key, reference_keys
from qbwc_server.sync.work import Work

_FROM_MEMORY = ("cache", "person")
"""Proofs for which QuickBooks itself was not asked."""


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
    record_words.learn_name(work.conn, record, link.name)
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
