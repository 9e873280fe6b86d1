"""Records blocked for a reason, and with them what waits for them."""

from collections.abc import Iterable, Sequence

from qbwc_server.domain.events import came_to
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import events
from qbwc_server.sync.check import (
    Finding,
)
from qbwc_server.sync.work import Work


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
