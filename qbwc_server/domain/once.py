"""Secrets that are shown once: made from a salt and the key of the installation, and kept nowhere.

Whoever made one may look at it again for a few minutes, as their browser keeps the salt: neither that nor the database
gives the secret away without the key.
"""

import base64
import hashlib
import hmac
import secrets

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 characters, without those that are mistaken for one another."""


def new_salt() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def token_of(key: bytes, purpose: str, salt: str) -> str:
    """A token of 256 bits, as it stands in an address."""
    return base64.urlsafe_b64encode(_derived(key, purpose, salt)).rstrip(b"=").decode()


def password_of(key: bytes, salt: str) -> str:
    """A Web Connector password of 160 bits, as `connectors.new_password` writes one."""
    letters = [_ALPHABET[byte % len(_ALPHABET)] for byte in _derived(key, "web connector password", salt)]
    return "-".join("".join(letters[start : start + 8]) for start in range(0, 32, 8))


def _derived(key: bytes, purpose: str, salt: str) -> bytes:
    return hmac.new(key, f"{purpose} {salt}".encode(), hashlib.sha256).digest()
