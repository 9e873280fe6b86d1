"""What every step is handed: the database, the clock, the keys and the limits."""

from dataclasses import dataclass, field
from datetime import timedelta

from qbwc_server.domain.clock import Clock
from qbwc_server.storage.database import Database


@dataclass(frozen=True, slots=True)
class Limits:
    """Times and sizes.

    Attributes:
        lease_seconds: how long a newcomer waits for an unanswered writing message set of a live session.
        ticket_minutes: after this long without a call a session is dead. QuickBooks may take minutes over one
            message set, so it is not short.
        target_seconds: how long QuickBooks should take over one message set at most; slow ones get fewer requests.
        keep_message_texts_days: how long the texts of settled message sets are kept.
        page_size: entries of a list asked for at once.
        refresh_minutes: how old the list cache of a new connector may become.
    """

    lease_seconds: int = 600
    ticket_minutes: int = 60
    target_seconds: int = 60
    keep_message_texts_days: int = 30
    page_size: int = 500
    refresh_minutes: int = 60

    @property
    def lease(self) -> timedelta:
        """`lease_seconds` as a duration."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def ticket_life(self) -> timedelta:
        """`ticket_minutes` as a duration."""
        return timedelta(minutes=self.ticket_minutes)


@dataclass(frozen=True, slots=True)
class Core:
    """The server without its front ends.

    Attributes:
        digest_key: key of the digests under which passwords, tickets and tokens are stored.
        public_url: this server's address as the Web Connector sees it.
    """

    database: Database
    clock: Clock
    digest_key: bytes
    public_url: str
    limits: Limits = field(default_factory=Limits)
