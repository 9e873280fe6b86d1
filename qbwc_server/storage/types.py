"""Column types: moments as aware UTC, amounts in cents, long texts compressed, posted lines, on every database."""

import json
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pydantic_core
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from qbwc_server.domain.amounts import cents_in, of_cents
from qbwc_server.domain.records import PostedLine


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite has no time zones and no type for it, so it is stored there as text without one;
    rows have many, so that text is made and read in one step."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Refuses a naive datetime: nobody knows which moment it means."""
        return _text_of if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Gives the stored moment back as aware UTC."""
        return _moment_of if dialect.name == "sqlite" else _in_utc


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"a naive datetime cannot be stored: {value!r}")
    return value.astimezone(UTC)


@lru_cache  # all rows of a set are written at one moment
def _text_of(value: datetime | None) -> str | None:
    moment = _in_utc(value)
    return None if moment is None else moment.isoformat(" ", "microseconds").removesuffix(_ZONE)


def _moment_of(value: str | None) -> datetime | None:
    if value is None:
        return None
    # whoever wrote it by hand may have named the zone
    return datetime.fromisoformat(value if value.endswith(_ZONE) else value + _ZONE)


_ZONE = "+00:00"


class Cents(TypeDecorator[Decimal]):
    """An amount of money in whole cents; one that no column could hold is not known."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """In whole cents."""
        return None if value is None else cents_in(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """As the amount it is."""
        return of_cents(value)


class PackedText(TypeDecorator[str]):
    """A long text, compressed: message sets are many and repeat themselves."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Compress."""
        return None if value is None else zlib.compress(value.encode(), level=1)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Give the very same text back."""
        return None if value is None else zlib.decompress(value).decode()


class PostedLines(TypeDecorator[Sequence[PostedLine]]):
    """The lines of a document in QuickBooks: a TxnLineID each, or an object for one that is something special."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Sequence[PostedLine] | None, dialect: Dialect) -> list[Any] | None:
        """As JSON values."""
        return None if value is None else [_line_value(line) for line in value]

    def process_result_value(
        self, value: list[Any] | None, dialect: Dialect
    ) -> tuple[PostedLine, ...] | None:
        """As they were."""
        return None if value is None else tuple(_line(item) for item in value)


def _line_value(line: PostedLine) -> Any:
    if not line.is_group and not line.is_foreign:
        return line.txn_line_id
    return {"id": line.txn_line_id, "group": line.is_group, "foreign": line.is_foreign}


def _line(value: Any) -> PostedLine:
    if isinstance(value, dict):
        return PostedLine(value["id"], value["group"], value["foreign"])
    return PostedLine(value)


def to_json(value: Any) -> str:
    """The text of a JSON column."""
    try:
        return pydantic_core.to_json(value).decode()
    except pydantic_core.PydanticSerializationError:
        # half a pair of surrogates, which only the slower writer can write
        return json.dumps(value)


def from_json(text: str) -> Any:
    """The value of a JSON column. Most of them are lists of nothing, for which the parser takes long."""
    if text == "[]":
        return []
    try:
        return pydantic_core.from_json(text)
    except ValueError:
        # half a pair of surrogates, which only the slower parser takes
        return json.loads(text)
