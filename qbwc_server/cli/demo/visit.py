"""The Web Connector's visits of the demonstration: run until nothing is left, telling how far the records are."""

from dataclasses import dataclass, field
from pathlib import Path

from qbwc_server.cli.demo.progress import Advance, Teller
from qbwc_server.cli.simulate import visits
from qbwc_server.desk import overview
from qbwc_server.desk.administration.connectors import NewConnector
from qbwc_server.domain.records import State
from qbwc_server.simulator import WebConnector
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.web_connector.report import (
    CallEvent,
    SessionReport,
)
from qbwc_server.sync.core import Core

MOST_VISITS = 10
SETTLED = (State.SYNCED, State.BLOCKED, State.CANCELLED)


@dataclass(slots=True)
class Visits:
    """The Web Connector of the demonstration, and what its visits came to.

    Attributes:
        reports: one a session, in order.
    """

    core: Core
    web_connector: WebConnector
    connector: str
    teller: Teller
    reports: list[SessionReport] = field(default_factory=list)
    _round_trips: int = 0

    @property
    def round_trips(self) -> int:
        """Message sets that went to QuickBooks and back."""
        return self._round_trips

    def run(self) -> None:
        """Visit until the server has nothing left to do."""
        for report in visits(self.web_connector, MOST_VISITS):
            self.reports.append(report)
        self.tell()

    def heard(self, event: CallEvent) -> None:
        """A SOAP call was made: after each answer from QuickBooks the records may have moved on."""
        if event.phase == "after" and event.method == "receiveResponseXML" and event.error is None:
            self._round_trips += 1
            self.tell()

    def tell(self) -> None:
        """Say how far the records are."""
        counts = overview.health(self.core, self.connector).counts
        settled = sum(counts[state] for state in SETTLED)
        advance = Advance(settled, sum(counts.values()), counts[State.BLOCKED], self._round_trips)
        self.teller.advance(advance)


def visiting(core: Core, made: NewConnector, company_file: Path, teller: Teller) -> Visits:
    """A Web Connector that has loaded the connector's .qwc, with the company file open in its QuickBooks."""
    connector = made.connector
    web_connector = WebConnector(
        core.soap_url,
        connector.username,
        made.password,
        CompanyFile.open(company_file),
        connector.owner_id,
        connector.file_id,
    )
    web_connector.add_application()
    made_visits = Visits(core, web_connector, connector.name, teller)
    web_connector.on_call = made_visits.heard
    return made_visits
