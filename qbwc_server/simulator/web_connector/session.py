"""One visit of the Web Connector, step by step, with everything a server may answer."""

from __future__ import annotations

import re
from typing import Final, Generic, NoReturn

from qbwc_server.simulator.errors import RequestProcessorError
from qbwc_server.simulator.web_connector.application import Application, Faults, File, QuickBooks
from qbwc_server.simulator.web_connector.calls import Calls, SessionOver
from qbwc_server.simulator.web_connector.report import Outcome, SessionReport
from qbwc_server.simulator.web_connector.soap_client import SoapCallError

NOOP_SECONDS: Final = 5
"""How long the Web Connector waits after NoOp (Web Connector Programmer's Guide)."""

_VERDICTS: Final = {
    "none": (Outcome.NOTHING_TO_DO, "No data exchange required", None),
    "nvu": (Outcome.REFUSED, "Invalid password for username", "QBWC1040"),
    "busy": (Outcome.BUSY, "Application busy", None),
}


class Session(Generic[File]):
    """Plays one session of an application; use once.

    Args:
        application: whose.
        faults: what is to go wrong on the way.
    """

    def __init__(self, application: Application[File], faults: Faults[File] | None = None) -> None:
        self._application = application
        self._faults = faults
        self._calls = Calls(application, faults)
        self._ticket = ""
        self._round_trips = 0
        self._percent = 0
        self._noops = 0
        self._quickbooks_session = 0
        self._postponed: int | None = None
        self._min_interval: int | None = None
        self._server_version: str | None = None
        self._closing_words: str | None = None

    def run(self) -> SessionReport:
        """The whole session. Only an exception of the ``on_call`` hook gets out."""
        try:
            end = self._play()
            if end.close:
                self._closing_words = self._calls.text("closeConnection", ticket=self._ticket)
        except SessionOver as failure:
            end = failure
        return SessionReport(
            outcome=end.outcome,
            status=end.status,
            error_code=end.code,
            last_error=end.last_error,
            calls=tuple(self._calls.made),
            round_trips=self._round_trips,
            percent=self._percent,
            ticket=self._ticket,
            postponed_seconds=self._postponed,
            min_interval_seconds=self._min_interval,
            server_version=self._server_version,
            closing_words=self._closing_words,
        )

    def _play(self) -> SessionOver:
        try:
            self._exchange_versions()
            path = self._authenticate()
            company = self._open_company(path)
        except SessionOver as end:
            return end
        try:
            return self._exchange(company)
        finally:
            company.end_session(self._quickbooks_session)

    # -- before the company file -----------------------------------------------------------------------------

    def _exchange_versions(self) -> None:
        try:
            self._server_version = self._calls.text("serverVersion")
        except SessionOver:
            self._server_version = None  # Old servers lack the method; the Web Connector goes on.
        try:
            answer = self._calls.call("clientVersion", strVersion=self._application.client_version)
        except SoapCallError as error:
            if error.is_fault:
                return  # Tolerated by the guide: the method is optional.
            self._calls.fail("clientVersion", error.reason)
        self._obey_version(str(answer or ""))

    def _obey_version(self, answer: str) -> None:
        """``W:`` warns, ``E:`` ends, ``O:`` names the version the server wants, anything else is a
        mistake."""
        if not answer:
            return
        kind, text = answer[:2], answer[2:]
        if kind == "W:":
            if self._application.habits.accept_warning(text):
                return
            raise SessionOver(Outcome.FAILED, text, code="QBWC1037", last_error=text, close=False)
        if kind == "E:":
            raise SessionOver(Outcome.FAILED, text, code="QBWC1037", last_error=text, close=False)
        if kind == "O:":
            status = f"The server supports Web Connector version {text}."
            raise SessionOver(Outcome.FAILED, status, last_error=text, close=False)
        status = "The return value of clientVersion() has bad syntax."
        raise SessionOver(Outcome.FAILED, status, code="QBWC1046", last_error=answer, close=False)

    def _authenticate(self) -> str:
        """The company file to open, ``""`` for the one that is open."""
        try:
            answer = self._calls.call(
                "authenticate", strUserName=self._application.username, strPassword=self._application.password
            )
        except SoapCallError as error:
            self._calls.fail("authenticate", error.reason)
        if not isinstance(answer, tuple) or len(answer) < 2 or answer[1] is None:
            self._calls.fail("authenticate", "the returned array holds no company file name")
        self._ticket = answer[0] or ""
        if self._application.habits.auto_run:
            self._postponed, self._min_interval = (_seconds(answer, index) for index in (2, 3))
        verdict = _VERDICTS.get(answer[1].lower())
        if verdict is not None:
            raise SessionOver(verdict[0], verdict[1], code=verdict[2])
        if self._postponed:
            raise SessionOver(Outcome.POSTPONED, "Update postponed by application")
        return answer[1]

    # -- the company file ------------------------------------------------------------------------------------

    def _open_company(self, path: str) -> File:
        for _ in range(self._application.habits.connection_retries + 1):
            try:
                return self._enter(path)
            except RequestProcessorError as error:
                answer = self._calls.text(
                    "connectionError", ticket=self._ticket, hresult=error.hresult, message=error.message
                )
                if answer is None or answer.lower() == "done":
                    raise SessionOver(
                        Outcome.FAILED, error.message, code="QBWC1013", last_error=error.message, close=False
                    ) from error
                path = answer
        status = "Unable to connect to QuickBooks."
        raise SessionOver(Outcome.FAILED, status, code="QBWC1007", last_error=status, close=False)

    def _enter(self, path: str) -> File:
        application, company = self._application, self._application.company_file
        if path and path.casefold() != application.company_file_name.casefold():
            raise RequestProcessorError(
                "0x8004040A",
                "A QuickBooks company data file is already open and it is different from the one requested.",
            )
        self._quickbooks_session = company.begin_session()
        if application.habits.app_lock and application.owner_id:
            company.take_app_lock(application.owner_id, application.machine)
        return company

    # -- the exchange ----------------------------------------------------------------------------------------

    def _exchange(self, company: File) -> SessionOver:
        """Message sets until the end. The AppLock stays behind only when the PC loses power on the way."""
        try:
            self._exchange_sets(company)
            end = SessionOver(Outcome.DONE, "Finished")
        except SessionOver as stopped:
            end = stopped
        if self._application.habits.app_lock and self._application.owner_id:
            company.release_app_lock(self._application.owner_id, self._application.machine)
        return end

    def _exchange_sets(self, company: File) -> None:
        described = company.hcp_response(self._application.owner_id or "", self._application.file_id or "")
        major, minor = max(company.supported_versions)
        while True:
            request = self._calls.text(
                "sendRequestXML",
                ticket=self._ticket,
                strHCPResponse=described,
                strCompanyFileName=self._application.company_file_name,
                qbXMLCountry=company.country,
                qbXMLMajorVers=major,
                qbXMLMinorVers=minor,
            )
            described = ""  # Only the first call of a session carries it.
            if request is None:
                self._calls.fail("sendRequestXML", "Object reference not set to an instance of an object.")
            if request in ("", "NoOp"):
                self._wait_or_end()
            elif self._deliver(company, request) >= 100:
                return

    def _deliver(self, company: File, request: str) -> int:
        """One message set to QuickBooks, its answer to the server; the server's percentage."""
        if self._faults is not None:
            self._faults.before_set(company)
        response, hresult, message = _process(company, request, self._quickbooks_session)
        self._round_trips += 1
        try:
            percent = self._calls.call(
                "receiveResponseXML", ticket=self._ticket, response=response, hresult=hresult, message=message
            )
        except SoapCallError as error:
            self._calls.fail("receiveResponseXML", error.reason)
        if not isinstance(percent, int):
            self._calls.fail("receiveResponseXML", "the result is not a number")
        if percent < 0:
            self._end_with_error(self._calls.text("getLastError", ticket=self._ticket))
        self._percent = min(percent, 100)
        return percent

    def _wait_or_end(self) -> None:
        """sendRequestXML had nothing: getLastError says whether to wait, to talk to the user, or to stop."""
        answer = self._calls.text("getLastError", ticket=self._ticket)
        if answer == "Interactive mode":
            self._interact()
        if answer != "NoOp":
            self._end_with_error(answer)
        self._noops += 1
        if self._noops > self._application.habits.noop_limit:
            raise SessionOver(Outcome.FAILED, "Update cancelled by user.")
        self._application.sleep(NOOP_SECONDS)

    def _interact(self) -> NoReturn:
        """Interactive mode: the user is asked, sees the page, and the session ends when the server is
        done."""
        url = self._calls.text("getInteractiveURL", wcTicket=self._ticket, sessionID=self._ticket) or ""
        if not self._application.habits.open_interactive(url):
            said = self._calls.text(
                "interactiveRejected", wcTicket=self._ticket, reason="The user rejected the request."
            )
            raise SessionOver(Outcome.ERROR, said or "", last_error=said)
        for _ in range(self._application.habits.noop_limit):
            if (self._calls.text("interactiveDone", wcTicket=self._ticket) or "") in ("", "Done"):
                raise SessionOver(Outcome.DONE, "Interactive session finished")
            self._application.sleep(NOOP_SECONDS)
        raise SessionOver(Outcome.FAILED, "Update cancelled by user.")

    def _end_with_error(self, text: str | None) -> NoReturn:
        raise SessionOver(Outcome.ERROR, text or "", code="QBWC1031", last_error=text)


def _process(company: QuickBooks, request: str, session: int) -> tuple[str, str, str]:
    """Response, hresult and message of a message set: an hresult comes with an empty response."""
    try:
        return company.process(request, session), "", ""
    except RequestProcessorError as error:
        return "", error.hresult, error.message


def _seconds(answer: tuple[str | None, ...], index: int) -> int | None:
    text = (answer[index] or "") if index < len(answer) else ""
    return int(text) if re.fullmatch(r"\d+", text) and int(text) > 0 else None
