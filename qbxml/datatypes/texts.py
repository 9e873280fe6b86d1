"""Words: texts and names, ids, and those of which only some are meant: truth values, enumerations."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from qbxml.datatypes.base import DataType, JsonSchema, Problem
from qbxml.text import check_repertoire, clean_text


@dataclass(frozen=True, slots=True)
class Text(DataType):
    """STRTYPE: text of at most `limit` characters, counted after the text rule of `qbxml.text`."""

    limit: int | None = None
    xsd: ClassVar[str] = "STRTYPE"

    def encode(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Problem("type", f"text expected, not {type(value).__name__}")
        text = value if value.isascii() and value.isprintable() else self._clean(value)
        if self.limit is not None and len(text) > self.limit:
            raise Problem("too_long", f"{len(text)} characters, QuickBooks holds {self.limit}", self.limit)
        return text

    def _clean(self, value: str) -> str:
        text, _ = clean_text(value)
        foreign = check_repertoire(text)
        if foreign is not None:
            raise Problem("character", foreign.sentence)
        return text

    def decode(self, text: str) -> str:
        return text

    def schema(self) -> JsonSchema:
        return {} if self.limit is None else {"maxLength": self.limit}


@dataclass(frozen=True, slots=True)
class Name(Text):
    """The own name of a list record: no empty name, and no colon, which QuickBooks uses between parent and
    child in a FullName."""

    clearable: ClassVar[bool] = False

    def encode(self, value: Any) -> str:
        text = Text.encode(self, value)
        if ":" in text:
            raise Problem(
                "colon", f"':' at position {text.index(':') + 1}: QuickBooks keeps it for sub-records"
            )
        if not text.strip():
            raise Problem("empty", "a name may not be empty")
        return text

    def schema(self) -> JsonSchema:
        return Text.schema(self) | {"minLength": 1, "pattern": "^[^:]*$"}


@dataclass(frozen=True, slots=True)
class Id(DataType):
    """IDTYPE: ListID, TxnID, TxnLineID. Opaque, kept verbatim; old files have `1A2-1234567890`."""

    xsd: ClassVar[str] = "IDTYPE"
    clearable: ClassVar[bool] = False
    limit: ClassVar[int] = 36
    _LEXICAL: ClassVar[re.Pattern[str]] = re.compile(r"[!-~]{1,36}")

    def encode(self, value: Any) -> str:
        if not isinstance(value, str) or self._LEXICAL.fullmatch(value) is None:
            raise Problem(
                "id", "not an id QuickBooks could have given: 1 to 36 printable characters", self.limit
            )
        return value

    def decode(self, text: str) -> str | None:
        return text.strip() or None

    def schema(self) -> JsonSchema:
        return {"minLength": 1, "maxLength": self.limit, "pattern": "^[!-~]*$"}


@dataclass(frozen=True, slots=True)
class Guid(DataType):
    """GUIDTYPE: `0` or `{8-4-4-4-12}`. QuickBooks cannot parse the set where the braces are missing."""

    xsd: ClassVar[str] = "GUIDTYPE"
    clearable: ClassVar[bool] = False
    _LEXICAL: ClassVar[re.Pattern[str]] = re.compile(
        r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"
    )

    def encode(self, value: Any) -> str:
        if not isinstance(value, str) or self._LEXICAL.fullmatch(value) is None:
            raise Problem("guid", "a GUID in braces expected, such as {1B2C...}, or 0")
        return value

    def decode(self, text: str) -> str | None:
        return text.strip() or None

    def accept(self, value: Any) -> Any:
        if isinstance(value, uuid.UUID):
            return f"{{{value}}}"
        if isinstance(value, str) and len(value) == 36 and self._LEXICAL.fullmatch(f"{{{value}}}"):
            return f"{{{value}}}"
        return value

    def schema(self) -> JsonSchema:
        bare = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
        return {"pattern": rf"^(0|\{{{bare}\}}|{bare})$"}


@dataclass(frozen=True, slots=True)
class Bool(DataType):
    """BOOLTYPE: written true/false, also read as 1/0."""

    xsd: ClassVar[str] = "BOOLTYPE"
    _WORDS: ClassVar[dict[str, bool | None]] = {"true": True, "1": True, "false": False, "0": False, "": None}

    def encode(self, value: Any) -> str:
        if not isinstance(value, bool):
            raise Problem("type", f"true or false expected, not {type(value).__name__}")
        return "true" if value else "false"

    def decode(self, text: str) -> bool | None:
        try:
            return self._WORDS[text if text in self._WORDS else text.strip().lower()]
        except KeyError:
            raise Problem("bool", "true or false expected") from None

    def accept(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        raise Problem("type", "true or false expected")

    def schema(self) -> JsonSchema:
        return {}


@dataclass(frozen=True, slots=True)
class Enum(DataType):
    """ENUMTYPE: one of a fixed list, case-sensitive. A word QuickBooks adds later is still read."""

    values: tuple[str, ...]
    xsd: ClassVar[str] = "ENUMTYPE"
    clearable: ClassVar[bool] = False

    def encode(self, value: Any) -> str:
        if value not in self.values:
            some = ", ".join(self.values[:12]) + (" ..." if len(self.values) > 12 else "")
            raise Problem("enum", f"one of {some} expected")
        return str(value)

    def decode(self, text: str) -> str | None:
        return text.strip() or None

    def schema(self) -> JsonSchema:
        return {"enum": [*self.values, None]}
