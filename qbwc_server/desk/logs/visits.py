"""The visits of the Web Connector: each in a line, and one of them with all it carried, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qbwc_server.desk.documents import documents
from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.paging import cut
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.operations import Operation
from qbwc_server.domain.sessions import Session, SessionState
from qbwc_server.storage import Transaction, sessions, visit_pages
from qbwc_server.storage.log_pages import Place
from qbwc_server.storage.sessions import Tally
from qbwc_server.storage.visit_pages import Carried, RequestLine, SetLine, WantedVisits
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

__all__ = ["Asked", "CarriedSet", "Place", "Quiet", "Visit", "VisitPage", "Visits", "WantedVisits"]

LINES = 100
SETS = 10
"""So many visits, and so many message sets of a visit, are shown on a page."""
_QUIET = frozenset({Operation.GREETING})
_SETS_NAMED = 8
"""So many message sets of a visit are named in its line."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A session and what it did.

    Attributes:
        tallies: what it asked QuickBooks for.
        sets: in which message sets, of which the first are named.
    """

    session: Session
    tallies: tuple[Tally, ...]
    sets: Carried

    @property
    def sent(self) -> int:
        """How many requests were to write something."""
        return sum(tally.requests for tally in self.tallies if tally.operation.changes_the_file)

    @property
    def failed(self) -> int:
        """How many requests QuickBooks answered with an error."""
        return sum(tally.refused for tally in self.tallies)

    @property
    def seconds(self) -> float:
        """How long it took, or has taken until its latest call."""
        end = self.session.ended_at or self.session.last_call_at
        return max((end - self.session.opened_at).total_seconds(), 0.0)

    @property
    def is_quiet(self) -> bool:
        """It did nothing, and nothing was wrong."""
        session = self.session
        asked = any(tally.operation not in _QUIET for tally in self.tallies)
        wrong = session.last_error or session.connection_errors or session.quarantined
        return not asked and not wrong and session.state is SessionState.CLOSED


@dataclass(frozen=True, slots=True)
class Quiet:
    """Visits in a row that had nothing to do, the newest first."""

    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Visits:
    """A page of visits, the newest first; `newer` and `older` as in `log.Log`."""

    connector: Connector
    lines: tuple[Visit | Quiet, ...]
    newer: int | None
    older: int | None


def page(core: Core, connector_name: str, wanted: WantedVisits, place: Place, *, size: int = LINES) -> Visits:
    """The visits of a connector that are wanted.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        found = visit_pages.find_visits(conn, connector.id, wanted, place, limit=size + 1)
        part = cut(found, place, size)
        if place.after is not None and not part.newer and len(part.items) < size:
            found = visit_pages.find_visits(conn, connector.id, wanted, Place(), limit=size + 1)
            part = cut(found, Place(), size)
        visits = _with_work(conn, part.items)
        newer = _newer(part.items, place) if part.newer else None
        return Visits(
            connector, tuple(_folded(visits)), newer, part.items[-1].id if part.older and part.items else None
        )


def _newer(items: Sequence[Session], place: Place) -> int:
    return items[0].id if items else (place.before or 1) - 1


def _with_work(conn: Transaction, found: Sequence[Session]) -> list[Visit]:
    ids = [session.id for session in found]
    tallies = sessions.tallies(conn, ids)
    sets = visit_pages.carried(conn, ids, most=_SETS_NAMED)
    return [Visit(item, tuple(tallies[item.id]), sets.get(item.id, Carried())) for item in found]


def _folded(visits: Sequence[Visit]) -> Iterator[Visit | Quiet]:
    quiet: list[Visit] = []
    for visit in visits:
        if visit.is_quiet:
            quiet.append(visit)
            continue
        if quiet:
            yield Quiet(tuple(quiet))
            quiet = []
        yield visit
    if quiet:
        yield Quiet(tuple(quiet))


_CHUNK = 200


def stream(core: Core, connector_name: str, wanted: WantedVisits) -> Iterator[Visit]:
    """All visits that are wanted, the newest first, read piece by piece.

    Raises:
        NotFound: there is no such connector.
    """
    before: int | None = None
    while True:
        with look(core, connector_name) as (conn, connector):
            found = visit_pages.find_visits(conn, connector.id, wanted, Place(before), limit=_CHUNK)
            visits = _with_work(conn, found)
        yield from visits
        if len(visits) < _CHUNK:
            return
        before = visits[-1].session.id


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a message set with the record it is about, if it is about one."""

    request: RequestLine
    record: Recognised | None

    @property
    def operation(self) -> Operation:
        """What it was for."""
        return Operation(self.request.operation)


@dataclass(frozen=True, slots=True)
class CarriedSet:
    """A message set with its requests, in their order."""

    line: SetLine
    requests: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class VisitPage:
    """A visit with a page of what it carried; `newer` and `older` are ids of message sets."""

    connector: Connector
    visit: Visit
    sets: tuple[CarriedSet, ...]
    newer: int | None
    older: int | None


def one(core: Core, connector_name: str, session_id: int, place: Place, *, size: int = SETS) -> VisitPage:
    """A visit, with its message sets from the first on.

    Raises:
        NotFound: there is no such connector, or it has no such visit.
    """
    with look(core, connector_name) as (conn, connector):
        session = visit_pages.one_visit(conn, connector.id, session_id)
        if session is None:
            raise NotFound(f"the connector {connector_name} has no visit {session_id}")
        (visit,) = _with_work(conn, [session])
        found = visit_pages.set_lines(conn, session_id, place=place, limit=size + 1)
        back = place.before is not None
        more = len(found) > size
        shown = found[-size:] if back else found[:size]
        carried = _carried(conn, shown)
    has_earlier = more if back else place.after is not None
    has_later = True if back else more
    return VisitPage(
        connector,
        visit,
        tuple(carried),
        newer=shown[0].id if shown and has_earlier else None,
        older=shown[-1].id if shown and has_later else None,
    )


def _carried(conn: Transaction, shown: Sequence[SetLine]) -> list[CarriedSet]:
    asked = visit_pages.request_lines(conn, [line.id for line in shown])
    known = documents.recognised(conn, {item.record_id for item in asked if item.record_id is not None})
    by_set: dict[int, list[Asked]] = {line.id: [] for line in shown}
    for item in asked:
        by_set[item.message_set_id].append(Asked(item, known.get(item.record_id or 0)))
    return [CarriedSet(line, tuple(by_set[line.id])) for line in shown]
