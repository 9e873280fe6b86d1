"""What the page of a record shows, read in one snapshot: the record with its life."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.events import Event
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage import events, records, sessions
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look

from . import exchanges, record_views
from .error_views import ErrorRecord, shown
from .exchanges import Conversation


@dataclass(frozen=True, slots=True)
class Life:
    """One record with all that happened to it.

    Attributes:
        errors: those it has and had, oldest first.
        objections: every decision, and why it may not be taken; None where it may.
        conversations: what was asked and answered about it.
    """

    connector: Connector
    view: dict[str, Any]
    errors: tuple[ErrorRecord, ...]
    events: tuple[Event, ...]
    objections: Mapping[Decision, str | None]
    conversations: tuple[Conversation, ...]


def life(core: Core, connector_name: str, kind: Kind, external_id: str) -> Life:
    """One record with its life.

    Raises:
        NotFound: there is no such connector or record.
    """
    with look(core, connector_name) as (conn, connector):
        record = records.find(conn, connector.id, kind, external_id)
        if record is None:
            raise NotFound(f"the connector {connector_name} has no {kind.label} {external_id!r}")
        found = error_rows.find(conn, connector.id, open_only=False, about=record)
        view = record_views.view_of(conn, record)
        happened = events.of_record(conn, record.id)
        travelled = sessions.exchanges_of(conn, record.id)
    causes = [item.cause for item in found if item.closed_at is None and item.record_id == record.id]
    return Life(
        connector,
        view,
        tuple(map(shown, found)),
        tuple(happened),
        {decision: objection(record, decision, causes) for decision in Decision},
        tuple(exchanges.cut_out(travelled)),
    )
