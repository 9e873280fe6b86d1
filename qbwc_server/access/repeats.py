"""Requests that come again: done once, and answered as they were the first time."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from qbwc_server.domain.people import ApiKey
from qbwc_server.domain.repeats import KEPT, LARGEST_ANSWER, LONGEST_WORK, Claim, Earlier
from qbwc_server.storage import idempotency as rows
from qbwc_server.sync.core import Core

__all__ = [
    "AnotherRequest",
    "Claim",
    "CutOff",
    "Earlier",
    "NotKept",
    "UnderWay",
    "answered",
    "begin",
    "cut_off",
    "digest",
    "let_go",
]


class AnotherRequest(Exception):
    """The key stands for another request."""


class UnderWay(Exception):
    """The first one has not been answered yet."""


class CutOff(Exception):
    """The first one will not be answered any more, and nobody knows what became of it."""


@dataclass
class NotKept(Exception):
    """The first one was carried out, and its answer was not kept.

    Attributes:
        status: of that answer.
    """

    status: int


def digest(parts: Iterable[bytes]) -> str:
    """What tells one request from another."""
    made = hashlib.sha256()
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


def begin(
    core: Core, by: ApiKey, key: str, digest: str, *, waits: int = 0, is_harmless: bool
) -> Claim | Earlier:
    """Claim a key for a request that is to be done now; or what it was answered when it came first.

    Args:
        waits: so many seconds the answer may wait beside the work.
        is_harmless: it may be done again where it is not known whether it was done.

    Raises:
        AnotherRequest: the key stands for another one.
        UnderWay: the first one is not answered yet.
        CutOff: it is not known what became of the first one.
        NotKept: the first one was carried out, and its answer is not there.
    """
    now = core.clock()
    wanted = Claim(by.id, key, digest, now, now + LONGEST_WORK + timedelta(seconds=waits))
    with core.database.begin() as conn:
        if rows.claim(conn, wanted, kept_since=now - KEPT, takes_over=is_harmless):
            return wanted
        found = rows.earlier(conn, by.id, key)
    return _checked(found, wanted)


def _checked(found: Earlier | None, wanted: Claim) -> Earlier:
    if found is None:  # it was let go in this very moment
        raise UnderWay
    if found.digest != wanted.digest:
        raise AnotherRequest
    if found.status is not None:
        if found.answer is None:
            raise NotKept(found.status)
        return found
    raise UnderWay if wanted.claimed_at < found.under_way_until else CutOff


def answered(core: Core, ours: Claim, status: int, etag: str | None, answer: str | None) -> None:
    """Keep what a request was answered.

    Args:
        answer: None: it must not be kept.
    """
    if answer is not None and len(answer.encode()) > LARGEST_ANSWER:
        answer = None
    with core.database.begin() as conn:
        rows.answered(conn, ours, status, etag, answer)


def cut_off(core: Core, ours: Claim) -> None:
    """It is not known whether the request was carried out."""
    with core.database.begin() as conn:
        rows.cut_off(conn, ours, at=core.clock())


def let_go(core: Core, ours: Claim) -> None:
    """Nothing was done: the key stands for nothing."""
    with core.database.begin() as conn:
        rows.let_go(conn, ours)
