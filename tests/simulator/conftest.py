"""Company files, hand-wound clocks and a scripted SOAP server as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from qbwc_server.simulator import CompanyFile
from qbwc_server.simulator.quickbooks import validation
from qbwc_server.simulator.quickbooks.shapes import Version
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import INTUIT, ROOT, QuickBooks, ScriptedServer


@pytest.fixture(scope="session")
def intuit_schema() -> etree.XMLSchema:
    """Intuit's own schema; what asks for it is marked `intuit`."""
    return validation.schema_from(INTUIT / "qbxmlops130.xsd")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def request_schema() -> etree.XMLSchema:
    """What requests must obey; other requests than this server's need `takes_any_request`."""
    return validation.shipped_schema()


@pytest.fixture
def company(clock: HandClock, request_schema: etree.XMLSchema) -> CompanyFile:
    """A new company in New York with the starter lists."""
    return CompanyFile.create(None, clock=clock, schema=request_schema, time_zone="America/New_York")


@pytest.fixture(params=["shipped", pytest.param("intuit", marks=pytest.mark.intuit)])
def quickbooks(request: pytest.FixtureRequest, company: CompanyFile) -> QuickBooks:
    """The company with a sender; once more with one who finds every request and answer valid by Intuit's schema."""
    if request.param == "shipped":
        return QuickBooks(company)
    return QuickBooks(company, request.getfixturevalue("intuit_schema"))


@pytest.fixture
def old_quickbooks(quickbooks: QuickBooks) -> Callable[[Version], QuickBooks]:
    """Makes the QuickBooks at hand one that speaks no version above the given one."""

    def make(newest: Version) -> QuickBooks:
        known = quickbooks.company.host["SupportedQBXMLVersion"]
        quickbooks.company.host["SupportedQBXMLVersion"] = [
            each for each in known if tuple(int(part) for part in each.split(".")) <= newest
        ]
        return quickbooks

    return make


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer((ROOT / "schemas" / "QBWebConnectorSvc.wsdl").read_bytes())
    yield made
    made.stop()
