"""The life of a record as a list of steps: what happened to it, and the error records that came and went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.desk.error_views import ErrorRecord
from qbwc_server.desk.event_words import DOERS, closing, doer, told
from qbwc_server.domain.events import Event

from .presentation import STATES, Look, words

_SERVER = DOERS["server"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a record.

    Attributes:
        by: who did it, in words; "" where another step says so.
        look: the state it led to, or that it was an error record.
        error_id: the error record it tells of.
    """

    at: datetime
    text: str
    by: str
    detail: str | None
    look: Look | None
    error_id: int | None = None


def life(events: Iterable[Event], errors: Iterable[ErrorRecord]) -> list[Step]:
    """The steps of a record, oldest first.

    At one and the same moment an error record is closed, then the state changes, then another is opened.
    """
    steps = [(1, _of_event(event)) for event in events]
    for error in errors:
        steps.append((2, _opened(error)))
        if error.closed_at is not None:
            steps.append((0, _closed(error, error.closed_at)))
    return [step for _, step in sorted(steps, key=lambda pair: (pair[1].at, pair[0]))]


def _of_event(event: Event) -> Step:
    look = STATES[event.to_state] if event.to_state else None
    revision = f"revision {event.revision}" if event.revision is not None and event.revision > 1 else None
    said = told(event)
    detail = "; ".join(filter(None, (said.detail, revision))) or None
    return Step(event.at, said.text, doer(event.actor), detail, look)


def _opened(error: ErrorRecord) -> Step:
    look = Look(words(error.cause), "warning", "danger")
    return Step(error.opened_at, error.message, _SERVER, None, look, error.id)


def _closed(error: ErrorRecord, at: datetime) -> Step:
    look = Look("Over", "check", "secondary")
    return Step(at, f"{words(error.cause)}: {closing(error.close_reason)}", "", None, look, error.id)
