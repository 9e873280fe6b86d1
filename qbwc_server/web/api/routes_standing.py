"""The routes about how a connector stands, and those that pause it."""

from collections.abc import Iterator

from qbwc_server.domain.people import Scope
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api import standing
from qbwc_server.web.api.serving import Route

_C, _TAG = "/connectors/{connector}", "Connectors"


def routes() -> Iterator[Route]:
    """Numbers, queue, health check, pause."""
    yield Route(
        "GET",
        f"{_C}/counts",
        standing.counts,
        "get_counts",
        "How many records there are of each kind in each state, and open error records of each cause",
        {200: "Counts"},
        _TAG,
    )
    yield Route(
        "GET",
        f"{_C}/queue",
        standing.waiting,
        "get_queue",
        "What waits for QuickBooks: on its way, next, and later with the reason",
        {200: "Queue"},
        _TAG,
        query=(p.QUEUE_LIMIT,),
    )
    yield Route(
        "GET",
        f"{_C}/doctor",
        standing.doctor,
        "get_health_check",
        "What is wrong with a connector, and what to do about it",
        {200: "HealthCheck"},
        _TAG,
        description="`ok` is false where one of the findings is a problem; the status is 200 all the same.",
    )
    yield Route(
        "POST",
        f"{_C}/pause",
        standing.pause,
        "pause_connector",
        "Let its Web Connector find nothing to do, until it is resumed",
        {200: "Connector"},
        _TAG,
        description="Records may be handed over all the while. Pausing twice is as good as once.",
        scope=Scope.MANAGE,
    )
    yield Route(
        "POST",
        f"{_C}/resume",
        standing.resume,
        "resume_connector",
        "Let its Web Connector go on",
        {200: "Connector"},
        _TAG,
        scope=Scope.MANAGE,
    )
