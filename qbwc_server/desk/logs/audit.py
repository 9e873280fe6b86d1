"""What people did, over all connectors and of the installation: who changed what, from what to what."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.logs import event_words
from qbwc_server.desk.logs.log import FOLDED, fold, lines_of
from qbwc_server.desk.logs.log_kinds import LogKind
from qbwc_server.desk.paging import cut
from qbwc_server.domain.events import Event
from qbwc_server.storage import Transaction, connectors, log_pages
from qbwc_server.storage import audit as rows
from qbwc_server.storage.audit import Deed
from qbwc_server.storage.log_pages import Place, Wanted
from qbwc_server.sync.core import Core

__all__ = ["AuditLine", "AuditPage", "Both", "Wanted", "page", "stream"]

LINES = 50
_IN_BOTH = frozenset({"connector.added", "connector.removed", "connector.restored"})
"""They are deeds of the installation, too, and stay there when the connector is erased."""


@dataclass(frozen=True, slots=True)
class Both:
    """A place in both logs: the ids of an event and of a deed of the installation; as text `812.40`."""

    event: int
    deed: int

    def __str__(self) -> str:
        return f"{self.event}.{self.deed}"

    @classmethod
    def read(cls, text: str | None) -> "Both | None":
        """What was written so; None of anything else."""
        found = re.fullmatch(r"(\d{1,10})\.(\d{1,10})", text or "", re.ASCII)
        if found is None or max(map(int, found.groups())) > _LARGEST:
            return None
        return cls(int(found[1]), int(found[2]))


_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One deed.

    Attributes:
        connector: whose it is; None: of the installation.
        is_removed: the connector has no pages any more.
        about: of the installation: the name of whom or what it was done to.
        others: how many more records the same was done to.
        place: behind which the older ones lie.
    """

    at: datetime
    actor: str
    what: str
    detail: str | None
    data: dict[str, Any] | None
    place: Both
    connector: str | None = None
    is_removed: bool = False
    record: Recognised | None = None
    about: str | None = None
    others: int = 0
    times: int = 1
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of deeds, the newest first; `newer` and `older` are the places behind which the others lie."""

    lines: tuple[AuditLine, ...]
    newer: Both | None
    older: Both | None
    reached: bool
    people: tuple[str, ...]


_Item = list[Event] | Deed


def page(
    core: Core,
    wanted: Wanted,
    kind: LogKind | None,
    *,
    before: Both | None = None,
    after: Both | None = None,
    size: int = LINES,
) -> AuditPage:
    """The deeds that are wanted, of the installation and of all connectors."""
    with core.database.read() as conn:
        return _page(conn, wanted, kind, before, after, size)


def _page(
    conn: Transaction,
    wanted: Wanted,
    kind: LogKind | None,
    before: Both | None,
    after: Both | None,
    size: int,
) -> AuditPage:
    found, reached = _find(conn, wanted, kind, before, after, size, looked_at=2 * size)
    part = cut(found, Place(before=0 if before else None, after=0 if after else None), size)
    if after is not None and not part.newer and len(part.items) < size:
        return _page(conn, wanted, kind, None, None, size)
    start = before or after or Both(_LARGEST, _LARGEST)
    lines = _lines(conn, part.items, start)
    older = lines[-1].place if lines and (part.older or reached is not None) else None
    if reached is not None and not part.older:
        older = Both(reached, older.deed if older else start.deed)
    newer = _first(part.items, start) if part.newer else None
    people = {*log_pages.deed_actors(conn, None, limit=500), *rows.actors(conn)}
    return AuditPage(
        tuple(lines), newer, older, reached is not None and not part.older, tuple(sorted(people))
    )


def _find(
    conn: Transaction,
    wanted: Wanted,
    kind: LogKind | None,
    before: Both | None,
    after: Both | None,
    size: int,
    *,
    looked_at: int,
) -> tuple[list[_Item], int | None]:
    """One more than `size` of both, the newest first, and how far back was looked."""
    place = Place(before.event if before else None, after.event if after else None)
    of_events = log_pages.find_events(conn, None, wanted, place, limit=looked_at)
    groups = fold([event for event in of_events.events if event.type not in _IN_BOTH])
    is_cut = len(of_events.events) == looked_at
    if is_cut and len(groups) <= size and looked_at < FOLDED:
        # with one press somebody did much
        return _find(conn, wanted, kind, before, after, size, looked_at=FOLDED)
    deeds = rows.newest(
        conn,
        before=before.deed if before else None,
        after=after.deed if after else None,
        limit=size + 1,
        wanted=_of_installation(wanted, kind),
    )
    reached = of_events.events[-1].id if is_cut and after is None else of_events.reached
    if is_cut and after is None:
        # what is older than what was looked at comes after it, on a later page
        deeds = [deed for deed in deeds if deed.at >= of_events.events[-1].at]
    merged = _merged(groups, deeds)
    if after is not None:
        return merged[-(size + 1) :], None
    return merged[: size + 1], reached


def _of_installation(wanted: Wanted, kind: LogKind | None) -> rows.Wanted:
    words = None if kind is None else kind.installation
    return rows.Wanted(wanted.actor, words, wanted.words, wanted.since, wanted.until)


def _merged(groups: Sequence[list[Event]], deeds: Sequence[Deed]) -> list[_Item]:
    """Both by time; each keeps its own order, whatever a clock did."""
    found: list[_Item] = []
    events, others = list(groups), list(deeds)
    while events or others:
        if not others or (events and events[0][0].at >= others[0].at):
            found.append(events.pop(0))
        else:
            found.append(others.pop(0))
    return found


def _first(items: Sequence[_Item], start: Both) -> Both:
    """The place before which the newer ones lie."""
    event = next((item[0].id for item in items if isinstance(item, list)), start.event - 1)
    deed = next((item.id for item in items if not isinstance(item, list)), start.deed - 1)
    return Both(max(event, 0), max(deed, 0))


def _lines(conn: Transaction, items: Sequence[_Item], start: Both) -> list[AuditLine]:
    groups = [item for item in items if isinstance(item, list)]
    of_events = iter(lines_of(conn, groups))
    named = connectors.names(conn, {group[0].connector_id for group in groups})
    found, place = [], start
    for item in items:
        if isinstance(item, list):
            place = replace(place, event=item[-1].id)
            line = next(of_events)
            event = line.event
            said = event_words.told(event)
            name, is_removed = named[event.connector_id]
            found.append(
                AuditLine(
                    event.at,
                    event.actor,
                    said.text,
                    said.detail,
                    dict(event.data or {}),
                    place,
                    connector=name,
                    is_removed=is_removed,
                    record=line.record,
                    others=line.others,
                )
            )
        else:
            place = replace(place, deed=item.id)
            found.append(_of_deed(item, place))
    return found


def _of_deed(deed: Deed, place: Both) -> AuditLine:
    return AuditLine(
        deed.at,
        deed.actor,
        deed.what,
        deed.detail,
        dict(deed.data or {}),
        place,
        about=deed.about,
        times=deed.times,
        last_at=deed.last_at,
    )


def stream(core: Core, wanted: Wanted, kind: LogKind | None) -> Iterator[AuditLine]:
    """All deeds that are wanted, the newest first, read piece by piece; those of one press are one line."""
    before: Both | None = None
    while True:
        found = page(core, wanted, kind, before=before, size=_AT_ONCE)
        yield from found.lines
        if found.older is None or found.older == before:
            return
        before = found.older


_AT_ONCE = 500
