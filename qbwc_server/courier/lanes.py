"""What is to be delivered to an endpoint next, in lanes: within one, one event waits for the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qbwc_server.courier.sending import Outcome
from qbwc_server.domain.events import Event
from qbwc_server.domain.webhooks import OF_THE_CONNECTOR, Behind, Endpoint, pause


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it is sent."""

    event: Event
    id: str
    body: str


@dataclass(slots=True)
class Lane:
    """What is to be delivered of one record, in order, and how far that has come.

    Attributes:
        behind: what was noted of it, as it did not go well before.
        read_to: there may be more of it, behind this event, that the endpoint has passed already; None: there is not.
        done: how many were delivered.
        failed: what came of the next one, if that was tried.
    """

    id: int
    behind: Behind | None = None
    read_to: int | None = None
    messages: list[Message] = field(default_factory=list)
    done: int = 0
    failed: Outcome | None = None

    @property
    def next(self) -> Message | None:
        """The one that comes next."""
        return self.messages[self.done] if self.done < len(self.messages) else None

    @property
    def attempt(self) -> int:
        """How often the next one has been tried, this time included."""
        return 1 + (self.behind.attempts if self.behind is not None and self.done == 0 else 0)

    def note(self, now: datetime, chance: float) -> Behind | None:
        """What is to be noted of it from now on; None when it is not behind."""
        if self.next is None:
            return None if self.read_to is None else Behind(self.id, self.read_to + 1, 0, None, now)
        if self.failed is None:
            return Behind(self.id, self.next.event.id, 0, None, now)
        again = now + pause(self.attempt, chance)
        return Behind(self.id, self.next.event.id, self.attempt, self.failing_since(now), again)

    def failing_since(self, now: datetime) -> datetime:
        """Since when its next event has not been taken."""
        since = self.behind.since if self.behind is not None and self.done == 0 else None
        return since or now

    def has_waited(self, now: datetime, longest: timedelta) -> bool:
        """Whether its next event has been tried for so long."""
        return self.failed is not None and now - self.failing_since(now) >= longest


def lane_of(event: Event) -> int:
    """The lane an event belongs to."""
    return OF_THE_CONNECTOR if event.record_id is None else event.record_id


@dataclass(slots=True)
class Slice:
    """A part of what is to be delivered to an endpoint.

    Attributes:
        read_to: up to here its events were read; those it does not want are among them.
    """

    endpoint: Endpoint
    lanes: list[Lane]
    read_to: int

    def reached(self) -> int:
        """Up to which event everything was delivered, or can be noted as behind."""
        untried = (lane.next for lane in self.lanes if lane.failed is None)
        if not any(message is not None and message.event.id > self._begin for message in untried):
            return self.read_to
        tried = [message.event.id for lane in self.lanes for message in _tried(lane)]
        return max([self._begin, *tried])

    def behind(self, reached: int, now: datetime, chance: float) -> list[Behind]:
        """What is to be noted of the lanes that are behind then."""
        notes = [lane.note(now, chance) for lane in self.lanes]
        return [note for note in notes if note is not None and note.event_id <= reached]

    @property
    def _begin(self) -> int:
        return self.endpoint.after_id


def _tried(lane: Lane) -> Sequence[Message]:
    return lane.messages[: lane.done + (lane.failed is not None)]


def in_lanes(
    endpoint: Endpoint,
    late: Iterable[Message],
    fresh: Iterable[Message],
    due: Sequence[Behind],
    waiting: set[int],
    *,
    read_to: int | None,
) -> list[Lane]:
    """The lanes of a slice.

    Args:
        late: what waits in lanes that are `due`.
        fresh: what the endpoint wants of the events it has not come to yet.
        waiting: the lanes it is behind with, due or not.
        read_to: there may be more that is late, behind this event; None: there is not.
    """
    lanes = {row.lane: Lane(row.lane, row, read_to) for row in due}
    for message in late:
        lanes[lane_of(message.event)].messages.append(message)
    for message in fresh:
        place = lane_of(message.event)
        if place in waiting and (place not in lanes or read_to is not None):
            continue
        lanes.setdefault(place, Lane(place)).messages.append(message)
    # one that does not answer is probed with something new: of what it did not take, it may be what it cannot take
    return sorted(lanes.values(), key=lambda lane: _order(lane, is_down=endpoint.attempts > 0))


def _order(lane: Lane, *, is_down: bool) -> tuple[bool, int]:
    first = lane.messages[0].event.id if lane.messages else 0
    return is_down and lane.behind is not None, first
