"""Forms as data: the fields of a form, what somebody typed into them, and the fault beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, abort, request

from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import ListName

UNEQUAL = "The two passwords are not the same."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Attributes:
        name: the key of the value, in the form and in a fault's pointer.
        label, help: plain words for a person without knowledge of QuickBooks' inside.
        choices: (value, label) pairs of a ``choice``, and of a ``ranking``: several of them, in order.
        least, most: bounds of a ``number``; `most` of a ``text`` is its length in characters.
        names_of: the list of QuickBooks whose names are offered while typing.
        form: how a ``text`` must look, for whoever typed something else.
    """

    name: str
    label: str
    help: str = ""
    kind: Literal["text", "number", "switch", "choice", "ranking"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    least: int | None = None
    most: int | None = None
    required: bool = False
    names_of: ListName | None = None
    form: str = ""

    def read(self, form: Mapping[str, str]) -> object:
        """The value a browser sent: an unticked box is not sent at all, and a number comes as text."""
        text = form.get(self.name, "").strip()
        if self.kind == "switch":
            return self.name in form
        if self.kind == "ranking":
            return self._ranked(form)
        if self.kind == "number" and text.isascii() and text.isdigit():
            return int(text)
        return text

    def _ranked(self, form: Mapping[str, str]) -> list[str]:
        """What was chosen for each place; a place may be left empty."""
        places = (form.get(self.place(number), "") for number in range(len(self.choices)))
        return [chosen for chosen in places if chosen]

    def place(self, number: int) -> str:
        """The name of one place of a ranking in the form; the first has the name of the field."""
        return self.name if number == 0 else f"{self.name}-{number + 1}"

    def complaint(self, found: str) -> str:
        """What is wrong with the value, in the words of the form; `found` is what the validation said."""
        if self.kind == "number":
            return f"Enter a whole number from {self.least} to {self.most}."
        if self.kind == "text" and self.most is not None:
            return f"Enter at most {self.most} characters."
        if self.form:
            return f"Enter {self.form}."
        return found[:1].upper() + found[1:]


def install(app: Flask) -> None:
    """Refuse what no browser sends from a form, and a database may choke on: the character NUL."""

    def refuse_nul() -> None:
        if any("\0" in value for _, value in request.values.items(multi=True)):
            abort(400)

    app.before_request(refuse_nul)


def read(fields: Iterable[Field], form: Mapping[str, str]) -> dict[str, object]:
    """What was typed into `fields`, by name."""
    return {field.name: field.read(form) for field in fields}


def by_field(error: InvalidInput, fields: Iterable[Field] = ()) -> dict[str, str]:
    """The first fault of each field, by the field's name; `""` holds what belongs to no field.

    A pointer may name the field alone (`/name`) or under the object it is part of (`/settings/template`).
    """
    known = {field.name: field for field in fields}
    faults: dict[str, str] = {}
    for fault in error.faults:
        name = fault.pointer.rpartition("/")[2]
        words = known[name].complaint(fault.message) if name in known else _sentence(fault.message)
        faults.setdefault(name, words)
    return faults


def shown(value: Any) -> str:
    """A value as it stands in a text field."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else f"{words}."
