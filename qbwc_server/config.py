"""Configuration: a TOML file, environment overrides, defaults that need neither; the secrets kept apart.

Order of precedence: what the caller passes (command line), the environment (``QBWC_DATABASE_URL``,
``QBWC_<SECTION>_<KEY>``), the file, the default. Every key is described in ``config.example.toml``.
"""

import contextlib
import difflib
import json
import logging
import os
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from qbwc_server.domain.limits import USUAL
from qbxml.findings import in_words

log = logging.getLogger(__name__)

ENV_PREFIX = "QBWC_"
ENV_CONFIG = "QBWC_CONFIG"

Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]


class ConfigError(Exception):
    """The configuration cannot be used; the message says where, what and how to put it right."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerConfig(_Section):
    """``[server]``: the process that listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, le=65535)] = 8000
    workers: Positive = 1
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_body_mb: Positive = 128
    proxies: Count = 0

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together: set both or neither")
        return self

    @property
    def max_body_bytes(self) -> int:
        """The largest request body accepted, in bytes."""
        return self.max_body_mb * 1024 * 1024


class SessionConfig(_Section):
    """``[session]``: one visit of the Web Connector."""

    lease_seconds: Positive = USUAL.lease_seconds
    ticket_minutes: Positive = USUAL.ticket_minutes
    target_seconds: Positive = USUAL.target_seconds


class SyncConfig(_Section):
    """``[sync]``: what goes to and comes from QuickBooks."""

    refresh_minutes: Positive = USUAL.refresh_minutes
    page_size: Annotated[int, Field(gt=0, le=10_000)] = USUAL.page_size
    keep_message_texts_days: Count = USUAL.keep_message_texts_days


class SiteConfig(_Section):
    """``[site]``: the pages for people."""

    session_minutes: Positive = 480


class LoggingConfig(_Section):
    """``[logging]``."""

    level: Literal["debug", "info", "warning", "error"] = "info"


def _default_public_url(values: Mapping[str, Any]) -> str:
    server = values.get("server", ServerConfig())
    return f"{'https' if server.tls_cert else 'http'}://localhost:{server.port}"


class Config(BaseModel):
    """The whole configuration, frozen. `load_config` builds it; every key has a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The server comes first: public_url's default is made of it.
    server: ServerConfig = ServerConfig()
    database_url: str = "sqlite:///qbwc.db"
    public_url: str = Field(default_factory=_default_public_url)
    secrets_file: Path | None = None
    session: SessionConfig = SessionConfig()
    sync: SyncConfig = SyncConfig()
    site: SiteConfig = SiteConfig()
    logging: LoggingConfig = LoggingConfig()

    @field_validator("database_url")
    @classmethod
    def _has_a_scheme(cls, value: str) -> str:
        if value.partition("://")[0] not in _DATABASES or "://" not in value:
            raise ValueError(
                "must be a database URL such as sqlite:///qbwc.db or postgresql://user@host/name"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("the port in the address must be a number, up to 65535") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an address such as https://quickbooks.example.com")
        return value.rstrip("/")

    @property
    def soap_url(self) -> str:
        """Where the Web Connector finds us: the AppURL of the .qwc file."""
        return f"{self.public_url}/qbwc"


_DATABASES = frozenset({"sqlite", "sqlite+pysqlite", "postgres", "postgresql", "postgresql+psycopg"})
"""The schemes of the databases there are."""

_SECTIONS: Mapping[str, type[_Section]] = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, _Section)
}

Key = tuple[str, ...]
"""Where a value belongs: ``("database_url",)`` or ``("server", "port")``."""


def keys() -> Iterator[Key]:
    """Every key there is, as the file spells it."""
    for name in Config.model_fields:
        if name in _SECTIONS:
            yield from ((name, key) for key in _SECTIONS[name].model_fields)
        else:
            yield (name,)


def environment_name(key: Key) -> str:
    """The environment variable that overrides `key`: ``("server", "port")`` gives ``QBWC_SERVER_PORT``."""
    return ENV_PREFIX + "_".join(key).upper()


def load_config(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[Key, object] | None = None,
) -> Config:
    """Read the configuration.

    Args:
        path: the TOML file; without it the one named by ``QBWC_CONFIG``, without that none.
        environ: the environment to take overrides from; empty variables count as absent.
        overrides: values that go over everything else (the command line), by key; None counts as absent.

    Raises:
        ConfigError: naming every unknown key (with the nearest one there is) and every bad value, and
            where each was found.
    """
    if path is None and environ.get(ENV_CONFIG):
        path = Path(environ[ENV_CONFIG])
    found = _Values()
    if path is not None:
        found.add_file(path)
    found.add_environment(environ)
    for key, value in (overrides or {}).items():
        if value is not None:
            found.put(key, value, f"option --{key[-1].replace('_', '-')}")
    return found.config()


class _Values:
    """Values by key, each with the place it was found in, the later over the earlier."""

    def __init__(self) -> None:
        self._values: dict[Key, object] = {}
        self._places: dict[Key, str] = {}
        self._faults: list[str] = []

    def put(self, key: Key, value: object, place: str) -> None:
        self._values[key] = value
        self._places[key] = place

    def add_file(self, path: Path) -> None:
        for name, value in _read_toml(path).items():
            if name in _SECTIONS and isinstance(value, dict):
                for key, inner in value.items():
                    self._put_known((name, key), inner, f"{path}: [{name}] {key}")
            else:
                self._put_known((name,), value, f"{path}: {name}")

    def add_environment(self, environ: Mapping[str, str]) -> None:
        names = {environment_name(key): key for key in keys()}
        for name, value in environ.items():
            if name in names:
                if value:
                    self.put(names[name], value, name)
            elif name.startswith(ENV_PREFIX) and name != ENV_CONFIG:
                # Other programs may have variables of their own with our prefix; misspelt ones are ours.
                near = difflib.get_close_matches(name, names, n=1, cutoff=0.85)
                self._faults += (f"{name}: there is no such setting; did you mean {match}?" for match in near)

    def config(self) -> Config:
        nested: dict[str, Any] = {}
        for key, value in self._values.items():
            if len(key) == 2:
                nested.setdefault(key[0], {})[key[1]] = value
            else:
                nested[key[0]] = value
        try:
            config = Config.model_validate(nested)
        except ValidationError as error:
            # The last kind only says that public_url has no default because the server section has a fault.
            own = (fault for fault in error.errors() if fault["type"] != "default_factory_not_called")
            self._faults += map(self._sentence, own)
        if self._faults:
            raise ConfigError("\n".join(self._faults))
        return config

    def _put_known(self, key: Key, value: object, place: str) -> None:
        if key in set(keys()):
            self.put(key, value, place)
            return
        siblings = [other[-1] for other in keys() if other[:-1] == key[:-1]] + [*_SECTIONS] * (len(key) == 1)
        near = difflib.get_close_matches(key[-1], siblings, n=1, cutoff=0.0)[0]
        self._faults.append(f"{place}: there is no such key; the nearest is {near}")

    def _sentence(self, fault: ErrorDetails) -> str:
        # Never the value itself: a database URL holds a password.
        key = tuple(map(str, fault["loc"]))
        place = self._places.get(key, " ".join(key))
        return f"{place}: {in_words(fault, _bounds(key))}"


def _bounds(key: Key) -> list[object]:
    """Between what a number must be, as far as it is a key of a section."""
    section = _SECTIONS.get(key[0]) if len(key) == 2 else None
    field = section.model_fields.get(key[1]) if section else None
    return field.metadata if field else []


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text: save it anew as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (.+)\)$", str(error))
        where = f": look at {place[1]}" if place else ""
        raise ConfigError(f"{path}: is not TOML{where}") from None


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
