"""Waiting until something happens to a connector or one of its records, holding nothing meanwhile that others need.

Whatever happens is an event, whichever process does it: so one thread of each process in which somebody waits looks,
for all of them together, whether there are newer events, and wakes those whom they concern.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from weakref import WeakKeyDictionary

from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors, events, records
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core

log = logging.getLogger(__name__)

LONGEST = 60
"""So many seconds may be waited at a time: longer ones are cut by proxies in between."""

MOST = 128
"""So many may wait in one process: each takes one of its threads."""

MOST_OF_ONE = 64
"""So many of them for the same connector."""

SETTLED = frozenset({State.SYNCED, State.BLOCKED, State.CANCELLED})
"""Where a record stays as long as nobody does anything about it."""

_SOONEST, _LATEST = 0.05, 0.5
"""Seconds between two looks: while something happens, and while nothing does."""

Aside = Callable[[], AbstractContextManager[object]]
"""Lets others in while one waits."""

ASIDE = "qbwc.aside"
"""Under which name a WSGI environment holds one."""


class _Waiter:
    """Somebody who waits for a connector, or for one of its records."""

    def __init__(self, record_id: int | None) -> None:
        self.record_id = record_id
        self.called = threading.Event()

    def is_meant(self, touched: Collection[int] | None) -> bool:
        return touched is None or self.record_id is None or self.record_id in touched


class _Watch:
    """Who waits in this process, and the thread that looks for them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiters: dict[int, set[_Waiter]] = {}
        self._newest: dict[int, int] = {}
        self._is_looking = False
        self._is_closed = False
        self._hurry = threading.Event()

    def enter(self, database: Database, connector_id: int, waiter: _Waiter) -> bool:
        """Let somebody wait; False when there is no room, or this process is about to end."""
        with self._guard:
            number = sum(map(len, self._waiters.values()))
            same = self._waiters.get(connector_id, ())
            if self._is_closed or number >= MOST or len(same) >= MOST_OF_ONE:
                return False
            self._waiters.setdefault(connector_id, set()).add(waiter)
            if not self._is_looking:
                self._is_looking = True
                threading.Thread(target=self._look_on, args=[database], name="waits", daemon=True).start()
            self._hurry.set()
            return True

    def leave(self, connector_id: int, waiter: _Waiter) -> None:
        with self._guard:
            same = self._waiters[connector_id]
            same.discard(waiter)
            if not same:
                del self._waiters[connector_id]
                self._newest.pop(connector_id, None)

    def close(self) -> None:
        """Answer everybody now, and whoever comes."""
        with self._guard:
            self._is_closed = True
            for waiter in self._everybody():
                waiter.called.set()

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def _everybody(self) -> Iterator[_Waiter]:
        return (waiter for same in self._waiters.values() for waiter in same)

    def _look_on(self, database: Database) -> None:
        pause = _SOONEST
        while self._goes_on():
            has_happened = self._look(database)
            pause = _SOONEST if has_happened else min(_LATEST, pause * 1.25)
            # whoever has just come may wait for what happens next
            if self._hurry.wait(pause):
                self._hurry.clear()
                pause = _SOONEST
                time.sleep(_SOONEST)

    def _goes_on(self) -> bool:
        with self._guard:
            self._is_looking = bool(self._waiters) and not self._is_closed
            return self._is_looking

    def _look(self, database: Database) -> bool:
        """Wake whom something concerns; whether anything happened."""
        with self._guard:
            watched = {each: self._newest.get(each) for each in self._waiters}
        try:
            happened = self._since(database, watched)
        except DatabaseUnavailable as error:
            log.warning("cannot look for what others wait for: %s", error)
            happened = dict.fromkeys(watched)  # they are told by their own look
        with self._guard:
            for connector_id, touched in happened.items():
                for waiter in self._waiters.get(connector_id, ()):
                    if waiter.is_meant(touched):
                        waiter.called.set()
        return bool(happened)

    def _since(self, database: Database, watched: dict[int, int | None]) -> dict[int, Collection[int] | None]:
        """The connectors to which something happened since the last look, and to which of their records; None: to any,
        as there was no look before."""
        happened: dict[int, Collection[int] | None] = {}
        with database.glance() as conn:
            newest = events.newest_ids(conn, watched)
            for connector_id, before in watched.items():
                now = newest.get(connector_id, 0)
                if before is None:
                    happened[connector_id] = None
                elif now != before:
                    happened[connector_id] = events.records_touched(
                        conn, connector_id, after=before, up_to=now
                    )
        with self._guard:
            self._newest |= {each: newest.get(each, 0) for each in watched if each in self._waiters}
        return happened


_watches: WeakKeyDictionary[Database, _Watch] = WeakKeyDictionary()
_making = threading.Lock()


def _watch_of(core: Core) -> _Watch:
    with _making:
        return _watches.setdefault(core.database, _Watch())


def close(core: Core) -> None:
    """This process is about to end: nobody waits any longer, and whoever comes is answered at once."""
    _watch_of(core).close()


def until(
    core: Core,
    connector_id: int,
    is_so: Callable[[], bool],
    seconds: float,
    *,
    record_id: int | None = None,
    aside: Aside = nullcontext,
) -> bool:
    """Wait until something is so, or time is up.

    Args:
        is_so: looks at the database; asked at once, and whenever something happened to the connector.
        record_id: only what happens to this record can make it so.
        aside: entered while nothing is done but waiting.

    Returns:
        False: it is not so, and there was no room to wait for it. True in all other cases.
    """
    deadline = time.monotonic() + seconds
    if seconds <= 0 or is_so():
        return True
    watch, waiter = _watch_of(core), _Waiter(record_id)
    if not watch.enter(core.database, connector_id, waiter):
        return False
    # what happened just before it was among those who wait is told to nobody
    waiter.called.set()
    try:
        while (left := deadline - time.monotonic()) > 0 and not watch.is_closed:
            with aside():
                is_called = waiter.called.wait(left)
            waiter.called.clear()
            if is_called and is_so():
                break
    finally:
        watch.leave(connector_id, waiter)
    return True


def until_settled(
    core: Core,
    connector_name: str,
    kind: Kind,
    external_id: str,
    seconds: float,
    *,
    aside: Aside = nullcontext,
) -> bool:
    """Wait until a record is synced, blocked or cancelled, or time is up; not for one that does not exist.

    Returns:
        False: it is not, and there was no room to wait for it.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        connector = connectors.by_name(conn, connector_name)
        record = records.find(conn, connector.id, kind, external_id)
    if record is None or record.state in SETTLED:
        return True

    def is_settled() -> bool:
        with core.database.glance() as conn:
            return records.state_of(conn, record.id) in (*SETTLED, None)

    return until(core, connector.id, is_settled, seconds, record_id=record.id, aside=aside)
