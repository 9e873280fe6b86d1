"""The people who use the site: adding and removing them, what they may do, logging them in, letting the first in."""

import secrets
from datetime import timedelta

from qbwc_server.access import passwords, throttle
from qbwc_server.domain.connectors import digest, same
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.domain.people import Role, User
from qbwc_server.storage import Transaction, audit
from qbwc_server.storage import users as rows
from qbwc_server.storage.audit import Deed
from qbwc_server.sync.core import Core

__all__ = [
    "Deed",
    "Disabled",
    "add",
    "authenticate",
    "change_own_password",
    "claim_setup",
    "deeds",
    "disable",
    "enable",
    "every",
    "get",
    "remove",
    "set_password",
    "set_role",
    "setup_token",
    "sign_in",
    "sign_out",
]

SIGN_IN_FAILED = "sign-in failed"
RUN = timedelta(hours=1)
"""Wrong passwords with less than this between them are told as one run."""


class Disabled(Exception):
    """The password is right, and an admin has disabled the user."""

    def __init__(self, user: User) -> None:
        super().__init__(f"{user.name} is disabled")
        self.user = user


_TAKEN_BY_NOBODY = frozenset({"cli", "guest", "host", "quickbooks", "server", "sign-in page"})


def add(core: Core, name: str, password: str, role: Role, *, actor: str) -> User:
    """Add a user.

    Raises:
        InvalidInput: no name, or a password shorter than 12 characters.
        Conflict: the name is taken.
    """
    _check(name, password)
    with core.database.begin() as conn:
        user = rows.add(conn, name.strip(), passwords.hashed(password), role, now=core.clock())
        _note(core, conn, "user added", user, actor, role)
    return user


def set_password(core: Core, name: str, password: str, *, actor: str) -> User:
    """Give a user another password. Whoever is signed in as them, with a copied cookie perhaps, no longer is.

    Raises:
        InvalidInput: a password shorter than 12 characters.
        NotFound: there is no such user.
    """
    _check(name, password)
    with core.database.begin() as conn:
        user = rows.set_password(conn, rows.named(conn, name.strip()).id, passwords.hashed(password))
        _note(core, conn, "password of a user changed", user, actor)
    return user


def change_own_password(core: Core, user_id: int, present: str, password: str, *, address: str) -> User:
    """Give oneself another password; every other session of the user is over.

    Args:
        present: the password until now: a session that somebody left open is not enough.
        address: where the call came from; wrong passwords count as in `sign_in`.

    Raises:
        throttle.TooManyTries: too many wrong passwords; nothing was looked at.
        InvalidInput: a password shorter than 12 characters, or not the present one.
        NotFound: the user has been removed.
    """
    user = get(core, user_id)
    if user is None:
        raise NotFound("there is no such user any more")
    _check(user.name, password)
    if _recognised(core, user.name, present, address) is None:
        raise InvalidInput([Fault("/present", "is not your present password")])
    with core.database.begin() as conn:
        changed = rows.set_password(conn, rows.named(conn, user.name).id, passwords.hashed(password))
        _note(core, conn, "own password changed", changed, changed.name)
    return changed


def set_role(core: Core, name: str, role: Role, *, actor: str) -> User:
    """Give a user another role, at once.

    Raises:
        NotFound: there is no such user.
        Conflict: it is the last admin.
    """
    with core.database.begin() as conn:
        user = rows.named(conn, name.strip())
        if user.role is role:
            return user
        if role is not Role.ADMIN:
            _not_the_last_admin(conn, user)
        changed = rows.set_role(conn, user.id, role)
        _note(core, conn, "role of a user changed", user, actor, f"{user.role} to {role}")
    return changed


def disable(core: Core, name: str, *, actor: str) -> User:
    """Let a user sign in no more, until they are enabled again; their sessions are over.

    Raises:
        NotFound: there is no such user.
        Conflict: it is the last admin who may sign in.
    """
    with core.database.begin() as conn:
        user = rows.named(conn, name.strip())
        if user.disabled_at is not None:
            return user
        _not_the_last_admin(conn, user)
        changed = rows.set_disabled(conn, user.id, core.clock())
        _note(core, conn, "user disabled", user, actor)
    return changed


def enable(core: Core, name: str, *, actor: str) -> User:
    """Let a user sign in again, with the password they had.

    Raises:
        NotFound: there is no such user.
    """
    with core.database.begin() as conn:
        user = rows.named(conn, name.strip())
        if user.disabled_at is None:
            return user
        changed = rows.set_disabled(conn, user.id, None)
        _note(core, conn, "user enabled", user, actor)
    return changed


def remove(core: Core, name: str, *, actor: str) -> User:
    """Remove a user. Their sessions are over; what they did stays in the history under their name.

    Raises:
        NotFound: there is no such user.
        Conflict: it is the last admin.
    """
    with core.database.begin() as conn:
        user = rows.named(conn, name.strip())
        _not_the_last_admin(conn, user)
        rows.remove(conn, user.id)
        _note(core, conn, "user removed", user, actor, user.role)
    return user


def _not_the_last_admin(conn: Transaction, user: User) -> None:
    if [admin.id for admin in rows.lock_admins(conn)] == [user.id]:
        raise Conflict(f"{user.name} is the only admin: add another one, or make somebody an admin, first")


def _note(
    core: Core, conn: Transaction, what: str, user: User, actor: str, detail: str | None = None
) -> None:
    audit.add(conn, what, user.name, at=core.clock(), actor=actor, detail=detail)


def deeds(core: Core, *, before: int | None = None, limit: int = 100) -> list[Deed]:
    """What people did that belongs to no connector, from the newest back, or from the one before an id."""
    with core.database.read() as conn:
        return audit.newest(conn, before=before, limit=limit)


def _check(name: str, password: str) -> None:
    faults = []
    if not 1 <= len(name.strip()) <= 80 or not name.isprintable():
        faults.append(Fault("/name", "must have 1 to 80 printable characters"))
    elif name.strip().casefold() in _TAKEN_BY_NOBODY:
        faults.append(Fault("/name", "is what the history calls something else; choose another"))
    faults += passwords.faults_of(password)
    if faults:
        raise InvalidInput(faults)


def authenticate(core: Core, name: str, password: str) -> User | None:
    """The user with this name and password, or None. Takes the same time for an unknown name."""
    with core.database.read() as conn:
        found = rows.with_hash(conn, name.strip())
    user, stored = found or (None, None)
    if not passwords.is_right(stored, password):
        return None
    if user is not None and stored is not None and passwords.is_outdated(stored):
        with core.database.begin() as conn:
            rows.set_hash(conn, user.id, passwords.hashed(password))
    return user


def sign_in(core: Core, name: str, password: str, *, address: str) -> User | None:
    """`authenticate` for the sign-in page, at which strangers guess.

    Raises:
        TooManyTries: too many failed from this address; the password was not looked at.
        Disabled: the password is right, and nobody may sign in with it.
    """
    user = _recognised(core, name, password, address)
    if user is not None and user.disabled_at is not None:
        raise Disabled(user)
    if user is not None:
        with core.database.begin() as conn:
            rows.signed_in(conn, user.id, now=core.clock())
    return user


def _recognised(core: Core, name: str, password: str, address: str) -> User | None:
    """The user with this name and password.

    The try is counted before the password is looked at, so that many at the same moment gain nothing.
    """
    caller = throttle.person(core, name.strip(), address)
    with core.database.begin() as conn:
        wait = throttle.wait_of(core, conn, caller)
        if wait is not None:
            raise throttle.TooManyTries(wait)
        throttle.failed(core, conn, caller)
    user = authenticate(core, name, password)
    with core.database.begin() as conn:
        if user is not None:
            throttle.succeeded(conn, caller)
        else:
            _note_failure(core, conn, name, address)
    return user


def _note_failure(core: Core, conn: Transaction, name: str, address: str) -> None:
    """A run of wrong passwords is one deed. A name that nobody has is not kept: people type passwords there."""
    known = rows.with_hash(conn, name.strip())
    about = known[0].name if known is not None else "a name that no user has"
    now, origin = core.clock(), f"from {address}"
    audit.add_to_run(
        conn, SIGN_IN_FAILED, about, at=now, since=now - RUN, actor="sign-in page", detail=origin
    )


def sign_out(core: Core, user_id: int) -> None:
    """End every session of a user: a cookie that was copied must not outlive the sign-out."""
    with core.database.begin() as conn:
        rows.end_sessions(conn, user_id)


def get(core: Core, user_id: int) -> User | None:
    """The user with this id, or None."""
    with core.database.read() as conn:
        return rows.get(conn, user_id)


def every(core: Core) -> list[User]:
    """All users, by name."""
    with core.database.read() as conn:
        return rows.every(conn)


def setup_token(core: Core) -> str | None:
    """A one-time token to create the first admin with, replacing any earlier one; None once there is a user."""
    with core.database.begin() as conn:
        if rows.count(conn):
            return None
        token = secrets.token_urlsafe(24)
        rows.replace_setup_token(conn, digest(core.digest_key, token), now=core.clock())
        return token


def claim_setup(core: Core, token: str, name: str, password: str) -> User:
    """Create the first admin; the token is used up.

    Raises:
        NotFound: the token is wrong or used up, or there is a user already.
        InvalidInput: as in `add`; the token stays good.
    """
    with core.database.begin() as conn:
        stored = rows.setup_digest(conn)
        if stored is None or rows.count(conn) or not same(stored, digest(core.digest_key, token)):
            raise NotFound("this address has been used already, or was never valid")
        _check(name, password)
        rows.replace_setup_token(conn, None, now=core.clock())
        user = rows.add(conn, name.strip(), passwords.hashed(password), Role.ADMIN, now=core.clock())
        rows.signed_in(conn, user.id, now=core.clock())
        _note(core, conn, "first admin made", user, user.name)
        return user
