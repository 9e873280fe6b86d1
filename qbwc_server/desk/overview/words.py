"""How a connector is doing, in a word and in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from qbwc_server.desk.overview.facts import Facts, beside, expected, is_held_up, last_call, overdue
from qbwc_server.desk.overview.shapes import Mood, Place
from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.records import State

DAY = timedelta(days=1)
"""Whoever has been awaited for longer, while something waits, has not forgotten a single visit."""


@dataclass(frozen=True, slots=True)
class Gist:
    """What a connector's mood is told from.

    Attributes:
        is_held_up: something concerns it as a whole; `beside` is how much else is open that is about no record.
        overdue: for how long its Web Connector has been awaited, where that is too long.
    """

    is_held_up: bool
    beside: int
    is_seen: bool
    overdue: timedelta | None
    counts: Mapping[State, int]
    refused: int
    is_paused: bool
    is_live: bool

    @property
    def waiting(self) -> int:
        """How many records wait for the Web Connector."""
        return self.counts[State.QUEUED] + self.counts[State.UNCERTAIN]


def gist_of(connector: Connector, facts: Facts, now: datetime) -> Gist:
    """What the mood of a connector is told from."""
    every = connector.settings.run_every_minutes
    expected_at = expected(last_call(connector, facts.connector_errors), every, connector.habit)
    return Gist(
        is_held_up=is_held_up(facts.words),
        beside=beside(facts.words),
        is_seen=connector.last_seen_at is not None,
        overdue=overdue(expected_at, every, now),
        counts=facts.counts,
        refused=facts.refused,
        is_paused=connector.paused,
        is_live=facts.is_live,
    )


def mood_of(gist: Gist) -> Mood:
    """How a connector is doing, in one word: the worst that is true."""
    if gist.is_held_up or (gist.waiting and (gist.overdue or timedelta(0)) > DAY):
        return Mood.STOPPED
    if gist.counts[State.BLOCKED] or gist.refused or gist.beside:
        return Mood.ATTENTION
    if not gist.is_seen:
        return Mood.NEVER_SEEN
    if gist.overdue:
        return Mood.LATE
    if gist.is_paused:
        return Mood.PAUSED
    if gist.is_live:
        return Mood.WORKING
    return Mood.WAITING if gist.waiting else Mood.OK


def headline(mood: Mood, gist: Gist, connector_errors: tuple[ErrorRecord, ...]) -> str:
    """How a connector is doing, in one sentence; what else is true stands behind it."""
    paused = f"aused by staff; {number_of(gist.waiting, 'record waits', 'records wait')}."
    if mood is Mood.PAUSED:
        return f"P{paused}"
    told = _told(mood, gist, connector_errors)
    if mood is Mood.ATTENTION and not gist.is_seen:
        told += " The Web Connector has never called, either: install the .qwc file on the QuickBooks PC."
    elif mood is Mood.ATTENTION and gist.overdue:
        told += " The Web Connector has stopped calling, too."
    return f"{told} Also p{paused}" if gist.is_paused else told


def _told(mood: Mood, gist: Gist, connector_errors: tuple[ErrorRecord, ...]) -> str:
    waits = number_of(gist.waiting, "record waits", "records wait")
    match mood:
        case Mood.STOPPED if gist.is_held_up:
            return connector_errors[0].message
        case Mood.STOPPED:
            return f"The Web Connector has stopped calling, and {waits}. Is the QuickBooks PC on, and Auto-Run ticked?"
        case Mood.NEVER_SEEN:
            return "The Web Connector has never called. Install the .qwc file on the QuickBooks PC."
        case Mood.LATE:
            return "The Web Connector has stopped calling. Is the QuickBooks PC on, and Auto-Run ticked?"
        case Mood.ATTENTION if gist.counts[State.BLOCKED]:
            blocked = number_of(gist.counts[State.BLOCKED], "blocked record needs", "blocked records need")
            return f"{blocked} attention."
        case Mood.ATTENTION if gist.refused:
            return (
                f"{number_of(gist.refused, 'record', 'records')} of the order system could not be accepted."
            )
        case Mood.ATTENTION:
            return connector_errors[0].message
        case Mood.WORKING:
            return "The Web Connector is at work now."
        case Mood.WAITING:
            return f"{waits} for the Web Connector's next visit."
        case _ if not any(gist.counts.values()):
            return "Nothing has been handed over yet."
        case _:
            return "Everything is in QuickBooks."


def in_all(places: Mapping[Place, int]) -> str:
    """How all connectors are, in a sentence: `2 stopped, 3 have stuck documents, 5 fine.`"""
    if set(places) == {Place.FINE}:
        return "All are fine." if places[Place.FINE] > 1 else "It is fine."
    told = [
        _OF_PLACES[place][places[place] != 1].format(places[place]) for place in Place if places.get(place)
    ]
    return f"{', '.join(told)}."


_OF_PLACES: Mapping[Place, tuple[str, str]] = {
    Place.STOPPED: ("{:,} stopped", "{:,} stopped"),
    Place.STUCK: ("{:,} has stuck documents", "{:,} have stuck documents"),
    Place.LATE: ("{:,} late", "{:,} late"),
    Place.SETUP: ("{:,} not fully set up", "{:,} not fully set up"),
    Place.PAUSED: ("{:,} paused", "{:,} paused"),
    Place.FINE: ("{:,} fine", "{:,} fine"),
}


def number_of(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"
