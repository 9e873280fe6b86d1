"""My password: whoever is signed in gives themselves another one, and shows that they know the present one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.access import users
from qbwc_server.access.throttle import TooManyTries
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.web.context import core, viewer
from qbwc_server.web.site.access import begin_session
from qbwc_server.web.site.forms import UNEQUAL, by_field
from qbwc_server.web.site.presentation import count

pages = Blueprint("own_password", __name__)


@pages.get("/my-password")
def ask() -> str:
    """The form."""
    return render_template("own_password.html", faults={})


@pages.post("/my-password")
def change() -> ResponseReturnValue:
    """Change it; this browser stays signed in, every other one is not."""
    me, form = viewer(), request.form
    if me is None:
        return redirect(url_for("sign_in.login"))
    password = form.get("password", "")
    if password != form.get("again"):
        return _again({"again": UNEQUAL}), 422
    try:
        changed = users.change_own_password(
            core(), me.id, form.get("present", ""), password, address=request.remote_addr or ""
        )
    except InvalidInput as error:
        return _again(by_field(error)), 422
    except TooManyTries as error:
        seconds = int(error.wait.total_seconds()) + 1
        return _again({"present": f"That was wrong too often. Try again in {count(seconds, 'second')}."}), 429
    begin_session(changed)
    flash("Your password is changed. Every other browser you were signed in with is signed out.", "success")
    return redirect(url_for("connectors.overview"))


def _again(faults: dict[str, str]) -> str:
    return render_template("own_password.html", faults=faults)
