"""The health of one connector, or of all."""

from datetime import datetime
from typing import Any

from qbwc_server.desk.overview.facts import Facts, expected, facts_of, last_call
from qbwc_server.desk.overview.findings import BROKEN_OFF_IN_A_ROW, broken_off, findings_of, not_accepted
from qbwc_server.desk.overview.shapes import Health, ListAge, SessionInfo, Summary
from qbwc_server.desk.overview.words import gist_of, headline, mood_of
from qbwc_server.desk.pages import Page
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.sessions import Session, SessionState
from qbwc_server.storage import Transaction, connectors, sessions
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look


def health(core: Core, name: str) -> Health:
    """The health of one connector.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, name) as (conn, connector):
        return health_of(core, conn, connector)


def standing(core: Core, conn: Transaction, connector: Connector) -> Summary:
    """How a connector that was just read is, as far as every page of it tells."""
    ((_, facts),) = facts_of(conn, [connector])
    return summary_of(connector, facts, core.clock())


def all_health(core: Core) -> list[Summary]:
    """How every connector is, by name."""
    now = core.clock()
    with core.database.read() as conn:
        return [summary_of(*each, now) for each in facts_of(conn, connectors.every(conn))]


def health_page(core: Core, *, after: str = "", limit: int) -> Page[Summary, str]:
    """How connectors are, by name, behind one; a constant number of statements."""
    now = core.clock()
    with core.database.read() as conn:
        found = connectors.page(conn, after=after, limit=limit + 1)
        items = tuple(summary_of(*each, now) for each in facts_of(conn, found[:limit]))
    return Page(items, items[-1].connector.name if len(found) > limit else None)


def summary_of(connector: Connector, facts: Facts, now: datetime) -> Summary:
    """How a connector is of which this was read."""
    return Summary(**_summary(connector, facts, now))


def _summary(connector: Connector, facts: Facts, now: datetime) -> dict[str, Any]:
    gist = gist_of(connector, facts, now)
    mood = mood_of(gist)
    resyncs = [load.resync_requested_at for load in facts.loads if load.resync_requested_at is not None]
    return {
        "connector": connector,
        "mood": mood,
        "headline": headline(mood, gist, facts.connector_errors),
        "counts": facts.counts,
        "open_errors": facts.open_errors,
        "refused": facts.refused,
        "connector_errors": facts.connector_errors,
        "lists": tuple(map(_age, facts.loads)),
        "resync_requested_at": min(resyncs, default=None),
        "expected_at": expected(
            last_call(connector, facts.connector_errors),
            connector.settings.run_every_minutes,
            connector.habit,
        ),
        "is_late": gist.overdue is not None,
        "days": facts.days,
        "stock": facts.stock,
    }


def health_of(core: Core, conn: Transaction, connector: Connector) -> Health:
    """The health of a connector, of the snapshot somebody looks at."""
    return told(core, conn, connector)[0]


def told(core: Core, conn: Transaction, connector: Connector) -> tuple[Health, Facts]:
    """The same, with what it was told from."""
    ((_, facts),) = facts_of(conn, [connector])
    recent = sessions.recent(conn, connector.id, limit=BROKEN_OFF_IN_A_ROW + 1)
    shown_sessions = {item.id: item for item in recent[:1]}
    latest = recent[0] if recent else None
    is_live = latest is not None and latest.state is SessionState.OPEN
    done = sessions.work_of_all(conn, list(shown_sessions.values()))
    info = None if latest is None else _info(latest, *done[latest.id])
    health = Health(
        **_summary(connector, facts, core.clock()),
        live_session=info if is_live else None,
        last_session=None if is_live else info,
        findings=(
            *findings_of(core, connector, facts),
            *not_accepted(facts.refused),
            *broken_off(recent),
        ),
    )
    return health, facts


def _age(load: ListLoad) -> ListAge:
    return ListAge(
        load.list_name,
        load.entries,
        load.loaded_at,
        load.running is not None,
        load.changes,
        read_so_far=load.read_so_far if load.running == "full" else None,
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
