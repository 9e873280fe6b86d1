"""What people said for good of what could not be told: looked at, and taken back."""

from collections.abc import Sequence

from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.events import of_connector
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.rulings import Ruling
from qbwc_server.storage import events
from qbwc_server.storage import rulings as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.turn import look, turn


def every(core: Core, connector_name: str) -> Sequence[Ruling]:
    """All rulings of a connector, the oldest first.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return rows.every(conn, connector.id)


def take_back(core: Core, connector_name: str, ruling_id: int, *, actor: str) -> Ruling:
    """Forget a ruling: what is not in QuickBooks yet is told, or asked about, as if it had never been made.

    Raises:
        NotFound: there is no such connector or ruling.
    """
    with turn(core, connector_name) as (conn, connector):
        found = rows.take_back(conn, connector.id, ruling_id)
        if found is None:
            raise NotFound(f"the connector {connector.name} has no ruling {ruling_id}")
        happening = ConnectorHappening.RULING_TAKEN_BACK
        detail = f"{found.key}: {found.list_id or 'to be created'}"
        events.add_all(
            conn, [of_connector(connector.id, happening, at=core.clock(), actor=actor, detail=detail)]
        )
        return found
