"""A simulated Web Connector and a simulated QuickBooks company file, for demonstrations, tests and users."""

from qbwc_server.simulator.company_file import CompanyFile
from qbwc_server.simulator.errors import RequestProcessorError, SimulatorError, StatusError
from qbwc_server.simulator.fault_plan import FaultPlan
from qbwc_server.simulator.faults import Fault
from qbwc_server.simulator.ledger import LedgerEntry
from qbwc_server.simulator.person import Person
from qbwc_server.simulator.report import CallEvent, Outcome, SessionReport
from qbwc_server.simulator.soap_client import Endpoint, SoapCallError, SoapEndpoint
from qbwc_server.simulator.web_connector import Habits, WebConnector

__all__ = [
    "CallEvent",
    "CompanyFile",
    "Endpoint",
    "Fault",
    "FaultPlan",
    "Habits",
    "LedgerEntry",
    "Outcome",
    "Person",
    "RequestProcessorError",
    "SessionReport",
    "SimulatorError",
    "SoapCallError",
    "SoapEndpoint",
    "StatusError",
    "WebConnector",
]
