"""The qbXML value types, one class each: out (`encode`), in (`decode`), from JSON (`accept`), as JSON Schema.

Lexical rules follow the qbXML 13.0 schema; where QuickBooks itself is known to send something else the
decoder says so. Money never passes through a binary float.
"""

from __future__ import annotations

import re
import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from qbxml.text import check_repertoire, clean_text
from qbxml.timestamps import TIMESTAMP, Timestamp

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
            return self._WORDS[text.strip().lower()]
        except KeyError:
            raise Problem("bool", "true or false expected") from None

    def accept(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        raise Problem("type", "true or false expected")

    def schema(self) -> JsonSchema:
        return {}


@dataclass(frozen=True, slots=True)
class Int(DataType):
    """INTTYPE: a whole number, in some elements bounded (a month, a day of the month)."""

    LEAST: ClassVar[int] = -(2**31) + 1
    MOST: ClassVar[int] = 2**31 - 1
    xsd: ClassVar[str] = "INTTYPE"
    clearable: ClassVar[bool] = False
    low: int = LEAST
    high: int = MOST

    def encode(self, value: Any) -> str:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Problem("type", f"whole number expected, not {type(value).__name__}")
        if not self.low <= value <= self.high:
            bound = self.high if value > self.high else self.low
            raise Problem("range", f"a whole number from {self.low} to {self.high} expected", bound)
        return str(value)

    def decode(self, text: str) -> int | None:
        bare = text.strip()
        if not bare:
            return None
        if re.fullmatch(r"[+-]?[0-9]{1,18}", bare) is None:
            raise Problem("int", "whole number expected")
        return int(bare)

    def accept(self, value: Any) -> Any:
        if isinstance(value, bool | float):
            raise Problem("type", "whole number expected")
        return value

    def schema(self) -> JsonSchema:
        return {"minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Number(DataType):
    """A decimal with at most `whole` digits before and `places` after the point; None is no bound.

    Digits are never rounded away: too many is a Problem. `fixed` pads to exactly `places`, which AMTTYPE
    demands (`1.2` is not an amount).
    """

    xsd: ClassVar[str] = "FLOATTYPE"
    whole: ClassVar[int | None] = None
    places: ClassVar[int | None] = None
    fixed: ClassVar[bool] = False
    _MOST_DIGITS: ClassVar[int] = 100
    _READY: ClassVar[re.Pattern[str]] = re.compile(r"-?[0-9]{1,28}(\.[0-9]{1,28})?")
    _WRITTEN: ClassVar[re.Pattern[str]] = re.compile(r"[+-]?([0-9]{1,28}(\.[0-9]{0,28})?|\.[0-9]{1,28})")
    # as Python writes a normalised ten: 1E+1
    _SCIENTIFIC: ClassVar[re.Pattern[str]] = re.compile(
        r"[+-]?[0-9]{1,28}(\.[0-9]{1,28})?[eE][+-]?[0-9]{1,2}"
    )

    def encode(self, value: Any) -> str:
        if not isinstance(value, Decimal):
            raise Problem("type", "a finite decimal number expected")
        text = str(value)
        if self._READY.fullmatch(text) is not None and not text.startswith("-0"):
            return text
        return self._formatted(value)

    def _formatted(self, value: Decimal) -> str:
        if not value.is_finite():
            raise Problem("type", "a finite decimal number expected")
        sign, digits, exponent = value.as_tuple()
        assert isinstance(exponent, int)  # noqa: S101 - finite, checked above; tells the type checker
        whole = self._MOST_DIGITS if self.whole is None else self.whole
        if len(digits) + exponent > whole and (any(digits) or exponent > self._MOST_DIGITS):
            raise Problem("digits", f"more than {whole} digits before the point", whole)
        if -exponent > self._MOST_DIGITS:
            # before it is written out: 1E-99999999 would be a text of a hundred million digits
            raise Problem(
                "digits", f"more than {self.places or self._MOST_DIGITS} digits after the point", self.places
            )
        head, _, tail = format(abs(value), "f").partition(".")
        tail = self._fraction(tail)
        minus = "-" if sign and (int(head) or int(tail or "0")) else ""
        return f"{minus}{head}.{tail}" if tail else minus + head

    def _fraction(self, tail: str) -> str:
        if self.places is None:
            return tail
        kept = tail.rstrip("0")
        if len(kept) > self.places:
            raise Problem("digits", f"more than {self.places} digits after the point", self.places)
        return kept.ljust(self.places, "0") if self.fixed else kept

    def decode(self, text: str) -> Decimal | None:
        if self._WRITTEN.fullmatch(text) is None:
            bare = self._localised(text.strip())
            if not bare:
                return None
            return Decimal(bare)
        return Decimal(text)

    def _localised(self, text: str) -> str:
        """Some editions print numbers as Windows is set: `12,50`, `1.234,56`.

        One comma and no point is a decimal comma, unless exactly three digits follow it: then it could be
        a thousands mark as well and the number must not be guessed.
        """
        bare = text.removesuffix("%").rstrip()
        if "," in bare:
            bare = self._point(bare)
        if bare and self._WRITTEN.fullmatch(bare) is None:
            raise Problem("number", "a number expected")
        return bare

    @staticmethod
    def _point(text: str) -> str:
        head, _, tail = text.rpartition(",")
        if "." in tail:
            return text.replace(",", "") if text.count(".") == 1 else text
        if "," in head or (len(tail) == 3 and "." not in head):
            raise Problem("number", "the comma could mark decimals or thousands")
        return f"{head.replace('.', '')}.{tail}"

    def accept(self, value: Any) -> Any:
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,28}(\.[0-9]{1,28})?", value):
            return Decimal(value)
        if isinstance(value, str) and self._SCIENTIFIC.fullmatch(value):
            raise Problem("number", f"write {Decimal(value):f}, not {value}")
        if isinstance(value, float):
            raise Problem("number", 'a number with a fraction is written in quotes, such as "9.50"')
        raise Problem("number", 'a number expected, such as "9.50"')

    def schema(self) -> JsonSchema:
        whole, places = self.whole or 28, self.places or 28
        pattern = rf"^[+-]?[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"
        integer = {"type": "integer", "minimum": 1 - 10**whole, "maximum": 10**whole - 1}
        return {"anyOf": [{"type": "string", "pattern": pattern}, integer, {"type": "null"}]}


@dataclass(frozen=True, slots=True)
class Amount(Number):
    """AMTTYPE: money, exactly two decimals, at most 13 digits before the point."""

    xsd: ClassVar[str] = "AMTTYPE"
    whole: ClassVar[int | None] = 13
    places: ClassVar[int | None] = 2
    fixed: ClassVar[bool] = True
    _READY: ClassVar[re.Pattern[str]] = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Price(Number):
    """PRICETYPE: a unit price, up to 10 digits before and 5 after the point."""

    xsd: ClassVar[str] = "PRICETYPE"
    whole: ClassVar[int | None] = 10
    places: ClassVar[int | None] = 5
    _READY: ClassVar[re.Pattern[str]] = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Quantity(Price):
    """QUANTYPE: a quantity, written as a price is."""

    xsd: ClassVar[str] = "QUANTYPE"


@dataclass(frozen=True, slots=True)
class Percent(Price):
    """PERCENTTYPE: percent points (8.25 is 8.25 %), written as a price is."""

    xsd: ClassVar[str] = "PERCENTTYPE"


@dataclass(frozen=True, slots=True)
class Date(DataType):
    """DATETYPE: a calendar day without a zone."""

    xsd: ClassVar[str] = "DATETYPE"
    _LEXICAL: ClassVar[re.Pattern[str]] = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(T[0-9:+-]*)?")

    def encode(self, value: Any) -> str:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise Problem("type", f"a date expected, not {type(value).__name__}")
        return value.isoformat()

    def decode(self, text: str) -> date | None:
        bare = text.strip()
        if not bare:
            return None
        match = self._LEXICAL.fullmatch(bare)
        if match is None:
            raise Problem("date", "a date expected, YYYY-MM-DD")
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            raise Problem("date", "no such day") from None

    def accept(self, value: Any) -> Any:
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return self.decode(value)
        raise Problem("date", "a date expected, YYYY-MM-DD")

    def schema(self) -> JsonSchema:
        return {}


@dataclass(frozen=True, slots=True)
class DateTime(DataType):
    """DATETIMETYPE: QuickBooks' wall clock; see `qbxml.timestamps` for why it is not an instant."""

    xsd: ClassVar[str] = "DATETIMETYPE"

    def encode(self, value: Any) -> str:
        if not isinstance(value, str) or TIMESTAMP.fullmatch(value) is None:
            raise Problem(
                "datetime", "QuickBooks' local time expected, YYYY-MM-DDThh:mm:ss, no Z, no fractions"
            )
        return str(value)

    def decode(self, text: str) -> Timestamp | None:
        return Timestamp(text.strip()) if text.strip() else None

    def accept(self, value: Any) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                raise Problem(
                    "datetime", "give QuickBooks' local wall clock without offset: Timestamp.local()"
                )
            return Timestamp.of(value)
        if isinstance(value, date):
            return Timestamp(value.isoformat())
        if isinstance(value, str) and TIMESTAMP.fullmatch(value) is None:
            raise Problem("datetime", "YYYY-MM-DDThh:mm:ss expected, no Z, no fractions")
        return value

    def schema(self) -> JsonSchema:
        return {"pattern": f"^{TIMESTAMP.pattern}$"}


@dataclass(frozen=True, slots=True)
class Duration(DataType):
    """TIMEINTERVALTYPE: hours, minutes and seconds as `PT8H30M`, kept as text."""

    xsd: ClassVar[str] = "TIMEINTERVALTYPE"
    _LEXICAL: ClassVar[re.Pattern[str]] = re.compile(r"[+-]?PT(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?")

    def encode(self, value: Any) -> str:
        if not isinstance(value, str) or self._LEXICAL.fullmatch(value) is None:
            raise Problem("duration", "a duration expected, such as PT8H30M")
        return value

    def decode(self, text: str) -> str | None:
        return text.strip() or None

    def schema(self) -> JsonSchema:
        return {"pattern": f"^{self._LEXICAL.pattern}$"}


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
