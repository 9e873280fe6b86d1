"""What is shown once: the browser that made a secret can look at it again for a few minutes, and no other one.

What it keeps is the salt alone, in its signed session cookie: without the key of the installation that is worth nothing
(`domain.once`). So a page that shows a secret is an ordinary page: going back to it, or reloading it, sends no form.
"""

from datetime import datetime, timedelta

from flask import session

from qbwc_server.domain.once import new_salt
from qbwc_server.web.context import now

__all__ = ["LIFE", "forget", "keep", "kept", "new_salt"]

LIFE = timedelta(minutes=15)
"""So long it can be looked at again."""

_KEY = "once"
_MOST = 5
"""So many are kept: a cookie must stay small."""


def keep(what: str, salt: str) -> None:
    """Let this browser show for a while what was made from a salt."""
    others = [entry for entry in session.get(_KEY, []) if entry[0] != what]
    session[_KEY] = [*others, [what, salt, (now() + LIFE).isoformat()]][-_MOST:]


def kept(what: str) -> str | None:
    """The salt of what this browser may still show, or None."""
    for name, salt, until in session.get(_KEY, []):
        if name == what and datetime.fromisoformat(until) > now():
            return str(salt)
    return None


def forget(what: str) -> None:
    """Show it no more: whoever made it has noted it."""
    if any(entry[0] == what for entry in session.get(_KEY, [])):
        session[_KEY] = [entry for entry in session[_KEY] if entry[0] != what]
