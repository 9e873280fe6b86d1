"""Who has to wait before the next try to sign in: counting the failures of user names and addresses.

Failures count for a user name from one address, so nobody can be locked out by a stranger elsewhere; and for an
address as a whole, so that trying many names is no way round it.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from qbwc_server.domain.connectors import digest
from qbwc_server.domain.matching import fold
from qbwc_server.domain.throttle import ADDRESSES, PEOPLE, WEB_CONNECTORS, WINDOW, Patience, source_of
from qbwc_server.storage import Transaction
from qbwc_server.storage import login_failures as rows
from qbwc_server.sync.core import Core


class TooManyTries(Exception):
    """The password was not even looked at; `wait` is how long to stay away."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"too many failed tries to sign in; wait {ceil(wait.total_seconds())} s")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who tries to sign in.

    Attributes:
        source: where from (`domain.throttle.source_of`).
        who: a digest of the user name, as people type passwords into that field.
        patience: the rule for this user name from this address.
    """

    source: str
    who: str
    patience: Patience


def person(core: Core, name: str, address: str) -> Caller:
    """Somebody at the site's sign-in page."""
    return Caller(source_of(address), digest(core.digest_key, f"person {fold(name)}"), PEOPLE)


def web_connector(core: Core, username: str, address: str) -> Caller:
    """A Web Connector that authenticates."""
    who = digest(core.digest_key, f"web connector {fold(username)}")
    return Caller(source_of(address), who, WEB_CONNECTORS)


def guest(core: Core, address: str) -> Caller:
    """Somebody who comes with an onboarding link."""
    return Caller(source_of(address), digest(core.digest_key, "guest"), PEOPLE)


def wait_of(core: Core, conn: Transaction, caller: Caller) -> timedelta | None:
    """How long the caller has to wait; None: the password may be looked at."""
    now = core.clock()
    mine, all_there = rows.since(conn, caller.source, caller.who, now - WINDOW)
    waits = [caller.patience.wait(mine, now), ADDRESSES.wait(all_there, now)]
    return max((wait for wait in waits if wait is not None), default=None)


def failed(core: Core, conn: Transaction, caller: Caller) -> None:
    """Count a failure. A try that was not looked at is none, so that waiting comes to an end."""
    now = core.clock()
    rows.add(conn, caller.source, caller.who, now=now, before=now - WINDOW)


def succeeded(conn: Transaction, caller: Caller) -> None:
    """Forget the failures of this user name from this address."""
    rows.clear(conn, caller.source, caller.who)
