"""The parameters of a query: each declared once, read strictly, and documented from the same declaration."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
    if "\0" in texts[0]:
        raise ValueError("holds a NUL character")
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
    """The form of the place where the next page begins: every text of its form is a place."""
    if isinstance(place, tuple):
        moment, row = place
        return f"{(moment - _EPOCH) // timedelta(microseconds=1)}-{row}"
    return str(place)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOREIGN = "is not a cursor of an answer to this question"


def _row(text: str) -> int:
    if re.fullmatch(_ROW, text, re.ASCII) is None:
        raise ValueError(_FOREIGN)
    return min(int(text), LARGEST_ID)


def _change(text: str) -> tuple[datetime, int]:
    if re.fullmatch(_CHANGE, text, re.ASCII) is None:
        raise ValueError(_FOREIGN)
    moment, _, row = text.partition("-")
    return _EPOCH + timedelta(microseconds=int(moment)), _row(row)


def _list_id(text: str) -> str:
    if re.fullmatch(_LIST_ID, text) is None:
        raise ValueError(_FOREIGN)
    return text


# --- the parameters -----------------------------------------------------------------------------------------

_STRING = {"type": "string", "pattern": "^[^\\u0000]*$"}
_ROW, _CHANGE, _LIST_ID = "[0-9]{1,10}", "[0-9]{1,16}-[0-9]{1,10}", "[!-~]{1,36}"


def _form(pattern: str) -> dict[str, str]:
    return {"type": "string", "pattern": f"^{pattern}$"}


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
BY_CHANGE = Parameter("cursor", _CURSOR_WORDS, _change, _form(_CHANGE))
BY_ROW = Parameter("cursor", _CURSOR_WORDS, _row, _form(_ROW))
BY_LIST_ID = Parameter("cursor", _CURSOR_WORDS, _list_id, _form(_LIST_ID))
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
PICK = Parameter(
    "q",
    "What somebody types to choose an entry (2 characters or more): those that begin with it (name, email, part "
    "number, account number, ListID), then those that hold it; at most 50, without any other parameter but `limit`.",
    _text,
    _STRING,
)
NAME = Parameter("name", "Entries with this full name.", _text, _STRING)
AFTER = Parameter(
    "after",
    "Only events after the one with this id.",
    _number(0, LARGEST_ID),
    {"type": "integer", "minimum": 0, "maximum": LARGEST_ID, "default": 0},
)
