"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass

from qbwc_client.errors import Conflict, NotReached, Problem, QbwcError, TooManyRequests, Unavailable

LONGEST_SECONDS = 60.0
"""Whoever is told to come again later than this decides by himself."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often something is tried.

    Attributes:
        times: in all; 1: never again.
        first_seconds: the pause before the second time, doubled each time after that, and up to half as much again.
    """

    times: int = 4
    first_seconds: float = 0.5

    def pause(self, error: QbwcError, tried: int, *, is_repeatable: bool) -> float | None:
        """After how many seconds it is tried again; None: not any more.

        What was refused because too much was asked was not done, and may always be sent again. What was not answered
        may have been done: it is sent again only if that comes to the same. A conflict that says when to come again is
        the first sending, which is still under way.
        """
        asked = error.retry_after if isinstance(error, Problem) else None
        is_under_way = isinstance(error, Conflict) and asked is not None
        is_unheard = is_repeatable and (is_under_way or isinstance(error, NotReached | Unavailable))
        if tried >= self.times or not (is_unheard or isinstance(error, TooManyRequests)):
            return None
        if asked is not None:
            return asked if asked <= LONGEST_SECONDS else None
        spread = random.uniform(1, 1.5)  # noqa: S311 - so that many do not come again at the same moment
        return self.first_seconds * 2.0 ** (tried - 1) * spread
