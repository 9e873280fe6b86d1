"""The times and sizes within which the server works, and what they are unless the configuration says otherwise."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Times and sizes, as the configuration sets them: `[session]`, `[sync]` and `[api]` have a key for each.

    Attributes:
        lease_seconds: how long a newcomer waits for an unanswered writing message set of a live session.
        ticket_minutes: after this long without a call a session is dead. QuickBooks may take minutes over one
            message set, so it is not short.
        target_seconds: how long QuickBooks should take over one message set at most; slow ones get fewer requests.
        keep_message_texts_days: how long the texts of settled message sets are kept.
        page_size: entries of a list asked for at once.
        refresh_minutes: how old the list cache of a new connector may become.
        requests_per_minute: how many requests one key of the API may make of one process; 0: as many as it likes.
    """

    lease_seconds: int = 600
    ticket_minutes: int = 60
    target_seconds: int = 60
    keep_message_texts_days: int = 30
    page_size: int = 500
    refresh_minutes: int = 60
    requests_per_minute: int = 6_000

    @property
    def lease(self) -> timedelta:
        """`lease_seconds` as a duration."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def ticket_life(self) -> timedelta:
        """`ticket_minutes` as a duration."""
        return timedelta(minutes=self.ticket_minutes)


USUAL = Limits()
"""Those of a server whose configuration says nothing."""
