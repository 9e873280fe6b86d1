"""An endpoint of a webhook that is given up, and the error record that tells of it until it is seen to."""

from datetime import datetime

from qbwc_server.domain.causes import WebhookDisabled
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.webhooks import Endpoint
from qbwc_server.storage import Transaction, errors, events, webhooks
from qbwc_server.sync import connector_errors


def disable(
    conn: Transaction, connector: Connector, endpoint: Endpoint, reason: str, *, now: datetime
) -> None:
    """Send an endpoint nothing any more, and tell it: in the feed, and by an error record of the connector."""
    webhooks.change(conn, endpoint.id, disabled_at=now, disabled_reason=reason)
    detail = f"{endpoint.id} ({endpoint.place}): {reason}"
    events.add(conn, connector.id, ConnectorHappening.WEBHOOK_DISABLED, at=now, actor="server", detail=detail)
    cause = WebhookDisabled(endpoint.id, endpoint.place, reason)
    if not errors.count_again(conn, connector.id, cause, None, now=now, address=None):
        errors.open_error(conn, connector.id, None, cause, None, now=now, address=None)


def seen_to(conn: Transaction, connector: Connector, *, now: datetime, actor: str) -> None:
    """Close the error record once no endpoint is given up any more; until then it names one that is."""
    found = errors.find(conn, connector.id, cause=WebhookDisabled.name, connector_wide=True)
    left = [endpoint for endpoint in webhooks.of_connector(conn, connector.id) if endpoint.gave_up]
    if not left:
        connector_errors.close(conn, connector, found, now=now, actor=actor)
        return
    cause = WebhookDisabled(left[0].id, left[0].place, left[0].disabled_reason or "")
    for item in found:
        errors.tell_anew(conn, item.id, cause)
