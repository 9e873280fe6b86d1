"""The life of a record as a list of steps: what happened to it, and the error records that came and went."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from qbwc_server.desk.documents.exchanges import Conversation
from qbwc_server.desk.logs.event_words import DOERS, closing, doer, told
from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.events import Event
from qbwc_server.domain.records import State
from qbwc_server.web.site.presentation import STATES, Look, words

_SERVER = DOERS["server"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a record.

    Attributes:
        by: who did it, in words; "" where another step says so.
        look: the state it led to, or that it was an error record.
        error_id: the error record it tells of.
        travelled: the message set it went out with, or came back with.
    """

    at: datetime
    text: str
    by: str
    detail: str | None
    look: Look | None
    error_id: int | None = None
    travelled: Conversation | None = None


def life(
    events: Iterable[Event], errors: Iterable[ErrorRecord], conversations: Iterable[Conversation] = ()
) -> list[Step]:
    """The steps of a record, oldest first.

    At one and the same moment an error record is closed, then the state changes, then another is opened.
    """
    travelled = {each.exchange.sent_at: each for each in conversations}
    answered = {each.exchange.answered_at: each for each in travelled.values() if each.exchange.answered_at}
    travelled |= answered
    found = list(errors)
    stops = _told_with_the_stop(happened := list(events), found)
    steps: list[tuple[int, Step]] = [
        (1, _of_event(event, travelled.get(event.at), stops.get(event.id))) for event in happened
    ]
    untold = (each for each in found if each not in stops.values())
    steps += [(2, step) for step in _some((each.cause, _opened(each)) for each in untold)]
    over = ((each, each.closed_at) for each in found if each.closed_at is not None)
    steps += [(0, step) for step in _some((each.cause, _closed(each, at)) for each, at in over)]
    return [step for _, step in sorted(steps, key=lambda pair: (pair[1].at, pair[0]))]


def _told_with_the_stop(events: Iterable[Event], errors: Iterable[ErrorRecord]) -> dict[int, ErrorRecord]:
    """The error records that say why a record stopped, each the only one of its moment, by the event: told once."""
    opened: dict[datetime, list[ErrorRecord]] = {}
    for error in errors:
        opened.setdefault(error.opened_at, []).append(error)
    stops = (event for event in events if event.to_state is State.BLOCKED)
    return {event.id: opened[event.at][0] for event in stops if len(opened.get(event.at, ())) == 1}


MOST_AT_ONCE = 3
"""So many error records of one cause are told of one moment; a document of many lines may have hundreds."""


def _some(told: Iterable[tuple[str, Step]]) -> Iterator[Step]:
    """The steps with their causes, the first few of each cause and moment, and how many more there were."""
    together: dict[tuple[str, datetime], list[Step]] = {}
    for cause, step in told:
        together.setdefault((cause, step.at), []).append(step)
    for steps in together.values():
        yield from steps[:MOST_AT_ONCE]
        if len(steps) > MOST_AT_ONCE:
            more = len(steps) - MOST_AT_ONCE
            yield replace(steps[0], text=f"… and {more:,} more like these", error_id=None)


def _of_event(event: Event, travelled: Conversation | None, why: ErrorRecord | None = None) -> Step:
    """A step; of what this server or a person did meanwhile it is not told in which message set it was."""
    if State.SENT not in (event.from_state, event.to_state) and event.from_state is not State.UNCERTAIN:
        travelled = None
    look = STATES[event.to_state] if event.to_state else None
    revision = f"revision {event.revision}" if event.revision is not None and event.revision > 1 else None
    said = told(event)
    if why is not None:
        text = f"{said.text}: {why.message}"
        return Step(event.at, text, doer(event.actor), revision, look, why.id, travelled)
    detail = "; ".join(filter(None, (said.detail, revision))) or None
    return Step(event.at, said.text, doer(event.actor), detail, look, travelled=travelled)


def _opened(error: ErrorRecord) -> Step:
    look = Look(words(error.cause), "warning", "danger")
    return Step(error.opened_at, error.message, _SERVER, None, look, error.id)


def _closed(error: ErrorRecord, at: datetime) -> Step:
    look = Look("Over", "check", "secondary")
    return Step(
        at, f"{words(error.cause)}: {closing(error.close_reason, error.cause)}", "", None, look, error.id
    )
