"""The health of one connector, of some, or of all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.sessions import Session, SessionState
from qbwc_server.storage import Transaction, connectors, kept_counts, sessions
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look

from .facts import Facts, brief_facts, facts_of
from .findings import BROKEN_OFF_IN_A_ROW, broken_off, findings_of, not_accepted
from .shapes import Brief, Health, ListAge, Overview, SessionInfo, Summary, moods_of
from .words import headline, mood_of


def health(core: Core, name: str) -> Health:
    """The health of one connector.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, name) as (conn, connector):
        return health_of(core, conn, connector)


def brief(core: Core, connector: Connector) -> Brief:
    """How a connector that was just read is, as far as every page of it tells."""
    with core.database.read() as conn:
        facts = brief_facts(conn, connector)
    mood = mood_of(connector, facts, core.clock())
    return Brief(moods_of(mood, connector), facts.open_errors)


def all_health(core: Core) -> list[Summary]:
    """How every connector is, by name."""
    with core.database.read() as conn:
        return _summaries(core, conn, connectors.every(conn))


def some_health(core: Core, *, after: str = "", limit: int, with_errors: bool = False) -> Overview:
    """How some connectors are: those behind a name, by name.

    Args:
        with_errors: only those with open error records.
    """
    with core.database.read() as conn:
        found = connectors.page(conn, after=after, limit=limit, with_open_errors=with_errors)
        summaries = tuple(_summaries(core, conn, found))
        return Overview(summaries, connectors.count(conn), kept_counts.with_open_errors(conn))


def _summaries(core: Core, conn: Transaction, found: Sequence[Connector]) -> list[Summary]:
    now = core.clock()
    return [Summary(**_summary(connector, facts, now)) for connector, facts in facts_of(conn, found)]


def _summary(connector: Connector, facts: Facts, now: datetime) -> dict[str, Any]:
    mood = mood_of(connector, facts, now)
    resyncs = [load.resync_requested_at for load in facts.loads if load.resync_requested_at is not None]
    return {
        "connector": connector,
        "mood": mood,
        "headline": headline(mood, connector, facts.counts, facts.connector_errors, facts.refused),
        "counts": facts.counts,
        "open_errors": facts.open_errors,
        "refused": facts.refused,
        "connector_errors": facts.connector_errors,
        "lists": tuple(_age(load, facts.seen) for load in facts.loads),
        "resync_requested_at": min(resyncs, default=None),
    }


def health_of(core: Core, conn: Transaction, connector: Connector) -> Health:
    """The health of a connector, of the snapshot somebody looks at."""
    ((_, facts),) = facts_of(conn, [connector])
    recent = sessions.recent(conn, connector.id, limit=BROKEN_OFF_IN_A_ROW + 1)
    shown_sessions = {item.id: item for item in recent[:1]}
    latest = recent[0] if recent else None
    is_live = latest is not None and latest.state is SessionState.OPEN
    done = sessions.work_of_all(conn, list(shown_sessions.values()))
    info = None if latest is None else _info(latest, *done[latest.id])
    return Health(
        **_summary(connector, facts, core.clock()),
        live_session=info if is_live else None,
        last_session=None if is_live else info,
        findings=(
            *findings_of(core, connector, facts),
            *not_accepted(facts.refused),
            *broken_off(recent),
        ),
    )


def _age(load: ListLoad, seen: Mapping[ListName, int]) -> ListAge:
    return ListAge(
        load.list_name,
        load.entries,
        load.loaded_at,
        load.running is not None,
        load.changes,
        read_so_far=seen.get(load.list_name, 0) if load.running == "full" else None,
        resync_requested_at=load.resync_requested_at,
    )


def _info(session: Session, sets: int, synced: int) -> SessionInfo:
    return SessionInfo(
        id=session.id,
        opened_at=session.opened_at,
        last_call_at=session.last_call_at,
        ended_at=session.ended_at,
        end_reason=session.end_reason,
        message_sets=sets,
        records_synced=synced,
        last_error=session.last_error or None,
    )
