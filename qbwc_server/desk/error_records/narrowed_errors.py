"""Error records of a connector, or of all of them, as far as something known of them tells."""

from qbwc_server.desk.views.error_views import ErrorRecord, shown
from qbwc_server.domain.errors import Narrowed
from qbwc_server.domain.matching import fold
from qbwc_server.storage import connectors
from qbwc_server.storage import errors as rows
from qbwc_server.sync.core import Core


def find(core: Core, connector: str | None, narrowed: Narrowed, *, open_only: bool) -> list[ErrorRecord]:
    """All of them, oldest first.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        if connector is not None:
            connector_id, is_open = connectors.by_name(conn, connector).id, True if open_only else None
            found = rows.page(conn, connector_id, is_open=is_open, narrowed=narrowed, limit=None)
            return list(map(shown, found))
        every = map(shown, rows.find(conn, open_only=open_only, cause=narrowed.cause))
        return [each for each in every if _is_one(each, narrowed)]


def _is_one(error: ErrorRecord, narrowed: Narrowed) -> bool:
    asked = ((name, getattr(narrowed, name)) for name in ("sub_reason", "actor", "kind", "external_id"))
    says_so = all(value in (None, getattr(error, name)) for name, value in asked)
    return says_so and (narrowed.cause_key is None or fold(narrowed.cause_key) == fold(error.cause_key))
