"""One application in the Web Connector's list, and what it sees of QuickBooks and of what may go wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from qbwc_server.simulator.web_connector.habits import Habits
from qbwc_server.simulator.web_connector.report import CallEvent
from qbwc_server.simulator.web_connector.soap_client import Argument, Endpoint, Result

Hook = Callable[[CallEvent], None]


class QuickBooks(Protocol):
    """QuickBooks with a company file open, as the Web Connector sees it.

    Every method that opens the file or hands something to QuickBooks raises RequestProcessorError where QuickBooks
    does not let it.
    """

    @property
    def country(self) -> str:
        """Edition, e.g. ``US``."""

    @property
    def supported_versions(self) -> Collection[tuple[int, int]]:
        """The qbXML versions it speaks."""

    def begin_session(self) -> int:
        """Open the file; the number of the session."""

    def end_session(self, session: int = 0) -> None:
        """Close the file."""

    def process(self, request: str, session: int = 0) -> str:
        """Execute a message set and answer it."""

    def hcp_response(self, owner_id: str, file_id: str) -> str:
        """Host, company and preferences, as the first sendRequestXML of a session carries them."""

    def register(self, owner_id: str, file_id: str) -> None:
        """Stamp the file with an application's FileID."""

    def file_id(self, owner_id: str) -> str | None:
        """The FileID it was stamped with for an application."""

    def take_app_lock(self, owner_id: str, machine: str) -> None:
        """Keep the Web Connectors of other PCs out."""

    def release_app_lock(self, owner_id: str, machine: str) -> None:
        """Let them in again."""


File = TypeVar("File", bound=QuickBooks)


@dataclass(slots=True, kw_only=True)
class Application(Generic[File]):
    """What the .qwc, the Web Connector's window and the PC say of one application.

    Attributes:
        endpoint: takes the calls.
        username: UserName of the .qwc.
        password: what the user typed into the Web Connector.
        company_file: the file that is open in QuickBooks. May be replaced between sessions.
        owner_id: OwnerID of the .qwc; None leaves the company file unstamped.
        file_id: FileID of the .qwc.
        company_file_name: Windows path of the open file.
        client_version: the Web Connector's own version.
        machine: name of the PC, for the AppLock.
        habits: settings and answers of the person at the PC.
        sleep: waits the given number of seconds.
        on_call: told of every SOAP call before and after it.
    """

    endpoint: Endpoint
    username: str
    password: str
    company_file: File
    owner_id: str | None
    file_id: str | None
    company_file_name: str
    client_version: str
    machine: str
    habits: Habits
    sleep: Callable[[float], None] = time.sleep
    on_call: Hook | None = None


class Faults(Protocol[File]):
    """What goes wrong on the way; told where an application is, and free to strike there."""

    @property
    def fired(self) -> Sequence[object]:
        """What went wrong so far, in order."""

    def start_session(self, application: Application[File]) -> None:
        """Before a session."""

    def end_session(self, application: Application[File]) -> None:
        """After a session."""

    def before_set(self, company: File) -> None:
        """Before QuickBooks gets a message set."""

    def call(self, application: Application[File], method: str, arguments: Mapping[str, Argument]) -> Result:
        """Make a call. Raises SoapCallError."""
