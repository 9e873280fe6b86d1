"""Linking by hand: a person says which entry or document of QuickBooks a record is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import asking, bulk_links, decisions, link_lines
from qbwc_server.desk.documents.papers import Paper
from qbwc_server.desk.lists import search
from qbwc_server.desk.records import lives
from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.faults import InvalidInput, NotInQuickBooks
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.web.context import actor, core
from qbwc_server.web.site.access import safe_target
from qbwc_server.web.site.forms import by_field
from qbwc_server.web.site.presentation import Look

pages = Blueprint("links", __name__)

MOST_FOUND = 25
SHORTEST_GUESS = 4
"""One word of a name tells something from so many letters on."""
MOST_LINES = 200
"""So many lines of a file are shown."""

LINE_LOOKS = {
    "linked": Look("Linked", "link", "success"),
    "unchanged": Look("Linked so already", "check", "secondary"),
    "faulty": Look("Not linked", "warning", "danger"),
}


@pages.get("/connectors/<connector:name>/link/<kind:kind>/<external_id:external_id>")
def ask(name: str, kind: Kind, external_id: str) -> ResponseReturnValue:
    """Search the copy of QuickBooks' list, or type an identity; candidates of an error record come first."""
    return _page(name, kind, external_id, "", "")


@pages.post("/connectors/<connector:name>/link/<kind:kind>/<external_id:external_id>")
def link(name: str, kind: Kind, external_id: str) -> ResponseReturnValue:
    """Link the record; it is remembered, and nothing is matched any more."""
    quickbooks_id = request.form.get("quickbooks_id", "").strip()
    try:
        view = decisions.link(core(), name, kind, external_id, quickbooks_id, actor=actor())
    except InvalidInput as error:
        return _page(name, kind, external_id, quickbooks_id, next(iter(by_field(error).values()))), 422
    except NotInQuickBooks as error:
        return _page(name, kind, external_id, quickbooks_id, str(error)), 422
    waits = " QuickBooks is asked for it at the next visit of the Web Connector." if kind.is_document else ""
    flash(f"Linked to {view.get('full_name') or quickbooks_id}. {waits}", "success")
    here = url_for("records.show", name=name, kind=kind, external_id=external_id)
    return redirect(safe_target(request.form.get("next")) or here)


@pages.post("/connectors/<connector:name>/link-number/<kind:kind>/<external_id:external_id>")
def ask_quickbooks(name: str, kind: Kind, external_id: str) -> ResponseReturnValue:
    """Have QuickBooks asked which of its documents have a number, as it shows nobody their TxnID."""
    number = request.form.get("number", "").strip()
    if not kind.is_document:
        abort(404)
    try:
        asking.ask(core(), name, kind, number, actor=actor())
    except InvalidInput as error:
        return _page(name, kind, external_id, "", "", next(iter(by_field(error).values()))), 422
    here = url_for(
        "links.ask", name=name, kind=kind, external_id=external_id, number=number, _anchor="search"
    )
    return redirect(here)


@pages.get("/connectors/<connector:name>/links")
def many(name: str) -> str:
    """Link many records by a file."""
    return _many_page(name)


@pages.post("/connectors/<connector:name>/links")
def look_at_many(name: str) -> ResponseReturnValue:
    """What would become of each line of the file that was sent; nothing is linked yet."""
    sent = request.files.get("file")
    text = _text(sent.read()) if sent is not None and sent.filename else ""
    if not text.strip():
        return _many_page(name, fault="Choose a CSV file that is not empty."), 422
    try:
        outcomes = _link_lines(name, text, dry_run=True)
    except InvalidInput as error:
        return _many_page(name, fault=next(iter(by_field(error).values()))), 422
    return _many_page(name, text=text, outcomes=outcomes)


@pages.post("/connectors/<connector:name>/links/confirmed")
def link_many(name: str) -> ResponseReturnValue:
    """Link the lines that were looked at; they are judged once more, as things may have changed since."""
    try:
        outcomes = _link_lines(name, request.form.get("text", ""), dry_run=False)
    except InvalidInput as error:
        return _many_page(name, fault=next(iter(by_field(error).values()))), 422
    return _many_page(name, outcomes=outcomes)


def _link_lines(name: str, text: str, *, dry_run: bool) -> list[bulk_links.Outcome]:
    lines = link_lines.read_csv(StringIO(text, newline=""))
    return list(bulk_links.link_all(core(), name, lines, actor=actor(), dry_run=dry_run))


def _text(data: bytes) -> str:
    """The text of a file: UTF-8, or what spreadsheets on Windows write otherwise."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _many_page(
    name: str, *, text: str = "", outcomes: Sequence[bulk_links.Outcome] | None = None, fault: str = ""
) -> str:
    counts = Counter(outcome.result for outcome in outcomes or ())
    # what is wrong comes first: it is what somebody has to look at
    shown = sorted(outcomes or (), key=lambda outcome: outcome.result != "faulty")[:MOST_LINES]
    return render_template(
        "bulk_links.html",
        connector=connectors.get(core(), name),
        text=text,
        outcomes=outcomes,
        counts=counts,
        shown=shown,
        looks=LINE_LOOKS,
        fault=fault,
    )


def _page(name: str, kind: Kind, external_id: str, typed: str, fault: str, fault_of_number: str = "") -> str:
    seen = lives.glance(core(), name, kind, external_id)
    wanted, entries = _looked_for(name, kind, seen.paper)
    number = (request.values.get("number") or seen.paper.number or "").strip()
    asked = asking.answer(core(), name, kind, number) if kind.is_document and number else None
    return render_template(
        "link.html",
        connector=seen.connector,
        kind=kind,
        view=seen.view,
        paper=seen.paper,
        objection=seen.objections[Decision.LINK],
        candidates=seen.candidates,
        wanted=wanted,
        found=entries,
        most_found=MOST_FOUND,
        shortest=search.SHORTEST_TEXT,
        typed=typed,
        fault=fault,
        number=number,
        asked=asked,
        fault_of_number=fault_of_number,
    )


def _looked_for(name: str, kind: Kind, paper: Paper) -> tuple[str, tuple[ListEntry, ...]]:
    """What is searched for, and found; as long as nobody has typed anything, what the record is called itself."""
    if (typed := request.args.get("q")) is not None or kind.is_document:
        wanted = (typed or "").strip()
        return wanted, _found(name, kind, wanted)
    for guess in _guesses(paper):
        if entries := _found(name, kind, guess):
            return guess, entries
    return "", ()


def _guesses(paper: Paper) -> Iterator[str]:
    """What an entry that is meant may have, the most telling first."""
    texts = [paper.fields.get(key) for key in ("email", "sku", "name")]
    yield from (text for text in texts if isinstance(text, str))
    words = str(paper.fields.get("name") or "").split()
    yield from (word for word in sorted(words, key=len, reverse=True)[:1] if len(word) >= SHORTEST_GUESS)


def _found(name: str, kind: Kind, wanted: str) -> tuple[ListEntry, ...]:
    if kind.is_document:
        return ()
    return search.find(core(), name, ListName(kind), wanted, limit=MOST_FOUND)
