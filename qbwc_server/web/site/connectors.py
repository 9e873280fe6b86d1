"""Connectors: their health, and what staff may do to one without giving a password away."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors, removal
from qbwc_server.desk.overview import Place
from qbwc_server.desk.pictures import for_long, strip
from qbwc_server.desk.standing import progress
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.rights import Right
from qbwc_server.web.context import actor, core, is_admin, now
from qbwc_server.web.site import live
from qbwc_server.web.site.access import admin_only, needs, safe_target
from qbwc_server.web.site.presentation import relative

pages = Blueprint("connectors", __name__)

FILTERS_FROM = 10
"""From so many connectors on they can be narrowed down."""

PLACE_NAMES: Mapping[Place, str] = {
    Place.STOPPED: "Nothing goes out",
    Place.STUCK: "Documents stuck",
    Place.LATE: "Late",
    Place.SETUP: "Not fully set up",
    Place.PAUSED: "Paused",
    Place.FINE: "Fine",
}
_LARGEST_PAGE = 10**6


@pages.get("/", endpoint="overview")
def all_of_them() -> str:
    """The connectors and how they are, the worst first."""
    name, place, number = request.args.get("name", "").strip()[:100], _place(), _page()
    found = overview.page(core(), place=place, name=name, number=number)
    present = now()
    return render_template(
        "overview.html",
        found=found,
        sentence=overview.in_all(found.places),
        pictures={each.connector.id: strip(each.connector, each.days, present) for each in found.connectors},
        place_names=PLACE_NAMES,
        for_long=for_long,
        state=place,
        name=name,
        filters_from=FILTERS_FROM,
        removed=removal.removed(core()) if is_admin() else [],
    )


def _place() -> Place | None:
    asked = request.args.get("state")
    return Place(asked) if asked in set(Place) else None


def _page() -> int:
    asked = request.args.get("page", "1")
    return min(int(asked), _LARGEST_PAGE) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1


@pages.get("/connectors/<connector:name>")
def show(name: str) -> str:
    """One connector: how it is, what is wrong with it, and what can be done."""
    return render_template(
        "connector.html", **live.shown(progress.progress(core(), name, with_pictures=True))
    )


@pages.post("/connectors/<connector:name>/resync")
def resync(name: str) -> Response:
    """Have the list cache loaded anew in the next session."""
    since = connectors.resync(core(), name, actor=actor())
    if since is not None:
        flash(
            f"A Resync asked for {relative(since, now())} is still waiting; it reads what you have put right, too.",
            "info",
        )
        return _back(name)
    return _done(
        name,
        # what it waits for, and what comes of it, stands on every page of the connector
        "Resync requested.",
    )


@pages.get("/connectors/<connector:name>/session-reset")
@needs(Right.SESSION_RESET)
def ask_session_reset(name: str) -> str:
    """What a session reset does, and the button for it."""
    return render_template("session_reset.html", health=overview.health(core(), name))


@pages.post("/connectors/<connector:name>/session-reset")
@needs(Right.SESSION_RESET)
def session_reset(name: str) -> Response:
    """End the live session; nothing that is queued is lost."""
    connectors.reset(core(), name, full=False, actor=actor())
    return _done(
        name,
        "Session reset done. The next call of the Web Connector starts a new session; "
        "records whose answer was awaited are looked up in QuickBooks before anything is sent again.",
    )


@pages.post("/connectors/<connector:name>/pause")
@needs(Right.PAUSE)
def pause(name: str) -> Response:
    """Send nothing to QuickBooks until it is resumed."""
    connectors.pause(core(), name, actor=actor())
    return _done(name, "Paused. Records are still taken in, but nothing goes to QuickBooks until you resume.")


@pages.post("/connectors/<connector:name>/resume")
@needs(Right.PAUSE)
def resume(name: str) -> Response:
    """End a pause."""
    connectors.resume(core(), name, actor=actor())
    return _done(name, "Resumed. Work goes on the next time the Web Connector calls.")


@pages.post("/connectors/<connector:name>/confirm-company-file")
@admin_only
def confirm_company_file(name: str) -> Response:
    """Take the one company file that was found open as the right one; its name has to be typed."""
    company = request.form.get("company", "").strip()
    try:
        seen = connectors.confirm_company_file(core(), name, company=company, actor=actor())
    except InvalidInput as error:
        flash(f"Nothing was confirmed: {error.faults[0].message}.", "danger")
        return redirect(url_for("connectors.show", name=name))
    return _done(
        name,
        f"Company file confirmed. The connector belongs to {seen.company_name or seen.path}; "
        "work goes on the next time the Web Connector calls.",
    )


def _done(name: str, sentence: str) -> Response:
    flash(sentence, "success")
    return _back(name)


def _back(name: str) -> Response:
    return redirect(safe_target(request.form.get("next")) or url_for("connectors.show", name=name))
