"""Who may come in: the people who use the site, and the keys of hosts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum

from qbwc_server.domain.faults import Fault, InvalidInput


class Role(StrEnum):
    """What a person may do: admin everything; support sees, retries, and does what admins let it do (`rights`)."""

    ADMIN = "admin"
    SUPPORT = "support"


class Scope(StrEnum):
    """What a key may be used for; each may do what those before it may, too."""

    READ = "read"
    WRITE = "write"
    MANAGE = "manage"

    def covers(self, needed: "Scope") -> bool:
        """Whether a key of this scope may do what needs another one."""
        order = list(Scope)
        return order.index(self) >= order.index(needed)


SCOPES: Mapping[Scope, str] = {
    Scope.READ: "looks: records, errors, events, QuickBooks' lists",
    Scope.WRITE: "also hands over, changes, retries and cancels records",
    Scope.MANAGE: "also changes settings and links, makes keys, and writes raw requests",
}
"""What a key of each scope may be used for, in words."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in.

    Attributes:
        last_sign_in_at: None: never, or not since that is kept.
        disabled_at: since when they may not sign in; None: they may.
        session_stamp: sessions that were begun under another one are over.
    """

    id: int
    name: str
    role: Role
    created_at: datetime
    last_sign_in_at: datetime | None
    session_stamp: str = field(repr=False)
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the REST API, without what it opens the door with.

    Attributes:
        connector: name of the one connector it opens; None: it opens all of them.
        expires_at: from when on it opens nothing; None: never.
        last_used_at: to the minute; None: never.
        revoked_at: since when it opens nothing; None: it is good.
        connector_removed_at: since when its connector is removed, so that it opens nothing until that is restored.
    """

    id: int
    name: str
    connector: str | None
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    connector_removed_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EXPIRY_FORM = "must be a day such as 2027-01-31, or a moment with its offset such as 2027-01-31T18:00:00Z"


def expiry(text: str, now: datetime) -> datetime:
    """The moment at which a key expires: of a day its last second, in UTC.

    Raises:
        InvalidInput: it is neither a day nor a moment with its offset, or is over already.
    """
    try:
        moment = _end_of(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise InvalidInput([Fault("/expires", f"{_EXPIRY_FORM}: the offset is missing")])
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput([Fault("/expires", _EXPIRY_FORM)]) from None
    if moment <= now:
        raise InvalidInput([Fault("/expires", f"is over already: it is {now:%Y-%m-%d %H:%M} UTC")])
    return moment


def _end_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(23, 59, 59), UTC)
