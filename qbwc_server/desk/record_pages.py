"""What the lists of records show, each read in one snapshot: some of them, or those with an id."""

from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import records
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look

from . import errors, record_views
from .error_views import ErrorRecord


@dataclass(frozen=True, slots=True)
class Listing:
    """Some records of a connector as `record_views.view` shows them; `refused` of them when there is none."""

    connector: Connector
    views: tuple[dict[str, Any], ...]
    refused: tuple[ErrorRecord, ...] = ()


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
