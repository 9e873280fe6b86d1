"""Whoever comes with a link and no account: guessing one must lead nowhere."""

from datetime import timedelta

from qbwc_server.access import throttle
from qbwc_server.domain.throttle import WINDOW
from qbwc_server.storage import login_failures as rows
from qbwc_server.sync.core import Core


def guessed(core: Core, address: str) -> timedelta | None:
    """Count a link that there never was; how long its caller has to wait, None while that may be a slip.

    One that is good is never made to wait: behind one address sit many, and 256 bits cannot be guessed.
    """
    caller, now = throttle.guest(core, address), core.clock()
    with core.database.begin() as conn:
        mine, _ = rows.since(conn, caller.source, caller.who, now - WINDOW)
        wait = caller.patience.wait(mine, now)
        if wait is None:
            throttle.failed(core, conn, caller)
    return wait
