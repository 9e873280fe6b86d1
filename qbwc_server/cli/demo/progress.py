"""How a long-running command says how far it is: a moving bar on a terminal, plain lines elsewhere, or nothing."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from qbwc_server.cli.output import Console, say, visible
from qbwc_server.cli.tables import drawn_on


@dataclass(frozen=True, slots=True)
class Advance:
    """How far the records are: `settled` of `total` are synced or blocked, after `round_trips`."""

    settled: int
    total: int
    blocked: int
    round_trips: int


class Teller(ABC):
    """Says what is going on."""

    @abstractmethod
    def step(self, words: str) -> None:
        """A step begins."""

    @abstractmethod
    def advance(self, advance: Advance) -> None:
        """The records got this far."""


class Silence(Teller):
    """For a machine: stdout belongs to the JSON document."""

    def step(self, words: str) -> None:
        """Say nothing."""

    def advance(self, advance: Advance) -> None:
        """Say nothing."""


class Lines(Teller):
    """One line a step and one a round trip that changed something: for logs and pipes."""

    def __init__(self, target: Console) -> None:
        self._target = target
        self._last: Advance | None = None

    def step(self, words: str) -> None:
        """One line."""
        say(self._target, f"- {words}")

    def advance(self, advance: Advance) -> None:
        """One line, if anything changed."""
        if advance != self._last:
            self._last = advance
            say(
                self._target,
                f"  round trip {advance.round_trips}: {advance.settled} of {advance.total} records settled "
                f"({advance.blocked} blocked)",
            )


class Bar(Teller):
    """A bar that fills as records are settled: for a terminal."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def step(self, words: str) -> None:
        """One line above the bar."""
        self._progress.console.print(Text(visible(f"• {words}")), soft_wrap=True)

    def advance(self, advance: Advance) -> None:
        """Fill the bar."""
        self._progress.update(
            self._task,
            completed=advance.settled,
            total=advance.total,
            visible=True,
            note=f"{advance.round_trips} round trips, {advance.blocked} blocked",
        )


@contextmanager
def telling(target: Console, *, silent: bool) -> Iterator[Teller]:
    """The teller that suits the console."""
    if silent:
        yield Silence()
    elif not target.is_terminal:
        yield Lines(target)
    else:
        columns = (
            TextColumn("  records"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=drawn_on(target)) as progress:
            task = progress.add_task("records", total=None, visible=False, note="")
            yield Bar(progress, task)
