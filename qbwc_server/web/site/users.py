"""The people who may sign in: who they are, adding and removing them, what they may do, and what was done to them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.access import password_links, rights, users
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.people import Role, User
from qbwc_server.domain.rights import RIGHTS, Right
from qbwc_server.web.context import actor, core, viewer
from qbwc_server.web.site import once
from qbwc_server.web.site.access import admin_only
from qbwc_server.web.site.forms import UNEQUAL, by_field

pages = Blueprint("users", __name__)

_ONE = f"/users/<int(max={LARGEST_ID}):user_id>"


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
        return _page(form, {"again": UNEQUAL}), 422
    try:
        user = users.add(core(), name, password, _role(form.get("role")), actor=actor())
    except InvalidInput as error:
        return _page(form, by_field(error)), 422
    except Conflict:
        return _page(form, {"name": "There is a user of this name already."}), 409
    flash(f"{user.name} can sign in now. Hand over the password in person.", "success")
    return redirect(url_for("users.listing"))


@pages.get(_ONE)
@admin_only
def show(user_id: int) -> ResponseReturnValue:
    """One of them, and what can be changed."""
    return _one(_user(user_id), {})


@pages.post(f"{_ONE}/role")
@admin_only
def set_role(user_id: int) -> ResponseReturnValue:
    """Let somebody do more or less from now on."""
    user, role = _user(user_id), _role(request.form.get("role"))
    try:
        changed = users.set_role(core(), user.name, role, actor=actor())
    except Conflict as error:
        return _one(user, {"role": f"{error}."}), 409
    flash(f"{changed.name} is {changed.role} now.", "success")
    return redirect(_after(changed))


@pages.post(f"{_ONE}/password")
@admin_only
def set_password(user_id: int) -> ResponseReturnValue:
    """Give somebody else another password; one's own takes the present one."""
    user, password = _user(user_id), request.form.get("password", "")
    if _is_me(user):
        return redirect(url_for("own_password.ask"))
    if password != request.form.get("again"):
        return _one(user, {"again": UNEQUAL}), 422
    try:
        users.set_password(core(), user.name, password, actor=actor())
    except InvalidInput as error:
        return _one(user, by_field(error)), 422
    flash(f"{user.name} has a new password and is signed out. Hand it over in person.", "success")
    return redirect(url_for("users.show", user_id=user.id))


@pages.post(f"{_ONE}/reset-link")
@admin_only
def make_link(user_id: int) -> ResponseReturnValue:
    """Make a link by which they give themselves a password, and show it, once."""
    user, salt = _user(user_id), once.new_salt()
    made = password_links.make(core(), user.name, salt, actor=actor())
    once.keep(_link_of(user), salt)
    flash(f"The link for {user.name} is created. It is good for one day and works once.", "success")
    return redirect(url_for("users.show", user_id=made.user.id))


@pages.post(f"{_ONE}/disable")
@admin_only
def disable(user_id: int) -> ResponseReturnValue:
    """Let somebody sign in no more; whoever is signed in as them is at the sign-in page with the next click."""
    user = _user(user_id)
    try:
        users.disable(core(), user.name, actor=actor())
    except Conflict as error:
        return _one(user, {"disable": f"{error}."}), 409
    flash(f"{user.name} is disabled, and signed out everywhere.", "success")
    return redirect(url_for("users.show", user_id=user.id))


@pages.post(f"{_ONE}/enable")
@admin_only
def enable(user_id: int) -> ResponseReturnValue:
    """Let somebody sign in again."""
    user = users.enable(core(), _user(user_id).name, actor=actor())
    flash(f"{user.name} can sign in again, with the password as it was.", "success")
    return redirect(url_for("users.show", user_id=user.id))


@pages.get("/users/support")
@admin_only
def support_rights() -> ResponseReturnValue:
    """What support may do, for the admins to decide."""
    allowed = rights.of_support(core())
    return render_template("support_rights.html", rights=RIGHTS, allowed=allowed)


@pages.post("/users/support")
@admin_only
def decide_rights() -> ResponseReturnValue:
    """Let support do what is ticked and nothing else."""
    rights.decide(core(), [right for right in Right if right in request.form], actor=actor())
    flash("Saved. It counts from the next click on.", "success")
    return redirect(url_for("users.support_rights"))


@pages.post(f"{_ONE}/remove")
@admin_only
def remove(user_id: int) -> ResponseReturnValue:
    """Remove somebody; whoever is signed in as them is at the sign-in page with the next click."""
    user = _user(user_id)
    if request.form.get("name", "").strip() != user.name:
        return _one(user, {"name": "Type the user's name exactly as it stands above."}), 422
    try:
        users.remove(core(), user.name, actor=actor())
    except Conflict as error:
        return _one(user, {"name": f"{error}."}), 409
    flash(f"{user.name} is removed, and signed out everywhere.", "success")
    return redirect(url_for("users.listing"))


def _user(user_id: int) -> User:
    user = users.get(core(), user_id)
    if user is None:
        raise NotFound("there is no such user any more")
    return user


def _is_me(user: User) -> bool:
    me = viewer()
    return me is not None and me.id == user.id


def _after(user: User) -> str:
    """Where to go on: whoever made themselves support may not open these pages any more."""
    if _is_me(user) and user.role is not Role.ADMIN:
        return url_for("connectors.overview")
    return url_for("users.show", user_id=user.id)


def _role(value: str | None) -> Role:
    """The role that was chosen; the lesser one when none was."""
    return Role.ADMIN if value == Role.ADMIN else Role.SUPPORT


def _page(typed: dict[str, str], faults: dict[str, str]) -> str:
    allowed = rights.of_support(core())
    return render_template(
        "users.html", users=users.every(core()), rights=RIGHTS, allowed=allowed, typed=typed, faults=faults
    )


def _one(user: User, faults: dict[str, str]) -> str:
    salt = once.kept(_link_of(user))
    address = None if salt is None else password_links.address_of(core(), salt)
    return render_template(
        "user.html", user=user, is_me=_is_me(user), address=address, life=password_links.LIFE, faults=faults
    )


def _link_of(user: User) -> str:
    """Under what name the browser of whoever made a link keeps it for a while."""
    return f"password link {user.id}"
