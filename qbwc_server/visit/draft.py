"""A message set that is being put together, and stored as sent before a byte of it leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.operations import Operation, Purpose, Request, Writing
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.sessions import MessageSet, Session, new_set_name
from qbwc_server.storage import Transaction, records, sessions
from qbwc_server.sync import resolve, wording
from qbwc_server.sync.wording import Dialect
from qbwc_server.visit.operations import raw
from qbwc_server.visit.questions import Question
from qbxml import envelope
from qbxml.errors import Caveat
from qbxml.requests import Built
from qbxml.requests import Request as QbxmlRequest


@dataclass
class Draft:
    """A message set being put together."""

    conn: Transaction
    connector: Connector
    session: Session
    now: datetime
    requests: list[QbxmlRequest] = field(default_factory=list)
    notes: list[tuple[Operation, Record | None, Purpose]] = field(default_factory=list)
    built: dict[str, Built] = field(default_factory=dict)

    def add(
        self, request: QbxmlRequest, operation: Operation, purpose: Purpose, record: Record | None = None
    ) -> None:
        self.requests.append(request)
        self.notes.append((operation, record, purpose))

    def ask(self, questions: Iterable[Question]) -> None:
        for question in questions:
            self.add(question.query, question.operation, question.purpose)

    def pass_on(self, orders: Iterable[raw.Order]) -> None:
        for order in orders:
            self.add(*order)

    @cached_property
    def dialect(self) -> Dialect:
        return Dialect.of(self.session)


def store(draft: Draft) -> MessageSet:
    """Write the draft down and mark its records as sent, all before a byte leaves."""
    conn, connector = draft.conn, draft.connector
    writes = any(operation.changes_the_file for operation, _, _ in draft.notes)
    # what somebody else has written is sent once: it has no outcome that would be asked for again
    is_ours = any(operation.writes for operation, _, _ in draft.notes)
    name = new_set_name() if is_ours and connector.settings.message_set_recovery else None
    built = envelope.build(
        draft.requests,
        version=draft.dialect.version,
        country=draft.dialect.country,
        new_message_set_id=name,
        old_message_set_id=connector.last_message_set if name is not None else None,
        built=draft.built,
    )
    stored = sessions.add_set(conn, draft.session, name=name, writes=writes, text=built.text, now=draft.now)
    sessions.add_requests(
        conn, [_row(stored, request, note) for request, note in zip(draft.requests, draft.notes, strict=True)]
    )
    _move(draft, built.warnings)
    return stored


def _move(draft: Draft, caveats: Mapping[str, Sequence[Caveat]]) -> None:
    """Note that the records of a draft are sent, and what is left out of each in this QuickBooks' version."""
    written: list[Record] = []
    warnings: dict[int, list[str]] = {}
    for request, (_, record, purpose) in zip(draft.requests, draft.notes, strict=True):
        if record is not None and isinstance(purpose, Writing):
            written.append(record)
            left_out = caveats.get(request.request_id, ())
            warnings[record.id] = wording.warnings(purpose.warnings, left_out)
    same: dict[str, Any] = {"actor": "server", "isolation": None}
    if not any(warnings.values()):
        records.move_all(draft.conn, written, State.SENT, now=draft.now, warnings=[], **same)
        return
    with resolve.working(draft.conn, draft.connector, now=draft.now) as work:
        work.add(written)
        for record in written:
            work.move(record, State.SENT, warnings=warnings[record.id], **same)


def _row(
    stored: MessageSet, request: QbxmlRequest, note: tuple[Operation, Record | None, Purpose]
) -> Request:
    operation, record, purpose = note
    return Request(
        id=request.request_id,
        message_set_id=stored.id,
        connector_id=stored.connector_id,
        operation=operation,
        record_id=record.id if record is not None else None,
        revision=record.revision if record is not None else None,
        purpose=purpose,
    )
