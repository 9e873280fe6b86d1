"""How far a long command is, told on stderr; and how it is broken off, between two steps and not within one."""

import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType
from typing import Any, TypeVar

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from qbwc_server.cli.output import console, say
from qbwc_server.cli.tables import drawn_on

EVERY_SECONDS = 10.0
"""So often a line is printed where no terminal is."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


class LongWork:
    """One piece of work.

    Attributes:
        done: how many steps were taken.
        is_broken_off: Ctrl-C was pressed, or SIGTERM came: take no further step.
    """

    def __init__(self, doing: str, total: int | None) -> None:
        self.done = 0
        self.is_broken_off = False
        self._doing = doing
        self._total = total
        self._moved: Callable[[int], None] = lambda _: None

    def reach(self, done: int, total: int | None = None) -> None:
        """So many steps were taken, of so many if that is known only now."""
        self.done = done
        self._total = total or self._total
        self._moved(done)

    def counted(self, steps: Iterable[T]) -> Iterator[T]:
        """The steps, each counted when the next one is asked for."""
        for step in steps:
            yield step
            self.reach(self.done + 1)

    def until_broken_off(self, steps: Iterable[T]) -> Iterator[T]:
        """The steps as long as nobody breaks them off; what was begun is brought to its end."""
        for step in steps:
            if self.is_broken_off:
                return
            yield step

    @property
    def words(self) -> str:
        """How far it is."""
        if self._total is None:
            return f"{self._doing}: {self.done:,}" if self.done else self._doing
        return f"{self._doing}: {self.done:,} of {self._total:,}"

    def on_terminal(self) -> Progress:
        """A moving line for a terminal, which leaves nothing behind."""
        counts = () if self._total is None else (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        text = "{task.description}"
        shown = Progress(
            SpinnerColumn(), TextColumn(text), *counts, console=drawn_on(console(stderr=True)), transient=True
        )
        task = shown.add_task(self._doing, total=self._total)
        self._moved = lambda done: shown.update(
            task, completed=done, total=self._total, description=self._description
        )
        return shown

    @property
    def _description(self) -> str:
        return self._doing if self._total is not None else self.words


@contextmanager
def long_work(doing: str, total: int | None = None, *, in_steps: bool = True) -> Iterator[LongWork]:
    """Tell on stderr how far something is while it is done: moving on a terminal, else a line every 10 seconds.

    Ctrl-C or SIGTERM is for the work to look at (`LongWork.is_broken_off`); a second one ends it at once, and so does
    the first where it is not done in steps.

    Args:
        doing: what is done, for people: ``taking in``.
        total: how many steps there are, where that is known.
    """
    work = LongWork(doing, total)
    telling = work.on_terminal() if sys.stderr.isatty() else _lines(work)
    with _breakable(work) if in_steps else nullcontext(), telling, _seldom_collected():
        yield work


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Have the garbage collector look seldom, and never through what was there before: records come in thousands and
    hold no circles, and to look for some each 700 of their parts takes a tenth of the whole."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def _lines(work: LongWork) -> Iterator[None]:
    """A line every now and then, also while a single step takes long."""
    is_over = threading.Event()

    def tell() -> None:
        while not is_over.wait(EVERY_SECONDS):
            with suppress(OSError, ValueError):  # whoever read it has gone
                say(console(stderr=True), work.words)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        is_over.set()
        teller.join()


@contextmanager
def _breakable(work: LongWork) -> Iterator[None]:
    """Let the first signal break the work off between two steps, and a second one do what it always does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def broken_off(_number: int, _frame: FrameType | None) -> None:
        work.is_broken_off = True
        restore()

    for number in _SIGNALS:
        signal.signal(number, broken_off)
    try:
        yield
    finally:
        restore()
