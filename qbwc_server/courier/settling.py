"""What came of sending to an endpoint: how far it has come, what is tried again and when, and whether it is the end."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbwc_server.courier.dispatch import Dispatch, Sent
from qbwc_server.courier.lanes import Lane
from qbwc_server.courier.slices import Work
from qbwc_server.domain.webhooks import GIVE_UP_AFTER, Behind, Endpoint, pause
from qbwc_server.storage import Transaction, connectors, deliveries, webhook_lanes, webhooks
from qbwc_server.sync import webhook_errors
from qbwc_server.sync.core import Core


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows for the endpoint as a whole.

    Attributes:
        attempts, failing_since, not_before: as they are to be noted.
        disabled: why nothing is sent any more; None: it goes on.
        came_back: it had not answered, and does now.
    """

    attempts: int
    failing_since: datetime | None
    not_before: datetime | None
    disabled: str | None
    came_back: bool


def judge(
    endpoint: Endpoint, lanes: Sequence[Lane], made: Dispatch, *, now: datetime, chance: float
) -> Judgement:
    """What follows for an endpoint.

    Args:
        chance: a random number from 0 to 1, by which pauses differ.
    """
    attempts, since, not_before = endpoint.attempts, endpoint.failing_since, endpoint.not_before
    if made.has_succeeded:
        attempts, since, not_before = 0, None, None
    if made.is_down or (made.has_met_trouble and not made.has_succeeded):
        attempts, since = attempts + 1, since or now
        not_before = now + pause(attempts, chance)
    came_back = made.has_succeeded and endpoint.attempts > 0
    return Judgement(attempts, since, not_before, _end(lanes, made, since, now), came_back)


def _end(lanes: Sequence[Lane], made: Dispatch, since: datetime | None, now: datetime) -> str | None:
    """Why this is the end, if it is."""
    if made.gone is not None:
        return made.gone
    if since is not None and now - since >= GIVE_UP_AFTER and made.last_failure is not None:
        return f"nothing was taken for {GIVE_UP_AFTER.days} days: {made.last_failure}"
    for lane in lanes:
        if (
            lane.next is not None
            and lane.failed is not None
            and now - lane.failing_since(now) >= GIVE_UP_AFTER
        ):
            event, days = lane.next.event, GIVE_UP_AFTER.days
            return f"event {event.id} ({event.type}) was not taken for {days} days: {lane.failed.failure}"
    return None


def settle(core: Core, work: Work, made: Dispatch, *, keep: bool) -> bool:
    """Note what came of sending; whether the endpoint is still ours, and there is reason to go on with it.

    Whoever moved the endpoint meanwhile has the last word, as has a courier that took over: then it is only noted
    what was sent.

    Args:
        keep: whether it is to be gone on with.
    """
    endpoint, now = work.endpoint, core.clock()
    chance = random.random()  # noqa: S311 - spreads pauses, and keeps nothing secret
    judged = judge(endpoint, work.slice.lanes, made, now=now, chance=chance)
    reached = work.slice.reached()
    behind = work.slice.behind(reached, now, chance)
    with core.database.begin() as conn:
        if judged.disabled is not None:
            # it is told in the connector's feed: whoever writes there holds it
            connectors.lock(conn, endpoint.connector_id)
        is_ours = _advance(conn, work, judged, reached, behind, now)
        if is_ours and judged.disabled is not None:
            webhook_errors.disable(conn, work.connector, endpoint, judged.disabled, now=now)
        if webhooks.hold(conn, endpoint.id):
            again = {} if judged.disabled else {row.lane: row.not_before for row in behind}
            _log(conn, endpoint, made.sent, again, judged.not_before)
        goes_on = keep and is_ours and judged.not_before is None and judged.disabled is None
        if not goes_on:
            webhooks.release(conn, endpoint.id, endpoint.claimed_by or "")
    return goes_on


def _advance(
    conn: Transaction, work: Work, judged: Judgement, reached: int, behind: Sequence[Behind], now: datetime
) -> bool:
    endpoint, noted = work.endpoint, {row.lane for row in behind}
    is_ours = webhooks.advance(
        conn,
        endpoint,
        after_id=reached,
        attempts=judged.attempts,
        failing_since=judged.failing_since,
        not_before=judged.not_before,
    )
    if is_ours:
        done = [lane.id for lane in work.slice.lanes if lane.behind is not None and lane.id not in noted]
        webhook_lanes.drop(conn, endpoint.id, done)
        if judged.came_back:
            webhook_lanes.hurry(conn, endpoint.id, now=now)
        webhook_lanes.put(conn, endpoint, behind)
    return is_ours


# --- the log -----------------------------------------------------------------------------------------------


def _log(
    conn: Transaction,
    endpoint: Endpoint,
    sent: Sequence[Sent],
    again: Mapping[int, datetime],
    not_before: datetime | None,
) -> None:
    """Note every attempt; of the last of a lane also when it is tried again."""
    told = [(item, _answer(item, again, not_before)) for item in sent]
    deliveries.add_all(
        conn, [{**_request(endpoint, item), **answer} for item, answer in told if not item.delivery_id]
    )
    deliveries.sent(conn, [(item.delivery_id, answer) for item, answer in told if item.delivery_id])


def _request(endpoint: Endpoint, item: Sent) -> dict[str, Any]:
    return {
        "connector_id": endpoint.connector_id,
        "webhook_id": endpoint.id,
        "event_id": item.event_id,
        "message_id": item.message_id,
        "type": item.type,
        "body": item.body,
        "attempt": item.attempt,
        "wanted_by": None,
    }


def _answer(item: Sent, again: Mapping[int, datetime], not_before: datetime | None) -> dict[str, Any]:
    outcome, next_try = item.outcome, None
    if outcome.failure is not None and item.lane is not None and item.lane in again:
        next_try = max(again[item.lane], not_before or again[item.lane])
    return {
        "at": item.at,
        "duration_ms": outcome.duration_ms,
        "status": outcome.status,
        "answer": outcome.answer,
        "failure": outcome.failure,
        "next_try_at": next_try,
    }
