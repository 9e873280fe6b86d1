"""What the host was refused: kept for whoever looks why something does not go on, until it is handed over well."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from qbwc_server.domain import external_ids
from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import DatabaseUnavailable, Fault, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import Transaction, connectors
from qbwc_server.storage import refused as rows
from qbwc_server.sync.core import Core

log = logging.getLogger(__name__)


def refusal_of(kind: Kind, external_id: str, faults: Iterable[Fault]) -> NotAccepted | None:
    """What is kept of a record that was refused; None without an id that may be one, as nothing else names it."""
    if any(external_ids.faults_of(external_id)):
        return None
    return NotAccepted.of(kind, external_id, faults)


def note(core: Core, connector_name: str, kind: Kind, external_id: str, faults: Iterable[Fault]) -> None:
    """A record was refused. That this cannot be kept is no reason not to tell the host its faults."""
    refusal = refusal_of(kind, external_id, faults)
    if refusal is None:
        return
    try:
        with core.database.begin() as conn:
            # who holds the connector may write the same rows, in another order
            connector = connectors.lock_named(conn, connector_name)
            rows.keep(conn, connector.id, [refusal], now=core.clock())
    except NotFound:
        return  # whoever named it is told so
    except DatabaseUnavailable:
        log.warning("connector %s: what was refused could not be kept", connector_name)


def keep(conn: Transaction, connector: Connector, refused: Sequence[NotAccepted], *, now: datetime) -> None:
    """Records were refused, each of them once in this set; in place of what was refused of them before."""
    if refused:
        rows.keep(conn, connector.id, refused, now=now)


def accepted(
    conn: Transaction,
    connector: Connector,
    kind: Kind,
    names: Iterable[str],
    reason: str = "accepted",
    *,
    now: datetime,
) -> None:
    """Records were accepted, or are not wanted any more: what was refused of them before is over."""
    rows.close(conn, connector.id, kind, names, reason, now=now)


def told(conn: Transaction, connector: Connector, kind: Kind, external_id: str) -> str:
    """That a record which is not there was refused when it was handed over, as the end of a sentence; else nothing."""
    cause = rows.of(conn, connector.id, kind, external_id)
    return "" if cause is None else f": it was handed over and not accepted ({cause.why})"
