"""Signing in and out, and the one-time pages that make the first admin, and give somebody a new password."""

from math import ceil

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.access import password_links, users
from qbwc_server.access.throttle import TooManyTries
from qbwc_server.domain.faults import InvalidInput, NotFound
from qbwc_server.domain.people import User
from qbwc_server.web.context import core, viewer
from qbwc_server.web.headers import without_path
from qbwc_server.web.site.access import begin_session, end_session, safe_target
from qbwc_server.web.site.forms import UNEQUAL, by_field
from qbwc_server.web.site.presentation import count

pages = Blueprint("sign_in", __name__)

_WRONG = "That user name and password do not go together."
_TOO_OFTEN = "That went wrong too often from where you are. Try again in {}; nothing is checked before."
_DISABLED = "This account is disabled. An admin of this server can enable it again."
_SPENT = "This address has been used already, or a newer one has replaced it."


@pages.get("/login")
def login() -> ResponseReturnValue:
    """The form to sign in with; before there is any user, a word on how to make the first one."""
    target = safe_target(request.args.get("next"))
    if viewer() is not None:
        return redirect(target or url_for("connectors.overview"))
    return render_template("login.html", target=target, first_visit=not users.every(core()))


@pages.post("/login")
def enter() -> ResponseReturnValue:
    """Sign in and go where the person wanted to go."""
    name = request.form.get("name", "")
    target = safe_target(request.form.get("next"))
    try:
        user = _authenticated(name, request.form.get("password", ""))
    except TooManyTries as error:
        return _must_wait(name, target, error)
    except users.Disabled:
        return render_template("login.html", target=target, name=name, fault=_DISABLED), 403
    if user is None:
        return render_template("login.html", target=target, name=name, fault=_WRONG), 401
    begin_session(user)
    return redirect(target or url_for("connectors.overview"))


def _authenticated(name: str, password: str) -> User | None:
    """The user with this name and password. Every attempt to sign in comes through here and nowhere else."""
    return users.sign_in(core(), name, password, address=request.remote_addr or "")


def _must_wait(name: str, target: str | None, error: TooManyTries) -> ResponseReturnValue:
    """The same answer to whoever has to wait, whether there is such a user or not."""
    seconds = ceil(error.wait.total_seconds())
    minutes = (seconds + 59) // 60
    span = count(seconds, "second") if seconds <= 90 else count(minutes, "minute")
    page = render_template("login.html", target=target, name=name, fault=_TOO_OFTEN.format(span))
    return page, 429, {"Retry-After": str(seconds)}


@pages.post("/logout")
def leave() -> ResponseReturnValue:
    """Sign out, everywhere: whoever has a copy of the cookie is signed out as well."""
    try:
        user = viewer()
        if user is not None:
            users.sign_out(core(), user.id)
    finally:
        end_session()  # this browser is signed out whatever the database says
    flash("You are signed out. So is every other browser you were signed in with.", "success")
    return redirect(url_for("sign_in.login"))


@pages.get("/new-password/<token>")
def ask_by_link(token: str) -> ResponseReturnValue:
    """The form by which the holder of a link gives themselves a password."""
    try:
        user = password_links.whose(core(), token)
    except NotFound:
        return without_path(render_template("password_link.html", user=None, faults={})), 404
    return without_path(render_template("password_link.html", user=user, faults={}))


@pages.post("/new-password/<token>")
def take_by_link(token: str) -> ResponseReturnValue:
    """Give the user of the link a password and sign in as them; the link is used up by that."""
    password = request.form.get("password", "")
    try:
        user = password_links.whose(core(), token)
        if password != request.form.get("again"):
            return _by_link(user, {"again": UNEQUAL})
        changed = password_links.use(core(), token, password)
    except InvalidInput as error:
        return _by_link(user, by_field(error))
    except NotFound:
        return without_path(render_template("password_link.html", user=None, faults={})), 404
    begin_session(changed)
    flash(
        "Your new password counts from now on. Every other browser you were signed in with is signed out.",
        "success",
    )
    return redirect(url_for("connectors.overview"))


def _by_link(user: User, faults: dict[str, str]) -> ResponseReturnValue:
    return without_path(render_template("password_link.html", user=user, faults=faults)), 422


@pages.get("/setup/<token>")
def setup(token: str) -> ResponseReturnValue:
    """The form that makes the first admin. Whether `token` is the right one is told on submission only."""
    if users.every(core()):
        abort(404)
    return render_template("setup.html", name="", faults={})


@pages.post("/setup/<token>")
def claim(token: str) -> ResponseReturnValue:
    """Make the first admin and sign in as it; `token` is spent by that."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    if password != request.form.get("again"):
        return render_template("setup.html", name=name, faults={"again": UNEQUAL}), 422
    try:
        user = users.claim_setup(core(), token, name, password)
    except InvalidInput as error:
        return render_template("setup.html", name=name, faults=by_field(error)), 422
    except NotFound:
        return render_template("setup.html", name=name, faults={"": _SPENT}), 404
    begin_session(user)
    flash(f"Welcome, {user.name}. You are the first admin of this server.", "success")
    return redirect(url_for("connectors.overview"))
