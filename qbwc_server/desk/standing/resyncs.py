"""A Resync as a process: it waits for a visit, the lists are read, what was blocked is looked at again and goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from qbwc_server.domain import habits
from qbwc_server.domain.causes.together import title
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, at_work, events, kept_counts, lists, records
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage.at_work import Asked
from qbwc_server.sync import full_loads
from qbwc_server.sync.core import Core

SHOWN_FOR = timedelta(minutes=15)
"""So long after its end a Resync is still told of."""


class Phase(StrEnum):
    """How far a Resync has come."""

    WAITING = "waiting"
    """For a visit of the Web Connector, or for its turn in the one that is going on."""
    READING = "reading"
    BROKEN_OFF = "broken_off"
    """The visit ended before all lists had been read: the next one goes on."""
    LOOKING = "looking"
    """What was blocked is looked at again."""
    SENDING = "sending"
    """What is no longer blocked goes out in the visit that is going on."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Reading:
    """A list that is being read: so many entries so far, of so many; None: how many there are is not known yet."""

    list: ListName
    read: int
    of: int | None

    @property
    def is_under_way(self) -> bool:
        """Whether a part of it has been read, and another has not."""
        return self.read > 0 and (self.of is None or self.read < self.of)


@dataclass(frozen=True, slots=True)
class Remaining:
    """The most records that wait for one and the same thing: how many they are, and what it is, in a sentence."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Resync:
    """The Resync that runs, or has just ended.

    Attributes:
        id: of the event that tells who asked for it.
        obstacle: the cause that holds the connector up as a whole, so that nothing is read.
        expected_at: when the Web Connector is expected; None when that is not known.
        is_visited: a visit is going on.
        lists_read: so many of `lists` lists.
        refused: what QuickBooks said instead of giving a list; None when it gave all.
        went_out: so many records that were blocked are in QuickBooks now; `on_the_way`: are queued or being sent.
        blocked: so many records are blocked still; `remaining` tells of the most of them.
    """

    id: int
    asked_at: datetime
    actor: str
    phase: Phase
    is_paused: bool
    obstacle: str | None
    expected_at: datetime | None
    is_visited: bool
    lists: int
    lists_read: int
    reading: tuple[Reading, ...]
    refused: str | None
    done_at: datetime | None
    went_out: int
    on_the_way: int
    blocked: int
    remaining: Remaining | None

    @property
    def runs(self) -> bool:
        """Whether it has not come to its end."""
        return self.phase is not Phase.DONE


def expected_visit(connector: Connector, now: datetime) -> datetime | None:
    """When the Web Connector is expected, by its interval and its habit; None when it is overdue or was never there."""
    if connector.last_seen_at is None:
        return None
    every = timedelta(minutes=connector.settings.run_every_minutes)
    expected = habits.next_call(connector.last_seen_at, every, connector.habit)
    return expected if expected >= now else None


def waiting_since(loads: Sequence[ListLoad]) -> datetime | None:
    """Since when a Resync that a person asked for waits just as it was asked for, so that another would change nothing;
    None when none does."""
    wanted = [load for load in loads if load.is_wanted]
    asked = [
        load.resync_requested_at
        for load in wanted
        if load.is_persons and not (load.running or load.resume_after or load.not_before)
    ]
    moments = [moment for moment in asked if moment is not None]
    return min(moments) if moments and len(moments) == len(wanted) else None


def ask(conn: Transaction, connector: Connector, *, now: datetime, actor: str) -> datetime | None:
    """Note a Resync that a person asks for, unless one waits.

    Returns:
        Since when one has been waiting; None when it was noted.
    """
    since = waiting_since(lists.loads(conn, connector.id, tuple(ListName)))
    if since is None:
        asked = full_loads.request(conn, connector, now=now, by_person=True)
        records.end_pauses(conn, connector.id)
        detail = ", ".join(item.label for item in asked)
        events.add(
            conn, connector.id, ConnectorHappening.RESYNC_REQUESTED, at=now, actor=actor, detail=detail
        )
    return since


def resync_of(core: Core, conn: Transaction, connector: Connector) -> Resync | None:
    """The Resync of a connector that runs, or has just ended; None when there is none to tell of."""
    asked, now = at_work.newest_resync(conn, connector.id), core.clock()
    if asked is None:
        return None
    if asked.done_at is None or asked.to_look_at:
        loads = [load for load in lists.loads_of(conn, [connector.id])[connector.id] if load.is_wanted]
        if asked.done_at is not None:
            return _of(connector, asked, Phase.LOOKING, now)
        if not any(load.is_persons for load in loads):
            return None  # a full reset has dropped it
        return _before_its_end(connector, asked, loads, now)
    if asked.session_id is None and asked.done_at + SHOWN_FOR <= now:
        return None
    return _after_its_end(conn, connector, asked, now)


def _of(
    connector: Connector,
    asked: Asked,
    phase: Phase,
    now: datetime,
    *,
    loads: Sequence[ListLoad] = (),
    reading: Sequence[Reading] = (),
    states: Mapping[State, int] | None = None,
    remaining: Remaining | None = None,
    blocked: int = 0,
) -> Resync:
    found = states or {}
    return Resync(
        id=asked.event_id,
        asked_at=asked.at,
        actor=asked.actor,
        phase=phase,
        is_paused=connector.paused,
        obstacle=asked.obstacle,
        expected_at=expected_visit(connector, now),
        is_visited=asked.session_id is not None,
        lists=len(loads),
        lists_read=sum(not load.is_persons for load in loads),
        reading=tuple(reading),
        refused=next((load.refusal for load in loads if load.is_persons and load.refusal), None),
        done_at=asked.done_at,
        went_out=found.get(State.SYNCED, 0),
        on_the_way=sum(found.get(state, 0) for state in (State.QUEUED, State.SENT, State.UNCERTAIN)),
        blocked=blocked,
        remaining=remaining,
    )


def _before_its_end(connector: Connector, asked: Asked, loads: Sequence[ListLoad], now: datetime) -> Resync:
    mine = [load for load in loads if load.is_persons]
    running = [load for load in mine if load.running == "full" and load.session_id == asked.session_id]
    if asked.session_id is not None and running:
        reading = [Reading(load.list_name, load.read_so_far, load.expected) for load in running]
        return _of(connector, asked, Phase.READING, now, loads=loads, reading=reading)
    is_begun = any(
        not load.is_persons and load.loaded_at is not None and load.loaded_at >= asked.at for load in loads
    )
    if is_begun:
        phase = Phase.READING if asked.session_id is not None else Phase.BROKEN_OFF
        return _of(connector, asked, phase, now, loads=loads)
    return _of(connector, asked, Phase.WAITING, now, loads=loads)


def _after_its_end(conn: Transaction, connector: Connector, asked: Asked, now: datetime) -> Resync | None:
    states = at_work.released_since(conn, connector.id, asked.event_id)
    on_the_way = any(states.get(state) for state in (State.QUEUED, State.SENT, State.UNCERTAIN))
    if asked.session_id is not None and on_the_way:
        return _of(connector, asked, Phase.SENDING, now, states=states)
    if asked.done_at is not None and asked.done_at + SHOWN_FOR <= now:
        return None
    blocked = kept_counts.of_states(conn, [connector.id])[connector.id][State.BLOCKED]
    remaining = _most_of_what_remains(conn, connector) if blocked else None
    return _of(connector, asked, Phase.DONE, now, states=states, blocked=blocked, remaining=remaining)


def _most_of_what_remains(conn: Transaction, connector: Connector) -> Remaining | None:
    groups = error_rows.longest_groups(conn, connector.id, actor="", skipped=0, limit=1)
    for members in error_rows.of_groups(conn, connector.id, groups, actor="", limit=1).values():
        return Remaining(groups[0].number, title(members[0].cause))
    return None
