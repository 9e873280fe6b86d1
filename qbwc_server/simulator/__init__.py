"""A simulated Web Connector and a simulated QuickBooks company file, for demonstrations, tests and users."""

from qbwc_server.simulator.company_file import CompanyFile
from qbwc_server.simulator.errors import RequestProcessorError, SimulatorError, StatusError
from qbwc_server.simulator.ledger import LedgerEntry
from qbwc_server.simulator.person import Person

__all__ = [
    "CompanyFile",
    "LedgerEntry",
    "Person",
    "RequestProcessorError",
    "SimulatorError",
    "StatusError",
]
