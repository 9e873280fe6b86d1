"""How a view reaches what it was built with: the core, its clock, and who is signed in."""

from datetime import datetime
from typing import cast

from flask import current_app, g
from flask_login import current_user

from qbwc_server.access import rights, users
from qbwc_server.domain.people import Role, User
from qbwc_server.domain.rights import Right
from qbwc_server.sync.core import Core

EXTENSION = "qbwc"


def core() -> Core:
    """The core this site was created with."""
    return cast(Core, current_app.extensions[EXTENSION])


def now() -> datetime:
    """The present moment, by the core's clock."""
    return core().clock()


def viewer() -> User | None:
    """Who is signed in."""
    return current_user.user if current_user.is_authenticated else None


def is_admin() -> bool:
    """Whether an admin is signed in."""
    user = viewer()
    return user is not None and user.role is Role.ADMIN


def may(right: Right) -> bool:
    """Whether who is signed in may do this; it is asked for once a request."""
    user = viewer()
    if user is None:
        return False
    if "rights" not in g:
        g.rights = rights.of_user(core(), user)
    return right in g.rights


def admins() -> list[str]:
    """Who can do what the viewer may not, by name; nobody is named to a stranger."""
    if viewer() is None:
        return []
    if "admins" not in g:
        able = (user for user in users.every(core()) if user.disabled_at is None)
        g.admins = [user.name for user in able if user.role is Role.ADMIN]
    found: list[str] = g.admins
    return found


def actor() -> str:
    """The name under which what is done here goes into the history.

    Raises:
        LookupError: nobody is signed in; no such page may have an effect.
    """
    user = viewer()
    if user is None:
        raise LookupError("nobody is signed in")
    return user.name
