"""A clock that can be set."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The present, as a test has it: it goes on by itself from wherever it was set.

    Its moments are aware, in UTC.
    """

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    @property
    def now(self) -> datetime:
        """The present."""
        return self()

    def set(self, moment: datetime) -> None:
        """Let it be a moment, from which the clock goes on.

        Raises:
            ValueError: nobody knows which moment a naive datetime means.
        """
        if moment.tzinfo is None:
            raise ValueError(f"{moment!r} has no time zone: give one, such as datetime.UTC")
        self._ahead = moment - datetime.now(UTC)

    def forward(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass."""
        self._ahead += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
