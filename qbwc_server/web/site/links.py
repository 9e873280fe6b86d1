"""Linking by hand: a person says which entry or document of QuickBooks a record is."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.domain.decisions import Decision
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.sync import connectors, decisions, errors, intake, search
from qbwc_server.web.context import actor, core

from .access import safe_target
from .errors import is_to_blame
from .forms import by_field

pages = Blueprint("links", __name__)

MOST_FOUND = 25


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
        fault = next(iter(by_field(error).values()))
        return _page(name, kind, external_id, quickbooks_id, fault), 422
    waits = " QuickBooks is asked for it at the next visit of the Web Connector." if kind.is_document else ""
    flash(f"Linked to {view.get('full_name') or quickbooks_id}. It is remembered.{waits}", "success")
    here = url_for("records.show", name=name, kind=kind, external_id=external_id)
    return redirect(safe_target(request.form.get("next")) or here)


def _page(name: str, kind: Kind, external_id: str, typed: str, fault: str) -> str:
    connector = connectors.get(core(), name)
    view = intake.view(core(), name, kind, external_id)
    wanted = request.args.get("q", "").strip()
    return render_template(
        "link.html",
        connector=connector,
        kind=kind,
        view=view,
        objection=intake.objections(core(), name, kind, external_id)[Decision.LINK],
        candidates=_candidates(name, kind, external_id),
        wanted=wanted,
        found=_found(name, kind, wanted),
        most_found=MOST_FOUND,
        shortest=search.SHORTEST_TEXT,
        typed=typed,
        fault=fault,
    )


def _found(name: str, kind: Kind, wanted: str) -> tuple[ListEntry, ...]:
    if kind.is_document:
        return ()
    return search.find(core(), name, ListName(kind), wanted, limit=MOST_FOUND)


def _candidates(name: str, kind: Kind, external_id: str) -> list[errors.Candidate]:
    """What an open error record of this very record offers; those of another record's are not for this one."""
    found = errors.of_record(core(), name, kind, external_id)
    mine = [error for error in found if error.closed_at is None and is_to_blame(error)]
    return [candidate for error in mine for candidate in error.candidates]
