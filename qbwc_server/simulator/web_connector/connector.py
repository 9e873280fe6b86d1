"""A simulated QuickBooks Web Connector: visits a server as the real one does and obeys its return values."""

from __future__ import annotations

import time
from collections.abc import Callable

from qbwc_server.simulator.web_connector.application import Application, Faults, File, Hook
from qbwc_server.simulator.web_connector.habits import Habits
from qbwc_server.simulator.web_connector.report import Outcome, SessionReport
from qbwc_server.simulator.web_connector.session import Session
from qbwc_server.simulator.web_connector.soap_client import Endpoint, SoapEndpoint


class WebConnector(Application[File]):
    """One application in the Web Connector's list, bound to one company file.

    Args:
        url: AppURL of the .qwc.
        username: UserName of the .qwc.
        password: what the user typed into the Web Connector.
        company_file: the file that is open in QuickBooks. May be replaced between sessions.
        owner_id: OwnerID of the .qwc; None leaves the company file unstamped.
        file_id: FileID of the .qwc.
        wsdl: where zeep finds the service description; ``{url}?wsdl`` by default.
        company_file_name: Windows path of the open file.
        client_version: the Web Connector's own version.
        machine: name of the PC, for the AppLock.
        verify: TLS certificates are checked; a path names a bundle to trust.
        timeout: seconds to wait for an answer.
        habits: settings and answers of the person at the PC.
        sleep: waits the given number of seconds.
        on_call: told of every SOAP call before and after it; an exception it raises ends the session at that
            point, as if the PC had lost power.
        endpoint: takes the calls instead of a SoapEndpoint for ``url``.
        faults: what is to go wrong, and when.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        company_file: File,
        owner_id: str | None = None,
        file_id: str | None = None,
        *,
        wsdl: str | None = None,
        company_file_name: str = r"C:\Users\Public\Documents\Intuit\QuickBooks\Seafood.qbw",
        client_version: str = "2.3.0.215",
        machine: str = "OFFICE-PC",
        verify: bool | str = True,
        timeout: float = 100.0,
        habits: Habits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        on_call: Hook | None = None,
        endpoint: Endpoint | None = None,
        faults: Faults[File] | None = None,
    ) -> None:
        super().__init__(
            endpoint=endpoint or SoapEndpoint(url, wsdl=wsdl, verify=verify, timeout=timeout),
            username=username,
            password=password,
            company_file=company_file,
            owner_id=owner_id,
            file_id=file_id,
            company_file_name=company_file_name,
            client_version=client_version,
            machine=machine,
            habits=habits or Habits(),
            sleep=sleep,
            on_call=on_call,
        )
        self.faults = faults

    def add_application(self) -> None:
        """What loading the .qwc does: stamp the company file with the FileID, unless it bears it already."""
        if self.owner_id and self.file_id and self.company_file.file_id(self.owner_id) != self.file_id:
            self.company_file.register(self.owner_id, self.file_id)

    def run_once(self) -> SessionReport:
        """One visit, as "Update Selected" or the scheduler starts it. Never raises for what a server does."""
        if self.faults is None:
            return Session(self).run()
        self.faults.start_session(self)
        try:
            return Session(self, self.faults).run()
        finally:
            self.faults.end_session(self)

    def run(
        self, *, until_idle: bool = True, max_sessions: int = 100, interval_seconds: float = 0.0
    ) -> tuple[SessionReport, ...]:
        """Visit after visit, as Auto-Run does.

        Args:
            until_idle: stop when the server has nothing to do, or does not know the password.
            max_sessions: stop after so many visits at the latest.
            interval_seconds: Every_Min, in seconds; the server may raise it or postpone.
        """
        reports: list[SessionReport] = []
        while len(reports) < max_sessions:
            if reports:
                self.sleep(_pause(reports[-1], interval_seconds))
            reports.append(self.run_once())
            if until_idle and reports[-1].outcome in (Outcome.NOTHING_TO_DO, Outcome.REFUSED):
                break
        return tuple(reports)


def _pause(last: SessionReport, interval: float) -> float:
    if last.postponed_seconds:
        return last.postponed_seconds
    return max(interval, last.min_interval_seconds or 0)
