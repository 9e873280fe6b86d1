"""Everything that can go wrong in this package, one class a cause.

QbxmlError
├── FieldError              one value QuickBooks would refuse: path, problem, value, limit
├── InvalidRecord           all faults of one record, request or selector set
├── EnvelopeError           a message set that must not be sent (ids, onError, duplicates)
├── UnsupportedVersion      no common qbXML version, or one that is not a version at all
└── ReadError
    ├── ParseError          not well-formed, or a value that cannot be believed: position, text
    ├── NotQbxml            well-formed perhaps, but no qbXML: another root, a DTD, an odd encoding
    ├── TooLarge            more bytes than the caller allowed
    └── TooDeep             nested deeper than any qbXML
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Position(NamedTuple):
    """A place in a document: 1-based line and column, as QuickBooks' text was received."""

    line: int
    column: int


class QbxmlError(Exception):
    """Root of every error this package raises on purpose."""


class FieldError(QbxmlError):
    """One value that QuickBooks would refuse.

    `path` is dotted from the record (`lines.0.desc`), `code` a stable word for programs, `problem` the
    sentence for people, `limit` the bound that was crossed where there is one (a length, a digit count).
    """

    def __init__(
        self, path: str, problem: str, value: object = None, limit: int | None = None, code: str = "invalid"
    ) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem
        self.value = value
        self.limit = limit
        self.code = code

    def __reduce__(self) -> tuple[type[FieldError], tuple[object, ...]]:
        return type(self), (self.path, self.problem, self.value, self.limit, self.code)


class InvalidRecord(QbxmlError):
    """All faults of one record or request, in the order they were found; never empty."""

    def __init__(self, faults: Sequence[FieldError], what: str = "record") -> None:
        super().__init__(f"invalid {what}: " + "; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)
        self.what = what

    def __reduce__(self) -> tuple[type[InvalidRecord], tuple[object, ...]]:
        return type(self), (self.faults, self.what)


class EnvelopeError(QbxmlError):
    """A message set that QuickBooks would refuse as a whole, or whose answers could not be told apart."""


class UnsupportedVersion(QbxmlError):
    """No qbXML version both sides speak, or a text that names no version."""


class ReadError(QbxmlError):
    """Root of what can be wrong with a document QuickBooks is said to have sent.

    `position` is None where no place can be named; `text` is the offending text or what surrounds it.
    """

    def __init__(self, problem: str, position: Position | None = None, text: str = "") -> None:
        where = f" at line {position.line}, column {position.column}" if position else ""
        near = f": {text!r}" if text else ""
        super().__init__(f"{problem}{where}{near}")
        self.problem = problem
        self.position = position
        self.text = text

    def __reduce__(self) -> tuple[type[ReadError], tuple[object, ...]]:
        return type(self), (self.problem, self.position, self.text)


class ParseError(ReadError):
    """The document is not well-formed, or holds a value that must not be guessed at (an amount, an id)."""


class NotQbxml(ReadError):
    """The document is something else than a qbXML message set, or carries a DTD."""


class TooLarge(ReadError):
    """The document has more bytes than the caller allowed, or more responses than any message set asks for."""


class TooDeep(ReadError):
    """The document is nested deeper than the parser follows."""


@dataclass(frozen=True, slots=True)
class Caveat:
    """Something that went well enough but should be seen: a field left out, a character mapped, an element
    nobody declared. `code` is one of: mapped, version, country, unusable, not_here, unknown, control,
    unreadable."""

    path: str
    code: str
    message: str
