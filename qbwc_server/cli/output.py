"""What a command says: machine output as one JSON document on stdout, or words and tables for a person."""

import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import IO, Any
from uuid import UUID

import click

PIPED_WIDTH = 200
"""Columns when nobody's terminal says otherwise: wide enough that a sentence stays on its line."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_COLOURS = {"red", "green", "yellow"}


@dataclass(frozen=True, slots=True)
class Console:
    """Where words go: a terminal, or a file or pipe.

    Attributes:
        width: in columns; None is as wide as the terminal, or as `PIPED_WIDTH`.
    """

    file: IO[str]
    is_terminal: bool = False
    width: int | None = None

    def styled(self, line: str, style: str) -> str:
        """A line in a style, such as ``bold red``; as it is where nothing is styled (https://no-color.org)."""
        words = style.split()
        if os.environ.get("NO_COLOR"):
            words = [word for word in words if word not in _COLOURS]
        if not line or not words or not self.is_terminal or os.environ.get("TERM") in ("dumb", "unknown"):
            return line
        return f"\x1b[{';'.join(_STYLES[word] for word in words)}m{line}\x1b[0m"


def console(*, stderr: bool = False) -> Console:
    """A console on the present stdout or stderr."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stream, bool(os.environ.get("FORCE_COLOR")) or stream.isatty())


def visible(text: str) -> str:
    """The text with control characters written out, so that no data can steer a terminal."""
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def say(target: Console, text: str = "", style: str = "") -> None:
    """One line, never wrapped by us: an address must stay in one piece to be copied."""
    lines = visible(text).expandtabs(8).split("\n")
    click.echo("\n".join(target.styled(line, style) for line in lines), target.file, color=target.is_terminal)


def plain(value: Any) -> Any:
    """What `json` cannot hold in a form that it can, for its ``default``: decimals as strings, times as ISO 8601,
    dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def to_json(payload: object, *, encoding: str | None = "utf-8") -> str:
    """The payload as indented JSON, in ASCII alone when the stream could not hold more."""
    unicode_is_safe = (encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(payload, default=plain, indent=2, ensure_ascii=not unicode_is_safe)


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
