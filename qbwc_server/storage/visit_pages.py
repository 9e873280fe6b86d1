"""Parts of the visits of a connector, each with what it carried, without the long texts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnExpressionArgument, Connection, and_, func, or_, select, text

from qbwc_server.domain.sessions import Session
from qbwc_server.storage.bulk import among_ids
from qbwc_server.storage.log_pages import NEWEST, Place
from qbwc_server.storage.schema import IS_FAILED
from qbwc_server.storage.schema import message_set as sets
from qbwc_server.storage.schema import request as requests
from qbwc_server.storage.schema import session as visits
from qbwc_server.storage.sessions.visits import session_of_row


@dataclass(frozen=True, slots=True)
class WantedVisits:
    """Which visits somebody wants to see; what is None narrows nothing.

    Attributes:
        failed: those in which QuickBooks refused something, or that ended badly.
        words: in the address they came from, or why they ended.
    """

    failed: bool = False
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def find_visits(
    conn: Connection, connector_id: int, wanted: WantedVisits, place: Place, *, limit: int
) -> list[Session]:
    """Visits of a connector that are wanted, the newest first."""
    query = select(visits).where(visits.c.connector_id == connector_id, *_visits_wanted(wanted))
    if place.before is not None:
        query = query.where(visits.c.id < place.before)
    if place.after is not None:
        query = query.where(visits.c.id > place.after)
    order = visits.c.id.desc() if place.after is None else visits.c.id.asc()
    found = [session_of_row(row) for row in conn.execute(query.order_by(order).limit(limit))]
    return found if place.after is None else found[::-1]


def _visits_wanted(wanted: WantedVisits) -> list[ColumnExpressionArgument[bool]]:
    found: list[ColumnExpressionArgument[bool]] = []
    if wanted.since is not None:
        found.append(visits.c.opened_at >= wanted.since)
    if wanted.until is not None:
        found.append(visits.c.opened_at < wanted.until)
    if wanted.words is not None:
        columns = (visits.c.address, visits.c.end_reason, visits.c.last_error)
        found.append(or_(*(column.icontains(wanted.words, autoescape=True) for column in columns)))
    if wanted.failed:
        found.append(text(IS_FAILED))
    return found


@dataclass(frozen=True, slots=True)
class SetAsKept:
    """What stays of a message set, however old it is."""

    id: int
    session_id: int
    state: str
    writes: bool
    resent: bool
    sent_at: datetime
    answered_at: datetime | None
    hresult: str | None
    hresult_message: str | None


@dataclass(frozen=True, slots=True)
class SetLine(SetAsKept):
    """A message set in a line.

    Attributes:
        requests, refused: how many it carried, and how many of them QuickBooks answered with an error.
    """

    requests: int
    refused: int


def set_lines(
    conn: Connection, session_id: int, *, place: Place = NEWEST, limit: int | None = None
) -> list[SetLine]:
    """The message sets of a visit, in their order, without their long texts."""
    wrong = func.count().filter(requests.c.status_severity == "Error")
    number = func.count(requests.c.id)
    query = (
        select(*KEPT, number.label("requests"), wrong.label("refused"))
        .join(requests, requests.c.message_set_id == sets.c.id, isouter=True)
        .where(sets.c.session_id == session_id)
        .group_by(sets.c.id)
        .order_by(sets.c.id if place.before is None else sets.c.id.desc())
    )
    if place.after is not None:
        query = query.where(sets.c.id > place.after)
    if place.before is not None:
        query = query.where(sets.c.id < place.before)
    found = [SetLine(**row._mapping) for row in conn.execute(query.limit(limit))]
    return found if place.before is None else found[::-1]


@dataclass(frozen=True, slots=True)
class Carried:
    """How many message sets a visit carried, and the ids of the first of them."""

    number: int = 0
    first: tuple[int, ...] = ()


def carried(conn: Connection, session_ids: Collection[int], *, most: int) -> dict[int, Carried]:
    """The message sets of those of these visits that carried any, of each the first `most`; told by an index alone."""
    visit = sets.c.session_id
    numbered = (
        select(
            visit,
            sets.c.id,
            func.row_number().over(partition_by=visit, order_by=sets.c.id).label("place"),
            func.count().over(partition_by=visit).label("number"),
        )
        .where(among_ids(conn, visit, session_ids))
        .subquery()
    )
    query = select(numbered).where(numbered.c.place <= most).order_by(numbered.c.session_id, numbered.c.place)
    found: dict[int, Carried] = {}
    for session_id, set_id, _, number in conn.execute(query):
        found[session_id] = Carried(number, (*found.get(session_id, Carried()).first, set_id))
    return found


KEPT = tuple(column for column in sets.c if column.name in SetAsKept.__slots__)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request of a message set, and what was answered to it."""

    id: str
    message_set_id: int
    operation: str
    record_id: int | None
    data: dict[str, Any]
    settled: bool
    status_code: int | None
    status_severity: str | None
    status_message: str | None


def request_lines(conn: Connection, set_ids: Collection[int]) -> list[RequestLine]:
    """The requests of these message sets, in their order."""
    query = (
        select(*(column for column in requests.c if column.name in RequestLine.__slots__))
        .where(among_ids(conn, requests.c.message_set_id, set_ids))
        .order_by(requests.c.message_set_id, requests.c.position)
    )
    return [RequestLine(**row._mapping) for row in conn.execute(query)]


def one_visit(conn: Connection, connector_id: int, session_id: int) -> Session | None:
    """A visit of a connector, or None."""
    query = select(visits).where(and_(visits.c.connector_id == connector_id, visits.c.id == session_id))
    row = conn.execute(query).one_or_none()
    return None if row is None else session_of_row(row)


def visits_with(conn: Connection, session_ids: Collection[int]) -> list[Session]:
    """These visits, in their order."""
    query = select(visits).where(among_ids(conn, visits.c.id, session_ids)).order_by(visits.c.id)
    return [session_of_row(row) for row in conn.execute(query)]
