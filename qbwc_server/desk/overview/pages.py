"""All connectors, the worst first, a page at a time.

Where each stands is told from the numbers that are kept of it; all else is read of those that are shown.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from qbwc_server.desk.overview.facts import beside, expected, facts_of, is_held_up, overdue
from qbwc_server.desk.overview.looking import summary_of
from qbwc_server.desk.overview.shapes import PLACES, Overview, Place
from qbwc_server.desk.overview.words import Gist, mood_of
from qbwc_server.desk.pictures import first_day
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors, kept_counts
from qbwc_server.storage.connectors import Brief
from qbwc_server.storage.kept_counts import Kept
from qbwc_server.sync.core import Core

PAGE = 200
"""So many connectors stand on a page."""

_Rank = tuple[int, float, str]


def page(core: Core, *, place: Place | None = None, name: str = "", number: int = 1) -> Overview:
    """How connectors are, the worst first.

    Args:
        place: only those that stand there.
        name: only those whose name, or that of their company, has this in it, in any case.
        number: which page, from 1 on; behind the last one the last is given.
    """
    now = core.clock()
    with core.database.read() as conn:
        every = connectors.briefs(conn)
        kept = kept_counts.of_connectors(conn, [brief.id for brief in every])
        ranked = sorted((_rank(brief, kept, now), brief.id, brief) for brief in every)
        wanted = [
            brief_id
            for rank, brief_id, brief in ranked
            if (place is None or rank[0] == place.rank) and _is_called(brief, name)
        ]
        pages = max(1, -(-len(wanted) // PAGE))
        number = min(max(1, number), pages)
        shown = wanted[(number - 1) * PAGE : number * PAGE]
        found = connectors.some(conn, shown)
        facts = facts_of(conn, [found[each] for each in shown], since=first_day(now), kept=kept)
        return Overview(
            connectors=tuple(summary_of(*each, now) for each in facts),
            number=len(every),
            found=len(wanted),
            places=_places(ranked),
            page=number,
            pages=pages,
        )


def _places(ranked: Sequence[tuple[_Rank, int, Brief]]) -> dict[Place, int]:
    numbers = Counter(rank[0] for rank, _, _ in ranked)
    return {place: numbers[place.rank] for place in Place if numbers[place.rank]}


def _is_called(brief: Brief, name: str) -> bool:
    wanted = name.strip().casefold()
    return wanted in brief.name.casefold() or wanted in (brief.company or "").casefold()


def _rank(brief: Brief, kept: Kept, now: datetime) -> _Rank:
    """Of those that stand at one place the one with most to do first, then by name."""
    gist = _gist(brief, kept, now)
    place = PLACES[mood_of(gist)]
    match place:
        case Place.STOPPED:
            much: float = gist.waiting
        case Place.STUCK:
            much = gist.counts[State.BLOCKED] + gist.refused + gist.beside
        case Place.LATE:
            much = (gist.overdue or timedelta(0)).total_seconds()
        case _:
            much = 0
    return (place.rank, -much, brief.name)


def _gist(brief: Brief, kept: Kept, now: datetime) -> Gist:
    words = kept.words[brief.id]
    expected_at = expected(brief.last_seen_at, brief.run_every_minutes, brief.habit)
    return Gist(
        is_held_up=is_held_up(words),
        beside=beside(words),
        is_seen=brief.last_seen_at is not None,
        overdue=overdue(expected_at, brief.run_every_minutes, now),
        counts=kept.states[brief.id],
        refused=kept_counts.refused(kept_counts.by_cause(words)),
        is_paused=brief.paused,
        is_live=brief.id in kept.live,
    )
