"""What was sent to webhooks: the log, and tests and resends that a person or a host asks for."""

import json
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from qbwc_server.desk.feeds import webhooks
from qbwc_server.desk.pages import Page
from qbwc_server.domain import event_types
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.faults import Conflict, NotFound
from qbwc_server.domain.webhooks import Delivery
from qbwc_server.storage import Transaction
from qbwc_server.storage import deliveries as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn

TEST_TYPE = event_types.type_of_connector(ConnectorHappening.WEBHOOK_TEST)

MOST_WAITING = 20
"""So many tests and resends of an endpoint may be under way."""


def test(core: Core, connector_name: str, webhook_id: int, *, actor: str) -> Delivery:
    """Have a test event sent to an endpoint, also to one that is disabled.

    Returns:
        The delivery, which is yet to be sent.

    Raises:
        NotFound: there is no such connector or endpoint.
        Conflict: too many are under way.
    """
    with turn(core, connector_name) as (conn, connector):
        webhooks.chosen(conn, connector, webhook_id)
        body = {
            "id": 0,
            "at": core.clock().isoformat(),
            "type": TEST_TYPE,
            "kind": None,
            "external_id": None,
            "from": None,
            "to": None,
            "actor": actor,
            "data": {"what": event_types.OF_CONNECTORS[ConnectorHappening.WEBHOOK_TEST]},
        }
        told = {
            "event_id": None,
            "message_id": f"test_{token_hex(12)}",
            "type": TEST_TYPE,
            "body": json.dumps(body),
        }
        return _wanted(core, conn, connector, webhook_id, told, actor)


def resend(core: Core, connector_name: str, webhook_id: int, delivery_id: int, *, actor: str) -> Delivery:
    """Have the very message of a delivery sent once more, whatever became of it, and whatever else waits.

    Returns:
        The new delivery, which is yet to be sent.

    Raises:
        NotFound: there is no such connector, endpoint or delivery.
        Conflict: too many are under way.
    """
    with turn(core, connector_name) as (conn, connector):
        webhooks.chosen(conn, connector, webhook_id)
        sent = _delivery(conn, connector, webhook_id, delivery_id)
        told = {name: getattr(sent, name) for name in ("event_id", "message_id", "type", "body")}
        return _wanted(core, conn, connector, webhook_id, told, actor)


def _wanted(
    core: Core,
    conn: Transaction,
    connector: Connector,
    webhook_id: int,
    message: Mapping[str, Any],
    actor: str,
) -> Delivery:
    if rows.count_wanted(conn, webhook_id, most=MOST_WAITING) >= MOST_WAITING:
        raise Conflict(
            f"{MOST_WAITING} tests and resends of this webhook wait to be sent: see its deliveries"
        )
    columns = {
        **message,
        "connector_id": connector.id,
        "webhook_id": webhook_id,
        "attempt": 1,
        "wanted_by": actor,
        "at": core.clock(),
    }
    return rows.want(conn, columns)


def get(core: Core, connector_name: str, webhook_id: int, delivery_id: int) -> Delivery:
    """One delivery.

    Raises:
        NotFound: there is no such connector, endpoint or delivery.
    """
    with look(core, connector_name) as (conn, connector):
        webhooks.chosen(conn, connector, webhook_id)
        return _delivery(conn, connector, webhook_id, delivery_id)


def _delivery(conn: Transaction, connector: Connector, webhook_id: int, delivery_id: int) -> Delivery:
    found = rows.find(conn, webhook_id, delivery_id)
    if found is None:
        raise NotFound(
            f"webhook {webhook_id} of the connector {connector.name} has no delivery {delivery_id}"
        )
    return found


def log(
    core: Core, connector_name: str, webhook_id: int, *, before: int | None = None, limit: int = 100
) -> Page[Delivery, int]:
    """What was sent to an endpoint, from the newest back or from the one before an id.

    Raises:
        NotFound: there is no such connector or endpoint.
    """
    with look(core, connector_name) as (conn, connector):
        webhooks.chosen(conn, connector, webhook_id)
        found = rows.newest(conn, webhook_id, before=before, limit=limit + 1)
    return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)
