"""A session (one visit of the Web Connector) and the message sets it carries; when a newcomer must wait."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SessionState(StrEnum):
    """Where a session is."""

    OPEN = "open"
    CLOSED = "closed"
    """closeConnection came, or staff reset it."""
    SUPERSEDED = "superseded"
    """A new session took its place before it was closed."""


FINISHED = "finished"
NOTHING_TO_DO = "Nothing to do."
RESET_BY_STAFF = "reset by staff"
CONNECTOR_REMOVED = "the connector was removed"
_FINE = frozenset({FINISHED, NOTHING_TO_DO, RESET_BY_STAFF, CONNECTOR_REMOVED})


def went_wrong(state: SessionState, end_reason: str | None) -> bool:
    """Whether a visit that has ended did so with something wrong: it broke off, or left a sentence why it stopped."""
    return state is SessionState.SUPERSEDED or end_reason not in _FINE


class SetState(StrEnum):
    """Where a message set is."""

    SENT = "sent"
    """Its answer is awaited."""
    ANSWERED = "answered"
    REFUSED = "refused"
    """QuickBooks refused it whole; nothing in it was executed."""
    UNCERTAIN = "uncertain"
    """Its answer was lost. Its writes are looked for in QuickBooks."""
    ABSENT = "absent"
    """None of its writes is in QuickBooks: to be sent again, identical, under its own ID."""
    SETTLED = "settled"
    """It was uncertain, and every write in it has been settled by asking QuickBooks."""


@dataclass(frozen=True, slots=True)
class Session:
    """One visit of the Web Connector.

    Attributes:
        qbxml_version: negotiated in the first sendRequestXML; None before.
        quarantined: another company file is open than the connector is bound to.
        last_error: the sentence getLastError answers.
        address: where the Web Connector called from; None for one of a former version.
        has_refusal: QuickBooks refused one of its requests, or a message set as a whole.
    """

    id: int
    connector_id: int
    state: SessionState
    opened_at: datetime
    last_call_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    qbxml_version: str | None
    country: str | None
    quarantined: bool
    last_error: str
    connection_errors: int
    address: str | None = None
    has_refusal: bool = False


@dataclass(frozen=True, slots=True)
class MessageSet:
    """One `QBXMLMsgsRq` out and its answer.

    Attributes:
        name: its newMessageSetID (at most 24 characters), None for a reading set.
        resent: it was proven absent and sent again, identical.
        text: the document as it was sent, byte for byte.
        progress: what receiveResponseXML answered, for a repeated call.
    """

    id: int
    connector_id: int
    session_id: int
    state: SetState
    name: str | None
    writes: bool
    resent: bool
    text: str
    sent_at: datetime
    progress: int | None


def new_ticket() -> str:
    """An opaque ticket of 256 random bits."""
    return secrets.token_urlsafe(32)


def ticket_digest(ticket: str) -> str:
    """Tickets are stored as digests only: whoever reads the database cannot take over a session."""
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


def new_set_name() -> str:
    """A newMessageSetID: 20 characters, as QuickBooks refuses more than 24 with status 9004."""
    return secrets.token_hex(10)


def new_request_id() -> str:
    """A requestID (at most 50 characters), unique over all connectors and times."""
    return secrets.token_hex(8)


def must_wait(unanswered: MessageSet | None, now: datetime, lease: timedelta) -> timedelta | None:
    """How long a newcomer has to wait for the live session, or None when it may take its place.

    Only a writing set whose answer may still come, because it was sent less than `lease` ago, makes it wait:
    whatever else the live session was doing can simply be done again.
    """
    if unanswered is None or not unanswered.writes:
        return None
    left = unanswered.sent_at + lease - now
    return left if left > timedelta(0) else None
