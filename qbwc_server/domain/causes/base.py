"""What every cause has: its data, its key, its sentences, and who can put it right."""

import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Actor(StrEnum):
    """Who can put it right."""

    HOST = "host"
    """Whoever keeps the records in the order system."""
    STAFF = "staff"
    """Whoever looks after this server."""
    QUICKBOOKS_USER = "quickbooks_user"
    """Whoever sits at QuickBooks."""


def at_the_start(label: str) -> str:
    """A record's label at the start of a sentence; the host's own id in it keeps its letters."""
    return label[:1].upper() + label[1:]


@dataclass(frozen=True, slots=True)
class Cause(ABC):
    """One occurrence of a cause."""

    name: ClassVar[str]
    usual_actor: ClassVar[Actor]
    retryable: ClassVar[bool] = True
    retry_decides: ClassVar[bool] = False
    """True when a retry decides something (it overwrites, or risks a double), so that it is asked for one by one."""
    seen_in_cache: ClassVar[bool] = False
    """True when a look at the list cache finds it, and so also finds that it went away."""

    @property
    def actor(self) -> Actor:
        """Who can put this occurrence right."""
        return self.usual_actor

    @property
    def told_by_a_look(self) -> bool:
        """Whether a look at the list cache and the settings tells if this occurrence went away."""
        return self.seen_in_cache or self.key.startswith("setting:")

    @property
    def sub_reason(self) -> str | None:
        """A finer word than the cause's name, or None."""
        return None

    @property
    @abstractmethod
    def key(self) -> str:
        """The cause key: records with the same one are released together."""

    @abstractmethod
    def message(self) -> str:
        """What happened, in a sentence."""

    @abstractmethod
    def remedy(self) -> str:
        """What to do, where to click."""

    def data(self) -> dict[str, Any]:
        """The fields as JSON values, for `restore`; equal for equal causes, restored or not."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values
