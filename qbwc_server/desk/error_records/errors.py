"""Error records as people see them: found, grouped by cause key, and retried."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.desk.error_records import unchanged
from qbwc_server.desk.views.error_views import ErrorGroup, ErrorRecord, shown
from qbwc_server.domain.causes import NumberConflict, Uncertain
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import EVERY, Narrowed
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import Transaction, connectors, records
from qbwc_server.storage import errors as rows
from qbwc_server.storage.bulk import batched
from qbwc_server.storage.errors import OpenError, OpenGroup
from qbwc_server.sync import allowance, connector_errors, resolve
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import catch_up


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


@dataclass(frozen=True, slots=True)
class Closed:
    """A part of the closed error records of a connector, from the newest back."""

    connector: Connector
    errors: tuple[ErrorRecord, ...]


def closed(core: Core, connector_name: str, *, before: int | None = None, limit: int = 100) -> Closed:
    """The closed error records of a connector from the newest back, or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return Closed(
            connector, tuple(map(shown, rows.closed(conn, connector.id, before=before, limit=limit)))
        )


def groups_since(
    conn: Transaction, connector_id: int, narrowed: Narrowed, *, after_id: int, limit: int, most_listed: int
) -> list[tuple[int, ErrorGroup]]:
    """The groups of a connector behind the one that began with an error record; each with its own first one."""
    found = rows.groups_since(conn, connector_id, narrowed, after_id=after_id, limit=limit)
    groups = _grouped(conn, connector_id, found, actor=narrowed.actor or "", most_listed=most_listed)
    return list(zip((each.since_id for each in found), groups, strict=True))


def _grouped(
    conn: Transaction, connector_id: int, found: Sequence[OpenGroup], *, actor: str, most_listed: int
) -> list[ErrorGroup]:
    members = rows.of_groups(conn, connector_id, found, actor=actor, limit=most_listed)
    # of long groups the one that can be linked may not be among those that are listed
    long = [each for each in found if each.number > most_listed]
    others = rows.found_by_its_key(conn, connector_id, long)
    made = []
    for each in found:
        key = (each.cause, each.cause_key)
        listed = tuple(map(shown, members[key]))
        linkable = to_link([*listed, *map(shown, others.get(key, ()))])
        made.append(_group(listed, each.number, linkable))
    return made


def _group(listed: Sequence[ErrorRecord], number: int, linkable: ErrorRecord | None = None) -> ErrorGroup:
    first = listed[0]
    return ErrorGroup(
        first.cause,
        first.cause_key,
        first.message,
        first.remedy,
        first.actor,
        first.retryable,
        number,
        tuple(listed),
        linkable,
    )


def to_link(found: Iterable[ErrorRecord]) -> ErrorRecord | None:
    """The error record whose own record can be linked with one of its candidates, or None."""
    return next((error for error in found if error.candidates and is_to_blame(error)), None)


def is_to_blame(error: ErrorRecord) -> bool:
    """Whether the record that waits is the ambiguous one itself, not one that only refers to it."""
    if error.kind is None:
        return False
    if error.kind.is_document:
        return error.cause in (NumberConflict.name, Uncertain.name)
    return error.record == f"{error.kind.label} {error.external_id}"


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
    made = [_group(members, len(members)) for members in groups.values()]
    return sorted(made, key=lambda item: -item.number)


def retry(
    core: Core,
    connector_name: str,
    *,
    ids: Sequence[int] = (),
    cause_key: str | None = None,
    everything: bool = False,
    narrowed: Narrowed = EVERY,
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
        narrowed: of everything, those of a cause, and those that somebody must put right.
        told: hears after each slice how many records were tried, and of how many; what it raises breaks it off.

    Raises:
        NotFound: the connector has no such open error record or key.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        found = rows.open_ones(
            conn, connector.id, ids=list(ids) or None, cause_key=cause_key, narrowed=narrowed
        )
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
    conn: Transaction,
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
