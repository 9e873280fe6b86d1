"""How much of its minute each API key has used, so that one host leaves room for the others."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

WINDOW_SECONDS = 60


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a key stands with its budget.

    Attributes:
        per_minute: what it may use.
        remaining: what is left of that.
        seconds: after how many it has all of it again.
        is_over: there was nothing left, so this request must not be served.
    """

    per_minute: int
    remaining: int
    seconds: int
    is_over: bool


class Budgets:
    """What the keys have used, counted in this process alone.

    A window begins with the first request after the last one ended. What is done is counted even beyond the budget,
    as a batch is known to be large only once it is read: whoever used more than there was waits for the next one.

    Args:
        per_minute: what a key may use in a minute; 0: as much as it likes.
        tick: seconds that only go forward.
    """

    def __init__(self, per_minute: int, tick: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._tick = tick
        # as many as there are keys that are used: only a good key gets here
        self._windows: dict[int, _Window] = {}
        self._lock = threading.Lock()

    def admit(self, key_id: int) -> Standing | None:
        """Count a request, unless nothing is left; None where nothing is counted at all."""
        if not self._per_minute:
            return None
        with self._lock:
            window = self._window(key_id)
            is_over = window.used >= self._per_minute
            window.used += not is_over
            return Standing(
                self._per_minute,
                max(0, self._per_minute - window.used),
                max(1, ceil(window.ends - self._tick())),
                is_over,
            )

    def charge(self, key_id: int, cost: int) -> None:
        """Count what a request that was admitted costs beyond the usual."""
        with self._lock:
            self._window(key_id).used += cost

    def _window(self, key_id: int) -> _Window:
        now = self._tick()
        window = self._windows.get(key_id)
        if window is None or window.ends <= now:
            window = self._windows[key_id] = _Window(now + WINDOW_SECONDS)
        return window
