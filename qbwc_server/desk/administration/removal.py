"""Connectors that are removed: dead at once, kept for a while, restored, or erased with all that is theirs."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.desk.administration.registered import KEPT, is_due
from qbwc_server.domain.connectors import Connector, check_name
from qbwc_server.domain.event_types import OF_CONNECTORS, ConnectorHappening
from qbwc_server.domain.faults import Conflict, NotFound
from qbwc_server.domain.sessions import CONNECTOR_REMOVED
from qbwc_server.storage import Transaction, audit, erasure, events, lists, onboarding, sessions
from qbwc_server.storage import connectors as rows
from qbwc_server.sync import session_ends
from qbwc_server.sync.core import Core

log = logging.getLogger(__name__)

_SLICE_SECONDS = 0.2
"""So long one slice of an erasure should hold others up."""
_MOST_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Removed:
    """A connector that was removed and can be restored.

    Attributes:
        name: what it was called; another one may have the name by now.
        handle: tells it from others of the same name.
        gone_at: from then on it cannot be restored.
    """

    name: str
    handle: str
    removed_at: datetime
    gone_at: datetime


def remove(core: Core, name: str, *, actor: str) -> Removed:
    """Remove a connector: its Web Connector is refused, its API keys open nothing, its name is free.

    What was on its way to QuickBooks becomes uncertain, and is asked for if the connector is restored.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.begin() as conn:
        connector, now = rows.lock_named(conn, name), core.clock()
        live = sessions.live(conn, connector.id)
        if live is not None:
            session_ends.end_session(conn, connector, live, CONNECTOR_REMOVED, now=now)
        lists.drop_iterators(conn, connector.id)
        onboarding.end(conn, connector.id, now=now)
        buried = rows.bury(conn, connector, now=now)
        _note(conn, connector, ConnectorHappening.REMOVED, name, now, actor)
        return _removed(buried, now)


def removed(core: Core) -> list[Removed]:
    """The connectors that can be restored, those that were removed last first."""
    with core.database.read() as conn:
        buried = rows.buried(conn)
    return [_removed(each, each.removed_at) for each in buried if not is_due(core, each) and each.removed_at]


def restore(core: Core, which: str, *, name: str | None = None, actor: str) -> Connector:
    """Let a removed connector live again, with its password, its API keys and all its records.

    Args:
        which: its name, or its handle where several have had the name.
        name: what it is to be called, when its own name is taken or shall be another one. The Web Connector then
            needs its new .qwc.

    Raises:
        NotFound: none that can be restored was called so.
        Conflict: several were; or the name is taken.
        InvalidInput: the name does not fit.
    """
    if name is not None:
        check_name(name)
    with core.database.begin() as conn:
        buried = _chosen(core, conn, which)
        wanted = name or buried.given_name
        username = buried.given_username if wanted == buried.given_name else f"qbwc-{wanted.lower()}"
        if wanted in rows.living(conn).values() or rows.by_username(conn, username):
            raise Conflict(
                f"there is a connector named {wanted!r}: restore this one under another name (--as NAME)"
            )
        rows.unearth(conn, buried, wanted, username)
        detail = None if wanted == buried.given_name else f"as {wanted}"
        _note(conn, buried, ConnectorHappening.RESTORED, buried.given_name, core.clock(), actor, detail)
        return rows.get(conn, buried.id)


def _chosen(core: Core, conn: Transaction, which: str) -> Connector:
    kept = [each for each in rows.buried(conn) if not is_due(core, each)]
    found = [each for each in kept if which in (each.name, each.given_name)]
    if not found:
        raise NotFound(f"no connector named {which!r} was removed in the last {KEPT.days} days")
    if len(found) > 1:
        handles = ", ".join(f'"{each.name}"' for each in found)
        raise Conflict(f"several connectors named {which!r} were removed: say which one, {handles}")
    return rows.lock(conn, found[0].id)


def erase_due(core: Core) -> list[str]:
    """Erase every connector that was removed long enough ago; the names they had.

    It goes in slices, each committed: whoever else writes waits for one of them at most, and a process that ends over
    it leaves the rest to the next one.
    """
    with core.database.read() as conn:
        due = [each for each in rows.buried(conn) if is_due(core, each)]
    return [each.given_name for each in due if _erase(core, each)]


def _erase(core: Core, connector: Connector) -> bool:
    limit = 100
    while True:
        began = time.monotonic()
        with core.database.begin() as conn:
            if not rows.is_there(conn, connector.id):
                return False  # another process was quicker
            if erasure.erase_some(conn, connector.id, limit):
                now, days = core.clock(), f"{KEPT.days} days after it was removed"
                audit.add(conn, "connector erased", connector.given_name, at=now, actor="server", detail=days)
                log.info("the connector %s was erased, %s", connector.given_name, days)
                return True
        limit = _adapted(limit, time.monotonic() - began)
        core.database.give_way()


def _adapted(limit: int, seconds: float) -> int:
    """So many rows at a time as take the time of a slice; rows with large texts take longer than others."""
    return max(1, limit // 2) if seconds > _SLICE_SECONDS else min(_MOST_AT_ONCE, limit * 2)


def _removed(connector: Connector, at: datetime) -> Removed:
    return Removed(connector.given_name, connector.name, at, at + KEPT)


def _note(
    conn: Transaction,
    connector: Connector,
    what: ConnectorHappening,
    name: str,
    now: datetime,
    actor: str,
    detail: str | None = None,
) -> None:
    """Both in its own log and where it is told when that is gone."""
    events.add(conn, connector.id, what, at=now, actor=actor, detail=detail)
    audit.add(conn, OF_CONNECTORS[what], name, at=now, actor=actor, detail=detail)
