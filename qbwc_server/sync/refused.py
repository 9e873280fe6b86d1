"""What the host was refused: kept for whoever looks why something does not go on, until it is handed over well."""

import logging
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from qbwc_server.domain import external_ids
from qbwc_server.domain.causes import NotAccepted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import Fault, NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors
from qbwc_server.storage import refused as rows
from qbwc_server.storage.database import DatabaseUnavailable

from .core import Core

log = logging.getLogger(__name__)

ACCEPTED = "accepted"
_AT_ONCE = 500
"""So many are gathered before they are written: a batch of nothing but faults costs a few statements."""


class Refusals:
    """The refusals of one call, of many records perhaps; written in sets, the last when the block ends."""

    def __init__(self, core: Core, connector_name: str) -> None:
        self._core = core
        self._connector_name = connector_name
        self._waiting: dict[tuple[Kind, str], NotAccepted] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write()

    def add(self, kind: Kind, external_id: str, faults: Iterable[Fault]) -> None:
        """A record was refused; without an id that may be one there is nothing to know it by."""
        if any(external_ids.faults_of(external_id)):
            return
        self._waiting[kind, external_id] = NotAccepted.of(kind, external_id, faults)
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def accepted(self, kind: Kind, external_id: str) -> None:
        """It was refused in the same call, and was handed over well afterwards."""
        self._waiting.pop((kind, external_id), None)

    def _write(self) -> None:
        waiting, self._waiting = list(self._waiting.values()), {}
        if not waiting:
            return
        core = self._core
        try:
            with core.database.begin() as conn:
                connector = connectors.by_name(conn, self._connector_name)
                rows.keep(conn, connector.id, waiting, now=core.clock())
        except NotFound:
            return  # whoever named it is told so
        except DatabaseUnavailable:
            # the host is told its faults all the same
            log.warning("connector %s: what was refused could not be kept", self._connector_name)


def settled(
    conn: Connection,
    connector: Connector,
    kind: Kind,
    external_ids: Iterable[str],
    reason: str = ACCEPTED,
    *,
    now: datetime,
) -> None:
    """Records were accepted, or are not wanted any more: what was refused of them before is over."""
    rows.close(conn, connector.id, kind, external_ids, reason, now=now)


def told(conn: Connection, connector: Connector, kind: Kind, external_id: str) -> str:
    """That a record which is not there was refused when it was handed over, as the end of a sentence; else nothing."""
    cause = rows.of(conn, connector.id, kind, external_id)
    return "" if cause is None else f": it was handed over and not accepted ({cause.why})"
