"""Opening the database, its transactions, and its schema version."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

from qbwc_server.domain.faults import DatabaseUnavailable, NotWritable, SchemaMismatch
from qbwc_server.storage import gathering, glances, revisions, sqlite
from qbwc_server.storage.driver_words import sentence_of
from qbwc_server.storage.failures import cause_of, fault_of, is_not_written, is_taken
from qbwc_server.storage.glances import Glances
from qbwc_server.storage.types import from_json, to_json
from qbwc_server.storage.writers import Writers

_PAUSE_SECONDS = 0.12
"""Longer than SQLite lets one who waits for the lock of a writer sleep before it tries again (a tenth of a second)."""

LEAST_FREE_MB = 32
"""With less free space than this beside a SQLite database it counts as full."""

FAILED_LATELY_SECONDS = 60
"""How long after a write failed for want of room the database counts as not writable, unless one succeeds."""

_NO_DRIVER = (
    "PostgreSQL needs a package that is not installed: pip install '.[postgres]' in the folder of qbwc-server, "
    "with the pip of its environment"
)
_NO_URL = "the database URL cannot be read: write it as postgresql://user:password@host:5432/name or sqlite:///qbwc.db"

_UPGRADE_LOCK = 715_517_243
"""Number of PostgreSQL's advisory lock that is held while the schema is upgraded; any number of our own."""


class Database:
    """One database, SQLite or PostgreSQL.

    Args:
        url: an SQLAlchemy URL: ``sqlite:///qbwc.db``, ``postgresql+psycopg://user@host/name``. A plain
            ``postgresql://`` or ``postgres://`` means psycopg 3.
    """

    def __init__(self, url: str) -> None:
        for prefix in ("postgresql://", "postgres://"):
            if url.startswith(prefix):
                url = "postgresql+psycopg://" + url.removeprefix(prefix)
        try:
            self._engine = create_engine(url, **_options(url))
        except ImportError:
            raise DatabaseUnavailable(_NO_DRIVER) from None
        except (SQLAlchemyError, ValueError):
            raise DatabaseUnavailable(_NO_URL) from None
        self._write_failed_at: float | None = None
        self._writers = Writers()
        self._glances = Glances(self._engine, glances.MOST if self.path is not None else 0)
        gathering.attend(self._engine)
        if self.is_sqlite:
            sqlite.prepare(self._engine)

    ends_transactions = True
    """Whether `begin` commits, so that one long work can be done in several transactions."""

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self._engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database, be it there yet or not; None for any other, or one in memory."""
        return sqlite.file_of(self._engine.url) if self.is_sqlite else None

    @property
    def address(self) -> str:
        """The database's URL as its own tools take it, without the password."""
        scheme, url = self._engine.dialect.name, self._engine.url
        return str(URL.create(scheme, url.username, None, url.host, url.port, url.database, url.query))

    def copy_into(self, target: sqlite3.Connection) -> None:
        """Copy a SQLite database as of its last commit, in one go: a reader like any other, nobody waits.

        Raises:
            DatabaseUnavailable: the database cannot be opened.
            sqlite3.Error: it cannot be read, or `target` cannot be written.
        """
        try:
            opened = self._engine.raw_connection()
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(sentence_of(getattr(error, "orig", None) or error)) from error
        try:
            source: Any = opened.driver_connection
            source.backup(target)
        finally:
            opened.close()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        Raises:
            Conflict: it would have broken one of the rules of `constraints`; nothing was stored.
            NoRoom: the database or its disk is full; nothing was stored.
            DatabaseUnavailable: it could not be begun or committed; nothing was stored, unless the connection or the
                disk failed in the very moment of the commit.
        """
        try:
            with self._turn_to_write(), self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            if is_not_written(cause_of(error)):
                self._write_failed_at = time.monotonic()
            raise fault_of(error) from error
        self._write_failed_at = None

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """SQLite lets in whoever asks at the right moment, so that one of many writers may wait for ever: those of this
        process come in the order in which they asked."""
        if not self.is_sqlite or not self._writers.enter(sqlite.WAIT_SECONDS):
            yield
            return
        try:
            yield
        finally:
            self._writers.leave()

    def give_way(self) -> None:
        """Between two transactions of one long work: let in whoever waits, also those of other processes."""
        if self.is_sqlite:
            time.sleep(_PAUSE_SECONDS)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads, and never waits for a writer nor makes one wait.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        try:
            with self._engine.connect().execution_options(only_reads=True) as connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(sentence_of(cause_of(error))) from error

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """Statements that only read, each of which may see another moment: for a look at what may be to do, which must
        cost next to nothing.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        try:
            with self._glances.one() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(sentence_of(cause_of(error))) from error

    def upgrade(self) -> None:
        """Bring the schema to the newest revision; creates the tables of an empty database.

        Raises:
            SchemaMismatch: a newer version of the server made it, or tables of somebody else have the names of ours;
                nothing is changed.
            DatabaseUnavailable: the database does not answer.
        """
        found = self._found()
        if found == revisions.NEWEST:
            return
        self.check_names()
        # alembic takes longer to import than most commands take altogether, and is needed once a version
        from qbwc_server.storage import upgrading

        with self.begin() as connection:
            if not self.is_sqlite:
                # SQLite has one writer at a time; here a second process that upgrades must be made to wait
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
            upgrading.upgrade(connection)

    def check_names(self) -> None:
        """Make sure that a database without our tables has none of somebody else that are called so.

        Raises:
            SchemaMismatch: it has.
            DatabaseUnavailable: the database does not answer.
        """
        with self.read() as connection:
            if revisions.of(connection) is None:
                revisions.check_names(connection)

    def revision(self) -> str | None:
        """The schema revision the database is at, or None for an empty one."""
        with self.read() as connection:
            return revisions.of(connection)

    def check(self) -> None:
        """Make sure the schema is the one this version knows.

        Raises:
            SchemaMismatch: it is older, newer or absent.
            DatabaseUnavailable: the database does not answer.
        """
        found, newest = self._found(), revisions.NEWEST
        if found != newest:
            if found is None:
                raise SchemaMismatch("the database has no tables yet. Run: qbwc-server db upgrade")
            raise SchemaMismatch(
                f"the database is of an earlier qbwc-server (its schema is {found}, this version needs {newest}). "
                f"Back it up, then run: qbwc-server db upgrade"
            )

    def check_writable(self) -> None:
        """Make sure, as far as can be told without writing anything, that the database can be written.

        It sees a file or server that is read-only, a disk without room for SQLite's next pages, and what the last
        writes of this process met with. It does not see a quota, nor the full disk of a PostgreSQL server, before
        a write has failed of it.

        Raises:
            NotWritable: it cannot.
            DatabaseUnavailable: it does not answer.
        """
        if self.is_sqlite:
            self._check_sqlite_lock()
            self._check_room()
        else:
            with self.read() as conn:
                query = (
                    "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean"
                )
                if conn.exec_driver_sql(query).scalar_one():
                    raise NotWritable("The database cannot be written: it is read-only.")
        failed_at = self._write_failed_at
        if failed_at is not None and time.monotonic() - failed_at < FAILED_LATELY_SECONDS:
            raise NotWritable(
                "The database cannot be written: the last write failed; the server's log says why."
            )

    def _check_sqlite_lock(self) -> None:
        """Take the lock of a writer and give it back. Whoever else has it writes, which is as good."""
        try:
            opened = self._engine.raw_connection()
        except SQLAlchemyError as error:
            raise DatabaseUnavailable(sentence_of(getattr(error, "orig", None) or error)) from error
        with closing(opened):
            driver: Any = opened.driver_connection
            try:
                driver.execute("PRAGMA busy_timeout = 0")
                driver.execute("BEGIN IMMEDIATE")
                # SQLite begins in a read-only file all the same, and refuses the first statement that could write
                driver.execute("UPDATE alembic_version SET version_num = version_num WHERE 0")
            except sqlite3.Error as error:
                if is_not_written(error):
                    raise NotWritable("The database cannot be written: it is read-only.") from error
                if not is_taken(error):
                    raise DatabaseUnavailable(sentence_of(error)) from error
            finally:
                if driver.in_transaction:
                    driver.execute("ROLLBACK")
                driver.execute(f"PRAGMA busy_timeout = {sqlite.WAIT_SECONDS * 1000}")

    def _check_room(self) -> None:
        if self.path is None:
            return
        with suppress(OSError):  # a file system that does not tell
            free = shutil.disk_usage(self.path.absolute().parent).free // 2**20
            if free < LEAST_FREE_MB:
                raise NotWritable(f"The database cannot be written for long: its disk has {free} MiB left.")

    def _found(self) -> str | None:
        """The revision the database is at, which this version knows."""
        found = self.revision()
        if found is None or found in revisions.KNOWN:
            return found
        if not revisions.is_ours(found):
            raise SchemaMismatch(revisions.taken(["alembic_version"], self.is_sqlite))
        raise SchemaMismatch(
            f"the database is of a newer qbwc-server (its schema is {found}, which this version does not know). "
            f"Install that version, or go back to the backup made before the upgrade."
        )

    def close(self) -> None:
        """Close every connection."""
        self._glances.close()
        self._engine.dispose()


def _options(url: str) -> dict[str, Any]:
    on_sqlite, elsewhere = {"connect_args": {"timeout": sqlite.WAIT_SECONDS}}, {"pool_pre_ping": True}
    json = {"json_serializer": to_json, "json_deserializer": from_json}
    return {**(on_sqlite if url.startswith("sqlite") else elsewhere), **json}
