"""authenticate: who calls, and is there anything to do?

Nearly every call of a Web Connector is this one, and nearly always there is nothing: that is found out by a look
which takes no lock and writes nothing, but once a minute that the Web Connector called. Whatever is more than that is
decided in a transaction that holds the connector.
"""

import logging
from datetime import datetime

from qbwc_server.access import throttle
from qbwc_server.domain.causes import BadCredentials
from qbwc_server.domain.connectors import Connector, digest, kinds_to_post, may_write, same
from qbwc_server.domain.days import hour_bit
from qbwc_server.domain.sessions import SessionState, must_wait, new_ticket, ticket_digest
from qbwc_server.domain.throttle import WINDOW
from qbwc_server.storage import Transaction, connectors, days, sessions, standing
from qbwc_server.storage.standing import Standing
from qbwc_server.sync import connector_errors, list_cache, resolve, session_ends, stock
from qbwc_server.sync.core import Core
from qbwc_server.visit import to_do

log = logging.getLogger(__name__)

NOTHING_TO_DO = "none"
BAD_LOGIN = "nvu"
BUSY = "busy"

Answer = tuple[str, ...]


def authenticate(core: Core, username: str, password: str, *, address: str) -> Answer:
    """Open a session: (ticket, company file), or (ticket, ``none``/``nvu``/``busy`` …)."""
    given = digest(core.digest_key, password)
    caller = throttle.web_connector(core, username, address)
    if _finds_nothing(core, username, given, caller):
        return (new_ticket(), NOTHING_TO_DO)
    with core.database.begin() as conn:
        if throttle.wait_of(core, conn, caller) is not None:
            log.info("a Web Connector login from %s has to wait after too many failures", address)
            return ("", BAD_LOGIN)
        found = connectors.by_username(conn, username)
        # compared in any case, so that the time taken does not tell whether the user name was right
        known = same(found.password_digest if found else digest(core.digest_key, ""), given)
        if found is None or not known:
            throttle.failed(core, conn, caller)
            _note_bad_login(core, conn, found, address)
            return ("", BAD_LOGIN)
        throttle.succeeded(conn, caller)
        connector = connectors.lock(conn, found.id)
        if connector.removed_at is not None:  # while this call waited for its turn
            return ("", BAD_LOGIN)
        return _open(core, conn, connector, address)


def _note_bad_login(core: Core, conn: Transaction, connector: Connector | None, address: str) -> None:
    log.warning("a Web Connector login from %s was refused", address)
    if connector is not None:
        now = core.clock()
        connectors.lock(conn, connector.id)
        connector_errors.happened(conn, connector, BadCredentials(), now=now, address=address)
        days.add(conn, connector.id, now, hours=hour_bit(now), visits=1, visits_failed=1)


def _open(core: Core, conn: Transaction, connector: Connector, address: str) -> Answer:
    now, ticket = core.clock(), new_ticket()
    connectors.see(conn, connector, now=now)
    connector_errors.ended(conn, connector, BadCredentials.name, now=now)
    live = sessions.live(conn, connector.id)
    if live is not None:
        wait = must_wait(sessions.unanswered(conn, live.id), now, core.limits.lease)
        if wait is not None:
            return (ticket, BUSY, str(int(wait.total_seconds()) + 1))
        session_ends.end_session(
            conn, connector, live, "a new session took its place", now=now, state=SessionState.SUPERSEDED
        )
    resolve.take_up(conn, connector, now=now)
    quiet = connector.paused or connector.settings.is_quiet(now)
    if quiet or not to_do.has_work(conn, connector, now=now):
        return (ticket, NOTHING_TO_DO)
    stock.take(conn, connector, now=now)
    sessions.open_session(conn, connector.id, ticket_digest(ticket), now=now, address=address)
    return (ticket, connector.company_file or "")


# --- nothing to do ------------------------------------------------------------------------------------------


def _finds_nothing(core: Core, username: str, given: str, caller: throttle.Caller) -> bool:
    """Whether the password is right and there is certainly nothing to do, nothing to end and nothing to note; that
    the Web Connector called is noted then. False leaves everything to be decided."""
    now = core.clock()
    with core.database.glance() as conn:
        found = standing.of(conn, username, address=caller.source, since=now - WINDOW, now=now)
        if found is None or not same(found.connector.password_digest, given) or not _rests(core, conn, found):
            return False
    if not found.connector.was_seen(now):
        with core.database.begin() as conn:
            connectors.see(conn, found.connector, now=now)
    return True


def _rests(core: Core, conn: Transaction, found: Standing) -> bool:
    """Whether `_open` would change nothing and answer that there is nothing to do."""
    connector, now = found.connector, core.clock()
    if found.has_failed_tries or found.has_session or found.has_bad_login or found.has_noted:
        return False
    if connector.removed_at is not None:
        return False
    if connector.paused or connector.settings.is_quiet(now):
        return True
    if connector.is_restored or connector.is_verifying or found.has_uncertain or found.has_claims:
        return False
    if connector.has_requests:
        return False
    writes = may_write(connector)
    if writes and found.has_absent:
        return False
    if not list_cache.rests(found, now):
        return False
    return not (writes and found.has_ready and _would_be_looked_at(conn, connector, now))


def _would_be_looked_at(conn: Transaction, connector: Connector, now: datetime) -> bool:
    kinds = kinds_to_post(connector)
    return standing.is_any_ready(conn, connector.id, kinds, now=now) and resolve.can_check(conn, connector)
