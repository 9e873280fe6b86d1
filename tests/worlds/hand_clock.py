"""The time, as a test has it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class HandClock:
    """A clock that stands still until it is moved."""

    moment: datetime = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, seconds: float = 0, **step: float) -> None:
        """Move on by ``seconds=``, ``minutes=``, ``hours=`` or ``days=``."""
        self.moment += timedelta(seconds=seconds, **step)
