"""What a connector is doing now, in one view: its health, how far a visit has come, and what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qbwc_server.desk import pictures
from qbwc_server.desk.error_records import error_lists
from qbwc_server.desk.error_records.error_lists import Asked, Family, Listing
from qbwc_server.desk.overview import Health, ListAge, SessionInfo, Summary
from qbwc_server.desk.overview.facts import facts_of
from qbwc_server.desk.overview.looking import standing, summary_of, told
from qbwc_server.desk.pictures import Pictures
from qbwc_server.desk.standing.resyncs import Resync, expected_visit, resync_of
from qbwc_server.domain.connectors import Connector, kinds_to_post
from qbwc_server.domain.errors import EVERY
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, at_work, kept_counts, memory
from qbwc_server.storage.kept_counts import Word
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

SETS_OF_PACE = 10
"""The pace is that of the latest message sets: of so many at most."""
_SHORTEST = timedelta(seconds=3)
"""From less time nothing can be told of a pace."""
SILENT_AFTER = timedelta(minutes=5)
MOST_CAUSES = 5


@dataclass(frozen=True, slots=True)
class Run:
    """How far the visit that is going on has come.

    Attributes:
        done: so many records came to be in QuickBooks; `left`: so many are still to go.
        per_minute: as the latest message sets went; None when that cannot be told yet.
        ends_at: when it is over at this pace; None when that cannot be told.
        reading: the lists that are being read.
        is_silent: the Web Connector has not called for minutes: QuickBooks may be at work, or the visit broke off.
    """

    session: SessionInfo
    done: int
    left: int
    per_minute: int | None
    ends_at: datetime | None
    reading: tuple[ListAge, ...]
    is_silent: bool

    @property
    def total(self) -> int:
        """Done and left."""
        return self.done + self.left


@dataclass(frozen=True, slots=True)
class Progress:
    """What a connector is doing now.

    Attributes:
        run: the visit that is going on; None when there is none.
        resync: the Resync that runs, or has just ended.
        expected_at: when the Web Connector is expected; None when that is not known.
        in_the_way: what stands in the way of the most records, but what was snoozed.
        pictures: of the last thirty days; None where they were not asked for.
    """

    health: Health
    run: Run | None
    resync: Resync | None
    expected_at: datetime | None
    in_the_way: tuple[Family, ...]
    pictures: Pictures | None

    @property
    def lists_due_at(self) -> datetime | None:
        """When the lists are read next: at the first visit after the oldest of them has become too old."""
        read = [item.loaded_at for item in self.health.lists if item.loaded_at is not None]
        if not read or self.expected_at is None:
            return None
        due = min(read) + timedelta(minutes=self.health.connector.settings.refresh_minutes)
        return max(due, self.expected_at)

    @property
    def is_moving(self) -> bool:
        """Whether something is going on, or is awaited."""
        is_awaited = self.health.connector.last_seen_at is None
        return self.run is not None or is_awaited or (self.resync is not None and self.resync.runs)


def progress(core: Core, connector_name: str, *, with_pictures: bool = False) -> Progress:
    """What a connector is doing now, of one snapshot.

    Args:
        with_pictures: of the last thirty days.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector), memory.remembering(conn):
        health, facts = told(core, conn, connector)
        return Progress(
            health=health,
            run=_run(core, conn, health),
            resync=resync_of(core, conn, connector),
            expected_at=expected_visit(connector, core.clock()),
            in_the_way=_in_the_way(conn, connector, facts.words, core.clock()) if facts.words else (),
            pictures=pictures.read(core, conn, connector) if with_pictures else None,
        )


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above every page of a connector: how it is, and the Resync that runs, or has just ended."""

    standing: Summary
    resync: Resync | None


def above(core: Core, connector: Connector) -> Above:
    """What stands above every page of a connector that was just read."""
    with core.database.read() as conn, memory.remembering(conn):
        return Above(standing(core, conn, connector), resync_of(core, conn, connector))


def errors_page(core: Core, connector_name: str, asked: Asked) -> tuple[Above, Listing]:
    """What stands in the way of a connector, as far as it is asked for, below what stands above every page of it.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector), memory.remembering(conn):
        now = core.clock()
        ((_, facts),) = facts_of(conn, [connector])
        above = Above(summary_of(connector, facts, now), resync_of(core, conn, connector))
        return above, error_lists.listed(conn, connector, asked, facts.words, now)


def mark(core: Core, connector_name: str) -> str | None:
    """What differs as soon as anything has happened to a connector; None when there is none of this name."""
    with core.database.read() as conn:
        return at_work.mark(conn, connector_name)


def _run(core: Core, conn: Transaction, health: Health) -> Run | None:
    session, now = health.live_session, core.clock()
    if session is None:
        return None
    connector = health.connector
    left = _left(conn, connector)
    writes = at_work.latest_writes(conn, session.id, sets=SETS_OF_PACE)
    pace = _per_minute(writes)
    return Run(
        session=session,
        done=at_work.settled_since_last_visit(conn, connector.id),
        left=left,
        per_minute=None if pace is None else round(pace),
        ends_at=now + timedelta(minutes=left / pace) if pace and left else None,
        reading=_reading(health.lists),
        is_silent=session.last_call_at + SILENT_AFTER <= now,
    )


def _left(conn: Transaction, connector: Connector) -> int:
    """How many records are still to go, as far as the connector posts their kinds at all."""
    counts = kept_counts.of_kinds(conn, connector.id)
    waiting = (State.QUEUED, State.SENT, State.UNCERTAIN)
    return sum(counts[kind][state] for kind in kinds_to_post(connector) for state in waiting)


def _per_minute(writes: at_work.Writes | None) -> float | None:
    if writes is None or writes.ended_at - writes.began_at < _SHORTEST:
        return None
    return 60 * writes.number / (writes.ended_at - writes.began_at).total_seconds()


def _in_the_way(
    conn: Transaction, connector: Connector, words: Sequence[Word], now: datetime
) -> tuple[Family, ...]:
    """What concerns the connector as a whole is told elsewhere."""
    found = error_lists.listed(conn, connector, Asked(EVERY, lines=lambda _: 1), words, now)
    return tuple(family for family in found.families if family.sum.kinds)[:MOST_CAUSES]


def _reading(lists: Sequence[ListAge]) -> tuple[ListAge, ...]:
    return tuple(item for item in lists if item.loading)
