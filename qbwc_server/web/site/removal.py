"""Removing a connector, and the removed ones that can be restored."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors, removal
from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.web.context import actor, core
from qbwc_server.web.site.access import admin_only
from qbwc_server.web.site.forms import by_field
from qbwc_server.web.site.presentation import absolute

pages = Blueprint("removal", __name__)

_MISTYPED = "Type the connector's name exactly as it stands above."


@pages.get("/connectors/<connector:name>/remove")
@admin_only
def ask(name: str) -> str:
    """What removing means; the connector's name has to be typed."""
    return _ask(name)


@pages.post("/connectors/<connector:name>/remove")
@admin_only
def remove(name: str) -> ResponseReturnValue:
    """Remove it; it can be restored for a while."""
    if request.form.get("name", "").strip() != name:
        return _ask(name, _MISTYPED), 422
    gone = removal.remove(core(), name, actor=actor())
    flash(f"{name} is removed. Until {absolute(gone.gone_at)} it can be restored here.", "success")
    return redirect(url_for("removal.listing"))


@pages.get("/removed")
@admin_only
def listing() -> str:
    """The connectors that can be restored."""
    return _listing()


@pages.post("/removed")
@admin_only
def restore() -> ResponseReturnValue:
    """Let one of them live again."""
    handle, name = request.form.get("handle", ""), request.form.get("name", "").strip()
    try:
        restored = removal.restore(core(), handle, name=name or None, actor=actor())
    except InvalidInput as error:
        return _listing(handle, by_field(error)["name"]), 422
    except Conflict:
        taken = "There is a connector of this name, or one that differs in capitals only. Choose another one."
        return _listing(handle, taken), 409
    flash(f"{restored.name} is back, with all its records.", "success")
    return redirect(url_for("connectors.show", name=restored.name))


def _ask(name: str, fault: str = "") -> str:
    return render_template("connector_remove.html", connector=connectors.get(core(), name), fault=fault)


def _listing(handle: str = "", fault: str = "") -> str:
    return render_template("removed.html", removed=removal.removed(core()), handle=handle, fault=fault)
