"""One transaction that only looks at a connector: apart from `turn`, so that who looks loads nothing that decides."""

from collections.abc import Iterator
from contextlib import contextmanager

from qbwc_server.domain.connectors import Connector
from qbwc_server.storage import Transaction, connectors
from qbwc_server.sync.core import Core


@contextmanager
def look(core: Core, connector_name: str) -> Iterator[tuple[Transaction, Connector]]:
    """One snapshot, that never waits.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        yield conn, connectors.by_name(conn, connector_name)
