"""The life of a record as a list of steps: what happened to it, and the error records that came and went."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.desk.error_views import ErrorRecord
from qbwc_server.desk.event_words import DOERS, closing, doer, told
from qbwc_server.desk.exchanges import Conversation
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
    steps = [(1, _of_event(event, travelled.get(event.at))) for event in events]
    for error in errors:
        steps.append((2, _opened(error)))
        if error.closed_at is not None:
            steps.append((0, _closed(error, error.closed_at)))
    return [step for _, step in sorted(steps, key=lambda pair: (pair[1].at, pair[0]))]


def _of_event(event: Event, travelled: Conversation | None) -> Step:
    """A step; of what this server or a person did meanwhile it is not told in which message set it was."""
    if not event.type.endswith(_TRAVELS):
        travelled = None
    look = STATES[event.to_state] if event.to_state else None
    revision = f"revision {event.revision}" if event.revision is not None and event.revision > 1 else None
    said = told(event)
    detail = "; ".join(filter(None, (said.detail, revision))) or None
    return Step(event.at, said.text, doer(event.actor), detail, look, travelled=travelled)


_TRAVELS = (".sent", ".synced", ".voided", ".requeued", ".blocked", ".uncertain")


def _opened(error: ErrorRecord) -> Step:
    look = Look(words(error.cause), "warning", "danger")
    return Step(error.opened_at, error.message, _SERVER, None, look, error.id)


def _closed(error: ErrorRecord, at: datetime) -> Step:
    look = Look("Over", "check", "secondary")
    return Step(at, f"{words(error.cause)}: {closing(error.close_reason)}", "", None, look, error.id)
