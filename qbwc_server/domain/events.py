"""Events: what happened to records and connectors, in order."""

from dataclasses import dataclass
from datetime import datetime

from .records import State


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        what: for a record the meaning of its transition, for a connector what was done to it.
        actor: ``host``, ``quickbooks``, ``server``, or the name of a user.
    """

    id: int
    connector_id: int
    record_id: int | None
    at: datetime
    what: str
    from_state: State | None
    to_state: State | None
    revision: int | None
    actor: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is not yet stored; the fields are those of `Event`."""

    connector_id: int
    what: str
    at: datetime
    actor: str
    record_id: int | None = None
    from_state: State | None = None
    to_state: State | None = None
    revision: int | None = None
    detail: str | None = None
