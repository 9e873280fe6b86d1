"""Requests that somebody has written in qbXML themselves: what becomes of one, and within which bounds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_TRIES = 3
"""A query whose answer is lost so often is not sent again."""
MOST_ANSWER_BYTES = 64 << 20
"""What is kept of the answer to one request, all pages together."""
MOST_AT_ONCE = 10
"""So many queries go into one message set; a write goes alone, and so does what may be to blame for a refusal."""
MOST_WAITING = 1_000
"""So many may wait for QuickBooks at once, of one connector."""


class RawState(StrEnum):
    """Where a request is."""

    QUEUED = "queued"
    SENT = "sent"
    """Its answer is awaited, or the next page of it."""
    ANSWERED = "answered"
    REFUSED = "refused"
    """QuickBooks said no, or would not tell; nothing of a write was done."""
    UNCERTAIN = "uncertain"
    """A write whose answer was lost: it may have been carried out. It is never sent again, and a person says which."""
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it, unless a lost answer turns up."""
        return self not in (RawState.QUEUED, RawState.SENT)


@dataclass(frozen=True, slots=True)
class RawRequest:
    """One request.

    Attributes:
        name: of its element: ``CustomerQueryRq``.
        writes: it may change the company file.
        follow: its iterator is followed to the end.
        text: the element as it goes out, without its requestID.
        actor: who handed it over.
        request_id: the requestID of its last sending whose answer counts.
        session_id: the visit in which its iterator lives.
        iterator_id: with which the next page is asked for; None: from the beginning.
        tries: how often its answer was lost.
        alone: it goes alone, as it may be to blame for the refusal of a message set.
        pages: how many have been read.
        size: bytes of what they hold.
        status_code, status_severity, status_message: QuickBooks' own answer.
        problem: in our own words why there is none.
    """

    id: int
    connector_id: int
    name: str
    writes: bool
    follow: bool
    state: RawState
    text: str
    actor: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    request_id: str | None = None
    session_id: int | None = None
    iterator_id: str | None = None
    tries: int = 0
    alone: bool = False
    pages: int = 0
    size: int = 0
    status_code: int | None = None
    status_severity: str | None = None
    status_message: str | None = None
    problem: str | None = None

    @property
    def is_answered(self) -> bool:
        """Whether QuickBooks has told what became of it, so that no answer is waited for any more."""
        return self.answered_at is not None

    @property
    def label(self) -> str:
        """What it is called in a log."""
        return f"request {self.id}, {self.name}"
