"""The secrets: made once, and kept in a file beside the database."""

import contextlib
import json
import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from qbwc_server.config.values import Config, ConfigError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Two keys made once per installation, 32 random bytes each."""

    site_key: bytes = field(repr=False)
    """Signs the site's cookies and forms. A new one logs everybody out."""
    digest_key: bytes = field(repr=False)
    """Keys the digests of Web Connector passwords and API keys. A new one makes all of them invalid."""

    @classmethod
    def generate(cls) -> Self:
        """Fresh keys."""
        return cls(secrets.token_bytes(32), secrets.token_bytes(32))


class SecretsMissing(ConfigError):
    """There is no secrets file where it should be."""


def load_secrets(config: Config) -> Secrets:
    """The installation's secrets as they are kept; those of a database in memory last as long as that.

    They are kept beside the SQLite database (``qbwc.db`` gives ``qbwc-secrets.json``) or in the configured
    ``secrets_file``, readable by the owner only.

    Raises:
        SecretsMissing: the file is not there.
        ConfigError: it cannot be read, or there is no place for it.
    """
    if _is_nowhere(config):
        return Secrets.generate()
    path = secrets_path(config)
    try:
        return _read(path)
    except FileNotFoundError:
        raise SecretsMissing(f"{path}: the secrets file is not there") from None
    except OSError as error:
        raise ConfigError(f"{path}: the secrets cannot be read ({error.strerror})") from None


def make_secrets(config: Config) -> Secrets:
    """The secrets of a new installation: those that are kept already, else fresh ones.

    Several processes may start at once: one makes the file, all read it.

    Raises:
        ConfigError: the file cannot be made or read, or there is no place for it.
    """
    try:
        return load_secrets(config)
    except SecretsMissing:
        path = secrets_path(config)
        try:
            _create(path, Secrets.generate())
        except OSError as error:
            raise ConfigError(f"{path}: the secrets cannot be kept here ({error.strerror})") from None
        return load_secrets(config)


def _is_nowhere(config: Config) -> bool:
    return config.secrets_file is None and _in_memory(config.database_url)


def secrets_path(config: Config) -> Path:
    """The file the secrets are kept in, be it there yet or not.

    Raises:
        ConfigError: there is no place for it.
    """
    return config.secrets_file or _beside_database(database_file(config))


def database_file(config: Config) -> Path | None:
    """The file of a SQLite database; None where it is another one, or named by a URI."""
    scheme, _, rest = config.database_url.partition("://")
    if not scheme.startswith("sqlite") or rest.startswith("/file:") or _in_memory(config.database_url):
        return None
    return Path(rest.partition("?")[0].removeprefix("/"))


def _in_memory(database_url: str) -> bool:
    scheme, _, rest = database_url.partition("://")
    return scheme.startswith("sqlite") and rest.partition("?")[0] in ("", "/", "/:memory:")


def _beside_database(database: Path | None) -> Path:
    if database is None:
        raise ConfigError(
            "secrets_file: set it to a file that only this server can read "
            "(without it the secrets are kept beside a SQLite database, and this is another one)"
        )
    return database.with_name(f"{database.stem}-secrets.json")


def _create(path: Path, made: Secrets) -> None:
    """Write the file unless somebody else has; it is never seen half written."""
    text = json.dumps({"site_key": made.site_key.hex(), "digest_key": made.digest_key.hex()})
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link fails when the name is taken: the first one wins.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> Secrets:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        log.warning("%s can be read by other users of this machine; run: chmod 600 %s", path, path)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Secrets(bytes.fromhex(values["site_key"]), bytes.fromhex(values["digest_key"]))
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            f"{path}: is not a secrets file of this server. Restore it from a backup; if there is none, move it away "
            "and run: qbwc-server db accept-secrets"
        ) from None
