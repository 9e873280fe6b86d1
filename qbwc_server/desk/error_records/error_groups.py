"""One group of error records, and one error record: what waits, the ways out, what was agreed, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qbwc_server.desk.documents import documents
from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.error_records.choices import Offer, offer_of
from qbwc_server.desk.error_records.error_lists import sleeps
from qbwc_server.desk.error_records.errors import to_link
from qbwc_server.desk.views.error_views import ErrorRecord, shown
from qbwc_server.domain.care import Care, Note
from qbwc_server.domain.causes import CATALOGUE
from qbwc_server.domain.causes.together import WayOn, title, way_on
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed, StoredError, Total
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, care
from qbwc_server.storage import errors as rows
from qbwc_server.storage.errors import Ending, Gathered
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look

LOOKED_BACK = timedelta(days=30)
"""So far back it is looked for what became of a group."""
BY_THE_SERVER = "released by server"
RESYNC_TELLS = timedelta(days=1)
"""What the server found gone so long after a person's Resync is told to be of that."""
MOST_NOTES = 20
MOST_ELSEWHERE = 5


@dataclass(frozen=True, slots=True)
class Member:
    """One error record of a group with its record as people know it; None where there is no record."""

    error: ErrorRecord
    record: Recognised | None


@dataclass(frozen=True, slots=True)
class Waits:
    """So many of those that went on wait for something else now."""

    cause: str
    cause_key: str
    title: str
    number: int


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What became of what waited here, as far as it is remembered.

    Attributes:
        endings: how the error records ended, the latest first.
        resync_by: who asked for the Resync after which the server found the cause gone.
        states: where their records are now; `waits` for what the blocked ones wait.
    """

    endings: tuple[Ending, ...]
    states: Mapping[State, int]
    waits: tuple[Waits, ...]
    resync_by: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The error records of one cause behind one key.

    Attributes:
        sum: what waits; None: nothing does any more.
        offer: the ways out, of the error record that stands for all; None when nothing waits.
        sleeps: it was snoozed, and nothing has woken it.
    """

    connector: Connector
    cause: str
    cause_key: str
    title: str
    way_on: WayOn
    sum: Total | None
    members: tuple[Member, ...]
    page: int
    pages: int
    offer: Offer | None
    example: ErrorRecord
    care: Care
    sleeps: bool
    notes: tuple[Note, ...]
    afterwards: Afterwards | None


@dataclass(frozen=True, slots=True)
class Single:
    """One error record.

    Attributes:
        offer: what may be chosen of it, or of the one whose own record can be linked.
        together: how many are open with the same cause behind the same key.
        about: its record, as people know it.
        afterwards: what became of the group, once this one is over.
    """

    connector: Connector
    error: ErrorRecord
    offer: Offer
    way_on: WayOn
    together: int
    about: Recognised | None
    care: Care
    afterwards: Afterwards | None


def group(core: Core, connector_name: str, cause: str, cause_key: str, *, page: int, page_size: int) -> Group:
    """One group, open or over; a constant number of statements, however much waits.

    Args:
        page: of its members, from 1; one behind the last gives the last.

    Raises:
        NotFound: there is no such connector, or it has and had no such error records.
    """
    with look(core, connector_name) as (conn, connector):
        narrowed = Narrowed(cause=cause, cause_key=cause_key)
        found = _whole(rows.by_key(conn, connector.id, narrowed))
        pages = max(1, -(-found.sum.number // page_size)) if found is not None else 1
        page = max(1, min(page, pages))
        skipped = (page - 1) * page_size
        stored = rows.members(conn, connector.id, cause, cause_key, skipped=skipped, limit=page_size)
        cared = care.of(conn, connector.id, cause, cause_key)
        offer = _offer(conn, connector, found, stored) if found is not None and stored else None
        afterwards = _afterwards(conn, connector, cause, cause_key, core.clock())
        example = _example(conn, connector, cause, cause_key, stored)
        return Group(
            connector,
            cause,
            cause_key,
            title(example.cause),
            way_on(example.cause),
            found.sum if found is not None else None,
            members_of(conn, stored),
            page,
            pages,
            offer,
            shown(example),
            cared,
            found is not None and sleeps(found, cared, core.clock()),
            tuple(care.notes(conn, connector.id, cause, cause_key, limit=MOST_NOTES)),
            afterwards,
        )


def single(core: Core, connector_name: str, error_id: int) -> Single:
    """One error record of a connector, open or closed, with its ways out.

    Raises:
        NotFound: there is no such connector, or it has no such error record.
    """
    with look(core, connector_name) as (conn, connector):
        offer = offer_of(conn, connector, error_id)
        stored, error = offer.stored, offer.error
        record_id = stored.record_id if stored.record_id is not None else stored.about_id
        known = documents.recognised(conn, [record_id] if record_id is not None else [])
        over = stored.closed_at is not None
        cause, key = stored.cause.name, stored.cause_key
        return Single(
            connector,
            error,
            offer,
            way_on(stored.cause),
            offer.together,
            known.get(record_id) if record_id is not None else None,
            care.of(conn, connector.id, cause, key),
            _afterwards(conn, connector, cause, key, core.clock()) if over else None,
        )


def _whole(found: Sequence[Gathered]) -> Gathered | None:
    """What waits behind one key, whatever the finer words of it are."""
    if len(found) <= 1:
        return found[0] if found else None
    first = min(found, key=lambda each: each.first_id)
    total = Total.added([each.sum for each in found])
    return Gathered(first.cause, first.sub_reason, first.cause_key, first.actor, first.first_id, None, total)


def _offer(conn: Transaction, connector: Connector, found: Gathered, stored: Sequence[StoredError]) -> Offer:
    """The ways out: of the record that is itself in question, where it is among those that wait, else of the first."""
    behind = rows.group_of(conn, connector.id, found.cause, found.cause_key)
    named = rows.found_by_its_key(conn, connector.id, [behind] if behind is not None else [])
    others = named.get((found.cause, found.cause_key), [])
    own = to_link([*map(shown, stored), *map(shown, others)])
    return offer_of(conn, connector, own.id if own is not None else found.first_id)


def _example(
    conn: Transaction, connector: Connector, cause: str, cause_key: str, stored: Sequence[StoredError]
) -> StoredError:
    """Any one of a group, of those that are over where nothing waits."""
    if stored:
        return stored[0]
    last = rows.last_closed(conn, connector.id, cause, cause_key)
    if last is None or cause not in CATALOGUE:
        raise NotFound(f"the connector {connector.name} has no such errors, and had none that is remembered")
    return last


def members_of(conn: Transaction, stored: Sequence[StoredError]) -> tuple[Member, ...]:
    """These error records, each with its record as people know it; in a constant number of statements."""
    ids = [each.about_id for each in stored if each.about_id is not None]
    known = documents.recognised(conn, ids) if ids else {}
    return tuple(Member(shown(each), known.get(each.about_id or 0)) for each in stored)


def _afterwards(
    conn: Transaction, connector: Connector, cause: str, cause_key: str, now: datetime
) -> Afterwards | None:
    """What became of what waited behind a key lately; None: nothing ended."""
    since = now - LOOKED_BACK
    endings = rows.endings(conn, connector.id, cause, cause_key, since=since)
    if not endings:
        return None
    states = rows.whereabouts(conn, connector.id, cause, cause_key, since=since)
    others = rows.elsewhere(conn, connector.id, cause, cause_key, since=since, limit=MOST_ELSEWHERE)
    words = rows.causes(conn, [each.first_id for each in others]) if others else {}
    waits = [
        Waits(each.cause, each.cause_key, title(words[each.first_id][0]), each.number)
        for each in others
        if (each.cause, each.cause_key) != (cause, cause_key)
    ]
    found = next((each.at for each in endings if each.reason == BY_THE_SERVER), None)
    by = None
    if found is not None:
        by = rows.resync_before(conn, connector.id, found, since=found - RESYNC_TELLS)
    return Afterwards(tuple(endings), states, tuple(waits), by)
