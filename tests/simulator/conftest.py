"""Company files, hand-wound clocks and a scripted SOAP server as fixtures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from qbwc_server.simulator import CompanyFile, validation
from qbwc_server.simulator.shapes import Version

sys.path.insert(0, str(Path(__file__).parent))

from sim_world import INTUIT, ROOT, HandClock, QuickBooks, ScriptedServer


@pytest.fixture(scope="session")
def intuit_schema_or_none() -> etree.XMLSchema | None:
    """Intuit's own schema, where the reference files lie beside the repository."""
    path = INTUIT / "qbxmlops130.xsd"
    return validation.schema_from(path) if path.exists() else None


@pytest.fixture
def intuit_schema(intuit_schema_or_none: etree.XMLSchema | None) -> etree.XMLSchema:
    """Intuit's own schema, or the test is skipped."""
    if intuit_schema_or_none is None:
        pytest.skip("Intuit's XSD is not beside the repository (shared/reference/intuit)")
    return intuit_schema_or_none


@pytest.fixture
def request_schema(intuit_schema_or_none: etree.XMLSchema | None) -> etree.XMLSchema:
    """What requests are checked with: Intuit's schema where it is at hand, else the shipped one."""
    return intuit_schema_or_none if intuit_schema_or_none is not None else validation.shipped_schema()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def company(clock: HandClock, request_schema: etree.XMLSchema) -> CompanyFile:
    """A new company in New York with the starter lists."""
    return CompanyFile.create(None, clock=clock, schema=request_schema, time_zone="America/New_York")


@pytest.fixture
def quickbooks(company: CompanyFile, intuit_schema_or_none: etree.XMLSchema | None) -> QuickBooks:
    """The company with a sender whose answers are checked where Intuit's schema is at hand."""
    return QuickBooks(company, intuit_schema_or_none)


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
