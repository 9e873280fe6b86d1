"""From a configuration to a core: opens the database, sees to its schema, reads the secrets."""

from collections.abc import Iterator
from contextlib import contextmanager

from qbwc_server.config import Config, load_secrets
from qbwc_server.domain.clock import Clock, utc_now
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core, Limits


def core_from(config: Config, clock: Clock = utc_now) -> Core:
    """The core this configuration describes, on an open database; whoever asked closes the database.

    The embedded SQLite database is created and upgraded on the way. Any other may hold other people's data
    and be used by several machines: it is only looked at, and upgraded by `db upgrade` when somebody says so.

    Raises:
        ConfigError: the secrets cannot be kept or read.
        DatabaseUnavailable: the database cannot be opened.
        SchemaMismatch: it has a schema this version does not know, or one that has to be upgraded first.
    """
    secrets = load_secrets(config)
    return Core(
        database=_ready_database(config.database_url),
        clock=clock,
        digest_key=secrets.digest_key,
        public_url=config.public_url,
        limits=limits_from(config),
    )


def limits_from(config: Config) -> Limits:
    """The times and sizes of the configuration, as the steps want them."""
    return Limits(
        lease_seconds=config.session.lease_seconds,
        ticket_minutes=config.session.ticket_minutes,
        target_seconds=config.session.target_seconds,
        keep_message_texts_days=config.sync.keep_message_texts_days,
        page_size=config.sync.page_size,
        refresh_minutes=config.sync.refresh_minutes,
    )


def _ready_database(url: str) -> Database:
    database = Database(url)
    try:
        if database.is_sqlite:
            database.upgrade()
        else:
            database.check()
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def opened_database(config: Config) -> Iterator[Database]:
    """The database as it stands, whatever its schema; closed afterwards.

    Raises:
        DatabaseUnavailable: it cannot be opened.
    """
    database = Database(config.database_url)
    try:
        yield database
    finally:
        database.close()
