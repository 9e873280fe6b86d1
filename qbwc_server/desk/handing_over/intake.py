"""One record of the host: taken in, shown, voided and cancelled."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qbwc_server.desk import refused
from qbwc_server.desk.handing_over import again, lines
from qbwc_server.desk.handing_over.given import CHANGED, CREATED, UNCHANGED, Given, checked, find_all
from qbwc_server.desk.views.record_views import existing, view_of
from qbwc_server.domain.causes import Cause, NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound, PreconditionFailed
from qbwc_server.domain.host_records import keys_of
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.order import ANYTHING, Expected, priority_of
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, connectors, errors, record_words, records
from qbwc_server.sync import resolve
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import turn
from qbwc_server.sync.work import Work


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


@dataclass(frozen=True, slots=True)
class Stored:
    """A record that was kept, and what became of it: one of `CREATED`, `CHANGED`, `UNCHANGED`."""

    record: Record
    result: str


def store_all(
    work: Work, handed: Sequence[tuple[Given, Expected]], *, actor: str
) -> list[Stored | Conflict | PreconditionFailed]:
    """Keep what is handed over, each with what is expected of the record so far; no record may come twice.

    Returns:
        For each what was stored, or why it may not be changed, or not by this; then nothing of it was written. How
        the records stand in the end is known to `work` when all that follows has been looked at.
    """
    done = _kept(work, handed, actor=actor)
    touched = [each for each in done if isinstance(each, Stored) and each.result != UNCHANGED]
    _set_keys(work, touched)
    members = [
        record
        for each in touched
        if (record := each.record).state in (State.QUEUED, State.BLOCKED) and record.claim is None
    ]
    if members and resolve.can_check(work.conn, work.connector):
        resolve.decide_all(work, members, actor=actor)
        resolve.free_all_dependants(work, members, actor=actor)
    return done


def _kept(
    work: Work, handed: Sequence[tuple[Given, Expected]], *, actor: str
) -> list[Stored | Conflict | PreconditionFailed]:
    """Write the records themselves, the new ones together."""
    found = find_all(work, [given for given, _ in handed])
    done: list[Stored | Conflict | PreconditionFailed | None] = []
    new: list[Given] = []
    revised: list[tuple[Record, Record]] = []
    for given, expected in handed:
        work.known.believe(given.content, given.typed)
        record = found[given.kind, given.external_id]
        try:
            expected.check(f"{given.kind.label} {given.external_id}", record)
            result = given.result(record)
        except (Conflict, PreconditionFailed) as error:
            done.append(error)
            continue
        if record is None:
            new.append(given)
            done.append(None)
        elif result == CHANGED:
            after = _revise(work, record, given, actor=actor)
            revised.append((record, after))
            done.append(Stored(after, result))
        else:
            done.append(Stored(_at_turn(work, record, given), result))
    record_words.revise_all(work.conn, revised)
    added = iter(_added(work, new, actor=actor))
    return [Stored(next(added), CREATED) if each is None else each for each in done]


def _added(work: Work, new: Sequence[Given], *, actor: str) -> list[Record]:
    rows = [each.as_new() for each in new]
    added = records.add_all(work.conn, work.connector.id, rows, now=work.now, actor=actor)
    for record in added:
        work.known.tell_errors(record.id, ())
    return added


def _set_keys(work: Work, touched: Iterable[Stored]) -> None:
    """Let the records be found by what they say now."""
    keys: dict[bool, list[tuple[Record, Collection[str]]]] = {True: [], False: []}
    for each in touched:
        if not each.record.kind.is_document:  # nothing refers to one
            found_by = keys_of(work.known.parsed(each.record.kind, each.record.content))
            keys[each.result == CREATED].append((each.record, found_by))
    for are_new, some in keys.items():
        records.set_keys_of_all(work.conn, work.connector.id, some, are_new=are_new)


def _at_turn(work: Work, record: Record, given: Given) -> Record:
    """The same content under a later version, or to be sent at another turn, is no new revision."""
    version = record.version if given.version is None else given.version
    priority = record.priority if given.priority is None else given.priority
    if (version, priority) == (record.version, record.priority):
        return record
    return work.change(record, version=version, priority=priority)


def _revise(work: Work, record: Record, given: Given, *, actor: str) -> Record:
    values: dict[str, Any] = work.ask(lambda: revised(work.known, record, given, now=work.now))
    if given.priority is not None:
        values["priority"] = given.priority
    values |= records.found_by(record.kind, given.content)
    if record.state in COMES_BACK:
        return work.move(record, State.QUEUED, actor=actor, **values)
    return work.change(record, **values)


COMES_BACK = (State.CANCELLED, State.SYNCED)
"""The states from which a new revision is queued; in any other a record stays as it is."""


def revised(known: Known, record: Record, given: Given, *, now: datetime) -> dict[str, Any]:
    """What a new revision changes of a record, beside its state."""
    values = {
        "content": given.content,
        "revision": record.revision + 1,
        "revised_at": now,
        "version": record.version if given.version is None else given.version,
    }
    if record.state is State.CANCELLED and record.link is not None:
        # what it was linked to may be another record's by now
        values["is_surplus"] = known.holder(record, record.link.quickbooks_id) is not None
    return values


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
