"""What a command says: machine output as one JSON document on stdout, or words and tables for a person."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 200
"""Columns when nobody's terminal says otherwise: wide enough that a sentence stays on its line."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Cell = str | int | None | Text


def console(*, stderr: bool = False) -> Console:
    """A console on the present stdout or stderr.

    Markup is off: ids and names come from other people and may hold square brackets.
    """
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPED_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def visible(text: str) -> str:
    """The text with control characters written out, so that no data can steer a terminal."""
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def say(target: Console, text: str = "", style: str = "") -> None:
    """One line, never wrapped by us: an address must stay in one piece to be copied."""
    target.print(Text(visible(text), style=style), soft_wrap=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str | None = None) -> Table:
    """A plain table; None is an empty cell."""
    made = Table(*headings, box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for row in rows:
        made.add_row(*map(_cell, row))
    return made


def _cell(value: Cell) -> Text:
    if isinstance(value, Text):
        return value
    return Text("" if value is None else visible(str(value)))


def plain(value: Any) -> Any:
    """The value as JSON can hold it: decimals as strings, times as ISO 8601, dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def to_json(payload: object, *, encoding: str | None = "utf-8") -> str:
    """The payload as indented JSON, in ASCII alone when the stream could not hold more."""
    unicode_is_safe = (encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(plain(payload), indent=2, ensure_ascii=not unicode_is_safe)


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's result goes.

    Attributes:
        as_json: `--json` was given: one JSON document on stdout and nothing else there.
    """

    as_json: bool

    def result(self, payload: object, words: Callable[[Console], None]) -> None:
        """Print the payload for a machine, or let `words` tell a person."""
        if self.as_json:
            print(to_json(payload, encoding=sys.stdout.encoding))
        else:
            words(console())

    def note(self, text: str) -> None:
        """Something said by the way, for a person only: on stderr, and not at all with `--json`."""
        if not self.as_json:
            say(console(stderr=True), text, "dim")
