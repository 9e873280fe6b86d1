"""A connector: one registration of one company file, its settings, its binding and its credentials."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.sessions import Session
from qbwc_server.domain.settings import ConnectorSettings

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Binding:
    """The company file a connector is bound to, as its first session saw it.

    Attributes:
        file_id: the FileID stamped into the company file, upper case, or None when it was not reported.
        company_name: CompanyName of the file.
        path: the Windows path the Web Connector reported.
        paths: other paths under which the same file was seen: a drive letter and a share are two ways to one file.
    """

    file_id: str | None
    company_name: str | None
    path: str | None
    paths: tuple[str, ...] = ()


ANY_FILE = Binding(None, None, None)
"""The binding of a connector whose next company file is the right one, because a person said so."""


SEEN_WITHIN = timedelta(minutes=1)
"""How exactly it is noted when a Web Connector called: not every call is worth a write."""


@dataclass(frozen=True, slots=True)
class Connector:
    """One registration of one company file; the tenant boundary.

    Attributes:
        uuid: never changes, not even by a full reset; the name space of our ExternalGUIDs.
        owner_id, file_id: the GUIDs of the .qwc, with braces. The guide wants one OwnerID an application; each
            connector is an application of its own, so that one customer's pair can be changed (the remedy
            for QBWC1039) without touching any other's.
        last_seen_at: when its Web Connector called last; up to `SEEN_WITHIN` earlier, as not every call is noted.
        last_message_set: ID of the last settled writing set, to be cleared by the next one.
        seconds_per_request: how long QuickBooks takes over one request, smoothed; None before the first.
        tidied_at: when old message texts were last removed.
        is_restored: records that were synced were found missing, and older ones have yet to be looked for.
        is_verifying: the records synced last were asked for, and the answer has not been read to its end.
        pc_offset: seconds that the wall clock of QuickBooks' PC was ahead of UTC when it last wrote for us.
        has_requests: requests that somebody has written themselves may be waiting.
        removed_at: since when it is removed; its name and user name are buried then, as `buried` makes them.
        habit: when its Web Connector usually calls, as `habits` writes it; None when that is not known.
    """

    id: int
    uuid: UUID
    name: str
    username: str
    password_digest: str
    owner_id: str
    file_id: str
    settings: ConnectorSettings
    binding: Binding | None
    paused: bool
    created_at: datetime
    last_seen_at: datetime | None
    last_message_set: str | None
    qbxml_version: str | None
    product: str | None
    country: str | None
    seconds_per_request: float | None
    tidied_at: datetime | None
    is_restored: bool
    is_verifying: bool
    pc_offset: int | None = None
    has_requests: bool = False
    removed_at: datetime | None = None
    habit: str | None = None

    def was_seen(self, now: datetime) -> bool:
        """Whether it is noted already that the Web Connector called in the minute before."""
        return self.last_seen_at is not None and self.last_seen_at <= now < self.last_seen_at + SEEN_WITHIN

    def buried(self, text: str) -> str:
        """A name that no living connector can have, so that the one it was is free."""
        return f"{text} #{self.id}"

    @property
    def given_name(self) -> str:
        """Its name in life."""
        return self.name.removesuffix(self.buried(""))

    @property
    def given_username(self) -> str:
        """Its user name in life."""
        return self.username.removesuffix(self.buried(""))

    @property
    def company_file(self) -> str | None:
        """The Windows path QuickBooks is told to open; None means whatever file is open."""
        return self.settings.company_file


def check_name(name: str) -> None:
    """Refuse a connector name that could not stand in an address or a file name.

    Raises:
        InvalidInput: the name does not fit.
    """
    # "new" is the address of the page that adds one
    if not NAME_PATTERN.fullmatch(name) or name.lower() == "new":
        raise InvalidInput(
            [
                Fault(
                    "/name",
                    "use 1 to 40 letters, digits, dots, dashes or underscores, a letter or digit first",
                )
            ]
        )


def new_guid() -> str:
    """A GUID as the Web Connector wants it: upper case, with braces."""
    return "{" + str(uuid4()).upper() + "}"


def new_password() -> str:
    """A Web Connector password of 160 random bits, without characters that are mistaken for one another."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(8)) for _ in range(4))


def digest(key: bytes, secret: str) -> str:
    """The keyed digest under which a generated secret (password, ticket, key) is stored, as hex.

    A generated secret has too many bits to be guessed, so it needs no slow hash; the key makes a stolen
    database useless on its own.
    """
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two digests are equal, in constant time."""
    return hmac.compare_digest(left, right)


def may_write(connector: Connector, session: Session | None = None) -> bool:
    """Whether anything may be written to the company file."""
    return not connector.settings.read_only and not (session is not None and session.quarantined)


def kinds_to_post(connector: Connector) -> tuple[Kind, ...]:
    """The kinds whose posting is switched on."""
    switches = {kind: row.posted_if for kind, row in KINDS.items()}
    return tuple(
        kind for kind, switch in switches.items() if switch is None or getattr(connector.settings, switch)
    )
