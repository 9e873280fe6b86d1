"""The passwords of people: how long they must be, how they are stored, and whether one is the right one."""

import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qbwc_server.domain.faults import Fault

SHORTEST = 12
LONGEST = 1024

_hasher = PasswordHasher()


def _hash_of_nothing() -> str:
    """What is verified when there is no such user, so that the time taken does not tell. No password has it: making
    one that some password has takes 64 MB of memory, at the start of every process."""
    salt, digest = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    how = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${how}${salt}${digest}"


_NOBODY = _hash_of_nothing()


def faults_of(password: str) -> list[Fault]:
    """What is wrong with a password that is to be somebody's."""
    if SHORTEST <= len(password) <= LONGEST:
        return []
    return [Fault("/password", f"must have at least {SHORTEST} characters")]


def hashed(password: str) -> str:
    """As it is stored."""
    return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Whether it is the password that was stored; None, nobody's, takes the same time and is never right."""
    try:
        _hasher.verify(stored or _NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it would be stored in another way today."""
    return _hasher.check_needs_rehash(stored)
