"""The keys of order systems: which there are and what they open, making one, which is shown once, and revoking it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.access import api_keys
from qbwc_server.desk.administration import registered
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.people import SCOPES, ApiKey, Scope
from qbwc_server.web.context import actor, core, now
from qbwc_server.web.site import once
from qbwc_server.web.site.access import admin_only
from qbwc_server.web.site.forms import by_field

pages = Blueprint("api_keys", __name__)

_ONE = f"/api-keys/<int(max={LARGEST_ID}):key_id>"
_EVERY = ""
"""What the form says for a key that opens every connector: no connector has this name."""


@pages.get("/api-keys")
@admin_only
def listing() -> ResponseReturnValue:
    """All keys, those that are good first."""
    return _page({}, {})


@pages.post("/api-keys")
@admin_only
def create() -> ResponseReturnValue:
    """Make a key and show it, this once. Sent again, the form makes no other one: its name is taken then."""
    form, salt = request.form, once.new_salt()
    name, expires = form.get("name", "").strip(), form.get("expires", "").strip()
    if "connector" not in form:
        return _page(form, {"connector": "Choose what it opens."}), 422
    try:
        made = api_keys.create(
            core(),
            name,
            connector=form["connector"] or None,
            scope=_scope(form.get("scope")),
            expires=expires or None,
            salt=salt,
            actor=actor(),
        )
    except InvalidInput as error:
        return _page(form, by_field(error)), 422
    except NotFound:
        return _page(form, {"connector": "There is no such connector any more."}), 422
    except Conflict:
        return _page(form, {"name": "There is a key of this name already; revoke it first."}), 409
    once.keep(_kept(made.key), salt)
    return redirect(url_for("api_keys.show", key_id=made.key.id))


@pages.get(_ONE)
@admin_only
def show(key_id: int) -> ResponseReturnValue:
    """One of them, and the button that revokes it."""
    return _one(_key(key_id), {})


@pages.post(f"{_ONE}/noted")
@admin_only
def noted(key_id: int) -> ResponseReturnValue:
    """Show it no more: whoever made it has noted it."""
    key = _key(key_id)
    once.forget(_kept(key))
    if key.connector is not None:
        return redirect(url_for("setting_up.show", name=key.connector))
    return redirect(url_for("api_keys.listing"))


@pages.post(f"{_ONE}/revoke")
@admin_only
def revoke(key_id: int) -> ResponseReturnValue:
    """Let it open nothing from now on."""
    key = _key(key_id)
    if request.form.get("name", "").strip() != key.name:
        return _one(key, {"name": "Type the key's name exactly as it stands above."}), 422
    api_keys.revoke_one(core(), key.id, actor=actor())
    flash(f"The API key {key.name} is revoked: whoever uses it is turned away from now on.", "success")
    return redirect(url_for("api_keys.listing"))


def _key(key_id: int) -> ApiKey:
    key = api_keys.get(core(), key_id)
    if key is None:
        raise NotFound("there is no such API key")
    return key


def _scope(value: str | None) -> Scope:
    """The scope that was chosen; the least one when none was."""
    return Scope(value) if value in list(Scope) else Scope.READ


def _page(typed: dict[str, str], faults: dict[str, str]) -> str:
    wanted = request.args.get("connector")
    every = sorted(api_keys.every(core()), key=lambda key: (state(key) != "good", key.id))
    opened = [(name, name) for name in registered.names(core())]
    return render_template(
        "api_keys.html",
        keys=every,
        state=state,
        connectors=[*opened, (_EVERY, "every connector, those to come included")],
        scopes=[(scope.value, f"{scope}: {words}") for scope, words in SCOPES.items()],
        typed=typed or ({"connector": wanted, "name": "order system"} if wanted else {}),
        faults=faults,
    )


def _kept(key: ApiKey) -> str:
    return f"api key {key.id}"


def _one(key: ApiKey, faults: dict[str, str]) -> str:
    salt = once.kept(_kept(key))
    if salt is not None and state(key) == "good":
        return render_template("api_key_made.html", key=key, secret_shown=api_keys.secret_of(core(), salt))
    return render_template("api_key.html", key=key, state=state(key), scopes=SCOPES, faults=faults)


def state(key: ApiKey) -> str:
    """Whether a key is good, in a word or two."""
    if key.revoked_at is not None:
        return "revoked"
    if key.connector_removed_at is not None:
        return "opens nothing: its connector was removed"
    return "expired" if key.is_expired(now()) else "good"
