"""Records of a connector: lists by kind and state, and the page of one with its life."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk import record_pages
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.web.addresses import LARGEST_ID
from qbwc_server.web.context import core

from . import record_page

pages = Blueprint("records", __name__)

PAGE_SIZE = 100


@pages.get("/connectors/<connector:name>/records")
@pages.get("/connectors/<connector:name>/records/<kind:kind>")
def listing(name: str, kind: Kind | None = None) -> ResponseReturnValue:
    """The records of one kind, or of all, a page at a time; or those with the id that was typed."""
    state = _state(request.args.get("state"))
    typed = request.args.get("id", "").strip()
    if typed:
        return _called(name, kind, typed)
    after = min(max(request.args.get("after", default=0, type=int), 0), LARGEST_ID)
    # one more than is shown tells whether there is a next page
    found = record_pages.listing(core(), name, kind, state, after_id=after, limit=PAGE_SIZE + 1)
    return render_template(
        "records.html",
        connector=found.connector,
        kind=kind,
        state=state,
        after=after,
        records=found.views[:PAGE_SIZE],
        next_after=_next(found.views),
    )


def _called(name: str, kind: Kind | None, typed: str) -> ResponseReturnValue:
    """The one record that has the id, or the list of those of different kinds that have it."""
    found = record_pages.called(core(), name, kind, typed)
    if len(found.views) == 1:
        (view,) = found.views
        return redirect(url_for("records.show", name=name, kind=view["kind"], external_id=typed))
    return render_template(
        "records.html",
        connector=found.connector,
        kind=kind,
        typed=typed,
        records=found.views,
        not_accepted=found.refused,
    )


@pages.get("/connectors/<connector:name>/records/<kind:kind>/<external_id:external_id>")
def show(name: str, kind: Kind, external_id: str) -> str:
    """One record: what the host wants, what QuickBooks holds, and what stands in the way."""
    return render_template("record.html", **record_page.context(name, kind, external_id))


def _state(text: str | None) -> State | None:
    """The state to filter by; an unknown one filters nothing."""
    return State(text) if text in set(State) else None


def _next(found: Sequence[dict[str, Any]]) -> int | None:
    return int(found[PAGE_SIZE - 1]["id"]) if len(found) > PAGE_SIZE else None
