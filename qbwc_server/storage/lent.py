"""A host's own transaction, lent to us: what is done in it commits and rolls back with the host's own work.

Nothing here begins, commits or rolls back what the host began. Each of our transactions is a SAVEPOINT within it: when
it fails, what it wrote is undone, and the host's transaction can go on.

Locks: whoever writes holds the row of the connector (in SQLite, the one place for a writer) until the *host* commits.
This server never waits for a row of the host. A host that takes its own locks first and ours last, several connectors
in the order of their names, meets no deadlock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from qbwc_server.domain.faults import DatabaseUnavailable
from qbwc_server.storage import gathering, of_transactions
from qbwc_server.storage.database import Database
from qbwc_server.storage.failures import cause_of, fault_of, is_taken
from qbwc_server.storage.glances import Glances


class HoldsConnection(Protocol):
    """An SQLAlchemy session, as far as we care: its transaction is the one of this connection."""

    def connection(self) -> Connection:
        """The connection of its transaction, which begins where there is none."""


Lender = Connection | HoldsConnection
"""Whose transaction is lent."""


class LentDatabase(Database):
    """The database a host has a connection to, within the host's transaction; closing it leaves the host its own.

    Args:
        lender: an SQLAlchemy connection, or a session.
        schema: on PostgreSQL, the schema with the tables of this server; None: where the connection finds them.

    Raises:
        DatabaseUnavailable: this is no transaction that could be lent; the sentence says what to do.
        SchemaMismatch: our tables are not there, or of another version.
    """

    ends_transactions = False

    def __init__(self, lender: Lender, schema: str | None = None) -> None:
        self._lender, self._schema = lender, schema
        self._write_failed_at = None
        conn = self._borrowed()
        self._engine = conn.engine
        self._glances = Glances(self._engine, 0)
        if schema is not None and self.is_sqlite:
            raise DatabaseUnavailable("SQLite has no schemas: leave out schema=")
        if self._engine.dialect.name not in ("sqlite", "postgresql"):
            raise DatabaseUnavailable(
                f"this is a connection to {self._engine.dialect.name}; lend one to PostgreSQL or SQLite"
            )
        self.check()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A SAVEPOINT in the host's transaction: released when the block ends, rolled back when it raises.

        Raises:
            Conflict, NoRoom, DatabaseUnavailable: as `Database.begin` does; nothing was stored, and the host's
                transaction can go on unless its connection is lost.
        """
        conn = self._borrowed()
        try:
            self._begin_to_write(conn)
            with self._savepoint(conn), gathering.attending(conn):
                yield conn
        except SQLAlchemyError as error:
            raise fault_of(error) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """What the host's transaction sees, its own writes among it.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        conn = self._borrowed()
        try:
            if (
                self.is_sqlite
            ):  # a statement that fails there ends nothing; and a SAVEPOINT might end what it begins
                yield conn
            else:
                with self._savepoint(conn):
                    yield conn
        except SQLAlchemyError as error:
            raise fault_of(error) from error

    def give_way(self) -> None:
        """Nobody can be let in before the host has committed."""

    def close(self) -> None:
        """Nothing of it is ours to close."""

    def _borrowed(self) -> Connection:
        """The connection as the host has it now: a session has another one after each commit."""
        lent: Any = self._lender
        conn = lent if isinstance(lent, Connection) else lent.connection()
        if not isinstance(conn, Connection):
            if hasattr(conn, "close"):
                conn.close()  # the coroutine of an AsyncSession, which nobody is going to await
            raise DatabaseUnavailable(
                f"{type(lent).__name__} is no SQLAlchemy connection or session; of asynchronous ones lend what "
                f"run_sync hands you"
            )
        driver: Any = conn.connection.dbapi_connection
        if getattr(driver, "autocommit", None) is True:
            raise DatabaseUnavailable(_COMMITS_EACH)
        return conn

    def _begin_to_write(self, conn: Connection) -> None:
        if not self.is_sqlite:
            if conn.exec_driver_sql("SHOW transaction_isolation").scalar_one() != "read committed":
                raise DatabaseUnavailable(
                    "this transaction would not see what others did before it got its turn: lend one of isolation "
                    "level READ COMMITTED, which is PostgreSQL's own"
                )
            return
        try:
            self._become_the_writer(conn)
        except SQLAlchemyError as error:
            if is_taken(cause_of(error)):
                raise DatabaseUnavailable(_NOT_THE_WRITER) from error
            raise

    def _become_the_writer(self, conn: Connection) -> None:
        """Have SQLite's one place for a writer, within a transaction that only the host ends: a SAVEPOINT outside of
        any would commit what is in it when it is released."""
        conn.exec_driver_sql("SELECT 1")  # SQLAlchemy begins with the first statement; so may the host
        driver: Any = conn.connection.driver_connection
        if driver.in_transaction:
            conn.exec_driver_sql("UPDATE alembic_version SET version_num = version_num WHERE 0")
        elif driver.isolation_level is None:
            raise DatabaseUnavailable(_COMMITS_EACH)
        else:
            conn.exec_driver_sql("BEGIN IMMEDIATE")

    @contextmanager
    def _savepoint(self, conn: Connection) -> Iterator[None]:
        of_transactions.forget(conn)
        try:
            with conn.begin_nested():
                before = self._into_schema(conn)
                yield
                if before is not None:
                    _search(conn, before)
        finally:
            of_transactions.forget(conn)

    def _into_schema(self, conn: Connection) -> str | None:
        """Find our tables first, until the savepoint ends; where the host found its own."""
        if self._schema is None:
            return None
        before: str = conn.exec_driver_sql("SHOW search_path").scalar_one()
        quoted = self._schema.replace('"', '""')
        _search(conn, f'"{quoted}"')
        return before


_SEARCH = text("SELECT set_config('search_path', :path, true)")


def _search(conn: Connection, path: str) -> None:
    conn.execute(_SEARCH, {"path": path})


_COMMITS_EACH = (
    "this connection commits every statement by itself (AUTOCOMMIT), so that nothing could be undone: lend one in a "
    "transaction"
)
_NOT_THE_WRITER = (
    "another connection writes to this SQLite database, and this transaction cannot become the writer any more: hand "
    "over before it has read anything, begin it with BEGIN IMMEDIATE, or roll back and try again"
)
