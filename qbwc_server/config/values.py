"""The configuration as a value: every key, its type and its default."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from qbwc_server.domain.limits import USUAL

Positive = Annotated[int, Gt(0)]
Count = Annotated[int, Ge(0)]


class ConfigError(Exception):
    """The configuration cannot be used; the message says where, what and how to put it right."""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """``[server]``: the process that listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Gt(0), Le(65535)] = 8000
    workers: Positive = 1
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_body_mb: Positive = 128
    proxies: Count = 0

    @property
    def max_body_bytes(self) -> int:
        """The largest request body accepted, in bytes."""
        return self.max_body_mb * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """``[session]``: one visit of the Web Connector."""

    lease_seconds: Positive = USUAL.lease_seconds
    ticket_minutes: Positive = USUAL.ticket_minutes
    target_seconds: Positive = USUAL.target_seconds


@dataclass(frozen=True, slots=True)
class SyncConfig:
    """``[sync]``: what goes to and comes from QuickBooks."""

    refresh_minutes: Positive = USUAL.refresh_minutes
    page_size: Annotated[int, Gt(0), Le(10_000)] = USUAL.page_size
    keep_message_texts_days: Count = USUAL.keep_message_texts_days


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """``[api]``: the REST API."""

    requests_per_minute: Count = USUAL.requests_per_minute


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """``[site]``: the pages for people."""

    session_minutes: Positive = 480


@dataclass(frozen=True, slots=True)
class LoggingConfig:
    """``[logging]``."""

    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, frozen. `load_config` builds it; every key has a default.

    Plain values, so that whoever only holds them need not load what reads them.
    """

    server: ServerConfig = ServerConfig()
    database_url: str = "sqlite:///qbwc.db"
    public_url: str = ""
    secrets_file: Path | None = None
    session: SessionConfig = SessionConfig()
    sync: SyncConfig = SyncConfig()
    api: ApiConfig = ApiConfig()
    site: SiteConfig = SiteConfig()
    logging: LoggingConfig = LoggingConfig()

    def __post_init__(self) -> None:
        scheme = "https" if self.server.tls_cert else "http"
        own = self.public_url or f"{scheme}://localhost:{self.server.port}"
        object.__setattr__(self, "public_url", own.rstrip("/"))

    @property
    def soap_url(self) -> str:
        """Where the Web Connector finds us: the AppURL of the .qwc file."""
        return f"{self.public_url}/qbwc"


SECTIONS: Mapping[str, type[Any]] = {
    field.name: field.type
    for field in fields(Config)
    if isinstance(field.type, type) and is_dataclass(field.type)
}
"""The tables of the file."""


Key = tuple[str, ...]
"""Where a value belongs: ``("database_url",)`` or ``("server", "port")``."""


def keys() -> Iterator[Key]:
    """Every key there is, as the file spells it."""
    for field in fields(Config):
        if field.name in SECTIONS:
            yield from ((field.name, key.name) for key in fields(SECTIONS[field.name]))
        else:
            yield (field.name,)
