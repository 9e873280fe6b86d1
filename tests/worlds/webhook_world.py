"""A server without its front ends whose events are delivered to receivers on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from qbwc_server.courier.post import PostOffice
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.event_types import Happening, type_of
from qbwc_server.domain.events import NewEvent
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.webhooks import Delivery, Endpoint
from qbwc_server.storage import connectors as rows
from qbwc_server.storage import events, records
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core

from .hand_clock import HandClock
from .receiver import Receiver, receiving


@dataclass
class WebhookWorld:
    """A database with connectors, a clock, and a post office that is told when to look."""

    database: Database
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.core = Core(self.database, self.clock, b"k" * 32, "https://qb.example.com")
        self._numbers = count(1)
        self._records: dict[tuple[str, str], int] = {}
        self.connector("acme")

    def add(self, url: str, *, connector: str = "acme", types: tuple[str, ...] = ("*",)) -> Endpoint:
        """An endpoint that may lie on this machine."""
        found, _ = webhooks.add(self.core, connector, url=url, types=types, allow_private=True, actor="host")
        return found.endpoint

    def endpoint(self, endpoint: Endpoint, connector: str = "acme") -> Endpoint:
        """An endpoint as it is now."""
        return webhooks.get(self.core, connector, endpoint.id).endpoint

    def log(self, endpoint: Endpoint, connector: str = "acme") -> list[Delivery]:
        """What was sent, the oldest first."""
        page = deliveries.log(self.core, connector, endpoint.id, limit=100_000)
        return list(page.items)[::-1]

    def connector(self, name: str) -> None:
        """A further connector."""
        connectors.add(self.core, name, settings={}, actor="staff")

    def records(self, *names: str, connector: str = "acme") -> None:
        """Customers that were handed over: an event each."""
        for name in names:
            content = {"name": f"Customer {name}"}
            done = intake.put(self.core, connector, Kind.CUSTOMER, name, content, actor="host")
            assert done is not None
        with self.core.database.read() as conn:
            connector_id = rows.by_name(conn, connector).id
            found = [records.find(conn, connector_id, Kind.CUSTOMER, name) for name in names]
        self._records |= {(connector, each.external_id): each.id for each in found if each is not None}

    def happen(self, *names: str, connector: str = "acme") -> list[int]:
        """Something happens to these records, one after the other; the ids of the events."""
        with self.database.begin() as conn:
            held = rows.lock_named(conn, connector)
            told = [self._event(held.id, self._records[connector, name]) for name in names]
            events.add_all(conn, told)
            found = events.newest(conn, held.id, limit=len(names))
        return [event.id for event in reversed(found)]

    def _event(self, connector_id: int, record_id: int) -> NewEvent:
        what = f"time {next(self._numbers)}"
        of_type = type_of(Kind.CUSTOMER, Happening.REVISED)
        return NewEvent(connector_id, of_type, what, self.clock(), "host", record_id=record_id)

    def look(self) -> None:
        """Let the post office look, and do what is to be done."""
        office = PostOffice(self.core)
        office.look()
        office.wait()

    def deliver(self, *, rounds: int = 50) -> None:
        """Let it look until there is nothing to be done at this moment."""
        office = PostOffice(self.core)
        for _ in range(rounds):
            office.look()
            office.wait()


def in_order(receiver: Receiver) -> bool:
    """Whether each record's events were taken in their order, from the first time of each on."""
    last: dict[object, int] = {}
    seen: set[str] = set()
    for message in receiver.taken:
        if message.id in seen:
            continue
        seen.add(message.id)
        lane = message.event["external_id"]
        if message.event["id"] <= last.get(lane, 0):
            return False
        last[lane] = message.event["id"]
    return True


@contextmanager
def receivers(number: int) -> Iterator[list[Receiver]]:
    """So many receivers."""
    if not number:
        yield []
        return
    with receiving() as first, receivers(number - 1) as others:
        yield [first, *others]
