"""Records of a connector: lists by kind and state, and the page of one with its life."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.records import record_lists
from qbwc_server.desk.standing import queue
from qbwc_server.desk.standing.queue import Queue
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.domain.typed import LONGEST
from qbwc_server.web.context import core
from qbwc_server.web.site import record_page
from qbwc_server.web.site.search import page_of

pages = Blueprint("records", __name__)

PAGE_SIZE = 100
_ROW = re.compile(r"[0-9]{1,12}")


@pages.get("/connectors/<connector:name>/records")
@pages.get("/connectors/<connector:name>/records/<kind:kind>")
def listing(name: str, kind: Kind | None = None) -> ResponseReturnValue:
    """The records of one kind, or of all, a page at a time; or those that are found by what was typed."""
    state = _state(request.args.get("state"))
    typed = (request.args.get("q") or request.args.get("id", ""))[:LONGEST].strip()
    if typed:
        found = record_lists.found(core(), name, kind, state, typed)
        if found.only is not None:
            return redirect(page_of(found.only))
    else:
        behind, before = _place("after"), _place("before")
        found = record_lists.page(core(), name, kind, state, behind=behind, before=before, limit=PAGE_SIZE)
    waiting = queue.queue(core(), name, limit=PAGE_SIZE) if state is State.QUEUED and not typed else None
    if waiting is not None and not found.next and not found.previous:
        found = replace(found, records=_as_sent(found.records, waiting))
    return render_template(
        "records.html",
        waiting=waiting,
        connector=found.connector,
        kind=kind,
        state=state,
        typed=typed,
        found=found,
        total=sum(number for each, number in found.counts.items() if state in (None, each)),
    )


@pages.get("/connectors/<connector:name>/records/<kind:kind>/<external_id:external_id>")
def show(name: str, kind: Kind, external_id: str) -> str:
    """One record: what the host wants, what QuickBooks holds, and what stands in the way."""
    return render_template("record.html", **record_page.context(name, kind, external_id))


def _as_sent(records: Sequence[Recognised], waiting: Queue) -> tuple[Recognised, ...]:
    """What is queued in the order in which it is sent; what waits for something else comes last."""
    places = [(each.kind, each.external_id) for each in (*waiting.next, *waiting.later)]
    rank = {place: number for number, place in enumerate(places)}
    return tuple(sorted(records, key=lambda each: rank.get((each.kind, each.external_id), len(rank))))


def _state(text: str | None) -> State | None:
    """The state to filter by; an unknown one filters nothing."""
    return State(text) if text in set(State) else None


def _place(argument: str) -> record_lists.Place | None:
    """Where a page begins or ends, as ``blocked.1042``; anything else is the begin of the list."""
    state, _, number = request.args.get(argument, "").partition(".")
    if state not in set(State) or not _ROW.fullmatch(number):
        return None
    return State(state), min(int(number), LARGEST_ID)
