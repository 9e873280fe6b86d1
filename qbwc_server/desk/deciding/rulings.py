"""What people said for good of what could not be told: looked at, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.events import of_connector
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.rulings import Ruling
from qbwc_server.storage import events, lists
from qbwc_server.storage import rulings as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn


@dataclass(frozen=True, slots=True)
class Named:
    """A ruling with the name its entry has in QuickBooks; None: there is none, or it is gone from the list."""

    ruling: Ruling
    name: str | None


def every(core: Core, connector_name: str) -> Sequence[Ruling]:
    """All rulings of a connector, the oldest first.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return rows.every(conn, connector.id)


def named(core: Core, connector_name: str) -> list[Named]:
    """All rulings of a connector with the names of what is meant, the newest first.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        found = sorted(rows.every(conn, connector.id), key=lambda each: each.list_name)
        names = {
            (list_name, entry.list_id): entry.full_name
            for list_name, of_list in groupby(found, key=lambda each: each.list_name)
            for entry in lists.by_ids(
                conn, connector.id, list_name, [each.list_id for each in of_list if each.list_id is not None]
            )
            if not entry.is_deleted
        }
    newest_first = sorted(found, key=lambda each: (each.at, each.id), reverse=True)
    return [Named(each, names.get((each.list_name, each.list_id or ""))) for each in newest_first]


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
