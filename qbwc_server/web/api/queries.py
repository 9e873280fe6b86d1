"""Reading a query strictly: what each parameter of it is declared to be, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from werkzeug.datastructures import MultiDict

from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.near import did_you_mean

MOST_AT_ONCE = 500
LONGEST_TEXT = 255
"""So many characters of a text may be looked for."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query.

    Attributes:
        read: its value from its text; raises ValueError with words for whoever wrote it.
        schema: its JSON Schema.
        is_list: several values, with commas between or given several times.
        component: the name under which the documentation has it once for all routes that take it.
    """

    name: str
    description: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    is_list: bool = False
    component: str = ""


def read(declared: tuple[Parameter, ...], given: "MultiDict[str, str]") -> dict[str, Any]:
    """The values of those that were given.

    Raises:
        InvalidInput: an unknown or empty one, one given twice, a value that does not fit; every fault is listed.
    """
    known = {parameter.name: parameter for parameter in declared}
    values, faults = {}, []
    for name, texts in given.lists():
        try:
            if name not in known:
                raise ValueError(f"there is no such parameter{_near(name, known)}")
            values[name] = _value(known[name], texts)
        except ValueError as error:
            faults.append(Fault(f"/{name}", str(error)))
    if faults:
        raise InvalidInput(faults)
    return values


def _near(name: str, known: Mapping[str, Parameter]) -> str:
    """Which parameter may be meant, or which there are."""
    meant = _MEANT.get(name.lower())
    if meant in known:
        return f"; did you mean {meant}?"
    return did_you_mean(name, known) or (
        f"; there are {', '.join(known)}" if known else "; there are none here"
    )


_MEANT: Mapping[str, str] = {
    "number": "ref_number",
    "invoice_number": "ref_number",
    "status": "state",
    "search": "q",
    "query": "q",
    "since": "updated_after",
    "modified_after": "updated_after",
    "page": "cursor",
    "offset": "cursor",
    "per_page": "limit",
    "page_size": "limit",
    "who": "actor",
    "id": "external_id",
}
"""What others call it, beside words that look alike."""


def _value(parameter: Parameter, texts: list[str]) -> Any:
    if parameter.is_list:
        texts = [",".join(texts)]
    if len(texts) > 1:
        raise ValueError("is given more than once")
    if "\0" in texts[0]:
        raise ValueError("holds a NUL character")
    if not texts[0].strip():
        raise ValueError("is empty: leave it out, or give a value")
    return parameter.read(texts[0])


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers between two bounds."""

    def read_number(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= most):
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read_number


def one_or_several(words: Mapping[str, Any]) -> Callable[[str], tuple[Any, ...]]:
    """A reader of one or several of these words."""
    read_word = one_of(words)
    return lambda text: tuple(dict.fromkeys(read_word(part.strip()) for part in text.split(",")))


def read_text(text: str) -> str:
    """A text to look for."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"may have {LONGEST_TEXT} characters")
    return text.strip()


def one_of(words: Mapping[str, Any]) -> Callable[[str], Any]:
    """A reader of one of these words."""

    def read_word(text: str) -> Any:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}{did_you_mean(text, words)}")
        return words[text]

    return read_word


def words_of(values: type[StrEnum]) -> dict[str, StrEnum]:
    """The words of an enumeration."""
    return {member.value: member for member in values}


TEXT = {"type": "string", "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$", "maxLength": LONGEST_TEXT}


def form_of(pattern: str) -> dict[str, str]:
    """The schema of texts of this form."""
    return {"type": "string", "pattern": f"^{pattern}$"}
