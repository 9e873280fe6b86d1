"""The keys of the REST API: made, shown once, recognised, revoked."""

import logging
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qbwc_server.domain.connectors import digest
from qbwc_server.domain.event_types import OF_CONNECTORS, ConnectorHappening
from qbwc_server.domain.faults import Conflict, DatabaseUnavailable, Fault, InvalidInput, NotFound
from qbwc_server.domain.once import token_of
from qbwc_server.domain.people import ApiKey, Scope, expiry
from qbwc_server.storage import Transaction, audit, connectors, events
from qbwc_server.storage import api_keys as rows
from qbwc_server.sync.core import Core

__all__ = [
    "PREFIX",
    "Expired",
    "NewApiKey",
    "authenticate",
    "create",
    "every",
    "get",
    "of_connector",
    "revoke",
    "revoke_one",
    "secret_of",
]

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


class Expired(Exception):
    """The time of a key is over; whoever holds it may know.

    Attributes:
        key: what has expired.
    """

    def __init__(self, key: ApiKey) -> None:
        super().__init__(f"the API key {key.name!r} expired on {key.expires_at:%Y-%m-%d at %H:%M} UTC")
        self.key = key


def create(
    core: Core,
    name: str,
    *,
    connector: str | None,
    actor: str,
    scope: Scope = Scope.MANAGE,
    expires: str | None = None,
    by: ApiKey | None = None,
    salt: str | None = None,
) -> NewApiKey:
    """Make a key of 256 random bits.

    Args:
        connector: the one connector it opens; None: all of them, those to come included.
        expires: a day (it is good until that ends, in UTC) or a moment; None: never.
        by: the key that makes it; the new one gets no more rights than that has, and no more time.
        salt: what it is derived from, for whoever shows it again (`secret_of`); None: from nothing.

    Raises:
        InvalidInput: the name does not fit, the time is over already, or it would get more than `by` has.
        NotFound: there is no such connector.
        Conflict: a key that is good has this name.
    """
    faults, expires_at = _looked_through(core, name, expires)
    if by is not None and not faults:
        expires_at, faults = _within(by, connector, scope, expires_at)
    if faults:
        raise InvalidInput(faults)
    secret = PREFIX + secrets.token_urlsafe(_KEY_BYTES) if salt is None else secret_of(core, salt)
    with core.database.begin() as conn:
        now = core.clock()
        # held, as whoever notes an event holds its connector: see `storage.events`
        tenant = None if connector is None else connectors.lock_named(conn, connector).id
        made = rows.add(
            conn,
            name.strip(),
            digest(core.digest_key, secret),
            tenant,
            scope=scope,
            expires_at=expires_at,
            now=now,
        )
        _note(core, conn, ConnectorHappening.KEY_CREATED, made, actor)
    return NewApiKey(made, secret)


def secret_of(core: Core, salt: str) -> str:
    """The key that was derived from a salt."""
    return PREFIX + token_of(core.digest_key, "api key", salt)


def faults_of(core: Core, name: str | None, expires: str | None) -> list[Fault]:
    """What is wrong with the name of a key that is to be made, and with its end; of what is None, nothing."""
    faults, _ = _looked_through(core, "-" if name is None else name, expires)
    return faults


def _looked_through(core: Core, name: str, expires: str | None) -> tuple[list[Fault], datetime | None]:
    faults = []
    if not 1 <= len(name.strip()) <= _LONGEST_NAME or not name.isprintable():
        faults.append(Fault("/name", f"must have 1 to {_LONGEST_NAME} printable characters"))
    if expires is None:
        return faults, None
    try:
        return faults, expiry(expires, core.clock())
    except InvalidInput as error:
        return [*faults, *error.faults], None


def _within(
    by: ApiKey, connector: str | None, scope: Scope, expires_at: datetime | None
) -> tuple[datetime | None, list[Fault]]:
    """Until when a key is good that another one makes, and what it must not get."""
    faults = []
    if by.connector not in (None, connector):
        faults.append(Fault("/connector", "is not one that this key opens"))
    if not by.scope.covers(scope):
        faults.append(Fault("/scope", f"is more than this key has: {by.scope}"))
    if by.expires_at is not None and expires_at is not None and expires_at > by.expires_at:
        faults.append(
            Fault("/expires", f"is later than this key itself expires: {by.expires_at.isoformat()}")
        )
    return (by.expires_at if expires_at is None else expires_at), faults


def _note(core: Core, conn: Transaction, what: ConnectorHappening, key: ApiKey, actor: str) -> None:
    """In the connector's own log, or in the one of all that belongs to none."""
    detail = f"scope {key.scope}"
    if key.expires_at is not None:
        detail += f", until {key.expires_at:%Y-%m-%d %H:%M} UTC"
    if key.connector is None:
        opens = f"every connector, {detail}"
        audit.add(conn, OF_CONNECTORS[what], key.name, at=core.clock(), actor=actor, detail=opens)
    else:
        tenant = connectors.lock_named(conn, key.connector).id
        events.add(conn, tenant, what, at=core.clock(), actor=actor, detail=f"{key.name} ({detail})")


def every(core: Core) -> list[ApiKey]:
    """All keys, good and revoked, in the order they were made."""
    with core.database.read() as conn:
        return rows.every(conn)


def of_connector(core: Core, connector: str) -> list[ApiKey]:
    """The keys that open this connector and no other, good and revoked, in the order they were made.

    Raises:
        NotFound: there is no such connector.
    """
    with core.database.read() as conn:
        return rows.of_connector(conn, connectors.by_name(conn, connector).id)


def get(core: Core, key_id: int) -> ApiKey | None:
    """The key with this id, or None."""
    with core.database.read() as conn:
        return rows.get(conn, key_id)


def revoke(
    core: Core, name: str, *, actor: str, connector: str | None = None, opens_all: bool = False
) -> ApiKey:
    """Let the key of this name open nothing from now on.

    Args:
        connector: of this connector; None: whichever it opens.
        opens_all: the key that opens every connector is meant.

    Raises:
        NotFound: no key that is good has this name.
        Conflict: several have it, and which is meant was not said.
    """
    with core.database.begin() as conn:
        found = [
            key
            for key in rows.named(conn, name)
            if connector in (None, key.connector) and not (opens_all and key.connector is not None)
        ]
        if not found:
            raise NotFound(f"there is no API key named {name!r} that is not revoked already")
        if len(found) > 1:
            opened = ", ".join(key.connector or "every connector" for key in found)
            raise Conflict(f"several API keys are named {name!r}; say which connector it opens: {opened}")
        return _revoked(core, conn, found[0], actor)


def revoke_one(core: Core, key_id: int, *, actor: str) -> ApiKey:
    """Let the key with this id open nothing from now on; one that is revoked stays as it is.

    Raises:
        NotFound: there is no such key.
    """
    with core.database.begin() as conn:
        key = rows.get(conn, key_id)
        if key is None:
            raise NotFound("there is no such API key")
        return _revoked(core, conn, key, actor)


def _revoked(core: Core, conn: Transaction, key: ApiKey, actor: str) -> ApiKey:
    now = core.clock()
    if not rows.revoke(conn, key.id, now=now):
        return key
    if key.connector_removed_at is None:
        _note(core, conn, ConnectorHappening.KEY_REVOKED, key, actor)
    return replace(key, revoked_at=now)


def authenticate(core: Core, secret: str) -> ApiKey | None:
    """The good key behind this secret, or None.

    It is looked up by its keyed digest, so neither the time taken nor the index tells anything of other keys.

    Raises:
        Expired: its time is over.
    """
    if _SHAPE.fullmatch(secret) is None:
        return None
    with core.database.glance() as conn:
        key = rows.good(conn, digest(core.digest_key, secret))
    if key is None:
        return None
    if key.is_expired(core.clock()):
        raise Expired(key)
    # not with every call: that would make a write of every read
    if key.last_used_at is None or key.last_used_at + _NOTED_EVERY <= core.clock():
        _note_use(core, key)
    return key


def _note_use(core: Core, key: ApiKey) -> None:
    try:
        with core.database.begin() as conn:
            rows.used(conn, key.id, now=core.clock())
    except DatabaseUnavailable as error:  # a full disk must not keep the host from reading
        log.warning("the use of the API key %r could not be noted: %s", key.name, error)
