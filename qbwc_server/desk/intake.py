"""One record of the host: taken in, shown, voided and cancelled."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from qbwc_server.domain import external_ids
from qbwc_server.domain.causes import Cause
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.domain.host_records import HostRecord, keys_of, parse, take_in
from qbwc_server.domain.json_values import impossible
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import ANYTHING, Expected, check_turn, version_of
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import connectors, errors, memory, records
from qbwc_server.sync import resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import turn

from . import refused
from .record_views import existing, view_of, views_of


@dataclass(frozen=True, slots=True)
class PutOutcome:
    """What became of a record that was handed over; `view` is what `view` answers."""

    view: dict[str, Any]
    created: bool
    changed: bool


def read_json(text: str) -> Any:
    """JSON with its numbers exact: a number with a fraction becomes a Decimal, never a float.

    Raises:
        InvalidInput: it is not JSON.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except RecursionError:
        raise InvalidInput([Fault("", "nested too deeply")]) from None
    except json.JSONDecodeError as error:
        where = (
            f"line {error.lineno}, column {error.colno}" if "\n" in text.strip() else f"column {error.colno}"
        )
        raise InvalidInput([Fault("", f"not JSON: it cannot be read from {where} on")]) from None
    except _NoNumber as error:
        raise InvalidInput([Fault("", f"not JSON: {error}")]) from None
    except ValueError:  # a whole number of thousands of digits
        raise InvalidInput([Fault("", "not JSON: it holds a number of too many digits")]) from None


class _NoNumber(ValueError):
    """What Python's reader of JSON would take for a number."""


def _refuse_constant(name: str) -> None:
    raise _NoNumber(f"{name} is not a number")


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
    if priority is not None and not 0 <= priority <= 1000:
        raise InvalidInput([Fault("/priority", "must be between 0 and 1000")])
    try:
        given = checked(kind, external_id, fields, revive=revive)
    except InvalidInput as error:
        refused.note(core, connector_name, kind, external_id, error.faults)
        raise
    with turn(core, connector_name) as (conn, connector), memory.remembering(conn):
        record, result = store(core, conn, connector, given, expected, actor)
        refused.accepted(conn, connector, kind, [external_id], now=core.clock())
        if priority is not None and priority != record.priority:
            record = records.change(conn, record, now=core.clock(), priority=priority)
        return PutOutcome(view_of(conn, record), result == CREATED, result != UNCHANGED)


CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


@dataclass(frozen=True, slots=True)
class Given:
    """A record as it comes in, sure to be right.

    Attributes:
        content: in JSON's own values, without its version.
        typed: what that says.
    """

    kind: Kind
    external_id: str
    content: dict[str, Any]
    typed: HostRecord
    version: int | None
    revive: bool

    def result(self, record: Record | None) -> str:
        """What becomes of the record the host calls so.

        Raises:
            Conflict: it may not be changed, or not by this.
        """
        if record is None:
            return CREATED
        same = parse(self.kind, record.content) == self.typed
        check_turn(record, self.version, same=same, revive=self.revive)
        if same and record.state is not State.CANCELLED:
            return UNCHANGED
        if record.is_void:
            raise Conflict(f"{record.label} is void; hand the order over under another id")
        return CHANGED


def checked(kind: Kind, external_id: str, fields: Mapping[str, Any], *, revive: bool) -> Given:
    """A record as the host hands it over, understood.

    Raises:
        InvalidInput: every fault is listed.
    """
    faults, unusable = [*external_ids.faults_of(external_id)], [*impossible(fields)]
    fields, version = dict(fields), None
    try:
        version = version_of(fields.pop("version", None))
    except InvalidInput as error:
        faults += error.faults
    if not unusable:  # else nothing further in is to meet them
        try:
            take_in(kind, fields)
        except InvalidInput as error:
            known = {fault.pointer for fault in faults}
            faults += [fault for fault in error.faults if fault.pointer not in known]
    faults += unusable
    if faults:
        raise InvalidInput(faults)
    content: dict[str, Any] = json.loads(json.dumps(fields, default=_plain, ensure_ascii=False))
    return Given(kind, external_id, content, parse(kind, content), version, revive)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def store(
    core: Core, conn: Connection, connector: Connector, given: Given, expected: Expected, actor: str
) -> tuple[Record, str]:
    """Keep what is handed over, within a transaction that holds the connector.

    Returns:
        The record, and what became of it: one of `CREATED`, `CHANGED`, `UNCHANGED`.

    Raises:
        Conflict: the record may not be changed, or not by this; nothing was written.
    """
    now = core.clock()
    record = records.find(conn, connector.id, given.kind, given.external_id)
    expected.check(f"{given.kind.label} {given.external_id}", record)
    result = given.result(record)
    if record is None:
        record = _added(conn, connector, given, now=now, actor=actor)
    elif result == CHANGED:
        record = _revise(conn, record, given, now=now, actor=actor)
    else:
        return _at_version(conn, record, given.version, now=now), result
    records.set_keys(conn, record, keys_of(given.typed), is_new=result == CREATED)
    may_decide = record.state in (State.QUEUED, State.BLOCKED) and record.claim is None
    if may_decide and resolve.can_check(conn, connector):
        record, _ = resolve.decide(conn, connector, record, now=now, actor=actor)
        resolve.release_dependants(conn, connector, record, now=now, actor=actor)
    return records.get(conn, record.id), result


def _added(conn: Connection, connector: Connector, given: Given, *, now: datetime, actor: str) -> Record:
    record = records.add(
        conn,
        connector.id,
        given.kind,
        given.external_id,
        given.content,
        now=now,
        actor=actor,
        version=given.version,
    )
    errors.none_of(conn, record.id)
    return record


def _at_version(conn: Connection, record: Record, version: int | None, *, now: datetime) -> Record:
    """The same content under a later version is no new revision."""
    if version is None or version == record.version:
        return record
    return records.change(conn, record, now=now, version=version)


def _revise(conn: Connection, record: Record, given: Given, *, now: datetime, actor: str) -> Record:
    values: dict[str, Any] = {
        "content": given.content,
        "revision": record.revision + 1,
        "revised_at": now,
        "version": record.version if given.version is None else given.version,
    }
    if record.state is State.CANCELLED and record.link is not None:
        # what it was linked to may be another record's by now
        values["is_surplus"] = records.holder(conn, record, record.link.quickbooks_id) is not None
    if record.state in (State.CANCELLED, State.SYNCED):
        return records.move(conn, record, State.QUEUED, now=now, actor=actor, **values)
    return records.change(conn, record, now=now, **values)


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


def _void(conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    if record.kind.is_document and _objection(conn, record, Decision.CANCEL) is None:
        return resolve.withdraw(conn, connector, record, now=now, actor=actor)
    ensure_may(conn, record, Decision.VOID)
    values: dict[str, Any] = {"is_void": True, "revision": record.revision + 1, "revised_at": now}
    is_waiting = record.state in (State.SENT, State.UNCERTAIN, State.QUEUED)
    if is_waiting or record.link is None:
        return records.change(conn, record, now=now, **values)
    errors.close_of_record(conn, record.id, "voided", now=now)
    return records.move(conn, record, State.QUEUED, now=now, actor=actor, **values)


def ensure_may(conn: Connection, record: Record, decision: Decision) -> None:
    """Refuse a decision that may not be taken of a record as it stands.

    Raises:
        Conflict: it says why.
    """
    reason = _objection(conn, record, decision)
    if reason is not None:
        raise Conflict(reason)


def _objection(conn: Connection, record: Record, decision: Decision) -> str | None:
    return objection(record, decision, _open_causes(conn, record))


def _open_causes(conn: Connection, record: Record) -> list[Cause]:
    return [item.cause for item in errors.find(conn, record.connector_id, record_id=record.id)]


def objections(
    core: Core, connector_name: str, kind: Kind, external_id: str
) -> Mapping[Decision, str | None]:
    """Every decision, and why it may not be taken of a record as it stands; None where it may.

    Raises:
        NotFound: there is no such connector or record.
    """
    with core.database.read() as conn:
        record = existing(conn, connectors.by_name(conn, connector_name), kind, external_id)
        causes = _open_causes(conn, record)
    return {decision: objection(record, decision, causes) for decision in Decision}


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


def find(
    core: Core,
    connector_name: str,
    *,
    kind: Kind | None = None,
    state: State | None = None,
    after_id: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """A page of records as `view` shows them, each with its ``id`` for the next page's `after_id`."""
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        page = records.page(conn, connector.id, kind=kind, state=state, after_id=after_id, limit=limit)
        return [{"id": record.id, **view} for record, view in zip(page, views_of(conn, page), strict=True)]
