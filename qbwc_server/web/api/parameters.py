"""The parameters of a query: each declared once, read strictly, and documented from the same declaration."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from werkzeug.datastructures import MultiDict

from qbwc_server.domain.causes import CATALOGUE
from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.records import State

from .addresses import LARGEST_ID

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query.

    Attributes:
        read: its value from its text; raises ValueError with words for whoever wrote it.
        schema: its JSON Schema.
    """

    name: str
    description: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]


def read(declared: tuple[Parameter, ...], given: "MultiDict[str, str]") -> dict[str, Any]:
    """The values of those that were given; an empty one counts as not given.

    Raises:
        InvalidInput: an unknown one, one given twice, a value that does not fit; every fault is listed.
    """
    known = {parameter.name: parameter for parameter in declared}
    values, faults = {}, []
    for name, texts in given.lists():
        try:
            texts = [text for text in texts if text]
            if texts:
                values[name] = _value(known.get(name), texts)
        except ValueError as error:
            faults.append(Fault(f"/{name}", str(error)))
    if faults:
        raise InvalidInput(faults)
    return values


def _value(parameter: Parameter | None, texts: list[str]) -> Any:
    if parameter is None:
        raise ValueError("there is no such parameter")
    if len(texts) > 1:
        raise ValueError("is given more than once")
    if not texts[0].isprintable():
        raise ValueError("must have printable characters only")
    return parameter.read(texts[0])


# --- reading ------------------------------------------------------------------------------------------------


def _text(text: str) -> str:
    return text


def _number(least: int, most: int) -> Callable[[str], int]:
    def read_number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= most):
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read_number


def _moment(text: str) -> datetime:
    # a plus that was not percent-encoded arrives as a space
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a moment with its offset, such as 2026-11-20T15:04:05Z")


def _one_of(words: Mapping[str, Any]) -> Callable[[str], Any]:
    def read_word(text: str) -> Any:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return words[text]

    return read_word


def _words(values: type[StrEnum]) -> dict[str, StrEnum]:
    return {member.value: member for member in values}


def cursor(place: object) -> str:
    """The opaque form of the place where the next page begins."""
    if isinstance(place, tuple):
        moment, row = place
        place = [moment.isoformat(), row]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(check: Callable[[Any], Any]) -> Callable[[str], Any]:
    def read_cursor(text: str) -> Any:
        try:
            padded = text + "=" * (-len(text) % 4)
            return check(json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)))
        # whatever is wrong with it: it is not one of ours
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise ValueError("is not a cursor of an answer to this question") from None

    return read_cursor


def _row(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_ID:
        raise ValueError(value)
    return value


def _change(value: Any) -> tuple[datetime, int]:
    moment, row = value
    if not isinstance(moment, str):
        raise ValueError(moment)
    return _moment(moment), _row(row)


def _list_id(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(value)
    return value


# --- the parameters -----------------------------------------------------------------------------------------

_STRING = {"type": "string"}
_CURSOR_WORDS = "`next` of the page before; the other parameters must be the same."

STATE = Parameter(
    "state", "Only records in this state.", _one_of(_words(State)), {"type": "string", "enum": list(State)}
)
UPDATED_AFTER = Parameter(
    "updated_after",
    "Only records that changed later than this moment.",
    _moment,
    {"type": "string", "format": "date-time"},
)
BY_CHANGE = Parameter("cursor", _CURSOR_WORDS, _place(_change), _STRING)
BY_ROW = Parameter("cursor", _CURSOR_WORDS, _place(_row), _STRING)
BY_LIST_ID = Parameter("cursor", _CURSOR_WORDS, _place(_list_id), _STRING)
LIMIT = Parameter(
    "limit",
    "How many at most are answered at once.",
    _number(1, MOST_AT_ONCE),
    {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": 100},
)
ERROR_STATE = Parameter(
    "state",
    "Open error records (the default), closed ones, or all.",
    _one_of({"open": True, "closed": False, "all": None}),
    {"type": "string", "enum": ["open", "closed", "all"], "default": "open"},
)
CAUSE = Parameter(
    "cause",
    "Only error records with this cause.",
    _one_of({name: name for name in CATALOGUE}),
    {"type": "string", "enum": list(CATALOGUE)},
)
GROUP_BY = Parameter(
    "group_by",
    "One entry a cause key: one fix releases everything behind it.",
    _one_of({"cause_key": "cause_key"}),
    {"type": "string", "enum": ["cause_key"]},
)
REVIVE = Parameter(
    "revive",
    "Take a cancelled record up again; without it 409 says when it was cancelled.",
    _one_of({"true": True, "false": False}),
    {"type": "string", "enum": ["true", "false"], "default": "false"},
)
EMAIL = Parameter("email", "Customers and vendors one of whose addresses this is.", _text, _STRING)
SKU = Parameter("sku", "Items with this Manufacturer's Part Number.", _text, _STRING)
DRY_RUN = Parameter(
    "dry_run",
    "`true`: only tell what would become of each line.",
    _one_of({"true": True, "false": False}),
    {"type": "boolean", "default": False},
)
NAME = Parameter("name", "Entries with this full name.", _text, _STRING)
AFTER = Parameter(
    "after",
    "Only events after the one with this id.",
    _number(0, LARGEST_ID),
    {"type": "integer", "minimum": 0, "default": 0},
)
