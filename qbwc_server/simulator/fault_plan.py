"""Carries faults out: counts calls, message sets and sessions of one Web Connector, and strikes where it was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from qbwc_server.simulator.faults import Fault, Scope
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.quickbooks.conditions import Trouble
from qbwc_server.simulator.web_connector.application import Application
from qbwc_server.simulator.web_connector.session import Session
from qbwc_server.simulator.web_connector.soap_client import (
    Argument,
    Endpoint,
    Result,
    SoapCallError,
)

_LOST: Final = "the connection was closed unexpectedly"
_NOT_XML: Final = "<?xml version='1.0' ?><QBXML><QBXMLMsgsRs><Cust"

_Call = tuple[str, dict[str, Argument]]


@dataclass(slots=True)
class FaultPlan:
    """The faults of one Web Connector's life. Give it to WebConnector as ``faults``; use for one only.

    Attributes:
        faults: what is to go wrong.
        fired: what did, in order.
        wrong_file: makes the company file that ``wrong-file`` opens; by default a company registered under the same
            OwnerID with another FileID, as a sister company would be.
    """

    faults: tuple[Fault, ...] = ()
    fired: list[Fault] = field(default_factory=list)
    wrong_file: Callable[[Application[CompanyFile]], CompanyFile] | None = None
    _counts: Counter[str] = field(default_factory=Counter)
    _backups: dict[int, dict[str, Any]] = field(default_factory=dict)
    _late: list[_Call] = field(default_factory=list)
    _right_file: CompanyFile | None = None

    @classmethod
    def of(cls, faults: Iterable[Fault | str]) -> FaultPlan:
        """A plan from faults or their words. Raises SimulatorError for unreadable ones."""
        return cls(tuple(each if isinstance(each, Fault) else Fault.parse(each) for each in faults))

    # -- sessions --------------------------------------------------------------------------------------------

    def start_session(self, application: Application[CompanyFile]) -> None:
        """Before a session: keep a backup if one will be wanted, and let this session's faults strike."""
        due = self._due(Scope.SESSION, "")
        number = self._counts[Scope.SESSION.name]
        if any(each.kind == "restore" for each in self.faults):
            self._backups[number] = application.company_file.snapshot()
        for fault in due:
            self._strike_session(fault, number, application)

    def end_session(self, application: Application[CompanyFile]) -> None:
        """After a session: the right file is open again."""
        if self._right_file is not None:
            application.company_file, self._right_file = self._right_file, None

    def _strike_session(self, fault: Fault, number: int, application: Application[CompanyFile]) -> None:
        if fault.kind == "restore":
            backup = self._backups.get(int(fault.argument) if fault.argument else number - 1)
            if backup is None:
                return
            application.company_file.restore(backup)
        elif fault.kind == "clock-jump":
            application.company_file.shift_clock(float(fault.value))
        elif self._right_file is None:
            self._right_file = application.company_file
            application.company_file = (self.wrong_file or _sister_company)(application)
        self.fired.append(fault)

    # -- message sets ----------------------------------------------------------------------------------------

    def before_set(self, company: CompanyFile) -> None:
        """Before QuickBooks gets a message set."""
        for fault in self._due(Scope.SET, ""):
            if fault.kind == "kill":
                company.mishaps.crash_next_set(after_requests=int(fault.value))
            elif fault.kind == "unbegun":
                company.mishaps.die_over_next_set()
            elif fault.kind == "unstored":
                company.mishaps.fail_to_store_next_set()
            else:
                company.conditions.requests.append(Trouble(fault.value, "QuickBooks refused the request.", 1))
            self.fired.append(fault)

    # -- calls -----------------------------------------------------------------------------------------------

    def call(
        self, application: Application[CompanyFile], method: str, arguments: Mapping[str, Argument]
    ) -> Result:
        """Make a call of the Web Connector, with what goes wrong about it.

        Raises:
            SoapCallError: the call failed, by itself or by a fault.
        """
        endpoint, sent = application.endpoint, dict(arguments)
        due = {fault.kind: fault for fault in self._due(Scope.CALL, method)}
        self.fired.extend(due.values())
        self._before(application, due, method, sent)
        result = endpoint.call(method, sent)
        if "duplicate" in due:
            result = endpoint.call(method, sent)
        if method == "authenticate":
            self._deliver_late(endpoint)
        if "drop-after" in due:
            raise SoapCallError(method, _LOST)
        return result

    def _before(
        self,
        application: Application[CompanyFile],
        due: Mapping[str, Fault],
        method: str,
        sent: dict[str, Argument],
    ) -> None:
        if "delay" in due:
            application.sleep(float(due["delay"].value))
        if "second" in due:
            Session(_twin(application)).run()
        if "response" in sent:
            sent["response"] = _spoiled(due, str(sent["response"]))
        if "late" in due:
            self._late.append((method, sent))
        if "late" in due or "drop-before" in due:
            raise SoapCallError(method, _LOST)

    def _deliver_late(self, endpoint: Endpoint) -> None:
        waiting, self._late = self._late, []
        for method, arguments in waiting:
            try:
                endpoint.call(method, arguments)
            except SoapCallError:
                continue  # Nobody waits for the answer of a late call, so nobody misses it.

    def _due(self, scope: Scope, method: str) -> list[Fault]:
        counted = scope.name if scope is not Scope.CALL else method
        self._counts[counted] += 1
        return [
            fault
            for fault in self.faults
            if fault.scope is scope
            and (fault.method or "") == method
            and fault.number in (None, self._counts[counted])
        ]


def _spoiled(due: Mapping[str, Fault], response: str) -> str:
    if "empty" in due:
        return ""
    if "garble" in due:
        return _NOT_XML
    return response[: len(response) // 2] if "truncate" in due else response


def _twin(application: Application[CompanyFile]) -> Application[CompanyFile]:
    """The same application on another PC, that does not respect the AppLock."""
    return Application(
        endpoint=application.endpoint,
        username=application.username,
        password=application.password,
        company_file=application.company_file,
        owner_id=application.owner_id,
        file_id=application.file_id,
        company_file_name=application.company_file_name,
        client_version=application.client_version,
        machine=f"{application.machine}-2",
        habits=replace(application.habits, app_lock=False),
        sleep=application.sleep,
    )


def _sister_company(application: Application[CompanyFile]) -> CompanyFile:
    """A file of the same user, set up for the same application, but another connection."""
    other = CompanyFile.create(
        None,
        company_name="Sister Company, Inc.",
        clock=application.company_file.clock.now,
        schema=application.company_file.schema,
    )
    if application.owner_id:
        other.register(application.owner_id, "{00000000-0000-4000-8000-00000BADF11E}")
    return other
