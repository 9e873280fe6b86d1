"""Faults of what somebody handed in: every one is listed, each with the place it was found at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input.

    Attributes:
        pointer: JSON pointer to the value (RFC 6901): ``/lines/0/quantity``; ``""`` is the whole input.
        message: what is wrong, in words.
    """

    pointer: str
    message: str

    @classmethod
    def of(cls, error: Mapping[str, Any], message: str | None = None) -> "Fault":
        """The fault in one entry of pydantic's `ValidationError.errors()`."""
        if error["type"] == "extra_forbidden":
            message = message or "there is no such field"
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
        words = message or str(error["msg"]).removeprefix("Value error, ")
        return cls("".join(f"/{part}" for part in parts), words)

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class InvalidInput(ValueError):
    """What was handed in has faults; nothing was stored.

    Attributes:
        faults: all of them, in the order they were found.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


class NotFound(LookupError):
    """What was named does not exist (for this connector)."""


class Conflict(RuntimeError):
    """The state of things does not allow what was asked for."""


class NotInQuickBooks(Conflict):
    """QuickBooks, as far as it has been read, has no such entry; after the next refresh it may have."""


class PreconditionFailed(Conflict):
    """The state of things is not the one that whoever asked expects."""
