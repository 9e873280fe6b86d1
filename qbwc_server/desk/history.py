"""What happened: the life of a record, the feed of a connector, and its visits."""

from collections.abc import Iterable
from dataclasses import dataclass

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.events import Event
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.sessions import Session
from qbwc_server.storage import Transaction, events, records, sessions
from qbwc_server.storage.sessions import Tally
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look


def life(core: Core, connector_name: str, kind: Kind, external_id: str) -> list[Event]:
    """The events of a record, oldest first.

    Raises:
        NotFound: there is no such connector or record.
    """
    with look(core, connector_name) as (conn, connector):
        record = records.find(conn, connector.id, kind, external_id)
        if record is None:
            raise NotFound(f"the connector {connector_name} has no {kind.label} {external_id!r}")
        return events.of_record(conn, record.id)


def feed(core: Core, connector_name: str, *, after: int = 0, limit: int = 100) -> list["Entry"]:
    """The events of a connector after one of them, in order; each with the record it concerns.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return entries(conn, events.of_connector(conn, connector.id, after=after, limit=limit))


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with the record it concerns, if it concerns one."""

    event: Event
    kind: Kind | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A session and what it asked QuickBooks for."""

    session: Session
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """A part of what happened to a connector, and of the visits it had, each from the newest back."""

    connector: Connector
    entries: tuple[Entry, ...]
    visits: tuple[Visit, ...]


def log(core: Core, connector_name: str, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """The events of a connector from the newest back, or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return entries(conn, events.newest(conn, connector.id, before=before, limit=limit))


def whole_log(
    core: Core,
    connector_name: str,
    *,
    before: int | None,
    sessions_before: int | None,
    limit: int,
    session_limit: int,
) -> Log:
    """The events and the visits of a connector, each from the newest back or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        found = events.newest(conn, connector.id, before=before, limit=limit)
        visits = _visits(conn, connector.id, sessions_before, session_limit)
        return Log(connector, tuple(entries(conn, found)), tuple(visits))


def entries(conn: Transaction, found: Iterable[Event]) -> list[Entry]:
    """Events with the records they concern."""
    happened = list(found)
    named = records.names(conn, {event.record_id for event in happened if event.record_id is not None})
    return [Entry(event, *named.get(event.record_id or 0, (None, None))) for event in happened]


def _visits(conn: Transaction, connector_id: int, before: int | None, limit: int) -> list[Visit]:
    found = sessions.recent(conn, connector_id, before=before, limit=limit)
    tallies = sessions.tallies(conn, [session.id for session in found])
    return [Visit(session, tuple(tallies[session.id])) for session in found]
