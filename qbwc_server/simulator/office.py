"""The PC in the office, where both parties meet: a Web Connector that has a simulated company file open."""

from __future__ import annotations

from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.web_connector import connector


class WebConnector(connector.WebConnector[CompanyFile]):
    """One application in the Web Connector's list, bound to one simulated company file; its arguments are those of
    `connector.WebConnector`."""
