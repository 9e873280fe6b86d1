"""How long whoever failed to sign in has to wait before the next try is looked at."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
"""A failure counts for so long."""


@dataclass(frozen=True, slots=True)
class Tries:
    """The failures of the last `WINDOW`: how many, and when the latest was (None: there was none)."""

    failures: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures are `free`; then the wait is `first`, doubled by every further failure up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, tries: Tries, now: datetime) -> timedelta | None:
        """How long to wait from `now` on; None when the next try may come."""
        if tries.last_at is None or tries.failures < self.free:
            return None
        left = tries.last_at + self._delay(tries.failures) - now
        return left if left > timedelta(0) else None

    def _delay(self, failures: int) -> timedelta:
        doublings = min(failures - self.free, 32)
        return min(self.first * (1 << doublings), self.longest)


PEOPLE = Patience(5, timedelta(seconds=2), timedelta(minutes=15))
"""For one user name from one address: about 14 guesses in a quarter of an hour."""

WEB_CONNECTORS = Patience(5, timedelta(seconds=2), timedelta(minutes=1))
"""The same for a Web Connector. Its password is too long to be guessed, so the wait only keeps the noise down;
it is short because somebody who has just entered the right password must not be told that it is wrong."""

ADDRESSES = Patience(100, timedelta(seconds=2), timedelta(minutes=15))
"""For one address and all user names: an office behind one address stays far below."""


def source_of(address: str) -> str:
    """The address by which tries are counted: a whole /64 for IPv6, as one machine has all of it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
