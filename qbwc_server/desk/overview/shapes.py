"""A connector's health as it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qbwc_server.desk.overview.facts import last_call
from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.connectors import Binding, Connector
from qbwc_server.domain.days import Day
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.records import State
from qbwc_server.sync.stock import Stock


class Mood(StrEnum):
    """How a connector is doing, in one word."""

    STOPPED = "stopped"
    """Nothing goes to QuickBooks: wrong password, wrong company file, QuickBooks out of reach; or records wait, and the
    Web Connector has been awaited for more than a day."""
    OK = "ok"
    WORKING = "working"
    WAITING = "waiting"
    """Something waits for the Web Connector's next visit."""
    ATTENTION = "attention"
    """Somebody has to do something about records."""
    LATE = "late"
    """The Web Connector has not come for too long."""
    PAUSED = "paused"
    """Paused by staff, and nothing else is to be told. What is wrong with a paused connector comes first."""
    NEVER_SEEN = "never_seen"


class Place(StrEnum):
    """Where a connector stands among all, the worst first."""

    STOPPED = "stopped"
    STUCK = "stuck"
    LATE = "late"
    SETUP = "setup"
    PAUSED = "paused"
    FINE = "fine"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return _RANKS[self]


_RANKS = {place: rank for rank, place in enumerate(Place)}
PLACES: Mapping[Mood, Place] = {
    Mood.STOPPED: Place.STOPPED,
    Mood.ATTENTION: Place.STUCK,
    Mood.LATE: Place.LATE,
    Mood.NEVER_SEEN: Place.SETUP,
    Mood.PAUSED: Place.PAUSED,
    Mood.WORKING: Place.FINE,
    Mood.WAITING: Place.FINE,
    Mood.OK: Place.FINE,
}


@dataclass(frozen=True, slots=True)
class ListAge:
    """How fresh a list of the cache is; `changes` is what the last load changed, or the running one so far.

    Attributes:
        read_so_far: how many entries a running full load has read; None when none is running.
        resync_requested_at: when a Resync was asked for that this list has not seen yet.
    """

    list: ListName
    entries: int
    loaded_at: datetime | None
    loading: bool
    changes: Mapping[str, int]
    read_so_far: int | None
    resync_requested_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session of the Web Connector, for people."""

    id: int
    opened_at: datetime
    last_call_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    message_sets: int
    records_synced: int
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the health check found; `severity` is ``ok``, ``warning`` or ``problem``."""

    severity: str
    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How a connector is, as far as a list of many tells it.

    Attributes:
        refused: how many of the open errors tell what the host handed over and was refused.
        expected_at: when the Web Connector is to be expected next, by its interval and its habit; a moment that is over
            while it has not come. None when it never called.
        is_late: it has been awaited for too long.
        days: the last thirty days, as far as something happened; stock: what waits. Read for pages of many only.
    """

    connector: Connector
    mood: Mood
    headline: str
    counts: Mapping[State, int]
    open_errors: int
    refused: int
    connector_errors: tuple[ErrorRecord, ...]
    lists: tuple[ListAge, ...]
    resync_requested_at: datetime | None
    expected_at: datetime | None
    is_late: bool
    days: Sequence[Day]
    stock: Stock | None

    @property
    def place(self) -> Place:
        """Where it stands among all."""
        return PLACES[self.mood]

    @property
    def company(self) -> str | None:
        """Whose books they are; None before that is known."""
        binding = self.connector.binding
        return binding.company_name if binding is not None else None

    @property
    def moods(self) -> tuple[Mood, ...]:
        """How it is doing, and that it is late or paused as well: a pause hides nothing."""
        also_late = self.is_late and self.mood is Mood.ATTENTION
        also_paused = self.connector.paused and self.mood is not Mood.PAUSED
        return (self.mood, *[Mood.LATE] * also_late, *[Mood.PAUSED] * also_paused)

    @property
    def last_call_at(self) -> datetime | None:
        """When the Web Connector was here last, whether it was let in or not."""
        return last_call(self.connector, self.connector_errors)


@dataclass(frozen=True, slots=True)
class Health(Summary):
    """Everything a page or a command tells about a connector's health."""

    live_session: SessionInfo | None
    last_session: SessionInfo | None
    findings: tuple[Finding, ...]

    @property
    def is_headline_told(self) -> bool:
        """Whether the findings say all that the headline says."""
        return self.mood is Mood.STOPPED or any(item.text.startswith(self.headline) for item in self.findings)

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """The findings but those that the connector's error records tell in full."""
        return self.findings[len(self.connector_errors) :]

    @property
    def file_to_confirm(self) -> Binding | None:
        """The company file that was open in place of the connector's own, and may be confirmed; None when none was."""
        for item in self.connector_errors:
            if item.seen_file is not None:
                return item.seen_file
        return None


@dataclass(frozen=True, slots=True)
class Overview:
    """A part of all connectors, the worst first.

    Attributes:
        number: how many there are at all.
        found: how many of them are of the place and the name that were asked for.
        places: how many of all stand where; those where none does are left out.
        page, pages: which part it is, from 1 on, and of how many.
    """

    connectors: tuple[Summary, ...]
    number: int
    found: int
    places: Mapping[Place, int]
    page: int
    pages: int
