"""Error records as people see them: found, grouped by cause key, and retried."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from qbwc_server.domain.causes import Candidate, NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Fault, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors, records
from qbwc_server.storage import errors as rows
from qbwc_server.storage.bulk import batched
from qbwc_server.storage.errors import OpenError, QuickBooksAnswer, StoredError
from qbwc_server.sync import allowance, connector_errors, resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import catch_up

from . import unchanged

__all__ = [
    "Candidate",
    "ErrorGroup",
    "ErrorRecord",
    "QuickBooksAnswer",
    "RetryOutcome",
    "as_json",
    "closed",
    "find",
    "get",
    "group",
    "of_record",
    "retry",
]


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """One error record with its sentences. `kind` and `external_id` None: it concerns the connector as a whole.

    Attributes:
        has_record: there is a record of that kind and id; what was refused when it was handed over may have none.
        faults: what was wrong with what was handed over.
    """

    id: int
    connector: str
    cause: str
    sub_reason: str | None
    cause_key: str
    kind: Kind | None
    external_id: str | None
    has_record: bool
    message: str
    remedy: str
    actor: str
    retryable: bool
    quickbooks: QuickBooksAnswer | None
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    record: str | None
    """The record that is to blame (``customer c-9``), which may be another than the one that waits."""
    candidates: tuple[Candidate, ...]
    """The entries of QuickBooks' list that may be meant."""
    differences: Mapping[str, tuple[str | None, str | None]]
    """What differs → our value, and the one found in QuickBooks."""
    times: int
    """How often it happened since it was opened; for one of a connector as a whole."""
    last_at: datetime
    address: str | None
    """Where the Web Connector called from when it happened last."""
    occurrences: str
    """The three, and since when, in words."""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Error records with the same cause behind the same key: one fix releases them all."""

    cause: str
    cause_key: str
    message: str
    remedy: str
    actor: str
    retryable: bool
    errors: tuple[ErrorRecord, ...]


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """How many records go on, and how many are still blocked because the cause is still there.

    Attributes:
        unchanged: of those still blocked, how many were not looked at again, as nothing a look depends on has changed.
        unchanged_since: when the first of those was looked at last.
    """

    released: int
    still_blocked: int
    unchanged: int = 0
    unchanged_since: datetime | None = None


def shown(item: StoredError) -> ErrorRecord:
    """A stored error record with its sentences."""
    cause, message, remedy = item.cause, item.cause.message(), item.cause.remedy()
    if item.refusal is not None:
        message, remedy = _refused_one(item, item.refusal)
    return ErrorRecord(
        id=item.id,
        connector=item.connector_name,
        cause=cause.name,
        sub_reason=cause.sub_reason,
        cause_key=item.cause_key,
        kind=item.kind,
        external_id=item.external_id,
        has_record=item.about_id is not None,
        message=message,
        remedy=remedy,
        actor=cause.actor,
        retryable=cause.retryable,
        quickbooks=item.quickbooks,
        opened_at=item.opened_at,
        closed_at=item.closed_at,
        close_reason=item.close_reason,
        record=getattr(cause, "record", None),
        candidates=tuple(map(_candidate, getattr(cause, "candidates", ()))),
        differences={
            what: (ours, theirs) for what, (ours, theirs) in getattr(cause, "differences", {}).items()
        },
        times=item.times,
        last_at=item.last_at,
        address=item.address,
        occurrences=item.occurrences,
        faults=tuple(Fault(*pair) for pair in getattr(cause, "faults", ())),
    )


def _refused_one(item: StoredError, why: str) -> tuple[str, str]:
    """The sentences of one that waits for a record which was handed over, and refused."""
    kind, _, external_id = item.cause_key.partition(":")
    label = f"{Kind(kind).label} {external_id}"
    return (
        f"The {label} was handed over and not accepted: {why.rstrip('.')}.",
        f"Correct the {label} in the order system and hand it over again; everything that waits goes on by itself.",
    )


def _candidate(found: Candidate | Mapping[str, Any]) -> Candidate:
    """A candidate; one that comes back from the database is a mapping."""
    return Candidate(**found) if isinstance(found, Mapping) else found


def as_json(error: ErrorRecord) -> dict[str, Any]:
    """An error record in the form the command line and the host see."""
    answer = error.quickbooks
    return {
        "id": error.id,
        "cause": error.cause,
        "sub_reason": error.sub_reason,
        "cause_key": error.cause_key,
        "kind": error.kind,
        "external_id": error.external_id,
        "message": error.message,
        "remedy": error.remedy,
        "actor": error.actor,
        "retryable": error.retryable,
        "quickbooks": None
        if answer is None
        else {"code": answer.code, "severity": answer.severity, "message": answer.message},
        "opened_at": error.opened_at.isoformat(),
        "times": error.times,
        "last_at": error.last_at.isoformat(),
        "address": error.address,
        "faults": [{"pointer": fault.pointer, "message": fault.message} for fault in error.faults],
    }


def find(
    core: Core, *, connector: str | None = None, open_only: bool = True, cause: str | None = None
) -> list[ErrorRecord]:
    """Error records, oldest first.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector_id = None if connector is None else connectors.by_name(conn, connector).id
        return [shown(item) for item in rows.find(conn, connector_id, open_only=open_only, cause=cause)]


def of_record(core: Core, connector_name: str, kind: Kind, external_id: str) -> list[ErrorRecord]:
    """Every error record a record has or had, oldest first.

    Raises:
        NotFound: there is no such connector or record.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        record = records.find(conn, connector.id, kind, external_id)
        if record is None:
            raise NotFound(f"the connector {connector_name} has no {kind.label} {external_id!r}")
        return [shown(item) for item in rows.find(conn, connector.id, open_only=False, about=record)]


def not_accepted(core: Core, connector_name: str, kind: Kind | None, external_id: str) -> list[ErrorRecord]:
    """What was refused when it was handed over under an id, of one kind or of any.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        keys = [f"{each}:{external_id}" for each in (Kind if kind is None else [kind])]
        found = rows.find(conn, connector.id, cause=NotAccepted.name, cause_keys=keys)
    return [shown(item) for item in found]


def closed(
    core: Core, connector_name: str, *, before: int | None = None, limit: int = 100
) -> list[ErrorRecord]:
    """The closed error records of a connector from the newest back, or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        return [shown(item) for item in rows.closed(conn, connector.id, before=before, limit=limit)]


def get(core: Core, error_id: int) -> ErrorRecord:
    """The error record with this id, open or closed.

    Raises:
        NotFound: there is none.
    """
    with core.database.read() as conn:
        found = rows.find(conn, open_only=False, ids=[error_id])
    if not found:
        raise NotFound(f"there is no error record {error_id}")
    return shown(found[0])


def group(found: Iterable[ErrorRecord]) -> list[ErrorGroup]:
    """Error records by cause and cause key, the longest list first."""
    groups: dict[tuple[str, str, str], list[ErrorRecord]] = {}
    for error in found:
        groups.setdefault((error.connector, error.cause, error.cause_key), []).append(error)
    made = [
        ErrorGroup(
            first.cause,
            first.cause_key,
            first.message,
            first.remedy,
            first.actor,
            first.retryable,
            tuple(members),
        )
        for members in groups.values()
        for first in members[:1]
    ]
    return sorted(made, key=lambda item: -len(item.errors))


def retry(
    core: Core,
    connector_name: str,
    *,
    ids: Sequence[int] = (),
    cause_key: str | None = None,
    everything: bool = False,
    actor: str,
    told: Callable[[int, int], None] | None = None,
) -> RetryOutcome:
    """Try again what waits behind these error records, behind a cause key, or behind every one that is open.

    What a retry would decide (to overwrite a person's entry, say) is left out of the last.

    Of more than one slice, those are left out for which nothing has changed since they were looked at: see `unchanged`.
    Each slice is committed, and between two of them others are let in. Broken off, it has been for some of
    them what it was to be for all.

    An error record of the connector as a whole is closed: it opens again if its cause is still there.

    Args:
        told: hears after each slice how many records were tried, and of how many; what it raises breaks it off.

    Raises:
        NotFound: the connector has no such open error record or key.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        found = rows.open_ones(conn, connector.id, ids=list(ids) or None, cause_key=cause_key)
        record_ids = dict.fromkeys(item.record_id for item in found if item.record_id is not None)
        idle: dict[int, datetime] = {}
        if len(record_ids) > allowance.AT_ONCE:
            needless = unchanged.since(conn, connector, now=core.clock())
            idle = {record_id: needless[record_id] for record_id in record_ids if record_id in needless}
    if not (ids or cause_key is not None or everything) or not (found or everything):
        raise NotFound("there is no such open error record")
    released = _close_of_connector(core, connector.id, found, actor)
    chosen = {item.id for item in found}
    to_try = [record_id for record_id in record_ids if record_id not in idle]
    still, has_left = len(idle), False
    for number, part in enumerate(batched(to_try, allowance.AT_ONCE)):
        if number:
            core.database.give_way()
        with core.database.begin() as conn:
            connector = connectors.lock(conn, connector.id)
            wanted = _to_be_retried(conn, connector, part, chosen, leave_decisions=everything)
            now_free, now_blocked = resolve.retry(conn, connector, wanted, now=core.clock(), actor=actor)
            has_left |= allowance.has_left(conn)
        released, still = released + now_free, still + now_blocked
        if told is not None:
            told(number * allowance.AT_ONCE + len(part), len(to_try))
    if has_left:
        released += catch_up(core, connector_name)
    return RetryOutcome(released, still, len(idle), min(idle.values(), default=None))


def _close_of_connector(core: Core, connector_id: int, found: Sequence[OpenError], actor: str) -> int:
    """Close the error records of the connector as a whole among these; how many there are."""
    wide = [item.id for item in found if item.record_id is None and item.cause.retryable]
    if not wide:
        return 0
    with core.database.begin() as conn:
        connector = connectors.lock(conn, connector_id)
        still_open = rows.find(conn, connector.id, ids=wide)
        reason = f"retried by {actor}"
        connector_errors.close(conn, connector, still_open, reason, now=core.clock(), actor=actor)
    return len(still_open)


def _to_be_retried(
    conn: Connection,
    connector: Connector,
    record_ids: Sequence[int],
    chosen: Set[int],
    *,
    leave_decisions: bool,
) -> set[int]:
    """Those of these records that still stand behind an error record that was chosen: since then they may have gone
    on, or be blocked for what nobody chose."""
    there = rows.open_ones(conn, connector.id, record_ids=record_ids)
    wanted = {item.record_id for item in there if item.id in chosen}
    decisions = {item.record_id for item in there if leave_decisions and item.cause.retry_decides}
    return {record_id for record_id in wanted - decisions if record_id is not None}
