"""Requests that may come again under a key of the host's: which they are, and what was answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(hours=24)
"""So long a key stands for one request."""

LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer that is kept."""

LONGEST_WORK = timedelta(seconds=60)
"""A request that is not answered so long after it came, beside what it waits, was cut off."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A request, under its key.

    Attributes:
        key: what the host calls it.
        digest: of its address and body: another request has another one.
        claimed_at: when it came.
        under_way_until: when it will have been answered, or was cut off.
    """

    api_key_id: int
    key: str
    digest: str
    claimed_at: datetime
    under_way_until: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came under the key before.

    Attributes:
        status: that it was answered; None: it was not, so far.
        etag: the header of that name.
        answer: the body; None: none was kept.
    """

    digest: str
    under_way_until: datetime
    status: int | None
    etag: str | None
    answer: str | None
