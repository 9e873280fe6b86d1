"""One record of the host: taken in, shown, voided and cancelled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qbwc_server.desk import refused
from qbwc_server.desk.handing_over import again, lines
from qbwc_server.desk.handing_over.given import CREATED, UNCHANGED, checked
from qbwc_server.desk.handing_over.storing import Stored, store_all
from qbwc_server.desk.views.record_views import existing, view_of
from qbwc_server.domain.causes import Cause, NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import ANYTHING, Expected, priority_of
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, connectors, errors, records
from qbwc_server.sync import resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import turn


@dataclass(frozen=True, slots=True)
class PutOutcome:
    """What became of a record that was handed over; `view` is what `view` answers."""

    view: dict[str, Any]
    created: bool
    changed: bool


def put(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    fields: Mapping[str, Any],
    *,
    actor: str,
    priority: int | None = None,
    expected: Expected = ANYTHING,
    revive: bool = False,
) -> PutOutcome:
    """Take in a record, new or changed. The same content again changes nothing.

    What is refused for its faults is kept until the record is handed over well, for whoever wonders where it is.

    Args:
        fields: the record, and beside its own fields its ``version`` if the host counts its changes.
        actor: who hands it over, for the history.
        priority: 0 to 1000, lower is sent earlier among its kind; 100 when left out.
        expected: what must hold of the record so far.
        revive: take a cancelled record up again, which otherwise only a later version does.

    Raises:
        InvalidInput: the record has faults; all are listed with their pointers, and nothing is stored.
        NotFound: there is no such connector.
        PreconditionFailed: something else holds of it.
        Conflict: the record is void or cancelled, or what is handed over comes late (`domain.order`).
    """
    wanted = priority_of(priority)
    same = again.told(core, connector_name, lines.Said(kind, external_id, fields, revive, wanted), expected)
    if same is not None:
        return PutOutcome(same, created=False, changed=False)
    try:
        given = checked(kind, external_id, fields, revive=revive, priority=wanted)
    except InvalidInput as error:
        refused.note(core, connector_name, kind, external_id, error.faults)
        raise
    with turn(core, connector_name) as (conn, connector):
        now = core.clock()
        with resolve.working(conn, connector, now=now) as work:
            (stored,) = store_all(work, [(given, expected)], actor=actor)
        if not isinstance(stored, Stored):
            raise stored
        record = work.known.now(stored.record)
        is_clear = not work.may_be_refused and work.known.is_clear(record.id)
        view = view_of(conn, record, open_errors=() if is_clear else None)
        if any(error["cause"] == NotAccepted.name for error in view["errors"]):
            refused.accepted(conn, connector, kind, [external_id], now=now)
            view = view_of(conn, record)
        return PutOutcome(view, stored.result == CREATED, stored.result != UNCHANGED)


def void(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    *,
    actor: str,
    expected: Expected = ANYTHING,
) -> dict[str, Any]:
    """Have a document voided in QuickBooks (a purchase order: closed); one QuickBooks cannot hold is cancelled.

    Raises:
        NotFound: there is no such connector or record.
        Conflict: it may not be voided as it stands (`domain.decisions`).
    """
    with turn(core, connector_name) as (conn, connector):
        record = existing(conn, connector, kind, external_id)
        expected.check(record.label, record)
        if not kind.is_document or not _is_void_or_never_was(record):
            record = _void(conn, connector, record, now=core.clock(), actor=actor)
        return view_of(conn, records.get(conn, record.id))


def _is_void_or_never_was(record: Record) -> bool:
    """Whether voiding it would change nothing: saying it twice is as good as once."""
    return record.link is None if record.state is State.CANCELLED else record.is_void


def _void(conn: Transaction, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    if record.kind.is_document and _objection(conn, record, Decision.CANCEL) is None:
        return resolve.withdraw(conn, connector, record, now=now, actor=actor)
    ensure_may(conn, record, Decision.VOID)
    values: dict[str, Any] = {"is_void": True, "revision": record.revision + 1, "revised_at": now}
    is_waiting = record.state in (State.SENT, State.UNCERTAIN, State.QUEUED)
    if is_waiting or record.link is None:
        return records.change(conn, record, now=now, **values)
    errors.close_of_record(conn, record.id, "voided", now=now)
    return records.move(conn, record, State.QUEUED, now=now, actor=actor, **values)


def ensure_may(conn: Transaction, record: Record, decision: Decision) -> None:
    """Refuse a decision that may not be taken of a record as it stands.

    Raises:
        Conflict: it says why.
    """
    reason = _objection(conn, record, decision)
    if reason is not None:
        raise Conflict(reason)


def _objection(conn: Transaction, record: Record, decision: Decision) -> str | None:
    return objection(record, decision, _open_causes(conn, record))


def _open_causes(conn: Transaction, record: Record) -> list[Cause]:
    return [item.cause for item in errors.find(conn, record.connector_id, record_id=record.id)]


def cancel(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    *,
    actor: str,
    expected: Expected = ANYTHING,
) -> dict[str, Any]:
    """Withdraw a record that QuickBooks cannot hold; cancelling it twice is as good as once.

    Returns:
        The record as `view` shows it.

    Raises:
        NotFound: there is no such connector or record.
        Conflict: QuickBooks holds it, or may hold it (`domain.decisions`).
    """
    with turn(core, connector_name) as (conn, connector):
        record = records.find(conn, connector.id, kind, external_id)
        if record is not None:
            expected.check(record.label, record)
        if record is not None and record.state is not State.CANCELLED:
            ensure_may(conn, record, Decision.CANCEL)
            record = resolve.withdraw(conn, connector, record, now=core.clock(), actor=actor)
        # whoever takes back what was never accepted does not want it any more, either
        refused.accepted(conn, connector, kind, [external_id], "cancelled", now=core.clock())
        found = view_of(conn, record) if record is not None else None
    if found is None:
        raise NotFound(f"the connector {connector_name} has no {kind.label} {external_id!r}")
    return found


def looked_at(
    core: Core, connector_name: str, kind: Kind, external_id: str, *, expected: Expected
) -> tuple[dict[str, Any], bool]:
    """A record as `view` shows it, and whether whoever named a revision it is not to be has seen it so already.

    Raises:
        NotFound: there is no such connector or record.
        PreconditionFailed: it is not the revision it is to be.
    """
    with core.database.read() as conn:
        record = existing(conn, connectors.by_name(conn, connector_name), kind, external_id)
        replace(expected, none_match=None).check(record.label, record)
        seen = expected.none_match is not None and expected.none_match.hold(record)
        return view_of(conn, record), seen and record.updated_at == record.revised_at
