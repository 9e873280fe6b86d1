"""What a host in Python hands over, in the values JSON would have brought."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any


def as_json(content: Mapping[str, Any]) -> dict[str, Any]:
    """A record with decimals, days and enumerations as JSON has them; what is none of these stays, to be refused."""
    plain: dict[str, Any] = _plain(content)
    return plain


def _plain(value: object) -> Any:
    match value:
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case Enum():
            return _plain(value.value)
        case float():
            return Decimal(repr(value))
        case date():
            return value.isoformat()
    return value
