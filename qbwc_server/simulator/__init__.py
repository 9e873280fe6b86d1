"""A simulated Web Connector and a simulated QuickBooks company file, for demonstrations, tests and users.

It talks HTTP and qbXML only, so it can be set against any Web Connector server::

    company = CompanyFile.create("company.json", company_name="Harbourlight Seafood")
    connector = WebConnector("http://localhost:8000/qbwc", "user", "password", company, owner_id, file_id)
    connector.add_application()                     # what loading the .qwc does
    for report in connector.run():                  # visit after visit, until there is nothing to do
        print(report.outcome.name, report.status, report.round_trips)
    print(company.records("Invoice"), company.ledger)

A person works in the same file by ``company.person``; what can go wrong is written as ``Fault`` and carried out by a
``FaultPlan``. What is simulated beyond the published facts is said in the docstring where it is done.
"""

from qbwc_server.simulator.errors import RequestProcessorError, SimulatorError, StatusError
from qbwc_server.simulator.fault_plan import FaultPlan
from qbwc_server.simulator.faults import Fault
from qbwc_server.simulator.office import WebConnector
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.quickbooks.ledger import LedgerEntry
from qbwc_server.simulator.quickbooks.person import Person
from qbwc_server.simulator.web_connector.habits import Habits
from qbwc_server.simulator.web_connector.report import CallEvent, Outcome, SessionReport
from qbwc_server.simulator.web_connector.soap_client import Endpoint, SoapCallError, SoapEndpoint

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
