"""Webhooks by the Standard Webhooks specification: endpoints, secrets, what is signed, and when it is tried again."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from ipaddress import ip_address
from urllib.parse import urlsplit

from qbwc_server.domain.addresses import is_public
from qbwc_server.domain.faults import Fault

MOST_ENDPOINTS = 20
"""So many endpoints a connector may have."""

OLD_SECRET_LIFE = timedelta(hours=24)
"""So long a secret that was rotated still signs beside its successor."""

GIVE_UP_AFTER = timedelta(days=3)
"""So long an event is tried before its endpoint is disabled."""

PAUSES: Sequence[timedelta] = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
)
"""How long to wait after the first failure, after the second ..., and after every further one as after the last."""

JITTER = 0.2
"""By up to this share a pause is longer, so that not everything comes back at the same moment."""

SWITCHED_OFF = "switched off by "
"""What the reason begins with when a person disabled an endpoint."""

OF_THE_CONNECTOR = 0
"""The lane of events that concern no record."""

_SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
_LONGEST_URL = 2000
_URL = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that events of a connector are sent to.

    Attributes:
        types: the types of events it wants, or patterns of them: ``*``, ``invoice.*``.
        allow_private: whether it may lie in a private network, or be called without TLS.
        salt: what its secret is derived from, together with the installation's key.
        old_salt, old_until: the same of the secret before, and until when that one signs as well.
        after_id: every event up to this one was delivered, is not wanted, or is noted as `Behind`.
        epoch: counts how often somebody moved `after_id`: what is under way then is not to move it once more.
        attempts: how often in a row nothing came through; 0: it answers well.
        failing_since: since when; None: it answers well.
        not_before: nothing is sent earlier, as it did not answer.
        disabled_at, disabled_reason: since when nothing is sent, and why; None: it is enabled.
    """

    id: int
    connector_id: int
    url: str
    types: tuple[str, ...]
    allow_private: bool
    created_at: datetime
    after_id: int
    epoch: int
    attempts: int
    failing_since: datetime | None
    not_before: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    claimed_by: str | None
    claimed_until: datetime | None
    salt: str = field(repr=False)
    old_salt: str | None = field(repr=False)
    old_until: datetime | None

    def wants(self, event_type: str) -> bool:
        """Whether events of a type are sent to it."""
        return any(fnmatchcase(event_type, pattern) for pattern in self.types)

    @property
    def place(self) -> str:
        """Its address without what may be a secret in it."""
        return self.url.partition("?")[0]

    @property
    def gave_up(self) -> bool:
        """Whether it was disabled because of how it answered, and not by a person."""
        return self.disabled_reason is not None and not self.disabled_reason.startswith(SWITCHED_OFF)

    @property
    def is_enabled(self) -> bool:
        """Whether events are sent to it."""
        return self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Behind:
    """A record whose next event an endpoint did not take: its later ones wait, those of other records do not.

    Attributes:
        lane: the record, or `OF_THE_CONNECTOR`.
        event_id: the event that comes next.
        since: when that one failed first; None: it has not.
        not_before: when it is tried again.
    """

    lane: int
    event_id: int
    attempts: int
    since: datetime | None
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver something, made or asked for.

    Attributes:
        event_id: None: a test.
        wanted_by: who asked for it; None: it was sent by itself.
        at: when it was sent, or asked for.
        duration_ms: None: it has not been sent yet.
        status: of the answer; None: there was none.
        answer: the beginning of its body.
        failure: why it counts as not delivered, in words; None: it was.
    """

    id: int
    webhook_id: int
    connector_id: int
    event_id: int | None
    message_id: str
    type: str
    body: str
    attempt: int
    wanted_by: str | None
    at: datetime
    duration_ms: int | None
    status: int | None
    answer: str | None
    failure: str | None
    next_try_at: datetime | None


def new_salt() -> str:
    """What a new secret is derived from."""
    return secrets.token_hex(16)


def secret_of(key: bytes, salt: str) -> str:
    """The secret of an endpoint. It is kept nowhere: whoever has the database alone can sign nothing."""
    derived = hmac.new(key, f"webhook secret {salt}".encode(), hashlib.sha256).digest()
    return _SECRET_PREFIX + base64.b64encode(derived).decode()


def secrets_of(key: bytes, endpoint: Endpoint, now: datetime) -> list[str]:
    """The secrets that sign at a moment, the newest first."""
    salts = [endpoint.salt]
    if endpoint.old_salt is not None and endpoint.old_until is not None and now < endpoint.old_until:
        salts.append(endpoint.old_salt)
    return [secret_of(key, salt) for salt in salts]


def signed(secrets_in_force: Collection[str], message_id: str, body: str, now: datetime) -> Mapping[str, str]:
    """The headers that make a body verifiable."""
    timestamp = str(int(now.timestamp()))
    content = f"{message_id}.{timestamp}.{body}".encode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets_in_force),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def message_id(connector: object, event_id: int, at: datetime) -> str:
    """Tells an event from every other one of every installation, also of one that went back to a backup."""
    told = hashlib.sha256(f"{connector} {event_id} {at.isoformat()}".encode()).hexdigest()
    return f"evt_{event_id}_{told[:12]}"


def pause(attempts: int, chance: float) -> timedelta:
    """How long to wait after so many failures in a row.

    Args:
        chance: a random number from 0 to 1.
    """
    return PAUSES[min(attempts, len(PAUSES)) - 1] * (1 + JITTER * chance)


def faults_of_url(url: object, *, allow_private: bool) -> list[Fault]:
    """What is wrong with the address of an endpoint."""
    words = _wrong_with(url, allow_private)
    return [Fault("/url", words)] if words else []


def _wrong_with(url: object, allow_private: bool) -> str | None:
    if not isinstance(url, str) or not _URL.fullmatch(url) or len(url) > _LONGEST_URL:
        return (
            f"must be an address of at most {_LONGEST_URL} characters, such as https://orders.example.com/hooks; "
            "a name with other letters than a to z is written as xn--…"
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address: look at its host and port"
    if parts.scheme not in ("http", "https") or not host or host.startswith(".") or ".." in host:
        return "must begin with https:// and name a host"
    if parts.port == 0:
        return "has no port 0"
    if "@" in parts.netloc:
        return "must not hold a user name or password: the signature tells who sent it"
    if "#" in url:
        return "must not have a fragment (#…)"
    return None if allow_private else _too_near(parts.scheme, host)


def _too_near(scheme: str, host: str) -> str | None:
    if scheme != "https":
        return "must begin with https://; http:// needs allow_private, for receivers in your own network"
    if _is_private(host):
        return "lies in a private network: allow_private is needed for that"
    return None


def _is_private(host: str) -> bool:
    """Whether a host is private by its name alone; what it resolves to is looked at whenever it is called."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        name = host.rstrip(".").lower()
        return name == "localhost" or name.endswith((".localhost", ".local", ".internal"))
