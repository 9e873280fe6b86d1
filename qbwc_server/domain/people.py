"""Who may come in: the people who use the site, and the keys of hosts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may do: support sees, resets and retries; admin may do everything."""

    ADMIN = "admin"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in.

    Attributes:
        last_sign_in_at: None: never, or not since that is kept.
        session_stamp: sessions that were begun under another one are over.
    """

    id: int
    name: str
    role: Role
    created_at: datetime
    last_sign_in_at: datetime | None
    session_stamp: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the REST API, without what it opens the door with.

    Attributes:
        connector: name of the one connector it opens; None: it opens all of them.
        last_used_at: to the minute; None: never.
        revoked_at: since when it opens nothing; None: it is good.
        connector_removed_at: since when its connector is removed, so that it opens nothing until that is restored.
    """

    id: int
    name: str
    connector: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    connector_removed_at: datetime | None
