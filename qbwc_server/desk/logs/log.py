"""The log of a connector in three views: its visits, what people did, and everything; each in pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from qbwc_server.desk.documents import documents
from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.logs.history import entries
from qbwc_server.desk.paging import Part, cut
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.events import Event
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import Transaction, log_pages
from qbwc_server.storage.log_pages import HOST, Place, Wanted
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

__all__ = ["HOST", "Line", "Log", "Place", "Wanted", "deeds", "everything", "fold", "lines_of", "stream"]

LINES = 50
"""So many are shown on a page."""
FOLDED = 1_000
"""So many deeds are looked at for a page of them, at most: those of one press of a button are one line."""
_NEWEST = 500
"""The people that are offered to choose from are those of so many deeds."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event with the record it concerns, if it concerns one.

    Attributes:
        others: how many more records the same person did the same to at the same moment.
        record: the record as people know it, where somebody looks at the line.
    """

    event: Event
    kind: Kind | None
    external_id: str | None
    others: int = 0
    record: Recognised | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, the newest first.

    Attributes:
        newer, older: the ids behind which the pages on both sides lie; None: there is none.
        reached: how far back was looked, where there is more that was not looked through.
        people: who did something lately.
    """

    connector: Connector
    lines: tuple[Line, ...]
    newer: int | None
    older: int | None
    reached: datetime | None
    people: tuple[str, ...]


def everything(core: Core, connector_name: str, wanted: Wanted, place: Place, *, size: int = LINES) -> Log:
    """All that happened to a connector and its records, as far as it is wanted.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return _page(conn, connector, wanted, place, size, looked_at=size + 1)


def deeds(core: Core, connector_name: str, wanted: Wanted, place: Place, *, size: int = LINES) -> Log:
    """What people did to a connector and its records, as far as it is wanted.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, connector_name) as (conn, connector):
        return _page(conn, connector, replace(wanted, deeds=True), place, size, looked_at=2 * size)


def _page(
    conn: Transaction, connector: Connector, wanted: Wanted, place: Place, size: int, *, looked_at: int
) -> Log:
    found = log_pages.find_events(conn, connector.id, wanted, place, limit=looked_at)
    groups = fold(found.events) if wanted.deeds else [[event] for event in found.events]
    is_cut = len(found.events) == looked_at
    if is_cut and len(groups) <= size and looked_at < FOLDED:
        # with one press somebody did much
        return _page(conn, connector, wanted, place, size, looked_at=FOLDED)
    part = cut(groups, place, size)
    if place.after is not None and not part.newer and len(part.items) < size:
        # the newest page is a whole one
        return _page(conn, connector, wanted, Place(), size, looked_at=looked_at)
    is_left = part.older or (is_cut and place.after is None)
    older = part.items[-1][-1].id if part.items and is_left else found.reached
    return Log(
        connector,
        tuple(lines_of(conn, part.items)),
        newer=_newer(part, place),
        older=older,
        reached=_moment(conn, connector, found.reached if place.after is None else None),
        people=tuple(log_pages.deed_actors(conn, connector.id, limit=_NEWEST)),
    )


def _newer(part: Part[list[Event]], place: Place) -> int | None:
    if not part.newer:
        return None
    # nothing was found going back from there: whatever is newer begins right at that place
    return part.items[0][0].id if part.items else (place.before or 1) - 1


def _moment(conn: Transaction, connector: Connector, reached: int | None) -> datetime | None:
    if reached is None:
        return None
    return log_pages.moment_of(conn, connector.id, reached)


def fold(found: Sequence[Event]) -> list[list[Event]]:
    """What one press of a button did to many records belongs together."""
    groups: list[list[Event]] = []
    for event in found:
        if groups and _is_one_deed(groups[-1][-1], event):
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _is_one_deed(one: Event, other: Event) -> bool:
    of_records = one.record_id is not None and other.record_id is not None
    same = (one.connector_id, one.actor, one.type) == (other.connector_id, other.actor, other.type)
    # a long retry is committed in slices, each at a moment of its own
    return of_records and same and abs((one.at - other.at).total_seconds()) < _ONE_PRESS


_ONE_PRESS = 2.0


def lines_of(conn: Transaction, groups: Sequence[Sequence[Event]]) -> list[Line]:
    """A line for each group, with the record its first event concerns as people know it."""
    firsts = [group[0] for group in groups]
    known = documents.recognised(conn, {event.record_id for event in firsts if event.record_id is not None})
    lines = []
    for first, group in zip(firsts, groups, strict=True):
        record = known.get(first.record_id or 0)
        kind, external_id = (record.kind, record.external_id) if record else (None, None)
        lines.append(Line(first, kind, external_id, len(group) - 1, record))
    return lines


_CHUNK = 500


def stream(core: Core, connector_name: str, wanted: Wanted) -> Iterator[Line]:
    """All lines that are wanted, the newest first, read piece by piece; none of them folded.

    Raises:
        NotFound: there is no such connector.
    """
    before: int | None = None
    while True:
        with look(core, connector_name) as (conn, connector):
            found = log_pages.find_events(conn, connector.id, wanted, Place(before), limit=_CHUNK)
            lines = [
                Line(entry.event, entry.kind, entry.external_id) for entry in entries(conn, found.events)
            ]
        yield from lines
        if len(lines) == _CHUNK:
            before = lines[-1].event.id
        elif found.reached is not None:
            before = found.reached
        else:
            return
