"""The people who may sign in: who they are, and adding one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.sync import users
from qbwc_server.sync.users import Role
from qbwc_server.web.context import core

from .access import admin_only
from .forms import by_field

pages = Blueprint("users", __name__)

_UNEQUAL = "The two passwords are not the same."


@pages.get("/users")
@admin_only
def listing() -> ResponseReturnValue:
    """Everybody who may sign in."""
    return _page({}, {})


@pages.post("/users")
@admin_only
def add() -> ResponseReturnValue:
    """Add somebody."""
    form = request.form
    name, password = form.get("name", "").strip(), form.get("password", "")
    if password != form.get("again"):
        return _page(form, {"again": _UNEQUAL}), 422
    try:
        user = users.add(core(), name, password, _role(form.get("role")))
    except InvalidInput as error:
        return _page(form, by_field(error)), 422
    except Conflict:
        return _page(form, {"name": "There is a user of this name already."}), 409
    flash(f"{user.name} can sign in now. Hand over the password in person.", "success")
    return redirect(url_for("users.listing"))


def _role(value: str | None) -> Role:
    """The role that was chosen; the lesser one when none was."""
    return Role.ADMIN if value == Role.ADMIN else Role.SUPPORT


def _page(typed: dict[str, str], faults: dict[str, str]) -> str:
    return render_template("users.html", users=users.every(core()), typed=typed, faults=faults)
