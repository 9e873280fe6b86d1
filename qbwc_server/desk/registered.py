"""Which connectors there are: for whoever only wants their names."""

from qbwc_server.domain.connectors import Connector
from qbwc_server.storage import connectors as rows
from qbwc_server.sync.core import Core


def every(core: Core) -> list[Connector]:
    """All connectors, by name."""
    with core.database.read() as conn:
        return rows.every(conn)
