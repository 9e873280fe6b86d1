"""The feed of a connector: what happened after a place in it, and where to go on from."""

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.desk.administration import registered
from qbwc_server.desk.feeds import event_views, waits
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.feeds.waits import Aside
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.events import EVERYTHING, Event, Wanted
from qbwc_server.domain.faults import Gone
from qbwc_server.storage import Transaction, events
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

_MARK_LETTERS = 16


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a feed: behind the event of this id, 0 being its beginning.

    Attributes:
        mark: what tells that event from another one that has its id: ids are counted up, and after a backup was
            restored they are given again. None: it is not known.
    """

    after: int = 0
    mark: str | None = None


BEGINNING = Place()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a feed.

    Attributes:
        end: the place to go on from; behind all there is, unless there is `more`.
    """

    events: tuple[EventView, ...]
    end: Place
    more: bool


def read(
    core: Core,
    connector_name: str,
    place: Place = BEGINNING,
    *,
    limit: int = 100,
    wanted: Wanted = EVERYTHING,
) -> Part:
    """What happened after a place, in order, as far as it is wanted.

    Nobody who goes on from `Part.end` misses anything: whoever writes an event holds the connector, so that the ids of
    its events become visible in their order.

    Raises:
        NotFound: there is no such connector.
        Gone: no event of this connector is at that place.
    """
    with look(core, connector_name) as (conn, connector):
        newest = next(iter(events.newest(conn, connector.id, limit=1)), None)
        _check(conn, connector, place, newest)
        if newest is None or newest.id == place.after:
            return Part((), _behind(connector, newest), more=False)
        # one more than is shown tells whether there is more
        found = event_views.after(conn, connector, place.after, limit + 1, wanted, up_to=newest.id)
    shown, more = tuple(found[:limit]), len(found) > limit
    end = (
        _place(connector, shown[-1].id, shown[-1].type, shown[-1].at) if more else _behind(connector, newest)
    )
    return Part(shown, end, more)


def end_of(core: Core, connector_name: str) -> Place:
    """The place behind all that happened up to now.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return _behind(connector, next(iter(events.newest(conn, connector.id, limit=1)), None))


def read_when_there(
    core: Core,
    connector_name: str,
    place: Place,
    seconds: float,
    *,
    limit: int = 100,
    wanted: Wanted = EVERYTHING,
    aside: Aside = nullcontext,
) -> tuple[Part, bool]:
    """As `read`; when there is nothing yet it waits until there is, or time is up.

    Returns:
        What there is, and whether there was room to wait for it.

    Raises:
        NotFound: there is no such connector.
        Gone: no event of this connector is at that place.
    """
    parts = [read(core, connector_name, place, limit=limit, wanted=wanted)]
    if parts[0].events or seconds <= 0:
        return parts[0], True

    def is_there() -> bool:
        parts.append(read(core, connector_name, parts.pop().end, limit=limit, wanted=wanted))
        return bool(parts[0].events)

    had_room = waits.until(core, registered.id_of(core, connector_name), is_there, seconds, aside=aside)
    return parts[0], had_room


def _check(conn: Transaction, connector: Connector, place: Place, newest: Event | None) -> None:
    if not place.after:
        return
    is_newest = newest is not None and newest.id == place.after
    there = newest if is_newest else events.one(conn, connector.id, place.after)
    if there is None or (place.mark is not None and place.mark != _behind(connector, there).mark):
        raise Gone(
            f"event {place.after} is none of the connector {connector.name}, or not the one it was: its database is "
            f"another one, or was restored from a backup. What was heard last may not have happened here: ask from "
            f"the beginning (after=0), or from an older event"
        )


def _behind(connector: Connector, event: Event | None) -> Place:
    return BEGINNING if event is None else _place(connector, event.id, event.type, event.at)


def _place(connector: Connector, event_id: int, event_type: str, at: datetime) -> Place:
    said = f"{connector.uuid} {event_id} {event_type} {at.isoformat()}"
    return Place(event_id, hashlib.sha256(said.encode()).hexdigest()[:_MARK_LETTERS])
