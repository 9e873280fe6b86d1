"""The words and numbers a command takes; what is refused is told in our own sentences, with what may be meant."""

from collections.abc import Iterable
from typing import Any, NoReturn

import click

from qbwc_server.domain.near import did_you_mean

LARGEST_ID = 2**31 - 1
"""No row has a larger id."""


class OneOf(click.Choice[str]):
    """One word of several.

    Args:
        what: what the words are, in a sentence: ``kind``.
    """

    def __init__(self, what: str, words: Iterable[str]) -> None:
        super().__init__(list(words))
        self._what = what

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """That there is no such word, and which may be meant."""
        near = did_you_mean(str(value), self.choices)
        return f"there is no {self._what} {value!r}{near or '; there are ' + ', '.join(self.choices)}"

    def fail(
        self, message: str, param: click.Parameter | None = None, ctx: click.Context | None = None
    ) -> NoReturn:
        """The sentence as it is: it says what it is about."""
        raise click.UsageError(message, ctx)


class Several(click.ParamType[tuple[str, ...]]):
    """One or several words with commas between."""

    name = "words"

    def __init__(self, what: str, words: Iterable[str]) -> None:
        self._one = OneOf(what, words)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The words that were typed."""
        return tuple(self._one.convert(part.strip(), param, ctx) for part in str(value).split(","))


class Whole(click.ParamType[int]):
    """A whole number between two bounds."""

    name = "number"

    def __init__(self, low: int, high: int = LARGEST_ID) -> None:
        self._low, self._high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number that was typed."""
        text = str(value)
        if text.isascii() and text.isdecimal() and len(text) <= 18 and self._low <= int(text) <= self._high:
            return int(text)
        bounds = f"from {self._low} to {self._high}"
        raise click.UsageError(f"{named(param)} must be a whole number {bounds}, not {text!r}", ctx)


def named(param: click.Parameter | None) -> str:
    """A parameter as it is typed."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return "it" if param is None else (param.human_readable_name.strip("[]"))
