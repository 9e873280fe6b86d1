"""Records of a connector: lists by kind and state, and the page of one with its life."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk import connectors, errors, exchanges, history, intake, record_views
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.web.context import core

from . import timeline
from .deeds import fitting
from .errors import to_link

pages = Blueprint("records", __name__)

PAGE_SIZE = 100
_LARGEST_ID = 2**31 - 1


@pages.get("/connectors/<connector:name>/records")
@pages.get("/connectors/<connector:name>/records/<kind:kind>")
def listing(name: str, kind: Kind | None = None) -> ResponseReturnValue:
    """The records of one kind, or of all, a page at a time; or those with the id that was typed."""
    connector = connectors.get(core(), name)
    state = _state(request.args.get("state"))
    typed = request.args.get("id", "").strip()
    if typed:
        return _found(connector, kind, typed)
    after = min(max(request.args.get("after", default=0, type=int), 0), _LARGEST_ID)
    # one more than is shown tells whether there is a next page
    found = intake.find(core(), name, kind=kind, state=state, after_id=after, limit=PAGE_SIZE + 1)
    return render_template(
        "records.html",
        connector=connector,
        kind=kind,
        state=state,
        after=after,
        records=found[:PAGE_SIZE],
        next_after=_next(found),
    )


def _found(connector: Connector, kind: Kind | None, typed: str) -> ResponseReturnValue:
    """The one record that has the id, or the list of those of different kinds that have it."""
    views = []
    for each in Kind if kind is None else (kind,):
        with suppress(NotFound):
            views.append(record_views.view(core(), connector.name, each, typed))
    if len(views) == 1:
        (view,) = views
        address = url_for("records.show", name=connector.name, kind=view["kind"], external_id=typed)
        return redirect(address)
    refused = [] if views else errors.not_accepted(core(), connector.name, kind, typed)
    return render_template(
        "records.html", connector=connector, kind=kind, typed=typed, records=views, not_accepted=refused
    )


@pages.get("/connectors/<connector:name>/records/<kind:kind>/<external_id:external_id>")
def show(name: str, kind: Kind, external_id: str) -> str:
    """One record: what the host wants, what QuickBooks holds, and what stands in the way."""
    connector = connectors.get(core(), name)
    view = record_views.view(core(), name, kind, external_id)
    found = errors.of_record(core(), name, kind, external_id)
    events, _ = history.life(core(), name, kind, external_id)
    objections = intake.objections(core(), name, kind, external_id)
    open_errors = [error for error in found if error.closed_at is None]
    return render_template(
        "record.html",
        connector=connector,
        kind=kind,
        view=view,
        errors=open_errors,
        linkable=to_link(open_errors),
        may_be_linked=objections[Decision.LINK] is None,
        deeds=fitting(objections),
        steps=timeline.life(events, found),
        conversations=exchanges.of_record(core(), name, kind, external_id),
    )


def _state(text: str | None) -> State | None:
    """The state to filter by; an unknown one filters nothing."""
    return State(text) if text in set(State) else None


def _next(found: Sequence[dict[str, Any]]) -> int | None:
    return int(found[PAGE_SIZE - 1]["id"]) if len(found) > PAGE_SIZE else None
