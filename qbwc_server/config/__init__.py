"""Configuration: a TOML file, environment overrides, defaults that need neither; the secrets kept apart.

Order of precedence: what the caller passes (command line), the environment (``QBWC_DATABASE_URL``,
``QBWC_<SECTION>_<KEY>``), the file, the default. Every key is described in ``config.example.toml``. What reads them
is `config.reading`, and loaded only by whoever reads: the parent of the workers is told.
"""

from qbwc_server.config.secrets_file import (
    Secrets,
    SecretsMissing,
    database_file,
    load_secrets,
    make_secrets,
    secrets_path,
)
from qbwc_server.config.values import (
    Config,
    ConfigError,
    Count,
    Key,
    LoggingConfig,
    Positive,
    ServerConfig,
    SessionConfig,
    SiteConfig,
    SyncConfig,
    keys,
)

__all__ = [
    "Config",
    "ConfigError",
    "Count",
    "Key",
    "LoggingConfig",
    "Positive",
    "Secrets",
    "SecretsMissing",
    "ServerConfig",
    "SessionConfig",
    "SiteConfig",
    "SyncConfig",
    "database_file",
    "keys",
    "load_secrets",
    "make_secrets",
    "secrets_path",
]
