"""Days, moments and durations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from qbxml.datatypes.base import DataType, JsonSchema, Problem
from qbxml.timestamps import TIMESTAMP, Timestamp


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
        bare = text.strip()
        return Timestamp(bare) if bare else None

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
