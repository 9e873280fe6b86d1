"""What a value type of qbXML does, and what is said when a value is none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

JsonSchema = dict[str, Any]


class Problem(ValueError):
    """Why one value cannot be sent or believed; the caller adds the path."""

    def __init__(self, code: str, message: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.limit = limit


class DataType(ABC):
    """One qbXML simple type. `xsd` is the name the schema gives it; `clearable` says whether the schema
    allows the empty text, with which a Mod clears a field."""

    __slots__ = ()
    xsd: ClassVar[str]
    clearable: ClassVar[bool] = True

    @abstractmethod
    def encode(self, value: Any) -> str:
        """The text QuickBooks accepts for this value. Raises Problem."""

    @abstractmethod
    def decode(self, text: str) -> Any:
        """The value of a text QuickBooks sent; None where it sent nothing. Raises Problem."""

    @abstractmethod
    def schema(self) -> JsonSchema:
        """The JSON Schema keywords of this type."""

    def accept(self, value: Any) -> Any:
        """A JSON value on its way in, before its Python type is made. Raises Problem."""
        return value
