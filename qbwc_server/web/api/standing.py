"""How a connector stands: its numbers, its queue, its health check; paused, and going on."""

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.standing import queue, standing_views
from qbwc_server.desk.standing.standing_views import QueueView
from qbwc_server.web.api.connectors import show
from qbwc_server.web.api.serving import Answer, Call

QUEUE_AT_ONCE = 20


def counts(call: Call, connector: str) -> Answer:
    """How much there is."""
    return Answer(standing_views.counts(call.core, connector).as_json())


def waiting(call: Call, connector: str) -> Answer:
    """What waits for QuickBooks."""
    found = queue.queue(call.core, connector, limit=call.query.get("limit", QUEUE_AT_ONCE))
    return Answer(QueueView.of(found).as_json())


def doctor(call: Call, connector: str) -> Answer:
    """What is wrong with the connector."""
    return Answer(standing_views.health(call.core, connector).as_json())


def pause(call: Call, connector: str) -> Answer:
    """Let the Web Connector find nothing to do."""
    connectors.pause(call.core, connector, actor=call.actor)
    return show(call, connector)


def resume(call: Call, connector: str) -> Answer:
    """Let the Web Connector find what there is to do again."""
    connectors.resume(call.core, connector, actor=call.actor)
    return show(call, connector)
