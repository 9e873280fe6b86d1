"""The page of one record: by what people recognise it, why it stands still, what can be done and by whom, its life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, Flask, Response, abort, request, url_for

from qbwc_server.desk.documents import papers
from qbwc_server.desk.documents.documents import money
from qbwc_server.desk.error_records.errors import to_link
from qbwc_server.desk.records import lives
from qbwc_server.desk.records.lives import Life
from qbwc_server.desk.views.error_views import ErrorRecord
from qbwc_server.domain.choices import Choice
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.context import core
from qbwc_server.web.site import timeline
from qbwc_server.web.site.deeds import DEEDS, is_mine
from qbwc_server.web.site.ways_out import offered

pages = Blueprint("record_page", __name__)

MOST_CARDS = 3
"""So many error records are shown in full, one a cause; the others in a line each."""
MOST_LINES = 100
"""So many lines of a document are shown at once; the others are folded."""
_LINES_OF_TEXT, _LETTERS_A_LINE = 5, 80


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that can be done to a record, or why not.

    Attributes:
        objection: why it cannot be done as the record stands; None where it can.
        is_open: whoever looks may do it.
    """

    title: str
    icon: str
    address: str
    hint: str
    is_grave: bool
    objection: str | None
    is_open: bool


def context(name: str, kind: Kind, external_id: str) -> dict[str, Any]:
    """What the template of the page is given."""
    found = lives.life(core(), name, kind, external_id, before=_id("before"), sets_before=_id("sets_before"))
    seen = found.glance
    cards, others = _cards(seen.open_errors)
    ways = _ways(name, kind, external_id, seen.objections)
    return {
        "connector": seen.connector,
        "kind": kind,
        "view": seen.view,
        "paper": seen.paper,
        "errors": cards,
        "more_errors": others,
        "linkable": to_link(seen.open_errors),
        "candidates": seen.candidates,
        "choices": _choices(found),
        "offer": found.offer,
        "sides": found.sides,
        "ways": ways,
        "steps": timeline.life(found.events, _errors_within(found), found.conversations),
        "earlier": found.earlier,
        "is_latest": _id("before") is None,
        "conversations": found.conversations,
        "earlier_sets": found.earlier_sets,
        "answered": found.answered,
        "documents": found.documents,
        "holders": found.holders,
        "most_documents": lives.MOST_DOCUMENTS,
        "document_kind": {Kind.CUSTOMER: Kind.INVOICE, Kind.VENDOR: Kind.PURCHASE_ORDER}.get(kind),
        "most_lines": MOST_LINES,
    }


def _cards(found: Sequence[ErrorRecord]) -> tuple[list[ErrorRecord], list[ErrorRecord]]:
    """Those that are shown in full, one a cause: the others of it say the same; and those that are named only."""
    first = {each.cause: each for each in reversed(found)}
    cards = [each for each in found if first[each.cause] is each][:MOST_CARDS]
    return cards, [each for each in found if each not in cards]


def _choices(found: Life) -> list[Choice]:
    """What may be chosen of its first open error record with one press; what needs more has a page of its own."""
    if found.offer is None:
        return []
    return [
        choice
        for choice in offered(found.offer, is_linked_above=bool(found.glance.candidates))
        if choice.needs is None
    ]


def _ways(name: str, kind: Kind, external_id: str, objections: Mapping[Decision, str | None]) -> list[Way]:
    its: dict[str, Any] = {"name": name, "kind": kind, "external_id": external_id}
    hint = f"When you know which {kind.label} in QuickBooks it is."
    address = url_for("links.ask", **its)
    ways = [Way("Link by hand", "link", address, hint, False, objections[Decision.LINK], True)]
    for deed in DEEDS:
        if kind.is_document is not _IS_OF_DOCUMENTS.get(deed.decision, kind.is_document):
            continue
        address = url_for(f"deeds.ask_{deed.decision}", **its)
        objection = objections[deed.decision]
        ways.append(Way(deed.title, deed.icon, address, deed.hint, deed.grave, objection, is_mine(deed)))
    return ways


_IS_OF_DOCUMENTS = {Decision.VOID: True, Decision.POST_AS_NEW: True, Decision.UNLINK: False}
"""What can never be done to the others, so that it need not be said why not."""


def _errors_within(found: Life) -> Sequence[Any]:
    """The error records that were opened while the events of this page happened."""
    if found.earlier is None and _id("before") is None:
        return found.errors
    if not found.events:
        return ()
    first, last = found.events[0].at, found.events[-1].at
    is_newest = _id("before") is None
    return [
        each for each in found.errors if first <= each.opened_at and (is_newest or each.opened_at <= last)
    ]


def excerpt(text: str) -> str | None:
    """The first five lines of a long text, as far as they would be shown; None of one that is no longer."""
    lines = text.splitlines()
    head = "\n".join(lines[:_LINES_OF_TEXT])
    short = head[: _LINES_OF_TEXT * _LETTERS_A_LINE]
    return short.rstrip() if len(short) < len(text.rstrip()) else None


def _id(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number <= LARGEST_ID else None


# --- what was said, as files --------------------------------------------------------------------------------


@pages.get(
    f"/connectors/<connector:name>/xml/<any(request, answer):part>/<int(max={LARGEST_ID}):set_id>"
    "/<kind:kind>/<external_id:external_id>"
)
def own_xml(name: str, part: str, set_id: int, kind: Kind, external_id: str) -> Response:
    """What was asked, or answered, of one record in one message set, as a file."""
    found = lives.said_in(core(), name, kind, external_id, set_id)
    text = None if found is None else found.request if part == "request" else found.response
    return _file(text, f"{kind}-{set_id}-{part}.xml")


def _file(text: str | None, file_name: str) -> Response:
    if text is None:
        abort(404)
    return Response(
        f'<?xml version="1.0" encoding="utf-8"?>\n{text}',
        mimetype="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def amount(value: Decimal | str | None) -> str | None:
    """An amount, or the text of one, as people write it; a text that is none stays as it is."""
    try:
        return None if value is None else money(Decimal(value))
    except InvalidOperation:
        return str(value)


def install(app: Flask) -> None:
    """Make the words of documents known to the templates of `app`."""
    app.jinja_env.filters.update(
        amount=amount, excerpt=excerpt, date=lambda value: papers.day(value) or value
    )
