"""Sends what is due to one endpoint: over several connections once it answers, and no more than a probe while not."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qbwc_server.courier.lanes import Lane
from qbwc_server.courier.sending import Line, Outcome
from qbwc_server.domain.webhooks import Delivery, Endpoint, secrets_of, signed
from qbwc_server.sync.core import Core

MOST_LINES = 8
"""So many connections an endpoint has at most."""

_TROUBLE, _REFUSAL = 7, 1
_MOST_STRIKES = 3 * _TROUBLE
"""Three times no good answer in a row, or so many refusals of one message each, and the endpoint counts as down."""

_MOST_STRIKES_OF_A_PROBE = _TROUBLE


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt that was made.

    Attributes:
        delivery_id: the row of what a person wanted to be sent; None: it was sent by itself.
        lane: None: it was no event, or a person wanted it.
    """

    message_id: str
    event_id: int | None
    type: str
    body: str
    attempt: int
    at: datetime
    outcome: Outcome
    delivery_id: int | None = None
    lane: int | None = None


class Lines:
    """The connections to one endpoint, kept open as long as it is worked for."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.url, self.allow_private = endpoint.url, endpoint.allow_private
        self._idle: deque[Line] = deque()

    def leads_to(self, endpoint: Endpoint) -> bool:
        """Whether these are connections to an endpoint as it is now."""
        return (self.url, self.allow_private) == (endpoint.url, endpoint.allow_private)

    def take(self) -> Line:
        """One that nobody else uses."""
        try:
            return self._idle.pop()
        except IndexError:
            return Line(self.url, allow_private=self.allow_private)

    def give_back(self, line: Line) -> None:
        """Let others use it."""
        self._idle.append(line)

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().close()


class Dispatch:
    """One go at what is due.

    Args:
        begin_by: nothing is begun later, by `time.monotonic`.

    Attributes:
        sent: every attempt, in the order in which they ended.
        has_succeeded: something was taken.
        has_met_trouble: something was not answered, or as by a receiver that is not well.
        gone: why nothing is to be sent any more, if the receiver said so.
    """

    def __init__(self, core: Core, endpoint: Endpoint, lines: Lines, *, begin_by: float) -> None:
        self._core = core
        self._lines = lines
        self._begin_by = begin_by
        self._secrets = secrets_of(core.digest_key, endpoint, core.clock())
        self._guard = threading.Lock()
        self._strikes = 0
        self._most_strikes = _MOST_STRIKES_OF_A_PROBE if endpoint.attempts else _MOST_STRIKES
        self.sent: list[Sent] = []
        self.has_succeeded = False
        self.has_met_trouble = False
        self.gone: str | None = None
        self.last_failure: str | None = None

    @property
    def is_down(self) -> bool:
        """Whether it is better to leave the endpoint alone for a while."""
        return self._strikes >= self._most_strikes

    @property
    def may_go_on(self) -> bool:
        """Whether something more may be begun."""
        return not self.is_down and self.gone is None and time.monotonic() < self._begin_by

    def send_wanted(self, wanted: Iterable[Delivery]) -> None:
        """Send what a person wants to be sent, once; what becomes of it says nothing against the endpoint."""
        line = self._lines.take()
        for item in wanted:
            if time.monotonic() < self._begin_by:
                at, outcome = self._posted(line, item.message_id, item.body)
                self.sent.append(
                    Sent(
                        item.message_id,
                        item.event_id,
                        item.type,
                        item.body,
                        item.attempt,
                        at,
                        outcome,
                        item.id,
                    )
                )
                self._note_success(outcome)
        self._lines.give_back(line)

    def send(self, lanes: Sequence[Lane]) -> None:
        """Send what is in the lanes: one after the other until something was taken, then side by side."""
        left = deque(lane for lane in lanes if lane.next is not None)
        line = self._lines.take()
        while left and not self.has_succeeded and self.may_go_on:
            self._send_next(line, left[0])
            if left[0].failed is not None:
                left.popleft()
        helpers = [
            threading.Thread(target=self._help, args=[left], name="webhook-line", daemon=True)
            for _ in range(min(MOST_LINES, len(left)) - 1)
            if self.may_go_on
        ]
        for helper in helpers:
            helper.start()
        self._empty(line, left)
        for helper in helpers:
            helper.join()
        self._lines.give_back(line)

    def _help(self, left: deque[Lane]) -> None:
        line = self._lines.take()
        self._empty(line, left)
        self._lines.give_back(line)

    def _empty(self, line: Line, left: deque[Lane]) -> None:
        """Send lane after lane, each to its end."""
        while self.may_go_on:
            try:
                lane = left.popleft()
            except IndexError:
                return
            while lane.next is not None and lane.failed is None and self.may_go_on:
                self._send_next(line, lane)

    def _send_next(self, line: Line, lane: Lane) -> None:
        message = lane.next
        if message is None:
            return
        at, outcome = self._posted(line, message.id, message.body)
        event, attempt = message.event, lane.attempt
        with self._guard:
            self.sent.append(
                Sent(message.id, event.id, event.type, message.body, attempt, at, outcome, lane=lane.id)
            )
            self._judge(outcome)
        if outcome.failure is None:
            lane.done += 1
        else:
            lane.failed = outcome

    def _posted(self, line: Line, message_id: str, body: str) -> tuple[datetime, Outcome]:
        at = self._core.clock()
        return at, line.post(body, signed(self._secrets, message_id, body, at))

    def _judge(self, outcome: Outcome) -> None:
        self._note_success(outcome)
        if outcome.failure is None:
            return
        self.last_failure = outcome.failure
        self._strikes += _REFUSAL if outcome.is_refusal else _TROUBLE
        self.has_met_trouble |= not outcome.is_refusal
        if outcome.is_gone:
            self.gone = outcome.failure

    def _note_success(self, outcome: Outcome) -> None:
        if outcome.failure is None:
            self.has_succeeded = True
            self._strikes, self._most_strikes = 0, _MOST_STRIKES
