"""From configuration to core."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from qbwc_server.config import load_config
from qbwc_server.storage.database import Database, DatabaseUnavailable, SchemaMismatch
from qbwc_server.sync import connectors
from qbwc_server.wiring import bring_up_to_date, core_from, limits_from


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
    first = core_from(load_config(environ=environ), lambda: now)
    made = connectors.add(first, "harbour")
    assert made.connector.created_at == now
    assert connectors.soap_url(first) == "https://qb.example/qbwc"
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
    bring_up_to_date(database)
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'f00d'")
    with pytest.raises(SchemaMismatch, match="newer qbwc-server"):
        bring_up_to_date(database)
    database.close()
