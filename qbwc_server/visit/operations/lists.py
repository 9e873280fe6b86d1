"""Pages of lists: which are asked for next, and what they change in the list cache."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from qbwc_server.domain import in_quickbooks
from qbwc_server.domain.causes import QuickbooksUnreachable
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.operations import LoadingList, Operation, Request
from qbwc_server.domain.retries import Trouble, next_step
from qbwc_server.domain.sessions import Session, new_request_id
from qbwc_server.storage import Transaction, lists
from qbwc_server.storage.bulk import batched
from qbwc_server.sync import connector_errors, full_loads, list_cache, pauses, resolve, revision
from qbwc_server.visit.operations import deletions
from qbwc_server.visit.operations.passing import Passed, differences
from qbwc_server.visit.questions import Heard, Question
from qbxml import Response, Version
from qbxml.queries import ITERATOR_SINCE
from qbxml.requests import Query

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
        if list_cache.is_due(load, connector, now):
            load = _begin(conn, connector, session, load, now=now)
            page = _next_page(connector, load, page_size, version)
            if not page.query.is_known(version):
                _leave_out(conn, connector, load, now=now)
                continue
            made.append(page)
            if load.iterator_id is None:
                made += deletions.with_list(load)
                documents = in_quickbooks.documents_with(load.list_name)
                begun |= {documents} if documents is not None else set()
    return made, begun


def _leave_out(conn: Transaction, connector: Connector, load: ListLoad, *, now: datetime) -> None:
    """This QuickBooks is too old to be asked for a list: for us it has none."""
    finished = {**_FINISHED, "loaded_at": now, "resync_requested_at": None, "refusal": _TOO_OLD}
    lists.change_load(conn, connector.id, load.list_name, **finished)
    _no_longer_awaited(conn, connector, load, now=now)


_TOO_OLD = "this version of QuickBooks does not have the list"


def _begin(
    conn: Transaction, connector: Connector, session: Session, load: ListLoad, *, now: datetime
) -> ListLoad:
    """Start a load, or go on with the one that is running.

    An iterator lives only in the session that started it. In another one a full load goes on behind the name
    it had come to, where QuickBooks gave the names in order; else it begins anew.
    """
    if load.running is not None and load.session_id == session.id:
        return load
    fields = list_cache.asked_for(load.list_name, session.qbxml_version, session.country)
    lacks_fields = list_cache.lacks_fields(load.fields or (), fields)
    full = load.resync_requested_at is not None or lacks_fields or full_loads.is_due(load, now)
    resumed = full and load.resume_after is not None and not lacks_fields
    values: dict[str, Any] = {
        "running": "full" if full else "changes",
        "iterator_id": None,
        "session_id": session.id,
        "is_resumed": resumed,
    }
    if not resumed:
        values |= {"changes": {}, "resume_after": None, "number": load.number + (1 if full else 0)}
        values |= {"began_at": now, "newest": None, "left_to_tell": None}
    if full and not resumed:
        values["fields"] = list(fields)
    if lacks_fields and load.loaded_at is not None:
        # the fields are noted now: that the load has to come to its end must be, too
        values["resync_requested_at"] = load.resync_requested_at or now
    lists.change_load(conn, connector.id, load.list_name, **values)
    return replace(load, **values)


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
        selectors["from_modified_date"] = list_cache.reaching_back(connector, load)
    query = Query(
        in_quickbooks.LISTS[load.list_name].name,
        request_id=new_request_id(),
        include_ret_element=list(in_quickbooks.LISTS[load.list_name].fields),
        **selectors,
    )
    if load.running is None:
        raise RuntimeError(f"the load of {load.list_name} was not begun")
    return Question(query, Operation.LIST_PAGE, LoadingList(load.list_name, load.number, load.running))


# --- reading ------------------------------------------------------------------------------------------------


def read(heard: Heard) -> None:
    """Take a page into the cache. Without a list that QuickBooks refuses nothing may be matched: all that waits."""
    if _read(
        heard.conn,
        heard.connector,
        heard.session,
        heard.purpose_as(LoadingList),
        heard.response,
        now=heard.now,
    ):
        cause = QuickbooksUnreachable(heard.remedy, was_reached=True)
        connector_errors.happened(
            heard.conn, heard.connector, cause, heard.answer, now=heard.now, address=heard.session.address
        )


def _read(
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
    passed = Passed.of(load, now)
    progress = Counter(load.changes)
    number = 0
    changed: list[ListEntry] = []
    former: list[ListEntry] = []
    for found in batched(passed.entries(load.list_name, response.picked(list_cache.Kept._fields)), _AT_ONCE):
        stored = lists.store(conn, connector.id, found, load=load.number, told_at=now)
        progress.update(differences(stored))
        number += len(found)
        changed += [after for _, after in stored]
        former += [before for before, _ in stored if before is not None]
    values: dict[str, Any] = {"newest": passed.newest, "attempts": 0, "refusal": None}
    if load.running == "full" and load.iterator_id is None and not load.is_resumed:
        values["expected"] = number + (response.iterator_remaining_count or 0)
    if response.iterator_remaining_count:
        values |= _how_far(load, passed, response)
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
    if passed.has_currencies:
        list_cache.want(conn, connector, ListName.CURRENCY, now=now)
    if load.loaded_at is None and values.get("loaded_at") is not None:
        # perhaps the last list that was missing: what the pages before it changed can be told only now
        resolve.release_all(conn, connector, now=now, actor="server")
    if values.get("resync_requested_at", load.resync_requested_at) is None:
        _no_longer_awaited(conn, connector, load, now=now)
    return False


def _how_far(load: ListLoad, passed: Passed, response: Response) -> dict[str, Any]:
    """Where a load stands of which there are pages to come, and from where another one could go on."""
    values: dict[str, Any] = {
        "iterator_id": response.iterator_id,
        "left_to_tell": response.iterator_remaining_count,
    }
    if load.running == "full" and not load.is_resumed:
        values["resume_after"] = passed.last_name if passed.in_order else None
    return values


def _no_longer_awaited(conn: Transaction, connector: Connector, load: ListLoad, *, now: datetime) -> None:
    """A list of a person's Resync has been loaded, or is not to be had: with the last one of them it is done, and all
    that is blocked is looked at again."""
    if not full_loads.was_last(conn, connector, load, now=now):
        return
    released = resolve.release_all(conn, connector, now=now, actor="server", list_name=load.list_name)
    if released:
        lists.count_changes(conn, connector.id, load.list_name, "released", len(released))


_AT_ONCE = 2_000
"""How many entries are written together."""


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
    conn: Transaction, connector: Connector, request: Request, answer: QuickBooksAnswer, *, now: datetime
) -> None:
    """A page could not be had at all (QuickBooks refused the whole message set)."""
    (load,) = lists.loads(conn, connector.id, (request.purpose_as(LoadingList).list_name,))
    _refused(conn, connector, load, answer, now=now)
