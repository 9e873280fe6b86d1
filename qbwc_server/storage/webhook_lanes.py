"""Rows of records that an endpoint is behind with: which event of theirs comes next, when, and what waits behind it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select, update

from qbwc_server.domain.events import Event
from qbwc_server.domain.webhooks import OF_THE_CONNECTOR, Behind, Endpoint
from qbwc_server.storage import events
from qbwc_server.storage.schema import event
from qbwc_server.storage.schema import webhook_behind as table
from qbwc_server.storage.upserts import upsert

_NAMES = ("lane", "event_id", "attempts", "since", "not_before")


def due(conn: Connection, webhook_id: int, *, now: datetime, limit: int) -> list[Behind]:
    """Those whose next event is to be tried, the one that has waited longest first."""
    query = select(*(table.c[name] for name in _NAMES)).where(
        table.c.webhook_id == webhook_id, table.c.not_before <= now
    )
    found = conn.execute(query.order_by(table.c.not_before, table.c.event_id).limit(limit))
    return [Behind(**row._mapping) for row in found]


def behind(conn: Connection, webhook_id: int, lanes: Collection[int]) -> set[int]:
    """Which of these an endpoint is behind with."""
    query = select(table.c.lane).where(table.c.webhook_id == webhook_id, table.c.lane.in_(lanes))
    return set(conn.execute(query).scalars()) if lanes else set()


def late_events(conn: Connection, endpoint: Endpoint, lanes: Collection[int], *, limit: int) -> list[Event]:
    """What waits in these lanes, from the next event of each to where the endpoint has come, in order."""
    of_records = [lane for lane in lanes if lane != OF_THE_CONNECTOR]
    its_own = and_(table.c.webhook_id == endpoint.id, event.c.id >= table.c.event_id)
    found: list[Event] = []
    for chosen, same_lane in (
        (of_records, event.c.record_id == table.c.lane),
        ([lane for lane in lanes if lane == OF_THE_CONNECTOR], event.c.record_id.is_(None)),
    ):
        if chosen:
            query = select(event).join(table, and_(its_own, same_lane, table.c.lane.in_(chosen)))
            within = (event.c.connector_id == endpoint.connector_id, event.c.id <= endpoint.after_id)
            found += events.found(conn, query.where(*within).order_by(event.c.id).limit(limit))
    return sorted(found, key=lambda item: item.id)[:limit]


def put(conn: Connection, endpoint: Endpoint, rows: Sequence[Behind]) -> None:
    """Note which event comes next of each, and when."""
    if not rows:
        return
    query = upsert(table, conn.dialect.name)
    changed = {name: query.excluded[name] for name in _NAMES if name != "lane"}
    query = query.on_conflict_do_update(index_elements=["webhook_id", "lane"], set_=changed)
    of_it = {"webhook_id": endpoint.id, "connector_id": endpoint.connector_id}
    conn.execute(query, [{**of_it, **asdict(row)} for row in rows])


def drop(conn: Connection, webhook_id: int, lanes: Collection[int]) -> None:
    """These are not behind any more."""
    if lanes:
        conn.execute(delete(table).where(table.c.webhook_id == webhook_id, table.c.lane.in_(lanes)))


def clear(conn: Connection, webhook_id: int) -> None:
    """None is behind any more."""
    conn.execute(delete(table).where(table.c.webhook_id == webhook_id))


def hurry(conn: Connection, webhook_id: int, *, now: datetime) -> None:
    """Let all of them be tried at once: the endpoint answers again."""
    waits = (table.c.webhook_id == webhook_id) & (table.c.not_before > now)
    conn.execute(update(table).where(waits).values(not_before=now))


def begin_anew(conn: Connection, webhook_id: int, *, now: datetime) -> None:
    """Forget how often and since when they were tried: somebody says that it will go well now."""
    values = {"attempts": 0, "since": None, "not_before": now}
    conn.execute(update(table).where(table.c.webhook_id == webhook_id).values(values))


def counts(conn: Connection, webhook_ids: Collection[int]) -> dict[int, int]:
    """How many each of these endpoints is behind with; those with none are left out."""
    query = select(table.c.webhook_id, func.count()).where(table.c.webhook_id.in_(webhook_ids))
    return {row[0]: row[1] for row in conn.execute(query.group_by(table.c.webhook_id))}
