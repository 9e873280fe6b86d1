"""The SOAP calls of one session: made, told of, kept, and what becomes of the session when one throws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Generic, NoReturn

from qbwc_server.simulator.web_connector.application import Application, Faults, File
from qbwc_server.simulator.web_connector.report import CallEvent, Outcome
from qbwc_server.simulator.web_connector.soap_client import Argument, Result, SoapCallError

_FAILURES: Final = {
    "clientVersion": "QBWC1036",
    "authenticate": "QBWC1012",
    "sendRequestXML": "QBWC1041",
    "receiveResponseXML": "QBWC1042",
    "getLastError": "QBWC1043",
    "closeConnection": "QBWC1044",
    "connectionError": "QBWC1045",
}
"""The code of the Web Connector's log for each method that threw; methods without one of their own share
1041's."""


class SessionOver(Exception):
    """The session is at its end; ``close`` says whether closeConnection is still due."""

    def __init__(
        self,
        outcome: Outcome,
        status: str,
        *,
        code: str | None = None,
        last_error: str | None = None,
        close: bool = True,
    ) -> None:
        super().__init__(status)
        self.outcome = outcome
        self.status = status
        self.code = code
        self.last_error = last_error
        self.close = close


class Calls(Generic[File]):
    """Makes the calls of one session.

    Args:
        application: whose.
        faults: what is to go wrong on the way.
    """

    def __init__(self, application: Application[File], faults: Faults[File] | None) -> None:
        self._application = application
        self._faults = faults
        self.made: list[CallEvent] = []

    def text(self, method: str, **arguments: Argument) -> str | None:
        """Call a method that answers a text; None where it answers none. Raises SessionOver where it throws."""
        try:
            result = self.call(method, **arguments)
        except SoapCallError as error:
            self.fail(method, error.reason)
        return result if isinstance(result, str) else None

    def call(self, method: str, **arguments: Argument) -> Result:
        """Call a method, and tell of it before and after. Raises SoapCallError where it throws."""
        self._tell(CallEvent("before", method, arguments))
        try:
            result = self._send(method, arguments)
        except SoapCallError as error:
            self.made.append(CallEvent("after", method, arguments, error=error.reason))
            self._tell(self.made[-1])
            raise
        self.made.append(CallEvent("after", method, arguments, result))
        self._tell(self.made[-1])
        return result

    def _send(self, method: str, arguments: Mapping[str, Argument]) -> Result:
        if self._faults is None:
            return self._application.endpoint.call(method, arguments)
        return self._faults.call(self._application, method, arguments)

    def _tell(self, event: CallEvent) -> None:
        if self._application.on_call is not None:
            self._application.on_call(event)

    def fail(self, method: str, reason: str) -> NoReturn:
        """A call threw: the session ends there, and no further call may be relied on."""
        code = _FAILURES.get(method, "QBWC1041")
        status = f"{code}: {method}() failed: {reason}"
        raise SessionOver(Outcome.FAILED, status, code=code, last_error=reason, close=False)
