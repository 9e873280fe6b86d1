"""Events: the feed of a connector."""

from qbwc_server.desk.feeds import feed
from qbwc_server.domain.event_types import TYPES
from qbwc_server.domain.events import Wanted
from qbwc_server.web.api.serving import Answer, Call


def listing(call: Call, connector: str) -> Answer:
    """The feed: what happened after a place in it, in order."""
    query = call.query
    found, had_room = feed.read_when_there(
        call.core,
        connector,
        feed.Place(query.get("after", 0), query.get("mark")),
        call.seconds,
        aside=call.aside,
        limit=query.get("limit", 100),
        wanted=Wanted(query.get("type", frozenset(TYPES)), query.get("kind"), query.get("external_id")),
    )
    return Answer(
        {
            "events": [event.as_json() for event in found.events],
            "next": found.end.after,
            "mark": found.end.mark,
            "more": found.more,
        },
        had_room=had_room,
    )
