"""What happened: the life of a record, and the feed of a connector."""

from collections.abc import Iterable
from dataclasses import dataclass

from qbwc_server.domain.events import Event
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import Transaction, events, records
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look


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


def log(core: Core, connector_name: str, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """The events of a connector from the newest back, or from the one before an id.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return entries(conn, events.newest(conn, connector.id, before=before, limit=limit))


def entries(conn: Transaction, found: Iterable[Event]) -> list[Entry]:
    """Events with the records they concern."""
    happened = list(found)
    named = records.names(conn, {event.record_id for event in happened if event.record_id is not None})
    return [Entry(event, *named.get(event.record_id or 0, (None, None))) for event in happened]
