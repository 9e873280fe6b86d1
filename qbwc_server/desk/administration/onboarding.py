"""Onboarding links: made by staff for one connector, used by the person at the QuickBooks PC, who has no account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from qbwc_server.desk.administration import arrivals
from qbwc_server.desk.administration.arrivals import Arrival
from qbwc_server.desk.administration.connectors import new_password_in
from qbwc_server.domain import onboarding as rules
from qbwc_server.domain import qwc
from qbwc_server.domain.connectors import Connector, digest
from qbwc_server.domain.event_types import ConnectorHappening as Happening
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound
from qbwc_server.domain.onboarding import Hours, Onboarding
from qbwc_server.domain.once import token_of
from qbwc_server.storage import Transaction, connectors, events
from qbwc_server.storage import onboarding as rows
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look
from qbwc_server.sync.turn import turn

GUEST = "guest"
"""Who did what was done by a link."""

_PURPOSE = "onboarding link"


class Over(Exception):
    """The link was good once.

    Attributes:
        made_by: whom to ask for another one.
    """

    def __init__(self, made_by: str) -> None:
        super().__init__("this onboarding link is over")
        self.made_by = made_by


@dataclass(frozen=True, slots=True)
class Guest:
    """What the holder of a link may see."""

    link: Onboarding
    arrival: Arrival

    @property
    def connector(self) -> Connector:
        """The one connector it is about."""
        return self.arrival.connector


def address_of(core: Core, salt: str) -> str:
    """The link that was made from a salt."""
    return f"{core.public_url.rstrip('/')}/onboard/{token_of(core.digest_key, _PURPOSE, salt)}"


def make(core: Core, name: str, salt: str, *, life: timedelta = rules.LIFE, actor: str) -> Onboarding:
    """Make a link for a connector; one made before is dead.

    Args:
        salt: what it is derived from (`domain.once.new_salt`).

    Raises:
        NotFound: there is no such connector.
        InvalidInput: it would be good for too long, or the Web Connector would refuse this server's address.
    """
    if not timedelta(0) < life <= rules.LONGEST:
        most = rules.LONGEST // timedelta(hours=1)
        raise InvalidInput([Fault("/hours", f"must be 1 to {most} hours")])
    qwc.check_public_url(core.public_url)
    token = token_of(core.digest_key, _PURPOSE, salt)
    with turn(core, name) as (conn, connector):
        now = core.clock()
        rows.end(conn, connector.id, now=now)
        key = digest(core.digest_key, token)
        made = rows.add(conn, connector.id, key, made_by=actor, now=now, expires_at=now + life)
        until = f"until {made.expires_at:%Y-%m-%d %H:%M} UTC"
        events.add(conn, connector.id, Happening.ONBOARDING_LINK_MADE, at=now, actor=actor, detail=until)
    return made


def revoke(core: Core, name: str, *, actor: str) -> bool:
    """Let no link of a connector open anything any more; False when none did.

    Raises:
        NotFound: there is no such connector.
    """
    with turn(core, name) as (conn, connector):
        now = core.clock()
        if not rows.end(conn, connector.id, now=now):
            return False
        events.add(conn, connector.id, Happening.ONBOARDING_LINK_REVOKED, at=now, actor=actor)
        return True


def newest(core: Core, name: str) -> tuple[Connector, Onboarding | None, Arrival]:
    """A connector, the newest of its links, good or over, and how far its holder has come.

    Raises:
        NotFound: there is no such connector.
    """
    with look(core, name) as (conn, connector):
        link = rows.newest(conn, connector.id)
        if link is None:
            return connector, None, arrivals.since(conn, connector, connector.created_at)
        return connector, link, _arrival(conn, connector, link)


def guest(core: Core, token: str) -> Guest:
    """What the holder of a link may see; that it was opened is noted the first time.

    Raises:
        NotFound: there never was such a link.
        Over: it is too old, was taken back, or its connector was reset or removed.
    """
    with core.database.read() as conn:
        link = _good(core, conn, token)
        connector = connectors.get(conn, link.connector_id)
        seen = Guest(link, _arrival(conn, connector, link))
    if link.opened_at is None:
        with _step(core, token, "opened", lambda link: link.opened_at is None) as (conn, link, now):
            rows.change(conn, link.id, opened_at=now)
    return seen


def download(core: Core, token: str) -> tuple[Connector, bytes]:
    """The .qwc file of the link's connector; that it was downloaded is noted the first time.

    Raises:
        NotFound, Over: as `guest`.
        InvalidInput: the Web Connector would refuse this server's public address.
    """
    with core.database.read() as conn:
        link = _good(core, conn, token)
        connector = connectors.get(conn, link.connector_id)
    content = qwc.build(connector, core.public_url)
    with _step(core, token, ".qwc downloaded", lambda link: link.downloaded_at is None) as (conn, link, now):
        rows.change(conn, link.id, downloaded_at=link.downloaded_at or now)
    return connector, content


def take_password(core: Core, token: str, salt: str) -> None:
    """Give the connector a new password, which is derived from a salt, for the holder of the link to see, once.

    Raises:
        NotFound, Over: as `guest`.
        Conflict: it was shown already.
    """
    with _step(core, token, "new password shown", lambda link: True) as (conn, link, now):
        if link.password_at is not None:
            raise Conflict(
                "the password was shown already, and is shown only once. If nobody noted it, ask "
                f"{asked(link.made_by)} for another link"
            )
        rows.change(conn, link.id, password_at=now)
        new_password_in(core, conn, connectors.get(conn, link.connector_id), GUEST, salt=salt)


def ask_hours(core: Core, token: str, hours: Hours) -> None:
    """Note when the holder of the link would have it run; staff decides.

    Raises:
        NotFound, Over: as `guest`.
        Conflict: that was changed too often.
    """
    words = f"hours asked for: {hours.words()}"
    with _step(core, token, words, lambda link: link.hours != hours) as (conn, link, _):
        if link.hours == hours:
            return
        if link.hours_changes >= rules.MOST_CHANGES:
            raise Conflict(f"the hours were changed too often by this link; tell {asked(link.made_by)}")
        rows.change(conn, link.id, hours=hours.stored(), hours_changes=link.hours_changes + 1)


def asked(made_by: str) -> str:
    """Whom to ask, in words: somebody at the command line has no name."""
    return "whoever sent you the link" if made_by == "cli" else made_by


def _arrival(conn: Transaction, connector: Connector, link: Onboarding) -> Arrival:
    return arrivals.since(conn, connector, link.created_at, link.password_at)


def _good(core: Core, conn: Transaction, token: str) -> Onboarding:
    link = rows.with_digest(conn, digest(core.digest_key, token))
    if link is None:
        raise NotFound("there is no such link")
    if not link.is_good(core.clock()) or connectors.get(conn, link.connector_id).removed_at is not None:
        raise Over(link.made_by)
    return link


@contextmanager
def _step(
    core: Core, token: str, words: str, is_news: Callable[[Onboarding], bool]
) -> Iterator[tuple[Transaction, Onboarding, datetime]]:
    """A transaction in which the holder of a link does something, which is noted if it is news."""
    with core.database.begin() as conn:
        connectors.lock(conn, _good(core, conn, token).connector_id)
        # once more, as it may have ended while this waited for its turn
        link, now = _good(core, conn, token), core.clock()
        yield conn, link, now
        if is_news(link):
            told = f"{words} (link of {link.made_by})"
            events.add(conn, link.connector_id, Happening.ONBOARDING_STEP, at=now, actor=GUEST, detail=told)
