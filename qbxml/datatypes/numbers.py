"""Numbers: whole ones, and decimal ones with the places QuickBooks keeps; never through a binary float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from qbxml.datatypes.base import DataType, JsonSchema, Problem


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
