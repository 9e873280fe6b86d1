"""What happened: the life of a record, the feed of a connector, and the message sets that carried them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.events import Event
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import Record
from qbwc_server.domain.sessions import Session
from qbwc_server.storage import connectors, events, records, sessions
from qbwc_server.storage.sessions import Exchange, Tally
from qbwc_server.sync.core import Core


def life(core: Core, connector_name: str, kind: Kind, external_id: str) -> tuple[list[Event], list[Exchange]]:
    """The events of a record and the message sets it travelled in, oldest first.

    Raises:
        NotFound: there is no such connector or record.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        record = records.find(conn, connector.id, kind, external_id)
        if record is None:
            raise NotFound(f"the connector {connector_name} has no {kind.label} {external_id!r}")
        return events.of_record(conn, record.id), sessions.exchanges_of(conn, record.id)


def feed(core: Core, connector_name: str, *, after: int = 0, limit: int = 100) -> list[Mapping[str, Any]]:
    """The events of a connector after one of them, in order; each with the record it concerns.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        found = events.of_connector(conn, connector.id, after=after, limit=limit)
        return [_shown(conn, event) for event in found]


def _shown(conn: Any, event: Event) -> Mapping[str, Any]:
    record = records.get(conn, event.record_id) if event.record_id is not None else None
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "what": event.what,
        "kind": record.kind if record else None,
        "external_id": record.external_id if record else None,
        "from_state": event.from_state,
        "to_state": event.to_state,
        "revision": event.revision,
        "actor": event.actor,
        "detail": event.detail,
    }


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


def log(core: Core, connector_name: str, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """The events of a connector from the newest back, or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        found = events.newest(conn, connector.id, before=before, limit=limit)
        ids = {event.record_id for event in found if event.record_id is not None}
        concerned = {record_id: records.get(conn, record_id) for record_id in ids}
    return [_entry(event, concerned.get(event.record_id or 0)) for event in found]


def _entry(event: Event, record: Record | None) -> Entry:
    return Entry(event, record.kind if record else None, record.external_id if record else None)


def visits(core: Core, connector_name: str, *, before: int | None = None, limit: int = 20) -> list[Visit]:
    """The sessions of a connector from the newest back, or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        found = sessions.recent(conn, connector.id, before=before, limit=limit)
        tallies = sessions.tallies(conn, [session.id for session in found])
    return [Visit(session, tuple(tallies[session.id])) for session in found]
