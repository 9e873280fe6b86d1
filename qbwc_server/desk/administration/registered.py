"""Which connectors there are, and which there were: for whoever only wants their names."""

from datetime import timedelta

from qbwc_server.domain.connectors import Connector
from qbwc_server.storage import connectors as rows
from qbwc_server.sync.core import Core

KEPT = timedelta(days=30)
"""How long a removed connector can be restored."""


def names(core: Core) -> list[str]:
    """What all connectors are called, in the order of the names."""
    with core.database.read() as conn:
        return list(rows.living(conn).values())


def id_of(core: Core, name: str) -> int:
    """The id of the connector with this name.

    Raises:
        NotFound: there is none.
    """
    with core.database.glance() as conn:
        return rows.by_name(conn, name).id


def was_removed(core: Core, name: str) -> bool:
    """Whether a connector of that name was removed and can still be restored."""
    with core.database.read() as conn:
        buried = rows.buried(conn)
    return any(each.given_name == name and not is_due(core, each) for each in buried)


def is_due(core: Core, connector: Connector) -> bool:
    """Whether a connector was removed so long ago that it is to be erased."""
    return connector.removed_at is not None and connector.removed_at + KEPT <= core.clock()
