"""What waits for QuickBooks, as people ask about it: what is on its way, what goes next, what has to wait and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.domain.causes import WrongCompanyFile
from qbwc_server.domain.connectors import Connector, kinds_to_post
from qbwc_server.domain.kinds import MATCHED, Kind
from qbwc_server.domain.raw_requests import RawState
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, connectors, errors, lists, raw_requests, records, waiting
from qbwc_server.sync.core import Core


@dataclass(frozen=True, slots=True)
class Place:
    """A record and what it waits for.

    Attributes:
        priority: lower goes first among its kind.
        since: when it last changed.
        not_before: not to be sent before this moment; None when any is good.
        reason: why it waits until then.
        waiting_for: the records it refers to that are not in QuickBooks yet.
        is_posted: False when the connector's settings keep its kind back.
    """

    kind: Kind
    external_id: str
    state: State
    revision: int
    priority: int
    since: datetime
    not_before: datetime | None
    reason: str | None
    waiting_for: tuple[str, ...]
    is_posted: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A raw request that waits.

    Attributes:
        name: of its element.
        writes: it may change the company file.
        since: when it last changed.
    """

    id: int
    name: str
    state: RawState
    writes: bool
    actor: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for QuickBooks. Of each part at most as many are given as were asked for.

    Attributes:
        held: why nothing at all is sent just now, in a sentence; None when the next visit takes some along.
        queued, sent, uncertain: how many there are in all.
        on_the_way: sent, or uncertain because the answer was lost.
        next: in the order of sending.
        later: those that wait for another record, for a moment to come, or for a setting.
        requests: raw requests that are queued or on their way, newest first.
    """

    connector: str
    held: str | None
    queued: int
    sent: int
    uncertain: int
    on_the_way: tuple[Place, ...]
    next: tuple[Place, ...]
    later: tuple[Place, ...]
    requests: tuple[Asked, ...]


def queue(core: Core, connector_name: str, *, limit: int = 20) -> Queue:
    """What waits for QuickBooks.

    Raises:
        NotFound: there is no such connector.
    """
    now = core.clock()
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        counts = records.counts(conn, connector.id)
        kinds = kinds_to_post(connector)
        on_the_way = records.in_states(conn, connector.id, (State.UNCERTAIN, State.SENT), limit=limit)
        ready = records.isolated(conn, connector, kinds, now=now)
        ready += records.sendable(conn, connector, kinds, now=now, limit=limit)
        later = waiting.not_yet(conn, connector.id, kinds, now=now, limit=limit)
        places = _places(conn, connector, (on_the_way, ready[:limit], later))
        return Queue(
            connector=connector.name,
            held=held(conn, connector, now),
            queued=counts[State.QUEUED],
            sent=counts[State.SENT],
            uncertain=counts[State.UNCERTAIN],
            on_the_way=places[0],
            next=places[1],
            later=places[2],
            requests=_asked(conn, connector, limit),
        )


def _asked(conn: Transaction, connector: Connector, limit: int) -> tuple[Asked, ...]:
    states = (RawState.QUEUED, RawState.SENT)
    found = raw_requests.page(conn, connector.id, states=states, limit=limit)
    return tuple(Asked(raw.id, raw.name, raw.state, raw.writes, raw.actor, raw.updated_at) for raw in found)


def held(conn: Transaction, connector: Connector, now: datetime) -> str | None:
    """Why nothing is sent just now, the weightiest reason first; None when the next visit takes some along."""
    if connector.paused:
        return "The connector is paused."
    if connector.settings.read_only:
        return "The connector only reads (read_only); nothing is posted."
    if errors.find(conn, connector.id, cause=WrongCompanyFile.name):
        return "QuickBooks had another company file open; nothing is posted until a person has confirmed it."
    if connector.settings.is_quiet(now):
        quiet = ", ".join(filter(None, [connector.settings.quiet_hours, *connector.settings.quiet_days]))
        return f"QuickBooks is left alone now ({quiet})."
    loads = lists.loads(conn, connector.id, MATCHED)
    if any(load.loaded_at is None for load in loads):
        refused = next((load for load in loads if load.refusal), None)
        if refused is not None:
            return f"{refused.refusal} Without its {refused.list_name.label} nothing can be matched."
        return "QuickBooks' lists have not been loaded yet; the next visit begins with them."
    return None


def _places(
    conn: Transaction, connector: Connector, parts: Sequence[Sequence[Record]]
) -> list[tuple[Place, ...]]:
    """The places of each part; what any of their records waits for is read at once."""
    waits = records.waits_of_all(conn, [each.id for part in parts for each in part if each.waiting])
    return [tuple(_place(connector, each, waits.get(each.id, ())) for each in part) for part in parts]


def _place(connector: Connector, record: Record, waits: Sequence[Record]) -> Place:
    return Place(
        kind=record.kind,
        external_id=record.external_id,
        state=record.state,
        revision=record.revision,
        priority=record.priority,
        since=record.updated_at,
        not_before=record.not_before,
        reason=record.pause_reason,
        waiting_for=tuple(item.label for item in waits),
        is_posted=record.kind in kinds_to_post(connector),
    )
