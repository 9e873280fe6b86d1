"""What pydantic finds wrong with a value, in plain words: whoever wrote the value never knew of pydantic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

NEVER_SAID = "has a value that does not fit here"
"""What is said of a finding nobody foresaw: little, but nothing that only a programmer of ours understands."""


def in_words(finding: ErrorDetails, bounds: Iterable[object] = ()) -> str:
    """One of `ValidationError.errors()` as a sentence without its subject.

    Args:
        bounds: the metadata of the field, where it is known: with it a number out of bounds is told both of them.
    """
    code = finding["type"]
    if code in ("qbxml", "value_error"):  # sentences of our own
        return finding["msg"].removeprefix("Value error, ")
    if code in _NUMBERS:
        low, high = _bounds(bounds)
        return (
            _whole_number(low, high)
            if low is not None or high is not None
            else _NUMBERS[code](_told(finding))
        )
    return _WORDS[code](_told(finding)) if code in _WORDS else NEVER_SAID


def _told(finding: ErrorDetails) -> Mapping[str, Any]:
    return finding.get("ctx") or {}


def _always(words: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda _: words


def _whole_number(low: object, high: object) -> str:
    if low is not None and high is not None:
        return f"must be a whole number from {low} to {high}"
    return (
        f"must be a whole number of {low} or more"
        if high is None
        else f"must be a whole number of {high} at most"
    )


def _bounds(metadata: Iterable[object]) -> tuple[int | None, int | None]:
    """The least and the most that is allowed of a whole number."""
    low = high = None
    for item in metadata:
        least, more = getattr(item, "ge", None), getattr(item, "gt", None)
        low = least if least is not None else low if more is None else more + 1
        most, less = getattr(item, "le", None), getattr(item, "lt", None)
        high = most if most is not None else high if less is None else less - 1
    return low, high


_NUMBER = 'a number expected, such as "9.50"'

_NUMBERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "int_type": _always("must be a whole number"),
    "int_parsing": _always("must be a whole number"),
    "int_parsing_size": _always("is too large a number"),
    "int_from_float": _always("must be a whole number"),
    "greater_than": lambda told: f"must be more than {told['gt']}",
    "greater_than_equal": lambda told: f"must be {told['ge']} or more",
    "less_than": lambda told: f"must be less than {told['lt']}",
    "less_than_equal": lambda told: f"must be {told['le']} or less",
}

_OBJECTS = {
    "Ref": 'must be its name as text, or an object such as {"full_name": "…"}',
    "PartyReference": 'must be its full name as text, or an object such as {"external_id": "…"}',
    "ItemReference": 'must be its full name as text, or an object such as {"sku": "…"}',
}
"""What may stand in the place of a reference."""


def _object(told: Mapping[str, Any]) -> str:
    return _OBJECTS.get(str(told.get("class_name")), "must be an object, with fields of its own in braces")


def _one_of(told: Mapping[str, Any]) -> str:
    return "must be one of " + str(told["expected"]).replace("'", "").replace(" or ", ", ")


_LIST = _always("must be a list, in square brackets")
_TEXT = _always("must be text, in quotes")
_YES_OR_NO = _always("must be yes or no (in JSON: true or false)")

_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "extra_forbidden": _always("there is no such field"),
    "missing": _always("is needed"),
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "string_type": _TEXT,
    "string_too_long": lambda told: f"may have {told['max_length']} characters at most",
    "string_too_short": lambda told: f"must have {told['min_length']} characters at least",
    "string_unicode": _always("holds half a character, which is no text"),
    "literal_error": _one_of,
    "enum": _one_of,
    "decimal_type": _always(_NUMBER),
    "decimal_parsing": _always(_NUMBER),
    "finite_number": _always(_NUMBER),
    "float_type": _always(_NUMBER),
    "float_parsing": _always(_NUMBER),
    "model_type": _object,
    "model_attributes_type": _object,
    "dict_type": _object,
    "mapping_type": _object,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_long": lambda told: f"may have {told['max_length']} entries at most",
    "too_short": lambda told: f"must have {told['min_length']} entries at least",
    "path_type": _always("must be the path of a file"),
    "json_invalid": _always("is not JSON"),
    "date_from_datetime_parsing": _always("a date expected, YYYY-MM-DD"),
    "date_parsing": _always("a date expected, YYYY-MM-DD"),
    "date_type": _always("a date expected, YYYY-MM-DD"),
}
