"""Those who write to a SQLite database, let in one after the other: its own lock lets whoever asks first have it."""

import threading
from collections import deque


class Writers:
    """Lets one after the other in, in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def enter(self, seconds: float) -> bool:
        """Wait for one's turn; False when it did not come in time."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            called = threading.Lock()
            called.acquire()
            self._waiting.append(called)
        if called.acquire(timeout=seconds):
            return True
        with self._guard:
            if called not in self._waiting:
                return True  # called in this very moment
            self._waiting.remove(called)
            return False

    def leave(self) -> None:
        """Call the next one."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
