"""Taking records in from the host, showing them, and cancelling them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from qbwc_server.domain import external_ids
from qbwc_server.domain.causes import Cause, NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.domain.host_records import HostRecord, keys_of, parse, take_in
from qbwc_server.domain.json_values import impossible
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.order import ANYTHING, Expected, check_turn, version_of
from qbwc_server.domain.records import Link, Record, State
from qbwc_server.storage import connectors, errors, lists, memory, records
from qbwc_server.storage.errors import StoredError

from . import allowance, pauses, refused, resolve
from .core import Core
from .errors import as_json, shown
from .turn import catch_up, turn


@dataclass(frozen=True, slots=True)
class PutOutcome:
    """What became of a record that was handed over; `view` is what `view` answers."""

    view: dict[str, Any]
    created: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one line.

    Attributes:
        line: its number, from 1.
        result: ``created``, ``changed``, ``unchanged`` or ``faulty``.
        state: the record's state; None for a faulty line or a dry run.
    """

    line: int
    external_id: str | None
    result: str
    faults: tuple[Fault, ...]
    state: State | None


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
        given = _checked(kind, external_id, fields, revive=revive)
    except InvalidInput as error:
        refused.note(core, connector_name, kind, external_id, error.faults)
        raise
    with turn(core, connector_name) as (conn, connector), memory.remembering(conn):
        record, result = _store(core, conn, connector, given, expected, actor)
        refused.accepted(conn, connector, kind, [external_id], now=core.clock())
        if priority is not None and priority != record.priority:
            record = records.change(conn, record, now=core.clock(), priority=priority)
        return PutOutcome(view_of(conn, record), result == CREATED, result != UNCHANGED)


CREATED, CHANGED, UNCHANGED, FAULTY = "created", "changed", "unchanged", "faulty"


@dataclass(frozen=True, slots=True)
class _Given:
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


def _checked(
    kind: Kind,
    external_id: str,
    fields: Mapping[str, Any],
    *,
    revive: bool,
) -> _Given:
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
    return _Given(kind, external_id, content, parse(kind, content), version, revive)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _store(
    core: Core, conn: Connection, connector: Connector, given: _Given, expected: Expected, actor: str
) -> tuple[Record, str]:
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


def _added(conn: Connection, connector: Connector, given: _Given, *, now: datetime, actor: str) -> Record:
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


def _revise(conn: Connection, record: Record, given: _Given, *, now: datetime, actor: str) -> Record:
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
        record = _existing(conn, connector, kind, external_id)
        expected.check(record.label, record)
        if not kind.is_document or not _is_void_or_never_was(record):
            record = _void(conn, connector, record, now=core.clock(), actor=actor)
        return view_of(conn, records.get(conn, record.id))


def _is_void_or_never_was(record: Record) -> bool:
    """Whether voiding it would change nothing: saying it twice is as good as once."""
    return record.link is None if record.state is State.CANCELLED else record.is_void


def _void(conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    if record.kind.is_document and _objection(conn, record, Decision.CANCEL) is None:
        return withdraw(conn, connector, record, now=now, actor=actor)
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
        record = _existing(conn, connectors.by_name(conn, connector_name), kind, external_id)
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
            record = withdraw(conn, connector, record, now=core.clock(), actor=actor)
        # whoever takes back what was never accepted does not want it any more, either
        refused.accepted(conn, connector, kind, [external_id], "cancelled", now=core.clock())
        found = view_of(conn, record) if record is not None else None
    if found is None:
        raise NotFound(f"the connector {connector_name} has no {kind.label} {external_id!r}")
    return found


def withdraw(conn: Connection, connector: Connector, record: Record, *, now: datetime, actor: str) -> Record:
    """Cancel a record that is not on its way, and with it a wish to void it that QuickBooks has not heard of yet;
    what waited for it is checked again."""
    open_errors = errors.find(conn, connector.id, record_id=record.id)
    errors.close(conn, [item.id for item in open_errors], "cancelled", now=now)
    is_void = record.is_void and record.synced_revision == record.revision
    record = records.move(conn, record, State.CANCELLED, now=now, actor=actor, is_void=is_void)
    record = records.set_waits(conn, record, (), now=now)
    resolve.stop_waiting_for(conn, connector, record, now=now, actor=actor)
    resolve.release_dependants(conn, connector, record, now=now, actor=actor)
    resolve.let_go(conn, connector, record, now=now, actor=actor)
    return record


def _existing(conn: Connection, connector: Connector, kind: Kind, external_id: str) -> Record:
    record = records.find(conn, connector.id, kind, external_id)
    if record is None:
        why = refused.told(conn, connector, kind, external_id)
        raise NotFound(f"the connector {connector.name} has no {kind.label} {external_id!r}{why}")
    return record


def view(core: Core, connector_name: str, kind: Kind, external_id: str) -> dict[str, Any]:
    """Everything the host may know of a record: state, link, warnings, errors, what it waits for, content.

    Raises:
        NotFound: there is no such connector or record.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        return view_of(conn, _existing(conn, connector, kind, external_id))


def looked_at(
    core: Core, connector_name: str, kind: Kind, external_id: str, *, expected: Expected
) -> tuple[dict[str, Any], bool]:
    """A record as `view` shows it, and whether whoever named a revision it is not to be has seen it so already.

    Raises:
        NotFound: there is no such connector or record.
        PreconditionFailed: it is not the revision it is to be.
    """
    with core.database.read() as conn:
        record = _existing(conn, connectors.by_name(conn, connector_name), kind, external_id)
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


def view_of(conn: Connection, record: Record) -> dict[str, Any]:
    """A record as `view` shows it, within a transaction."""
    return views_of(conn, [record])[0]


def views_of(conn: Connection, shown_records: Sequence[Record]) -> list[dict[str, Any]]:
    """Records as `view` shows them, in their order, within a transaction; so many reads as of a single one."""
    open_errors = errors.open_of(conn, shown_records)
    waits = records.waits_of_all(conn, [record.id for record in shown_records if record.waiting])
    read_at = _lists_read(conn, shown_records)
    return [
        _view(record, open_errors.get(record.id, ()), waits.get(record.id, ()), read_at.get(record.kind))
        for record in shown_records
    ]


def _lists_read(conn: Connection, shown_records: Sequence[Record]) -> Mapping[Kind, datetime]:
    """As of when QuickBooks' lists are known in which these records stand: a change there would have been told."""
    kinds = [kind for kind in Kind if not kind.is_document]
    if all(record.kind.is_document for record in shown_records):
        return {}
    loads = lists.loads(conn, shown_records[0].connector_id, [ListName(kind) for kind in kinds])
    read = zip(kinds, (load.read_from or load.loaded_at for load in loads), strict=True)
    return {kind: at for kind, at in read if at is not None}


def _seen_at(record: Record, list_read_at: datetime | None) -> datetime | None:
    """When QuickBooks confirmed a record last: the record itself, or the list in which it stands."""
    is_listed = record.link is not None and record.state is State.SYNCED
    return max(filter(None, (record.seen_at, list_read_at if is_listed else None)), default=None)


def _view(
    record: Record,
    open_errors: Sequence[StoredError],
    waits: Sequence[Record],
    list_read_at: datetime | None,
) -> dict[str, Any]:
    seen_at = _seen_at(record, list_read_at)
    link = _link_shown(record)
    return {
        "external_id": record.external_id,
        "kind": record.kind,
        "state": record.state,
        "revision": record.revision,
        "synced_revision": record.synced_revision,
        "version": record.version,
        record.kind.id_name: link.quickbooks_id if link else None,
        "edit_sequence": link.edit_sequence if link else None,
        ("ref_number" if record.kind.is_document else "full_name"): link.name if link else None,
        "matched_by": link.matched_by if link else None,
        "proof": link.proof if link else None,
        "seen_at": seen_at.isoformat() if seen_at else None,
        **({"linked_document": record.linked_document} if record.kind.is_document else {}),
        "warnings": list(record.warnings),
        "errors": [as_json(shown(item)) for item in open_errors],
        "is_void": record.is_void,
        "waiting_for": [
            {"kind": item.kind, "external_id": item.external_id, "state": item.state} for item in waits
        ],
        "not_before": record.not_before.isoformat() if record.not_before else None,
        "waiting": pauses.shown(record, waits),
        "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
        "record": dict(record.content),
    }


def _link_shown(record: Record) -> Link | None:
    """What it is in QuickBooks; as long as that is only claimed, that is said."""
    if record.claim is None:
        return record.link
    return Link(record.claim.quickbooks_id, None, None, "hand", "claim")


# --- many at once -------------------------------------------------------------------------------------------

CHUNK = 100
"""How many records are taken in in one transaction: well below a second."""
CHUNK_SIZE = 256 * 1024
"""How much text they may have together; a document of thousands of lines goes by itself."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A line of many, as it was understood.

    Attributes:
        line: its number, from 1.
        faults: what is wrong with it; then nothing is given.
        size: how long it is.
    """

    line: int
    external_id: str | None
    faults: tuple[Fault, ...] = ()
    given: _Given | None = None
    size: int = 0
    refusal: NotAccepted | None = None


def hand_over(
    line: int, kind: Kind, external_id: str, fields: Mapping[str, Any], *, revive: bool = False, size: int
) -> HandedOver:
    """A record as `put` takes it, for `take_in_all`; its faults are told with the others' outcomes."""
    try:
        given = _checked(kind, external_id, fields, revive=revive)
    except InvalidInput as error:
        refusal = refused.refusal_of(kind, external_id, error.faults)
        return HandedOver(line, external_id, error.faults, size=size, refusal=refusal)
    return HandedOver(line, external_id, given=given, size=size)


def take_in_all(
    core: Core, connector_name: str, handed: Iterable[HandedOver], *, actor: str
) -> Iterator[ImportOutcome]:
    """Take in records one after the other, as `put` does each, many in one transaction.

    An outcome is given when its record is stored for good; a faulty record holds up no other. They are read and
    checked while nobody has to wait for them.

    Raises:
        NotFound: there is no such connector.
        DatabaseUnavailable: nothing is stored of those whose outcomes were not given.
    """
    has_left = False
    for chunk, is_last in _chunks(handed):
        stored = list(_stored(core, connector_name, chunk, actor))
        has_left |= any(left for _, left in stored)
        if is_last and has_left:  # before the last outcome, behind which nobody may ask for more
            catch_up(core, connector_name)
        yield from chain.from_iterable(outcomes for outcomes, _ in stored)


def _chunks(handed: Iterable[HandedOver]) -> Iterator[tuple[list[HandedOver], bool]]:
    """What goes into one transaction, and whether it is the last."""
    chunk: list[HandedOver] = []
    size = 0
    for item in handed:
        if chunk and (len(chunk) == CHUNK or size + item.size > CHUNK_SIZE):
            yield chunk, False
            chunk, size = [], 0
        chunk.append(item)
        size += item.size
    if chunk:
        yield chunk, True


_Stored = tuple[list[ImportOutcome], bool]
"""The outcomes of a chunk, and whether there is more to be looked at because of it."""


def _stored(core: Core, connector_name: str, chunk: Sequence[HandedOver], actor: str) -> Iterator[_Stored]:
    """Take in a chunk in one transaction; where the database itself refuses one of them, each in its own."""
    try:
        yield _stored_together(core, connector_name, chunk, actor)
    except Conflict as error:
        if len(chunk) == 1:
            yield [_refused(chunk[0], Fault("", str(error)))], False
            return
        for item in chunk:
            yield from _stored(core, connector_name, [item], actor)


def _stored_together(core: Core, connector_name: str, chunk: Sequence[HandedOver], actor: str) -> _Stored:
    with core.database.begin() as conn, memory.remembering(conn):
        connector = connectors.lock(conn, connectors.by_name(conn, connector_name).id)
        _find_ahead(conn, connector, chunk)
        outcomes = [_stored_one(core, conn, connector, item, actor) for item in chunk]
        _note_refusals(core, conn, connector, zip(chunk, outcomes, strict=True))
        return outcomes, allowance.has_left(conn)


def _note_refusals(
    core: Core, conn: Connection, connector: Connector, done: Iterable[tuple[HandedOver, ImportOutcome]]
) -> None:
    """Keep what was refused, and end what was refused of those that are accepted now; the last line of each counts."""
    newest: dict[tuple[str, str], NotAccepted | None] = {}
    for item, outcome in done:
        if item.refusal is not None:
            newest[item.refusal.kind, item.refusal.external_id] = item.refusal
        elif item.given is not None and outcome.result != FAULTY:
            newest[item.given.kind, item.given.external_id] = None
    accepted: dict[Kind, list[str]] = {}
    for (kind, external_id), refusal in newest.items():
        if refusal is None:
            accepted.setdefault(Kind(kind), []).append(external_id)
    now = core.clock()
    for each, names in accepted.items():
        refused.accepted(conn, connector, each, names, now=now)
    refused.keep(conn, connector, [item for item in newest.values() if item is not None], now=now)


def _find_ahead(conn: Connection, connector: Connector, chunk: Sequence[HandedOver]) -> None:
    wanted: dict[Kind, list[str]] = {}
    for item in chunk:
        if item.given is not None:
            wanted.setdefault(item.given.kind, []).append(item.given.external_id)
    for kind, names in wanted.items():
        records.find_ahead(conn, connector.id, kind, names)


def _stored_one(
    core: Core, conn: Connection, connector: Connector, item: HandedOver, actor: str
) -> ImportOutcome:
    if item.given is None:
        return _refused(item, *item.faults)
    try:
        # refused before anything of it is written
        record, result = _store(core, conn, connector, item.given, ANYTHING, actor)
    except Conflict as error:
        return _refused(item, Fault("", str(error)))
    return ImportOutcome(item.line, item.external_id, result, (), record.state)


def _refused(item: HandedOver, *faults: Fault) -> ImportOutcome:
    return ImportOutcome(item.line, item.external_id, FAULTY, faults, None)


def bring_in(
    core: Core,
    connector_name: str,
    kind: Kind,
    lines: Iterable[str],
    *,
    actor: str,
    dry_run: bool = False,
    revive: bool = False,
) -> Iterator[ImportOutcome]:
    """Take in NDJSON, a record a line with its ``external_id`` inside, by the rule of `take_in_all`.

    Args:
        actor: who hands them over, for the history.
        dry_run: only check, store nothing.
        revive: take cancelled records up again.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connectors.by_name(conn, connector_name)
    handed = (
        _line_of(kind, number, line, revive) for number, line in enumerate(lines, start=1) if line.strip()
    )
    if dry_run:
        return _would_become(core, connector_name, handed)
    return take_in_all(core, connector_name, handed, actor=actor)


def _line_of(kind: Kind, number: int, line: str, revive: bool) -> HandedOver:
    """A line of an import, understood."""
    try:
        fields = read_json(line)
        if not isinstance(fields, dict) or not isinstance(fields.get("external_id"), str):
            raise InvalidInput([Fault("/external_id", "is needed in every line, as text")])
    except InvalidInput as error:
        return HandedOver(number, None, error.faults)
    external_id = fields.pop("external_id")
    return hand_over(number, kind, external_id, fields, revive=revive, size=len(line))


def _would_become(core: Core, connector_name: str, handed: Iterable[HandedOver]) -> Iterator[ImportOutcome]:
    """What `take_in_all` would make of each, as the records stand now; nothing is stored."""
    for chunk, _ in _chunks(handed):
        with core.database.read() as conn, memory.remembering(conn):
            connector = connectors.by_name(conn, connector_name)
            _find_ahead(conn, connector, chunk)
            outcomes = [_would_be(conn, connector, item) for item in chunk]
        yield from outcomes


def _would_be(conn: Connection, connector: Connector, item: HandedOver) -> ImportOutcome:
    given = item.given
    if given is None:
        return _refused(item, *item.faults)
    try:
        result = given.result(records.find(conn, connector.id, given.kind, given.external_id))
    except Conflict as error:
        return _refused(item, Fault("", str(error)))
    return ImportOutcome(item.line, item.external_id, result, (), None)
