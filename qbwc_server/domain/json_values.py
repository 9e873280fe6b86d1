"""JSON values as hosts write them: those that no field can hold, and numbers as they are shown."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from qbwc_server.domain.faults import Fault

_DEEPEST = 32
_MOST_PLACES = 40


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def impossible(value: Any) -> Iterator[Fault]:
    """A fault for each value that would break a database or a number further in.

    Args:
        value: as `json` reads it, with Decimals for numbers with a fraction.
    """
    if not _is_possible(value):
        yield from _faults(value)


def with_decimals_as_text(value: Any) -> Any:
    """What a host said of a record, as it is shown: a quantity sent as 2 is "2", as one sent as 2.5 is "2.5".

    Every number in a record is a decimal. What is stored stays as it was sent.
    """
    if isinstance(value, Mapping):
        return {name: with_decimals_as_text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_decimals_as_text(item) for item in value]
    return str(value) if type(value) is int else value


def _is_possible(value: Any) -> bool:
    """Whether `_faults` would find nothing, told faster: nearly always it is so."""
    texts: list[str] = []
    left: list[tuple[Any, int]] = [([value], -1)]
    while left:
        several, depth = left.pop()
        if depth == _DEEPEST:
            return False
        if isinstance(several, dict):
            texts += several
            several = several.values()
        for item in several:
            if isinstance(item, str):
                texts.append(item)
            elif isinstance(item, dict | list):
                left.append((item, depth + 1))
            elif isinstance(item, Decimal):
                if not _writable(item):
                    return False
            elif not (item is None or isinstance(item, int | float)):
                return False
    return _storable("".join(texts))


def _faults(value: Any) -> Iterator[Fault]:
    left: list[tuple[str, int, Any]] = [("", 0, value)]
    while left:
        pointer, depth, item = left.pop()
        if isinstance(item, str) and not _storable(item):
            yield Fault(pointer, "holds half of a surrogate pair or a NUL character")
        elif isinstance(item, Decimal) and not _writable(item):
            yield Fault(pointer, f"has more than {_MOST_PLACES} digits before or after the point")
        elif isinstance(item, Mapping | list | tuple) and depth == _DEEPEST:
            yield Fault(pointer, "is nested too deeply")
        elif isinstance(item, Mapping):
            left += [(f"{pointer}/{_escaped(key)}", depth + 1, below) for key, below in item.items()]
            yield from (Fault(pointer, "has an unusable name in it") for key in item if not _storable(key))
        elif isinstance(item, list | tuple):
            left += [(f"{pointer}/{place}", depth + 1, below) for place, below in enumerate(item)]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _storable(text: str) -> bool:
    return _UNSTORABLE.search(text) is None


def _writable(number: Decimal) -> bool:
    """Whether it can be written out: `1E999999999` is a billion digits."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_PLACES and number.adjusted() <= _MOST_PLACES
