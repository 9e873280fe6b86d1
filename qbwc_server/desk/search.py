"""The list cache as a person searches it: for an entry to link a record with, or for names to choose from."""

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.storage import connectors, lists
from qbwc_server.sync.core import Core

SHORTEST_TEXT = 2


def find(
    core: Core, connector_name: str, list_name: ListName, text: str, *, limit: int = 25
) -> tuple[ListEntry, ...]:
    """Living entries with this email, SKU or ListID, then those whose name contains the text; best first.

    Nothing is found by a text of less than 2 characters.

    Raises:
        NotFound: there is no such connector.
    """
    wanted = text.strip()
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        if len(fold(wanted)) < SHORTEST_TEXT:
            return ()
        found = lists.by_ids(conn, connector.id, list_name, [wanted])
        if list_name is ListName.ITEM:
            found += lists.by_sku(conn, connector.id, wanted)
        else:
            found += lists.by_email(conn, connector.id, list_name, wanted)
        found += lists.search(conn, connector.id, list_name, wanted, limit=limit)
    once = {entry.list_id: entry for entry in found if not entry.is_deleted}
    return tuple(once.values())[:limit]


def names(core: Core, connector_name: str, list_name: ListName, *, limit: int = 500) -> list[str]:
    """The names of the active entries of a list, in the order of the alphabet.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        return lists.names(conn, connector.id, list_name, limit=limit)
