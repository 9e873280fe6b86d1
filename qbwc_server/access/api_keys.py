"""The keys of the REST API: made, shown once, recognised, revoked."""

import logging
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from qbwc_server.domain.connectors import digest
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.faults import DatabaseUnavailable, Fault, InvalidInput, NotFound
from qbwc_server.domain.people import ApiKey
from qbwc_server.storage import api_keys as rows
from qbwc_server.storage import audit, connectors, events
from qbwc_server.sync.core import Core

__all__ = ["PREFIX", "NewApiKey", "authenticate", "create", "every", "revoke"]

log = logging.getLogger(__name__)

PREFIX = "qbwc_"
"""What every key begins with, so that one that got into a log or a repository is recognised as a secret."""

_KEY_BYTES = 32
_SHAPE = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}")
_LONGEST_NAME = 80
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made, and the secret itself, which is shown this once."""

    key: ApiKey
    secret: str


def create(core: Core, name: str, *, connector: str | None, actor: str) -> NewApiKey:
    """Make a key of 256 random bits.

    Args:
        connector: the one connector it opens; None: all of them, those to come included.

    Raises:
        InvalidInput: the name does not fit.
        NotFound: there is no such connector.
        Conflict: a key that is good has this name.
    """
    if not 1 <= len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidInput([Fault("/name", f"must have 1 to {_LONGEST_NAME} printable characters")])
    secret = PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    with core.database.begin() as conn:
        now = core.clock()
        # held, as whoever notes an event holds its connector: see `storage.events`
        tenant = None if connector is None else connectors.lock_named(conn, connector).id
        made = rows.add(conn, name.strip(), digest(core.digest_key, secret), tenant, now=now)
        if tenant is None:
            audit.add(conn, "API key created", made.name, at=now, actor=actor, detail="every connector")
        else:
            events.add(conn, tenant, ConnectorHappening.KEY_CREATED, at=now, actor=actor, detail=made.name)
    return NewApiKey(made, secret)


def every(core: Core) -> list[ApiKey]:
    """All keys, good and revoked, in the order they were made."""
    with core.database.read() as conn:
        return rows.every(conn)


def revoke(core: Core, name: str, *, actor: str) -> ApiKey:
    """Let the key of this name open nothing from now on.

    Raises:
        NotFound: no key that is good has this name.
    """
    with core.database.begin() as conn:
        now = core.clock()
        revoked = rows.revoke(conn, name, now=now)
        if revoked is None:
            raise NotFound(f"there is no API key named {name!r} that is not revoked already")
        if revoked.connector is None:
            audit.add(conn, "API key revoked", revoked.name, at=now, actor=actor, detail="every connector")
        else:
            tenant = connectors.lock_named(conn, revoked.connector).id
            events.add(conn, tenant, ConnectorHappening.KEY_REVOKED, at=now, actor=actor, detail=revoked.name)
    return revoked


def authenticate(core: Core, secret: str) -> ApiKey | None:
    """The good key behind this secret, or None.

    It is looked up by its keyed digest, so neither the time taken nor the index tells anything of other keys.
    """
    if _SHAPE.fullmatch(secret) is None:
        return None
    with core.database.glance() as conn:
        key = rows.good(conn, digest(core.digest_key, secret))
    # not with every call: that would make a write of every read
    if key is not None and (key.last_used_at is None or key.last_used_at + _NOTED_EVERY <= core.clock()):
        _note_use(core, key)
    return key


def _note_use(core: Core, key: ApiKey) -> None:
    try:
        with core.database.begin() as conn:
            rows.used(conn, key.id, now=core.clock())
    except DatabaseUnavailable as error:  # a full disk must not keep the host from reading
        log.warning("the use of the API key %r could not be noted: %s", key.name, error)
