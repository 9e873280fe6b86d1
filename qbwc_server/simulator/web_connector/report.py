"""What one visit of the Web Connector came to, as its window and log would tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from qbwc_server.simulator.web_connector.soap_client import Argument, Result


class Outcome(Enum):
    """How a session ended."""

    DONE = "everything was exchanged"
    NOTHING_TO_DO = "the server had nothing to exchange"
    REFUSED = "user name or password was not accepted"
    BUSY = "the server was busy"
    POSTPONED = "the server put the update off"
    ERROR = "the server ended the session with a message"
    FAILED = "the Web Connector could not go on"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One SOAP call, told to the hook before (``result`` and ``error`` None) and after it."""

    phase: str
    method: str
    arguments: Mapping[str, Argument]
    result: Result = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class SessionReport:
    """One session, from serverVersion to closeConnection.

    Attributes:
        outcome: how it ended.
        status: what the Web Connector's window shows.
        error_code: ``QBWC1041`` and the like, None without an error.
        last_error: what getLastError said, or what went wrong on the way.
        calls: every SOAP call with its result, in order.
        round_trips: message sets that went to QuickBooks and back.
        percent: the last number of receiveResponseXML between 0 and 100.
        ticket: as given by authenticate.
        postponed_seconds: authenticate[2].
        min_interval_seconds: authenticate[3].
        server_version, closing_words: as the server gave them.
    """

    outcome: Outcome
    status: str
    error_code: str | None
    last_error: str | None
    calls: tuple[CallEvent, ...]
    round_trips: int
    percent: int
    ticket: str
    postponed_seconds: int | None
    min_interval_seconds: int | None
    server_version: str | None
    closing_words: str | None

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the calls, in order."""
        return tuple(call.method for call in self.calls)
