"""What was asked or told in qbXML: which requests there are, what became of each, and taking one back."""

from collections.abc import Mapping

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.requests import raw_requests
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.raw_requests import RawRequest, RawState
from qbwc_server.web.context import actor, core, is_admin
from qbwc_server.web.site.access import admin_only

pages = Blueprint("raw_requests", __name__)

_ALL = "/connectors/<connector:name>/requests"
_ONE = f"{_ALL}/<int(max={LARGEST_ID}):request_id>"
_AT_ONCE = 50
_LONGEST_SHOWN = 200_000
"""Of a longer answer the beginning is shown; the whole of it is a file."""

LOOKS: Mapping[RawState, Mapping[str, str]] = {
    RawState.QUEUED: {"tone": "info", "icon": "clock", "label": "Queued"},
    RawState.SENT: {"tone": "info", "icon": "arrows", "label": "On its way"},
    RawState.ANSWERED: {"tone": "success", "icon": "check", "label": "Answered"},
    RawState.REFUSED: {"tone": "danger", "icon": "cross", "label": "Refused"},
    RawState.UNCERTAIN: {"tone": "warning", "icon": "warning", "label": "Uncertain"},
    RawState.CANCELLED: {"tone": "secondary", "icon": "cross", "label": "Cancelled"},
}
MEANINGS: Mapping[RawState, str] = {
    RawState.QUEUED: "It goes to QuickBooks with the Web Connector's next visit, or the one after.",
    RawState.SENT: "QuickBooks has it; its answer is awaited.",
    RawState.ANSWERED: "QuickBooks has answered.",
    RawState.REFUSED: "There is no good answer. Nothing was written.",
    RawState.UNCERTAIN: "Its answer was lost, so it may have been carried out. It is never sent again by itself: look "
    "in QuickBooks, and hand it over anew only if it was not.",
    RawState.CANCELLED: "It was taken back before QuickBooks heard of it.",
}


@pages.get(_ALL)
def listing(name: str) -> str:
    """The newest of them; `state` narrows them, `before` goes on."""
    states = [RawState(each) for each in request.args.getlist("state") if each in list(RawState)]
    before = request.args.get("before", type=int)
    before = before if before is not None and 0 < before <= LARGEST_ID else None
    found = raw_requests.listing(core(), name, states=states, before=before, limit=_AT_ONCE + 1)
    return render_template(
        "raw_requests.html",
        connector=connectors.get(core(), name),
        found=[noted.raw for noted in found[:_AT_ONCE]],
        older=found[_AT_ONCE - 1].raw.id if len(found) > _AT_ONCE else None,
        before=before,
        state=states[0] if states else None,
        looks=LOOKS,
        said=said,
    )


@pages.get(_ONE)
def show(name: str, request_id: int) -> str:
    """One of them; what was sent and answered holds whatever QuickBooks does, so only admins see it."""
    noted = raw_requests.about(core(), name, request_id)
    raw = noted.raw
    answer = (raw_requests.get(core(), name, request_id).response or "") if is_admin() else ""
    return render_template(
        "raw_request.html",
        connector=connectors.get(core(), name),
        raw=raw,
        error_id=noted.error_id,
        answer=answer[:_LONGEST_SHOWN],
        is_cut=len(answer) > _LONGEST_SHOWN,
        looks=LOOKS,
        meanings=MEANINGS,
        said=said,
        may_cancel=raw.state is RawState.QUEUED,
    )


@pages.post(f"{_ONE}/cancel")
@admin_only
def cancel(name: str, request_id: int) -> ResponseReturnValue:
    """Take one back while it is queued."""
    try:
        raw_requests.cancel(core(), name, request_id, actor=actor())
    except Conflict:
        flash("QuickBooks has heard of it meanwhile, so it cannot be taken back any more.", "warning")
    else:
        flash("It is taken back: QuickBooks never hears of it.", "success")
    return redirect(url_for("raw_requests.show", name=name, request_id=request_id))


@pages.get(f"{_ONE}/request.xml")
@admin_only
def request_file(name: str, request_id: int) -> Response:
    """What was handed over."""
    return _xml(f"{name}-request-{request_id}", raw_requests.about(core(), name, request_id).raw.text)


@pages.get(f"{_ONE}/answer.xml")
@admin_only
def answer_file(name: str, request_id: int) -> Response:
    """What QuickBooks answered, the whole of it."""
    return _xml(f"{name}-answer-{request_id}", raw_requests.get(core(), name, request_id).response)


def _xml(name: str, text: str | None) -> Response:
    if not text:
        abort(404)
    response = Response(text.encode("utf-8", "replace"), mimetype="application/xml")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.xml")
    return response


def said(raw: RawRequest) -> str:
    """What QuickBooks said, or why there is no answer."""
    if raw.problem:
        return raw.problem
    return raw.status_message or ("" if raw.status_code is None else "Done.")
