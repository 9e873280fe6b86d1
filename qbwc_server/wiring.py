"""From a configuration to a core: opens the database, sees to its schema, reads the secrets."""

from dataclasses import asdict

from qbwc_server.config import Config
from qbwc_server.domain.clock import Clock, utc_now
from qbwc_server.domain.limits import Limits
from qbwc_server.installation import open_installation
from qbwc_server.sync.core import Core


def core_from(config: Config, clock: Clock = utc_now, *, create: bool = False) -> Core:
    """The core this configuration describes, on an open database; whoever asked closes the database.

    The embedded SQLite database is upgraded on the way. Any other may hold other people's data and be used by
    several machines: it is only looked at, and upgraded by `db upgrade` when somebody says so.

    Args:
        create: whether a SQLite database, with its secrets, is made where there is none.

    Raises:
        NoDatabase: there is none, and none is to be made; no file was left behind.
        ForeignSecrets: the secrets file that belongs to the database is not there.
        ConfigError: the secrets cannot be kept or read.
        DatabaseUnavailable: the database cannot be opened.
        SchemaMismatch: it has a schema this version does not know, or one that has to be upgraded first.
    """
    installation = open_installation(config, create=create)
    try:
        if installation.database.is_sqlite:
            installation.upgrade()
        else:
            installation.check()
    except BaseException:
        installation.database.close()
        raise
    return Core(
        database=installation.database,
        clock=clock,
        digest_key=installation.secrets.digest_key,
        public_url=config.public_url,
        limits=limits_from(config),
    )


def limits_from(config: Config) -> Limits:
    """The times and sizes of the configuration, as the steps want them."""
    return Limits(**asdict(config.session), **asdict(config.sync), **asdict(config.api))
