"""The list cache as a person searches it: for an entry to link a record with, or for names to choose from."""

from qbwc_server.desk.handing_over.host import CachedList
from qbwc_server.desk.pages import Page
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.storage import connectors, lists, pickers
from qbwc_server.sync.core import Core

SHORTEST_TEXT = 2
MOST_PICKED = 50
"""So many entries are offered to choose from at once."""


def find(
    core: Core, connector_name: str, list_name: ListName, text: str, *, limit: int = 25
) -> tuple[ListEntry, ...]:
    """Living entries that begin with a text, or else hold it: their name, email, SKU, account number or ListID; best
    first.

    Nothing is found by a text of less than 2 characters.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        if len(fold(text)) < SHORTEST_TEXT:
            return ()
        return tuple(pickers.picked(conn, connector.id, list_name, text, limit=limit))


def picker(core: Core, connector_name: str, list_name: ListName, text: str, *, limit: int) -> CachedList:
    """The same, with how old that knowledge is; at most `MOST_PICKED`.

    Raises:
        NotFound: there is no such connector.
    """
    found = find(core, connector_name, list_name, text, limit=min(limit, MOST_PICKED))
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        (load,) = lists.loads(conn, connector.id, (list_name,))
    return CachedList(Page(found, None), load.loaded_at)


def names(core: Core, connector_name: str, list_name: ListName, *, limit: int = 500) -> list[tuple[str, str]]:
    """The names of the active entries of a list, in the order of the alphabet, and what each is: `Income`.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        return lists.names(conn, connector.id, list_name, limit=limit)
