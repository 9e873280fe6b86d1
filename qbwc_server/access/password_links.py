"""Links by which a user gives themselves a password, once: an admin makes one and hands it over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from qbwc_server.access import passwords
from qbwc_server.domain.connectors import digest
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.once import token_of
from qbwc_server.domain.people import User
from qbwc_server.storage import audit
from qbwc_server.storage import users as rows
from qbwc_server.sync.core import Core

LIFE = timedelta(hours=24)
"""So long a link is good."""

_PURPOSE = "password link"
_DEAD = "this link was used already, is too old, or was replaced by a newer one"


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """A link just made.

    Attributes:
        address: where it leads; it is kept nowhere.
    """

    user: User
    address: str
    expires_at: datetime


def address_of(core: Core, salt: str) -> str:
    """The link that was made from a salt."""
    return f"{core.public_url.rstrip('/')}/new-password/{token_of(core.digest_key, _PURPOSE, salt)}"


def make(core: Core, name: str, salt: str, *, actor: str) -> PasswordLink:
    """Make a link for a user; one made before is dead.

    Args:
        salt: what it is derived from, of 256 random bits (`domain.once.new_salt`).

    Raises:
        NotFound: there is no such user.
        Conflict: they are disabled.
    """
    token, expires_at = token_of(core.digest_key, _PURPOSE, salt), core.clock() + LIFE
    with core.database.begin() as conn:
        user = rows.named(conn, name.strip())
        if user.disabled_at is not None:
            raise Conflict(f"{user.name} is disabled: enable them first")
        rows.replace_link(conn, user.id, digest(core.digest_key, token), expires_at=expires_at)
        until = f"until {expires_at:%Y-%m-%d %H:%M} UTC"
        audit.add(conn, "link to a new password made", user.name, at=core.clock(), actor=actor, detail=until)
    return PasswordLink(user, address_of(core, salt), expires_at)


def whose(core: Core, token: str) -> User:
    """The user whom a link gives a password.

    Raises:
        NotFound: it was used, is over, or never was one.
    """
    with core.database.read() as conn:
        user = rows.of_link(conn, digest(core.digest_key, token), now=core.clock())
    if user is None:
        raise NotFound(_DEAD)
    return user


def use(core: Core, token: str, password: str) -> User:
    """Give the user of a link a password, and end all their sessions; the link is used up.

    Raises:
        InvalidInput: a password shorter than 12 characters; the link stays good.
        NotFound: as `whose`.
    """
    user = whose(core, token)
    if faults := passwords.faults_of(password):
        raise InvalidInput(faults)
    hashed, now = passwords.hashed(password), core.clock()
    with core.database.begin() as conn:
        if not rows.use_link(conn, user.id, digest(core.digest_key, token)):
            raise NotFound(_DEAD)  # somebody was quicker with it
        changed = rows.set_password(conn, user.id, hashed)
        rows.signed_in(conn, user.id, now=now)
        audit.add(conn, "own password set by a link", changed.name, at=now, actor=changed.name)
    return changed
