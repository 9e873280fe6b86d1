"""The routes about events."""

from collections.abc import Iterator

from qbwc_server.web.api import events
from qbwc_server.web.api import parameters as p
from qbwc_server.web.api.serving import Route


def routes() -> Iterator[Route]:
    """What happened to a connector and its records."""
    yield Route(
        "GET",
        "/connectors/{connector}/events",
        events.listing,
        "list_events",
        "What happened, in order",
        {200: "Events"},
        "Connectors",
        query=(p.AFTER, p.MARK, p.EVENT_TYPE, p.EVENT_KIND, p.EVENTS_OF, p.LIMIT, p.WAIT),
        fails=(410,),
        description="Give `next` back as `after` to go on from there, whenever you like: nothing is missed, and "
        "the same `after` gives the same events again. Events are kept for as long as the connector. 410: `after` is "
        "no event of this connector, as after its database was restored from a backup; what you heard last may not "
        "have happened in it. By then other events may have got the ids you know: give `mark` back beside `after`, "
        "and you are told of that, too.",
    )
