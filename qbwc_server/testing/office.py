"""The Web Connector at the PC, as a test has it come."""

from collections.abc import Iterator
from contextlib import contextmanager

from qbwc_server import simulator
from qbwc_server.simulator import CompanyFile, SessionReport, SoapEndpoint
from qbwc_server.testing.clock import Clock
from qbwc_server.testing.servers import Server

MOST_VISITS = 50


class WebConnector(simulator.WebConnector):
    """The simulated Web Connector; where the real one would wait, the clock of the test goes on instead."""

    def visit(self) -> tuple[SessionReport, ...]:
        """Visit after visit, until there is nothing left to do; what each came to."""
        return self.run(max_sessions=MOST_VISITS)


@contextmanager
def at_work(server: Server, quickbooks: CompanyFile, clock: Clock) -> Iterator[WebConnector]:
    """A Web Connector that has loaded the .qwc of a server, until the block ends."""
    endpoint = SoapEndpoint(server.soap_url)
    card = server.web_connector
    made = WebConnector(
        server.soap_url,
        card.username,
        card.password,
        quickbooks,
        card.owner_id,
        card.file_id,
        endpoint=endpoint,
        sleep=clock.forward,
    )
    made.add_application()
    try:
        yield made
    finally:
        endpoint.close()
