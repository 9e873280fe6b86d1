"""JSON as Python has it: money and quantities are `Decimal`, never float."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

DECIMALS = frozenset(
    {
        "amount",
        "applied_amount",
        "cost",
        "credit_limit",
        "exchange_rate",
        "open_balance",
        "price",
        "quantity",
        "rate",
        "rate_percent",
        "tax_amount",
    }
)
"""Fields of records that hold a decimal number, which the API writes as text."""


def dumps(value: object) -> bytes:
    """A value as it is sent: decimals and days as text."""
    return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False).encode()


def loads(text: bytes | str) -> Any:
    """A value as it came; numbers with a fraction are decimals."""
    return json.loads(text, parse_float=Decimal)


def _plain(value: object) -> Any:
    match value:
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case Mapping():
            return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def content(value: Any) -> Any:
    """What a record says, its numbers as decimals."""
    if isinstance(value, list):
        return [content(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _decimal(each) if key in DECIMALS else content(each) for key, each in value.items()}


def _decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return value
    return decimal(value)


def decimal(value: str | int | None) -> Decimal | None:
    """A number; None where there is none."""
    return None if value is None else Decimal(value)


def moment(value: str) -> datetime:
    """An aware datetime."""
    return datetime.fromisoformat(value)
