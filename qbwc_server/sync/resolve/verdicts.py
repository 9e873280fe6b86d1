"""What a check found is done to the records it was about."""

from collections.abc import Sequence
from typing import assert_never

from qbwc_server.domain import changes
from qbwc_server.domain.records import Record, State
from qbwc_server.sync import list_cache
from qbwc_server.sync.check import (
    Blocked,
    Matched,
    Ready,
    Unread,
    Verdict,
    Waiting,
    anticipate,
    ask_for_named,
    check,
)
from qbwc_server.sync.resolve.blocking import put_off
from qbwc_server.sync.resolve.linking import Arrival, link_to
from qbwc_server.sync.work import Work


def decide_all(work: Work, members: Sequence[Record], *, actor: str) -> list[tuple[Record, Verdict]]:
    """Check queued or blocked records and carry out the verdicts, in their order, each in sight of those before it.

    Returns:
        Each as it stands once its verdict is carried out, and the verdict.
    """
    work.add(members)
    read_ahead(work, members)
    decided = []
    for number, record in enumerate(members, start=1):
        verdict = work.ask_each(
            lambda each: check(work.known, each), work.known.now(record), members[number:]
        )
        decided.append((carry_out(work, record, verdict, actor=actor), verdict))
    return decided


def read_ahead(work: Work, members: Sequence[Record]) -> None:
    """Read what these records are sure to be checked against: the host's records that they name, and then what may be
    meant in QuickBooks. What they turn out to refer to beside is read as it is asked for."""
    for record in members:
        ask_for_named(work.known, record.kind, work.known.parsed(record.kind, record.content))
    work.read()
    anticipate(work.known, members)
    work.read()


def carry_out(work: Work, record: Record, verdict: Verdict, *, actor: str) -> Record:
    """Do to a queued or blocked record what a check found."""
    match verdict:
        case Blocked(findings):
            return put_off(work, record, findings, actor="server")
        case Matched(link, unsaid) if record.link is not None:
            # the new revision says nothing that QuickBooks need be told, or can be
            record = work.change(record, warnings=verdict.warnings)
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
            return work.set_waits(unblock(work, record, actor=actor), on)
        case Unread(wanted):
            for list_name in sorted(wanted):
                list_cache.want(work.conn, work.connector, list_name, now=work.now)
            return unblock(work, record, actor=actor)
        case Ready():
            record = unblock(work, record, actor=actor)
            return work.set_waits(record, ()) if record.waiting else record
        case _:
            assert_never(verdict)


def unblock(work: Work, record: Record, *, actor: str) -> Record:
    """Let nothing stand in the way of a record that was blocked; any other stays as it is."""
    record = work.known.now(record)
    if record.state is not State.BLOCKED:
        return work.change(record, is_surplus=False) if record.is_surplus else record
    work.close_errors(record, f"released by {actor}")
    return work.move(record, State.QUEUED, actor=actor, is_surplus=False)
