"""A connector's health as it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qbwc_server.desk.error_views import ErrorRecord
from qbwc_server.domain.connectors import Binding, Connector
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.records import State

from .facts import last_call


class Mood(StrEnum):
    """How a connector is doing, in one word."""

    OK = "ok"
    WORKING = "working"
    WAITING = "waiting"
    """Something waits for the Web Connector's next visit."""
    ATTENTION = "attention"
    """Somebody has to do something."""
    LATE = "late"
    """The Web Connector has not come for too long."""
    PAUSED = "paused"
    """Paused by staff, and nothing else is to be told. What is wrong with a paused connector comes first."""
    NEVER_SEEN = "never_seen"


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


def moods_of(mood: Mood, connector: Connector) -> tuple[Mood, ...]:
    """How a connector is doing, and that it is paused."""
    return (mood, Mood.PAUSED) if connector.paused and mood is not Mood.PAUSED else (mood,)


@dataclass(frozen=True, slots=True)
class Brief:
    """How a connector is, as far as every page of it tells."""

    moods: tuple[Mood, ...]
    open_errors: int


@dataclass(frozen=True, slots=True)
class Summary:
    """How a connector is, as far as a list of many tells it.

    Attributes:
        refused: how many of the open errors tell what the host handed over and was refused.
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

    @property
    def moods(self) -> tuple[Mood, ...]:
        """How it is doing, and that it is paused: a pause hides nothing."""
        return moods_of(self.mood, self.connector)

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
        return bool(self.connector_errors) or any(item.text == self.headline for item in self.findings)

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
    """A part of all connectors, by name.

    Attributes:
        number: how many there are.
        with_errors: how many of them have open error records.
    """

    connectors: tuple[Summary, ...]
    number: int
    with_errors: int
