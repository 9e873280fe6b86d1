"""The post office of a process: notices which endpoints have something due, and has each worked for by a thread."""

import logging
import threading
import time
from datetime import timedelta

from qbwc_server.courier.delivering import deliver
from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.storage import news, webhooks
from qbwc_server.sync.core import Core

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)
"""While there are endpoints: one statement each time."""

LOOK_WITHOUT_EVERY = timedelta(minutes=1)
"""While there are none, unless something happens in this process: others may make the first one."""

MOST_AT_ONCE = 32
"""So many endpoints are worked for at a time."""

MOST_SLOW_AT_ONCE = 24
"""Of those, so many that were slow the last time: they leave some room to the others."""

SLOW_SECONDS = 1.0
"""What one attempt takes on the average with a slow one."""


class PostOffice:
    """Who is worked for in this process."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._guard = threading.Lock()
        self._at_work: dict[int, threading.Thread] = {}
        self._slow: set[int] = set()
        self._known_until = 0.0

    def look(self) -> bool:
        """Begin to work for those that have something due; whether there are any endpoints at all."""
        with self._core.database.glance() as conn:
            if time.monotonic() >= self._known_until:
                if not webhooks.there_are(conn):
                    return False
                self._known_until = time.monotonic() + LOOK_WITHOUT_EVERY.total_seconds()
            due = webhooks.due(conn, now=self._core.clock(), limit=4 * MOST_AT_ONCE)
        for webhook_id in due:
            self._begin(webhook_id)
        return True

    def wait(self) -> None:
        """Wait until everybody has been worked for."""
        while threads := list(self._at_work.values()):
            for thread in threads:
                thread.join()

    def _begin(self, webhook_id: int) -> None:
        with self._guard:
            if webhook_id in self._at_work or not self._has_room(webhook_id):
                return
            thread = threading.Thread(target=self._work, args=[webhook_id], name="webhook", daemon=True)
            self._at_work[webhook_id] = thread
        thread.start()

    def _has_room(self, webhook_id: int) -> bool:
        if len(self._at_work) >= MOST_AT_ONCE:
            return False
        return webhook_id not in self._slow or len(self._slow & set(self._at_work)) < MOST_SLOW_AT_ONCE

    def _work(self, webhook_id: int) -> None:
        began, attempts = time.monotonic(), 0
        try:
            attempts = deliver(self._core, webhook_id)
        except DatabaseUnavailable as error:
            log.warning("nothing can be delivered to webhooks at the moment: %s", error)
        except Exception:
            log.exception("delivering to webhook %d failed; it is tried again", webhook_id)
            time.sleep(LOOK_EVERY.total_seconds())
        is_slow = time.monotonic() - began > SLOW_SECONDS * max(attempts, 1)
        with self._guard:
            self._slow = self._slow | {webhook_id} if is_slow else self._slow - {webhook_id}
            del self._at_work[webhook_id]


def start(core: Core) -> None:
    """Deliver for as long as this process lives."""
    threading.Thread(target=_go_for_ever, args=[core], name="post-office", daemon=True).start()


def _go_for_ever(core: Core) -> None:
    office, pause = PostOffice(core), threading.Event()
    while True:
        # what happens from here on is looked at in the next turn
        news.BELL.clear()
        there_are = False
        try:
            there_are = office.look()
        except DatabaseUnavailable as error:
            log.warning("it cannot be seen what is to be delivered to webhooks: %s", error)
        except Exception:
            log.exception("it could not be looked what is to be delivered to webhooks; it is tried again")
        if not there_are:
            news.BELL.wait(LOOK_WITHOUT_EVERY.total_seconds())
        # the bell is rung before the transaction is committed
        pause.wait(LOOK_EVERY.total_seconds())
