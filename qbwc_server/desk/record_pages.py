"""What the pages about records show, each read in one snapshot: a list of them, those with an id, one with its life."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.events import Event
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage import events, records, sessions
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look

from . import errors, exchanges, record_views
from .error_views import ErrorRecord, shown
from .exchanges import Conversation


@dataclass(frozen=True, slots=True)
class Listing:
    """Some records of a connector as `record_views.view` shows them; `refused` of them when there is none."""

    connector: Connector
    views: tuple[dict[str, Any], ...]
    refused: tuple[ErrorRecord, ...] = ()


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


def listing(
    core: Core, connector_name: str, kind: Kind | None, state: State | None, *, after_id: int, limit: int
) -> Listing:
    """A part of the records of one kind, or of all, in one state, or in any; each with its ``id`` for `after_id`.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        found = records.page(conn, connector.id, kind=kind, state=state, after_id=after_id, limit=limit)
        views = record_views.views_of(conn, found)
    return Listing(
        connector, tuple({"id": record.id, **view} for record, view in zip(found, views, strict=True))
    )


def called(core: Core, connector_name: str, kind: Kind | None, external_id: str) -> Listing:
    """The records of one kind, or of any, that the host calls so; where there is none, what was refused under that id.

    Raises:
        NotFound: there is no such connector.
    """
    kinds = tuple(Kind) if kind is None else (kind,)
    with look(core, connector_name) as (conn, connector):
        found = records.called(conn, connector.id, kinds, external_id)
        if found:
            return Listing(connector, tuple(record_views.views_of(conn, found)))
        return Listing(connector, (), tuple(errors.refused_of(conn, connector.id, kinds, external_id)))


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
