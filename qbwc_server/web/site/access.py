"""Who may open which page: who is signed in, what a role may do, and where to go after signing in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_user

from qbwc_server.access import users
from qbwc_server.domain.people import User
from qbwc_server.domain.rights import Right
from qbwc_server.web import dark
from qbwc_server.web.context import core, is_admin, may, now, viewer

PUBLIC = frozenset({"static", "bootstrap.static", dark.ENDPOINT})
"""Endpoints open to everybody, beside those of the blueprints in `PUBLIC_BLUEPRINTS`."""
PUBLIC_BLUEPRINTS = frozenset({"public", "sign_in", "guest"})

_EXPIRES = "expires"
_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user, as Flask-Login wants to see one."""

    user: User
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """What stands in the session cookie: who it is, and the stamp that is replaced to end all sessions."""
        return f"{self.user.id}:{self.user.session_stamp}"


def install(app: Flask) -> None:
    """Close every page of `app` that is not public to whoever is not signed in."""
    manager = LoginManager()
    # without its context processor, which would ask the database for the user even to draw an error page
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)
    app.before_request(_guard)


def begin_session(user: User) -> None:
    """Sign `user` in, in a new session: nothing of the one before (its CSRF token, say) lives on."""
    session.clear()
    session.permanent = True
    lifetime: timedelta = current_app.permanent_session_lifetime
    session[_EXPIRES] = (now() + lifetime).isoformat()
    login_user(SignedIn(user))


def end_session() -> None:
    """Sign out of this browser."""
    session.clear()


def admin_only(view: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
    """Answer 403 to whoever is not an admin."""

    @wraps(view)
    def guarded(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
        if not is_admin():
            abort(403)
        return view(*args, **kwargs)

    return guarded


def needs(right: Right) -> Callable[[Callable[_Arguments, _Answer]], Callable[_Arguments, _Answer]]:
    """Answer 403 to whoever may not do this."""

    def decorated(view: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
        @wraps(view)
        def guarded(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
            if not may(right):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorated


def safe_target(target: str | None) -> str | None:
    """`target` when it is a path on this site, else None: a link to the login page must not lead elsewhere.

    Browsers read a backslash as a slash and drop tabs and line ends, so `/\\\\host` and `/\\t/host` would be
    other hosts; no address of this site has such characters unquoted.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(ord(character) <= 0x20 for character in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _load(identity: str) -> SignedIn | None:
    """The user of the session cookie, read anew each time: a role taken away is gone at once."""
    user_id, _, stamp = identity.partition(":")
    if not user_id.isdecimal() or _expired():
        return None
    user = users.get(core(), int(user_id))
    if user is None or user.disabled_at is not None:
        return None
    return SignedIn(user) if user.session_stamp == stamp else None


def _expired() -> bool:
    expires = session.get(_EXPIRES)
    return expires is None or datetime.fromisoformat(expires) <= now()


def _guard() -> ResponseReturnValue | None:
    if _is_public() or viewer() is not None:
        return None
    if "_user_id" in session:
        end_session()
        flash("You were signed out because your session ended. Please sign in again.", "info")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.login", next=wanted if wanted != "/" else None))


def _is_public() -> bool:
    """Whether anybody may have this answer; an address without a page is answered 404 to everybody."""
    return request.endpoint is None or request.endpoint in PUBLIC or request.blueprint in PUBLIC_BLUEPRINTS
