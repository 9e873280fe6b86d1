"""What is refused or fails: input with faults, each with its place, and a database that cannot be used."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qbxml.findings import in_words

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


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
    def of(cls, error: "ErrorDetails", bounds: Iterable[object] = ()) -> "Fault":
        """The fault in one entry of pydantic's `ValidationError.errors()`; for `bounds` see `in_words`."""
        parts = (str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
        return cls("".join(f"/{part}" for part in parts), in_words(error, bounds))

    @property
    def in_words(self) -> str:
        """Where it is and what is wrong, for people: ``line 1, rate: a number expected``."""
        return f"{place_in_words(self.pointer)}: {self.message}" if self.pointer else self.message

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


def place_in_words(pointer: str) -> str:
    """Where a JSON pointer leads, for people, who count from one: ``/lines/0/rate`` is ``line 1, rate``."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/") if part]
    words: list[str] = []
    for part in parts:
        if part.isdecimal() and words:
            words[-1] = f"{words[-1].removesuffix('s')} {int(part) + 1}"
        else:
            words.append(part)
    return ", ".join(words)


def path_in_words(path: str) -> str:
    """The same of a path with dots: ``lines.0.rate`` is ``line 1, rate``."""
    return place_in_words(path.replace(".", "/"))


_FIELD_OF_A_LINE = re.compile(r"^lines\.[\w.]+(?=: )")


def remark_in_words(warning: str) -> str:
    """A warning of a record, for people: where it begins with the path of a line's field, in words."""
    return _FIELD_OF_A_LINE.sub(lambda found: path_in_words(found[0]), warning)


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


class NoConnector(NotFound):
    """No connector has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no connector named {name!r}")
        self.name = name


class Conflict(RuntimeError):
    """The state of things does not allow what was asked for."""


class NotInQuickBooks(Conflict):
    """QuickBooks, as far as it has been read, has no such entry; after the next refresh it may have."""


class PreconditionFailed(Conflict):
    """The state of things is not the one that whoever asked expects."""


class Gone(LookupError):
    """What was named was never here, or is not any more: whoever goes on from it would miss something."""


class SchemaMismatch(RuntimeError):
    """The database has another schema than this version of the server needs; the sentence says what to do."""


class DatabaseUnavailable(RuntimeError):
    """The database cannot be opened, read or written; the sentence says why."""


class NoRoom(DatabaseUnavailable):
    """The database or its disk is full: nothing of the transaction was stored."""


class NotWritable(DatabaseUnavailable):
    """The database can be read and not written; the sentence names neither files nor hosts, anybody may see it."""
