"""The list cache: when a list is loaded, page by page, and what a page changes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.domain.operations import DocumentDeletions, ListDeletions, LoadingList, Operation
from qbwc_server.domain.retries import Trouble, next_step
from qbwc_server.domain.sessions import Session, new_request_id
from qbwc_server.storage import Transaction, connectors, lists
from qbwc_server.storage.bulk import batched
from qbwc_server.storage.standing import Standing
from qbwc_server.sync import pauses, resolve, revision
from qbxml import LATEST, Country, Response, Version
from qbxml.queries import ITERATOR_SINCE
from qbxml.requests import Query, ret_elements

from .questions import Question

OVERLAP = timedelta(hours=2)
"""How far a load of changes reaches back behind the begin of the last one. QuickBooks filters by the wall clock
of its PC, which jumps back an hour when daylight saving ends, and its From is inclusive."""

_FURTHEST_BEHIND = timedelta(hours=-12)
_FURTHEST_AHEAD = timedelta(hours=15)
"""The wall clock of a PC against UTC: no time zone is further behind; none is further ahead than 14 hours, and some
clocks are a little fast. A stamp beyond that is of no change there was: it tells nothing of when to ask from."""

FULL_LOADS = ((5_000, timedelta(days=1)), (None, timedelta(days=7)))
"""How often a list of at most so many entries is loaded in full all the same: what changed while the PC's clock was
days slow, and nothing was written that would have shown it, is seen then at the latest."""


def is_due(load: ListLoad, connector: Connector, now: datetime) -> bool:
    """Whether a list is to be loaded now: a load is going on, or it is too old, or a Resync was asked for."""
    if not load.is_wanted or (load.not_before is not None and load.not_before > now):
        return False
    if load.running is not None or load.loaded_at is None or load.resync_requested_at is not None:
        return True
    if _lacks_fields(
        load.fields or (), _asked_for(load.list_name, connector.qbxml_version, connector.country)
    ):
        return True
    return load.loaded_at + timedelta(minutes=connector.settings.refresh_minutes) <= now


@lru_cache(maxsize=256)
def _asked_for(list_name: ListName, version: str | None, country: str | None) -> tuple[str, ...]:
    """The elements of a list that are kept, as far as QuickBooks has them."""
    return ret_elements(
        in_quickbooks.LISTS[list_name].name,
        in_quickbooks.LISTS[list_name].fields,
        Version(version) if version else LATEST,
        cast(Country, country or "US"),
    )


def _lacks_fields(fields: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether the cache was filled without something that is kept now: after an update of this server, or of
    QuickBooks to a version that tells more."""
    return not set(wanted) <= set(fields)


def any_due(conn: Transaction, connector: Connector, now: datetime) -> bool:
    """Whether any list is to be loaded now."""
    return any(is_due(load, connector, now) for load in lists.loads(conn, connector.id, tuple(ListName)))


def rests(found: Standing, now: datetime) -> bool:
    """Whether no list is to be loaded now, of a connector that stands so: what `any_due` tells from the rows."""
    connector = found.connector
    if found.has_new_lists or found.has_lists_due:
        return False
    patience = timedelta(minutes=connector.settings.refresh_minutes)
    if found.oldest_list is not None and found.oldest_list + patience <= now:
        return False
    return not _any_lacks_fields(found.fields or "", connector.qbxml_version, connector.country)


@lru_cache(maxsize=256)
def _any_lacks_fields(kept: str, version: str | None, country: str | None) -> bool:
    lists = (each.split(":", 1) for each in kept.split(";") if each)
    return any(
        _lacks_fields(json.loads(fields) or (), _asked_for(ListName(name), version, country))
        for name, fields in lists
    )


# --- asking -------------------------------------------------------------------------------------------------


def pages(
    conn: Transaction, connector: Connector, session: Session, *, page_size: int, now: datetime
) -> tuple[list[Question], set[Kind]]:
    """The next page of every list that is due; all of them travel in one message set.

    Returns:
        Them, and the documents that are looked at with them: those of the lists that are begun.
    """
    made: list[Question] = []
    begun: set[Kind] = set()
    version = Version(session.qbxml_version or "13.0")
    for load in lists.loads(conn, connector.id, tuple(ListName)):
        if is_due(load, connector, now):
            load = _begin(conn, connector, session, load, now=now)
            page = _next_page(connector, load, page_size, version)
            if not page.query.is_known(version):
                _leave_out(conn, connector, load, now=now)
                continue
            made.append(page)
            if load.iterator_id is None:
                made += _deletions_with(load)
                documents = in_quickbooks.documents_with(load.list_name)
                begun |= {documents} if documents is not None else set()
    return made, begun


def _leave_out(conn: Transaction, connector: Connector, load: ListLoad, *, now: datetime) -> None:
    """This QuickBooks is too old to be asked for a list: for us it has none."""
    finished = {**_FINISHED, "loaded_at": now, "resync_requested_at": None, "refusal": _TOO_OLD}
    finished["is_persons"] = False
    lists.change_load(conn, connector.id, load.list_name, **finished)


_TOO_OLD = "this version of QuickBooks does not have the list"


def _deletions_with(load: ListLoad) -> Iterator[Question]:
    """What is asked beside the first page of a load: what was deleted since the last one.

    A full load finds the list records that were deleted by not seeing them, but no load sees documents. All that
    QuickBooks remembers (some three months) is asked for: it is little, and no clock has a say in it.
    """
    if load.running == "changes" or load.is_resumed:
        yield _deletions(load)
    kind = in_quickbooks.documents_with(load.list_name)
    if kind is not None and load.loaded_at is not None:
        yield _deleted_documents(kind)


def _begin(
    conn: Transaction, connector: Connector, session: Session, load: ListLoad, *, now: datetime
) -> ListLoad:
    """Start a load, or go on with the one that is running.

    An iterator lives only in the session that started it. In another one a full load goes on behind the name
    it had come to, where QuickBooks gave the names in order; else it begins anew.
    """
    if load.running is not None and load.session_id == session.id:
        return load
    fields = _asked_for(load.list_name, session.qbxml_version, session.country)
    lacks_fields = _lacks_fields(load.fields or (), fields)
    full = load.resync_requested_at is not None or lacks_fields or _is_due_in_full(load, now)
    resumed = full and load.resume_after is not None and not lacks_fields
    values: dict[str, Any] = {
        "running": "full" if full else "changes",
        "iterator_id": None,
        "session_id": session.id,
        "is_resumed": resumed,
    }
    if not resumed:
        values |= {"changes": {}, "resume_after": None, "number": load.number + (1 if full else 0)}
        values |= {"began_at": now, "newest": None}
    if full and not resumed:
        values["fields"] = fields
    if lacks_fields and load.loaded_at is not None:
        # the fields are noted now: that the load has to come to its end must be, too
        values["resync_requested_at"] = load.resync_requested_at or now
    lists.change_load(conn, connector.id, load.list_name, **values)
    return lists.loads(conn, connector.id, (load.list_name,))[0]


def _is_due_in_full(load: ListLoad, now: datetime) -> bool:
    """Whether what changed is not enough: never loaded, empty so far, a small list (no iterator), or a while ago."""
    if not load.list_name.is_matched or load.loaded_at is None or load.read_from is None or not load.expected:
        return True
    (pause,) = [pause for most, pause in FULL_LOADS if most is None or load.expected <= most][:1]
    return load.fully_loaded_at is None or load.fully_loaded_at + pause <= now


def _next_page(connector: Connector, load: ListLoad, page_size: int, version: Version) -> Question:
    # a TemplateQuery has no filter, and answers inactive ones too (qbXML schema)
    selectors: dict[str, Any] = {} if load.list_name is ListName.TEMPLATE else {"active_status": "All"}
    # a QuickBooks that has no iterators gives the whole list in one go
    if load.list_name.is_matched and version >= ITERATOR_SINCE:
        selectors["max_returned"] = page_size
        selectors["iterator"] = "Start" if load.iterator_id is None else "Continue"
        selectors["iterator_id"] = load.iterator_id
    if load.is_resumed:
        selectors["name_range_filter"] = {"from_name": load.resume_after}
    if load.running == "changes":
        selectors["from_modified_date"] = _reaching_back(connector, load)
    query = Query(
        in_quickbooks.LISTS[load.list_name].name,
        request_id=new_request_id(),
        include_ret_element=list(in_quickbooks.LISTS[load.list_name].fields),
        **selectors,
    )
    if load.running is None:
        raise RuntimeError(f"the load of {load.list_name} was not begun")
    return Question(query, Operation.LIST_PAGE, LoadingList(load.list_name, load.number, load.running))


def _reaching_back(connector: Connector, load: ListLoad) -> datetime:
    """The From of a load of changes: a time that the PC's clock had not passed when the last load began.

    Whatever time zone the PC is in, was in or is put into; and no later than the latest change seen, which is the
    better knowledge of a PC whose clock is slow.
    """
    if load.read_from is None:
        raise RuntimeError("a load of changes needs a full load before it")
    since = _wall_clock_at(connector, load.read_from)
    if load.high_water is not None:
        since = min(since, datetime.fromisoformat(load.high_water))
    return since - OVERLAP


def _wall_clock_at(connector: Connector, moment: datetime) -> datetime:
    """The earliest that the clock of QuickBooks' PC may have shown at a moment of ours."""
    offset = timedelta(seconds=connector.pc_offset or 0)
    return _naive(moment + min(offset, _FURTHEST_BEHIND))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def wall_clock_before(connector: Connector, moment: datetime) -> datetime:
    """A time by the clock of QuickBooks' PC that is before a moment of ours, whatever its time zone, and even if
    it is some days wrong."""
    return _wall_clock_at(connector, moment) - timedelta(days=7)


def _deletions(load: ListLoad) -> Question:
    types = in_quickbooks.deletion_types(load.list_name)
    query = Query("ListDeleted", request_id=new_request_id(), list_del_type=list(types))
    return Question(query, Operation.LIST_DELETED, ListDeletions(load.list_name))


def _deleted_documents(kind: Kind) -> Question:
    query = Query("TxnDeleted", request_id=new_request_id(), txn_del_type=[in_quickbooks.KINDS[kind].name])
    return Question(query, Operation.TXN_DELETED, DocumentDeletions(kind))


# --- reading ------------------------------------------------------------------------------------------------


def read_page(
    conn: Transaction,
    connector: Connector,
    session: Session,
    page: LoadingList,
    response: Response,
    *,
    now: datetime,
) -> bool:
    """Take a page into the cache; after the last one the load is finished. Releases what waited for it.

    Returns:
        Whether QuickBooks refused a list without which nothing can be matched, so that everything waits.
    """
    (load,) = lists.loads(conn, connector.id, (page.list_name,))
    if (load.running, load.number, load.session_id) != (page.running, page.load, session.id):
        return False  # an answer to a load that was given up, or that another session goes on with
    if response.status_code >= 500:
        answer = QuickBooksAnswer.of(response)
        if not load.list_name.is_matched:
            _no_longer_awaited(conn, connector, load, now=now)
        return _refused(conn, connector, load, answer, now=now) and load.list_name.is_matched
    latest = _naive(now + _FURTHEST_AHEAD).isoformat()[:19]
    passed = _Passed(load.newest, load.resume_after, latest)
    passed.in_order = load.iterator_id is None or load.resume_after is not None
    progress = Counter(load.changes)
    number = 0
    changed: list[ListEntry] = []
    former: list[ListEntry] = []
    for found in batched(passed.entries(load.list_name, response.records)):
        stored = lists.store(conn, connector.id, found, load=load.number)
        progress.update(word for pair in stored for word in _difference(*pair))
        number += len(found)
        changed += [after for _, after in stored]
        former += [before for before, _ in stored if before is not None]
    values: dict[str, Any] = {"newest": passed.newest, "attempts": 0, "refusal": None}
    if load.running == "full" and load.iterator_id is None and not load.is_resumed:
        values["expected"] = number + (response.iterator_remaining_count or 0)
    if response.iterator_remaining_count:
        values["iterator_id"] = response.iterator_id
        if load.running == "full" and not load.is_resumed:
            values["resume_after"] = passed.last_name if passed.in_order else None
    else:
        gone, finished = _finish(conn, connector, load, passed.newest, now=now)
        progress["deleted"] += len(gone)
        changed += gone
        values |= finished
    resolve.review(conn, connector, changed, now=now)
    revision.entries_taken_back(conn, connector, changed, now=now)
    # what an entry no longer is releases too: a name given up, an address left on one of two only
    known = [*changed, *former]
    released = resolve.release_behind(conn, connector, known, now=now, list_name=load.list_name)
    progress["released"] += len(released)
    lists.change_load(conn, connector.id, load.list_name, changes=dict(+progress), **values)
    if load.loaded_at is None and values.get("loaded_at") is not None:
        # perhaps the last list that was missing: what the pages before it changed can be told only now
        resolve.release_all(conn, connector, now=now, actor="server")
    if values.get("resync_requested_at", load.resync_requested_at) is None:
        _no_longer_awaited(conn, connector, load, now=now)
    return False


def _no_longer_awaited(conn: Transaction, connector: Connector, load: ListLoad, *, now: datetime) -> None:
    """A list of a person's Resync has been loaded, or is not to be had: with the last one of them all that is
    blocked is looked at again."""
    if not load.is_persons:
        return
    lists.change_load(conn, connector.id, load.list_name, is_persons=False)
    if any(other.is_persons for other in lists.loads(conn, connector.id, tuple(ListName))):
        return
    released = resolve.release_all(conn, connector, now=now, actor="server", list_name=load.list_name)
    if released:
        lists.count_changes(conn, connector.id, load.list_name, "released", len(released))


@dataclass(slots=True)
class _Passed:
    """What the records of a page tell beside their entries, while they go by.

    Attributes:
        newest: the latest TimeModified, by the clock of QuickBooks' PC.
        last_name: the Name of the last one.
        latest: what is later than this lies ahead of any clock, and is not taken for the newest.
        in_order: all names so far came in order; otherwise the load cannot be resumed. Sub-entries are listed
            under their parents, so that their own names are out of order.
    """

    newest: str | None
    last_name: str | None
    latest: str
    in_order: bool = True
    _last_key: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._last_key = None if self.last_name is None else fold(self.last_name)

    def entries(self, list_name: ListName, records: Iterable[Any]) -> Iterator[ListEntry]:
        """Each record as the cache keeps it. One at a time: hundreds of records at once, which are large, take
        twice as long for leaving the processor's own cache."""
        for record in records:
            values = vars(record) if isinstance(record, qb.Record) else {}
            moment = _wall_clock(values)
            if moment is not None and (self.newest is None or moment > self.newest) and moment <= self.latest:
                self.newest = moment
            if self.in_order:
                self._follow(values)
            entry = _entry(list_name, record)
            if entry is not None:
                yield entry

    def _follow(self, values: Mapping[str, Any]) -> None:
        name = values.get("name") or ""
        key = fold(name)
        self.in_order = (values.get("full_name") or name) == name and (
            self._last_key is None or key >= self._last_key
        )
        self.last_name, self._last_key = name, key


def _difference(before: ListEntry | None, after: ListEntry) -> Iterator[str]:
    """What changed of an entry, in the words of the report."""
    if before is None or before.is_deleted:
        yield "new"
        return
    if before.full_name != after.full_name:
        yield "renamed"
    if before.is_active != after.is_active:
        yield "reactivated" if after.is_active else "deactivated"
    if before.sku != after.sku:
        yield "sku_changed"
    if before.email != after.email:
        yield "email_changed"


_FINISHED: dict[str, Any] = {
    "running": None,
    "iterator_id": None,
    "session_id": None,
    "not_before": None,
    "resume_after": None,
    "is_resumed": False,
}
"""The columns of a load that is over."""


def _finish(
    conn: Transaction, connector: Connector, load: ListLoad, newest: str | None, *, now: datetime
) -> tuple[list[ListEntry], dict[str, Any]]:
    """End a load: what a full one did not see (it is no longer in QuickBooks), and the columns to set."""
    values: dict[str, Any] = {**_FINISHED, "loaded_at": now, "read_from": load.began_at}
    if load.running != "full":
        values["high_water"] = max(filter(None, (newest, load.high_water)), default=None)
        return [], values
    if load.is_resumed and _has_gaps(conn, connector, load):
        return [], {
            **values,
            "loaded_at": load.loaded_at,
            "resync_requested_at": load.resync_requested_at or now,
            "read_from": load.read_from,
        }
    # a mark that an earlier load set for whatever reason ends here: this one has seen all there is
    values |= {"resync_requested_at": None, "high_water": newest, "fully_loaded_at": load.began_at}
    gone = [] if load.is_resumed else lists.sweep(conn, connector.id, load.list_name, load.number)
    return gone, values


def _has_gaps(conn: Transaction, connector: Connector, load: ListLoad) -> bool:
    """Whether a resumed load passed entries over: the names behind the place where it was cut off need not
    have been in order."""
    return lists.seen(conn, connector.id, load.list_name, load.number) < (load.expected or 0)


def _refused(
    conn: Transaction, connector: Connector, load: ListLoad, answer: QuickBooksAnswer, *, now: datetime
) -> bool:
    """QuickBooks did not give the list: begin anew, after a while; False when that is done at once.

    An iterator that QuickBooks has lost is no reason to wait: the first time, the list is begun again.
    """
    step = next_step(Trouble.LIST_REFUSED, load.attempts)
    has_lost = load.iterator_id is not None and load.attempts == 0
    lists.change_load(
        conn,
        connector.id,
        load.list_name,
        running=None,
        iterator_id=None,
        session_id=None,
        resume_after=None,
        attempts=load.attempts + 1,
        refusal=None if has_lost else pauses.words(Trouble.LIST_REFUSED, answer),
        not_before=None if has_lost else now + _patience(connector, load, step.pause),
    )
    return not has_lost


def _patience(connector: Connector, load: ListLoad, pause: timedelta) -> timedelta:
    """How long to leave a refused list alone; one that nothing waits for (a feature is off) a whole interval."""
    if load.list_name.is_matched:
        return pause
    return max(pause, timedelta(minutes=connector.settings.refresh_minutes))


def give_up(
    conn: Transaction, connector: Connector, page: LoadingList, answer: QuickBooksAnswer, *, now: datetime
) -> None:
    """A page could not be had at all (QuickBooks refused the whole message set)."""
    (load,) = lists.loads(conn, connector.id, (page.list_name,))
    _refused(conn, connector, load, answer, now=now)


def read_deletions(
    conn: Transaction, connector: Connector, list_name: ListName, response: Response, *, now: datetime
) -> None:
    """Mark what QuickBooks says was deleted from a list."""
    ids = [
        record.list_id for record in response.records if isinstance(record, qb.ListDeleted) and record.list_id
    ]
    if ids:
        gone = lists.mark_deleted(conn, connector.id, list_name, ids)
        resolve.review(conn, connector, gone, now=now)
        resolve.release_behind(conn, connector, gone, now=now)


def read_deleted_documents(
    conn: Transaction, connector: Connector, kind: Kind, response: Response, *, now: datetime
) -> None:
    """Which of our documents QuickBooks says were deleted."""
    ids = [
        record.txn_id for record in response.records if isinstance(record, qb.TxnDeleted) and record.txn_id
    ]
    if ids:
        revision.documents_gone(conn, connector, kind, ids, now=now)


def count_released(conn: Transaction, connector: Connector, kind: Kind, number: int) -> None:
    """Add documents that could be released to what the refresh reports that they were looked at with."""
    list_name = in_quickbooks.KINDS[kind].deletions_with
    if list_name is not None:
        lists.count_changes(conn, connector.id, list_name, "released", number)


def learn(
    conn: Transaction, connector: Connector, list_name: ListName, written: Iterable[qb.Record]
) -> list[ListEntry]:
    """Take answers to writes into the cache at once, without waiting for the next refresh.

    Returns:
        The entries they changed, as they were and as they are: what waits for either can go on.
    """
    entries = [
        replace(entry, sides=host.sides_of(record))
        for record in written
        if (entry := _entry(list_name, record)) is not None
    ]
    stored = lists.store(conn, connector.id, entries, load=None)
    return [each for pair in stored for each in pair if each is not None]


def _entry(list_name: ListName, record: Any) -> ListEntry | None:
    """A record of a list as the cache keeps it; None for what has no identity."""
    if not isinstance(record, qb.Record):
        return None
    # not getattr: to ask a record for a field its kind does not have takes longer than all the others together
    get = vars(record).get
    name = get("full_name") or get("name") or get("initial")
    list_id = get("list_id")
    if not list_id or not name:
        return None
    terms = get("terms")
    return ListEntry(
        list_name,
        list_id,
        get("template_type") or record.kind,
        name,
        get("is_active") is not False,
        False,
        get("email") or None,
        get("manufacturer_part_number") or None,
        get("edit_sequence"),
        get("external_guid"),
        terms.full_name if terms is not None else None,
        get("account_number") or None,
        get("bar_code_value") or None,
    )


def _wall_clock(values: Mapping[str, Any]) -> str | None:
    """TimeModified as the PC's clock showed it; QuickBooks' offset is wrong during daylight saving.

    None where there is none, or none that can be read: the record itself is good all the same.
    """
    stamp = values.get("time_modified")
    try:
        return None if stamp is None else str(stamp.wall.isoformat()[:19])
    except (ValueError, OverflowError):
        return None


_STEADY = timedelta(minutes=15)


def learn_clock(conn: Transaction, connector: Connector, written: Iterable[Any], *, now: datetime) -> None:
    """Learn from what QuickBooks has just written how far the clock of its PC is from ours: the only thing that shows a
    clock that is days slow."""
    stamps = [stamp for stamp in (_wall_clock(vars(each)) for each in written) if stamp is not None]
    if not stamps:
        return
    offset = datetime.fromisoformat(min(stamps)) - _naive(now)
    known = timedelta(seconds=connector.pc_offset) if connector.pc_offset is not None else None
    if known is None or abs(offset - known) > _STEADY:
        connectors.change(conn, connector.id, pc_offset=round(offset.total_seconds()))
