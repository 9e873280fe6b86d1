"""The people who use the site: adding them, logging them in, and letting the first one in."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qbwc_server.domain.connectors import digest, same
from qbwc_server.domain.faults import Fault, InvalidInput, NotFound
from qbwc_server.storage import users as rows
from qbwc_server.storage.users import Role, User

from . import throttle
from .core import Core

__all__ = [
    "Role",
    "User",
    "add",
    "authenticate",
    "claim_setup",
    "every",
    "get",
    "set_password",
    "setup_token",
    "sign_in",
    "sign_out",
]

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
_hasher = PasswordHasher()
# verified when there is no such user, so that the time taken does not tell
_NOBODY = _hasher.hash(secrets.token_urlsafe())


def add(core: Core, name: str, password: str, role: Role) -> User:
    """Add a user.

    Raises:
        InvalidInput: no name, or a password shorter than 12 characters.
        Conflict: the name is taken.
    """
    _check(name, password)
    with core.database.begin() as conn:
        return rows.add(conn, name.strip(), _hasher.hash(password), role, now=core.clock())


def set_password(core: Core, name: str, password: str) -> User:
    """Give a user another password. Whoever is signed in as them, with a copied cookie perhaps, no longer is.

    Raises:
        InvalidInput: a password shorter than 12 characters.
        NotFound: there is no such user.
    """
    _check(name, password)
    with core.database.begin() as conn:
        user = rows.set_password(conn, name.strip(), _hasher.hash(password))
    if user is None:
        raise NotFound(f"there is no user named {name!r}")
    return user


def _check(name: str, password: str) -> None:
    faults = []
    if not 1 <= len(name.strip()) <= 80 or not name.isprintable():
        faults.append(Fault("/name", "must have 1 to 80 printable characters"))
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        faults.append(Fault("/password", f"must have at least {SHORTEST_PASSWORD} characters"))
    if faults:
        raise InvalidInput(faults)


def authenticate(core: Core, name: str, password: str) -> User | None:
    """The user with this name and password, or None. Takes the same time for an unknown name."""
    with core.database.read() as conn:
        found = rows.with_hash(conn, name.strip())
    user, stored = found or (None, _NOBODY)
    try:
        _hasher.verify(stored, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    if user is not None and _hasher.check_needs_rehash(stored):
        with core.database.begin() as conn:
            rows.set_hash(conn, user.id, _hasher.hash(password))
    return user


def sign_in(core: Core, name: str, password: str, *, address: str) -> User | None:
    """`authenticate` for the sign-in page, at which strangers guess.

    The try is counted before the password is looked at, so that many at the same moment gain nothing.

    Raises:
        TooManyTries: too many failed from this address; the password was not looked at.
    """
    caller = throttle.person(core, name.strip(), address)
    with core.database.begin() as conn:
        wait = throttle.wait_of(core, conn, caller)
        if wait is not None:
            raise throttle.TooManyTries(wait)
        throttle.failed(core, conn, caller)
    user = authenticate(core, name, password)
    if user is not None:
        with core.database.begin() as conn:
            throttle.succeeded(conn, caller)
    return user


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
        return rows.add(conn, name.strip(), _hasher.hash(password), Role.ADMIN, now=core.clock())
