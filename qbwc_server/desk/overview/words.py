"""How a connector is doing, in a word and in a sentence."""

from collections.abc import Mapping
from datetime import datetime

from qbwc_server.desk.error_views import ErrorRecord
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.records import State

from .facts import Facts, is_late
from .shapes import Mood


def mood_of(connector: Connector, facts: Facts, now: datetime) -> Mood:
    """How a connector is doing, in one word: the worst that is true."""
    if facts.connector_errors:
        return Mood.ATTENTION
    if connector.last_seen_at is None:
        return Mood.NEVER_SEEN
    if is_late(connector, facts, now):
        return Mood.LATE
    if facts.counts[State.BLOCKED] or facts.refused:
        return Mood.ATTENTION
    if connector.paused:
        return Mood.PAUSED
    if facts.is_live:
        return Mood.WORKING
    return Mood.WAITING if facts.counts[State.QUEUED] or facts.counts[State.UNCERTAIN] else Mood.OK


def headline(
    mood: Mood,
    connector: Connector,
    counts: Mapping[State, int],
    connector_errors: tuple[ErrorRecord, ...],
    refused: int,
) -> str:
    """How a connector is doing, in one sentence."""
    waiting = counts[State.QUEUED] + counts[State.UNCERTAIN]
    paused = f"aused by staff; {number_of(waiting, 'record waits', 'records wait')}."
    if mood is Mood.PAUSED:
        return f"P{paused}"
    told = _told(mood, waiting, counts, connector_errors, refused)
    return f"{told} Also p{paused}" if connector.paused else told


def _told(
    mood: Mood,
    waiting: int,
    counts: Mapping[State, int],
    connector_errors: tuple[ErrorRecord, ...],
    refused: int,
) -> str:
    match mood:
        case Mood.NEVER_SEEN:
            return "The Web Connector has never called. Install the .qwc file on the QuickBooks PC."
        case Mood.LATE:
            return "The Web Connector has stopped calling. Is the QuickBooks PC on, and Auto-Run ticked?"
        case Mood.ATTENTION if connector_errors:
            return connector_errors[0].message
        case Mood.ATTENTION if not counts[State.BLOCKED]:
            return f"{number_of(refused, 'record', 'records')} of the order system could not be accepted."
        case Mood.ATTENTION:
            blocked = number_of(counts[State.BLOCKED], "blocked record needs", "blocked records need")
            return f"{blocked} somebody's help."
        case Mood.WORKING:
            return "The Web Connector is at work now."
        case Mood.WAITING:
            return f"{number_of(waiting, 'record waits', 'records wait')} for the Web Connector's next visit."
        case _ if not any(counts.values()):
            return "Nothing has been handed over yet."
        case _:
            return "Everything is in QuickBooks."


def number_of(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"
