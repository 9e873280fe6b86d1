"""The configuration as a value: every key, its type and its default."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from qbwc_server.domain.limits import USUAL

Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]


class ConfigError(Exception):
    """The configuration cannot be used; the message says where, what and how to put it right."""


class Section(BaseModel):
    """A table of the file: frozen, and without keys that are not there."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerConfig(Section):
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


class SessionConfig(Section):
    """``[session]``: one visit of the Web Connector."""

    lease_seconds: Positive = USUAL.lease_seconds
    ticket_minutes: Positive = USUAL.ticket_minutes
    target_seconds: Positive = USUAL.target_seconds


class SyncConfig(Section):
    """``[sync]``: what goes to and comes from QuickBooks."""

    refresh_minutes: Positive = USUAL.refresh_minutes
    page_size: Annotated[int, Field(gt=0, le=10_000)] = USUAL.page_size
    keep_message_texts_days: Count = USUAL.keep_message_texts_days


class ApiConfig(Section):
    """``[api]``: the REST API."""

    requests_per_minute: Count = USUAL.requests_per_minute


class SiteConfig(Section):
    """``[site]``: the pages for people."""

    session_minutes: Positive = 480


class LoggingConfig(Section):
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
    api: ApiConfig = ApiConfig()
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


SECTIONS: Mapping[str, type[Section]] = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}


Key = tuple[str, ...]
"""Where a value belongs: ``("database_url",)`` or ``("server", "port")``."""


def keys() -> Iterator[Key]:
    """Every key there is, as the file spells it."""
    for name in Config.model_fields:
        if name in SECTIONS:
            yield from ((name, key) for key in SECTIONS[name].model_fields)
        else:
            yield (name,)
