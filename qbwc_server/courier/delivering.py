"""Works for one endpoint: claims it, sends slice after slice, and gives it free again."""

import secrets
import time
from contextlib import suppress
from datetime import timedelta

from qbwc_server.courier import slices
from qbwc_server.courier.dispatch import Dispatch, Lines
from qbwc_server.courier.settling import settle
from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.domain.webhooks import Endpoint
from qbwc_server.storage import webhooks
from qbwc_server.sync.core import Core

LEASE = timedelta(seconds=30)
"""So long a courier may send to an endpoint that it claimed; when one is killed, the next goes on after that."""

SENDING_SECONDS = 12.0
"""In the first part of the lease something is begun: it has ended (`sending.WHOLE_SECONDS`) before the lease has."""

IN_ONE_GO = 20.0
"""So many seconds an endpoint is worked for, before others that wait have their turn."""


def deliver(core: Core, webhook_id: int, *, wanted_only: bool = False, seconds: float = IN_ONE_GO) -> int:
    """Send an endpoint what is due, unless another courier does; how many attempts were made.

    Args:
        wanted_only: only what a person wants to be sent.
        seconds: no further slice is begun later.
    """
    claimed_by, until = secrets.token_hex(8), time.monotonic() + seconds
    lines, attempts = None, 0
    try:
        goes_on = True
        while goes_on:
            begin_by = time.monotonic() + SENDING_SECONDS
            endpoint = _claimed(core, webhook_id, claimed_by)
            if endpoint is None:
                break
            if lines is None or not lines.leads_to(endpoint):
                lines = _other(lines, endpoint)
            made, goes_on = _one_slice(core, endpoint, lines, begin_by, until, wanted_only)
            attempts += made
    except Exception:
        _give_free(core, webhook_id, claimed_by)
        raise
    finally:
        if lines is not None:
            lines.close()
    return attempts


def _claimed(core: Core, webhook_id: int, claimed_by: str) -> Endpoint | None:
    with core.database.begin() as conn:
        now = core.clock()
        return webhooks.claim(conn, webhook_id, claimed_by, now=now, until=now + LEASE)


def _other(lines: Lines | None, endpoint: Endpoint) -> Lines:
    if lines is not None:
        lines.close()
    return Lines(endpoint)


def _one_slice(
    core: Core, endpoint: Endpoint, lines: Lines, begin_by: float, until: float, wanted_only: bool
) -> tuple[int, bool]:
    with core.database.read() as conn:
        work = slices.read(conn, endpoint, wanted_only=wanted_only, now=core.clock())
    made = Dispatch(core, endpoint, lines, begin_by=begin_by)
    made.send_wanted(work.wanted)
    made.send(work.slice.lanes)
    keep = not work.is_all and time.monotonic() < until
    return len(made.sent), settle(core, work, made, keep=keep)


def _give_free(core: Core, webhook_id: int, claimed_by: str) -> None:
    with suppress(DatabaseUnavailable), core.database.begin() as conn:
        webhooks.release(conn, webhook_id, claimed_by)
