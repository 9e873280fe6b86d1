"""What an endpoint is to get next: what a person wants to be sent, then its events, in lanes and in slices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.courier.lanes import Message, Slice, in_lanes, lane_of
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.logs import history
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.events import Event
from qbwc_server.domain.webhooks import Delivery, Endpoint, message_id
from qbwc_server.storage import Transaction, connectors, deliveries, events, webhook_lanes

MOST_EVENTS = 100
MOST_LANES = 50
MOST_WANTED = 20
_FEW = 8
"""Of one that does not answer no more are read than may be sent."""


@dataclass(frozen=True, slots=True)
class Work:
    """What an endpoint is to get now.

    Attributes:
        is_all: there was no more.
    """

    endpoint: Endpoint
    connector: Connector
    wanted: Sequence[Delivery]
    slice: Slice
    is_all: bool


def read(conn: Transaction, endpoint: Endpoint, *, wanted_only: bool, now: datetime) -> Work:
    """What is next for an endpoint."""
    connector = connectors.get(conn, endpoint.connector_id)
    wanted = deliveries.wanted(conn, endpoint.id, limit=MOST_WANTED)
    is_on = endpoint.is_enabled and (endpoint.not_before is None or endpoint.not_before <= now)
    if wanted_only or not is_on:
        nothing = Slice(endpoint, [], endpoint.after_id)
        return Work(endpoint, connector, wanted, nothing, is_all=len(wanted) < MOST_WANTED)
    found, is_all = _slice(conn, connector, endpoint, now)
    return Work(endpoint, connector, wanted, found, is_all and len(wanted) < MOST_WANTED)


def _slice(conn: Transaction, connector: Connector, endpoint: Endpoint, now: datetime) -> tuple[Slice, bool]:
    most, most_lanes = (_FEW, _FEW) if endpoint.attempts else (MOST_EVENTS, MOST_LANES)
    due = webhook_lanes.due(conn, endpoint.id, now=now, limit=most_lanes)
    late = webhook_lanes.late_events(conn, endpoint, [row.lane for row in due], limit=most)
    fresh = events.of_connector(conn, connector.id, after=endpoint.after_id, limit=most)
    late_wanted, fresh_wanted = (
        [event for event in found if endpoint.wants(event.type)] for found in (late, fresh)
    )
    messages = _messages(conn, connector, [*late_wanted, *fresh_wanted])
    lanes = in_lanes(
        endpoint,
        messages[: len(late_wanted)],
        messages[len(late_wanted) :],
        due,
        webhook_lanes.behind(conn, endpoint.id, {lane_of(event) for event in fresh_wanted}),
        read_to=late[-1].id if len(late) == most else None,
    )
    is_all = len(fresh) < most and len(late) < most and len(due) < most_lanes
    return Slice(endpoint, lanes, fresh[-1].id if fresh else endpoint.after_id), is_all


def _messages(conn: Transaction, connector: Connector, found: Sequence[Event]) -> list[Message]:
    told = history.entries(conn, found)
    return [
        Message(
            each.event, message_id(connector.uuid, each.event.id, each.event.at), EventView.of(each).as_text()
        )
        for each in told
    ]
