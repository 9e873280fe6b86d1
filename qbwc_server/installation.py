"""What makes an installation: a database, and the secrets file whose key its digests were made with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qbwc_server.config import (
    Config,
    ConfigError,
    Secrets,
    SecretsMissing,
    load_secrets,
    make_secrets,
    secrets_path,
)
from qbwc_server.domain.connectors import digest
from qbwc_server.place import NoDatabase, refuse_sources
from qbwc_server.storage import backup
from qbwc_server.storage import installation as rows
from qbwc_server.storage.database import Database

_CONSTANT = "the key of this installation"

_WAY_BACK = (
    "Nothing was opened or changed. Put the secrets file that belongs to this database back in its place, from the "
    "backup or from where the server ran before. If it is lost for good, qbwc-server db accept-secrets says what has "
    "to be made new without it, and asks"
)


class ForeignSecrets(ConfigError):
    """The database belongs to another secrets file than the one that is there, if any; the sentence says so."""


def fingerprint(secrets: Secrets) -> str:
    """Tells one digest key from another; nobody gets from it to the key."""
    return digest(secrets.digest_key, _CONSTANT)


@dataclass(frozen=True, slots=True)
class Installation:
    """A database that may be worked on, for it and the secrets belong together."""

    database: Database
    secrets: Secrets

    def upgrade(self) -> None:
        """Bring the schema up to date; see `Database.upgrade`."""
        self.database.upgrade()
        self._mark()

    def check(self) -> None:
        """Make sure the schema is the one this version knows; see `Database.check`."""
        self.database.check()
        self._mark()

    def back_up(self, target: Path, *, replace: bool) -> int:
        """Copy the database to a file; see `storage.backup.back_up`."""
        return backup.back_up(self.database, target, replace=replace)

    def _mark(self) -> None:
        """Have a database that knows no fingerprint yet remember the one of these secrets."""
        with self.database.read() as conn:
            known = rows.fingerprint(conn)
        if known is None:
            with self.database.begin() as conn:
                known = rows.fingerprint(conn)
                if known is None:
                    rows.set_fingerprint(conn, fingerprint(self.secrets))


def open_installation(config: Config, *, create: bool) -> Installation:
    """The database of a configuration as it stands, whatever its schema, with the secrets that belong to it.

    Args:
        create: whether a SQLite database, with its secrets, is made where there is none.

    Raises:
        NoDatabase: there is none, and none is to be made; no file was left behind.
        ForeignSecrets: the secrets file that belongs to the database is not there.
        ConfigError: the secrets cannot be kept or read.
        DatabaseUnavailable: the database cannot be opened.
        SchemaMismatch: tables of somebody else have the names of ours.
    """
    database = Database(config.database_url)
    try:
        _check_place(database, create)
        if create and (database.path is None or database.path.exists()):
            database.check_names()
        return Installation(database, _secrets_of(config, database))
    except BaseException:
        database.close()
        raise


@contextmanager
def opened_installation(config: Config, *, create: bool = False) -> Iterator[Installation]:
    """`open_installation`, closed afterwards."""
    installation = open_installation(config, create=create)
    try:
        yield installation
    finally:
        installation.database.close()


def postgres_address(config: Config) -> str | None:
    """The database's address as PostgreSQL's own programs take it, without the password; None for SQLite."""
    database = Database(config.database_url)
    try:
        return None if database.is_sqlite else database.address
    finally:
        database.close()


@contextmanager
def opened_database(config: Config) -> Iterator[Database]:
    """The database alone, as `open_database` does; closed afterwards."""
    database = open_database(config.database_url)
    try:
        yield database
    finally:
        database.close()


def open_database(url: str) -> Database:
    """A database alone, with its schema up to date and whatever secrets there are.

    Raises:
        NoDatabase: there is none.
        DatabaseUnavailable: it cannot be opened.
        SchemaMismatch: as `wiring.core_from` does.
    """
    database = Database(url)
    try:
        _check_place(database, create=False)
        if database.is_sqlite:
            database.upgrade()
        else:
            database.check()
    except BaseException:
        database.close()
        raise
    return database


def belongs(config: Config, database: Database) -> bool:
    """Whether the secrets file that is there is the one the database belongs to, as far as it knows."""
    try:
        secrets = load_secrets(config)
    except SecretsMissing:
        return False
    with database.read() as conn:
        return rows.fingerprint(conn) in (None, fingerprint(secrets))


def _check_place(database: Database, create: bool) -> None:
    """Refuse to begin a database unless that is what was asked for, and not among the sources."""
    path = database.path
    if path is None:
        if not create and not database.is_sqlite and database.revision() is None:
            raise NoDatabase(f"{database.address} has no tables yet. Run: qbwc-server db upgrade")
    elif create:
        refuse_sources(path)
    elif not path.exists():
        raise NoDatabase(_no_database(path, "does not exist"))
    elif path.is_file() and (path.stat().st_size == 0 or database.revision() is None):
        raise NoDatabase(_no_database(path, "has nothing of this server in it"))


def _no_database(path: Path, what: str) -> str:
    place = "" if path.is_absolute() else f" in {Path.cwd()}"
    return (
        f"there is no database here: {path}{place} {what}. Go to the folder that has it, or say where it is: "
        "QBWC_DATABASE_URL=sqlite:////folder/qbwc.db, or --config FILE with its database_url. "
        "A new one is begun by qbwc-server connector add NAME, by qbwc-server serve and by qbwc-server db upgrade"
    )


def _secrets_of(config: Config, database: Database) -> Secrets:
    if database.path is not None and not database.path.exists():
        return make_secrets(config)
    with database.read() as conn:
        known, is_new = rows.fingerprint(conn), rows.needs_no_key(conn)
    try:
        secrets = make_secrets(config) if known is None and is_new else load_secrets(config)
    except SecretsMissing:
        raise ForeignSecrets(
            f"{secrets_path(config)}: the secrets file is not there, and without it no Web Connector and no API key "
            f"can be recognised. {_WAY_BACK}"
        ) from None
    if known not in (None, fingerprint(secrets)):
        raise ForeignSecrets(
            f"{secrets_path(config)}: this secrets file belongs to another database, and with it no Web Connector and "
            f"no API key can be recognised. {_WAY_BACK}"
        )
    return secrets
