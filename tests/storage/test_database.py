"""Opening a database, its transactions, and what is said when it cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import DatabaseUnavailable, NotWritable
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors, events, records
from qbwc_server.storage.database import Database
from qbwc_server.storage.schema import event as event_table
from qbwc_server.storage.schema import record as record_table

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def number_of(database: Database) -> int:
    with database.begin() as conn:
        return conn.execute(select(func.count()).select_from(record_table)).scalar_one()


# --- transactions -------------------------------------------------------------------------------------------


def test_each_glance_sees_what_was_committed_before_it_and_a_failed_one_harms_no_other(
    database: Database, connector: Connector
) -> None:
    def seen() -> int:
        with database.glance() as conn:
            return conn.execute(select(func.count()).select_from(record_table)).scalar_one()

    assert seen() == 0
    with pytest.raises(DatabaseUnavailable), database.glance() as conn:
        conn.exec_driver_sql("SELECT nothing FROM nowhere")
    with database.begin() as conn:
        records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")
        assert seen() == 0
    assert seen() == 1


def test_a_transaction_is_stored_whole_or_not_at_all(database: Database, connector: Connector) -> None:
    def half() -> None:
        with database.begin() as conn:
            records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        half()
    assert number_of(database) == 0
    with database.begin() as conn:
        records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")
    assert number_of(database) == 1


def test_a_statement_the_database_refuses_undoes_the_whole_transaction(
    database: Database, connector: Connector
) -> None:
    def twice() -> None:
        with database.begin() as conn:
            for _ in range(2):
                records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")

    with pytest.raises(DatabaseUnavailable):
        twice()
    assert number_of(database) == 0


def test_a_row_of_a_connector_that_does_not_exist_is_refused(database: Database) -> None:
    def orphan() -> None:
        with database.begin() as conn:
            records.add(conn, 4711, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")

    with pytest.raises(DatabaseUnavailable):
        orphan()


def test_a_reader_sees_what_is_committed_and_waits_for_nobody(
    database: Database, connector: Connector
) -> None:
    with database.begin() as conn:
        connectors.lock(conn, connector.id)
        records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")
        with database.read() as reader:
            assert records.find(reader, connector.id, Kind.CUSTOMER, "a") is None
    with database.read() as reader:
        assert records.find(reader, connector.id, Kind.CUSTOMER, "a") is not None


def test_threads_that_write_at_once_wait_for_each_other(database: Database, connector: Connector) -> None:
    with database.begin() as conn:
        record = records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")
    trouble: list[BaseException] = []

    def add_ten() -> None:
        try:
            for _ in range(10):
                with database.begin() as conn:
                    connectors.lock(conn, connector.id)
                    read = records.get(conn, record.id)
                    records.change(conn, read, now=NOW, attempts=read.attempts + 1)
        except BaseException as error:
            trouble.append(error)
            raise

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    with database.begin() as conn:
        assert records.get(conn, record.id).attempts == 40


def test_writers_come_in_the_order_in_which_they_asked(tmp_path: Path) -> None:
    """However often one asks again: SQLite alone would let in whoever asks at the right moment."""
    database = Database(f"sqlite:///{tmp_path / 'qbwc.db'}")
    came: list[str] = []
    asks = threading.Event()

    def come(name: str) -> None:
        with database.begin():
            came.append(name)

    def come_later() -> None:
        asks.set()
        come("later")

    waiting = threading.Thread(target=come_later)
    with database.begin():
        waiting.start()
        asks.wait(10)
        time.sleep(0.1)
        came.append("first")
    for _ in range(20):
        come("again")
    waiting.join()
    database.close()
    assert came[:2] == ["first", "later"]


def test_a_writer_that_waits_too_long_is_told_so_and_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbwc_server.storage.sqlite.WAIT_SECONDS", 0.2)
    database = Database(f"sqlite:///{tmp_path / 'qbwc.db'}")
    database.upgrade()
    told: list[str] = []

    def come() -> None:
        with pytest.raises(DatabaseUnavailable) as refused, database.begin():
            pass
        told.append(str(refused.value))

    with database.begin():
        late = threading.Thread(target=come)
        late.start()
        late.join()
    assert len(told) == 1
    with database.begin() as conn:
        assert conn.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.close()


def test_processes_that_write_at_once_wait_for_each_other(
    database: Database, connector: Connector, url: str, processes: Callable[..., list[str]]
) -> None:
    assert processes(2, "write", url) == ["written", "written"]
    assert number_of(database) == 40


# --- moments ------------------------------------------------------------------------------------------------


def test_who_opens_a_new_file_waits_for_whoever_is_making_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'qbwc.db'}"
    first = sqlite3.connect(tmp_path / "qbwc.db", isolation_level=None, check_same_thread=False)
    first.execute("CREATE TABLE made (x)")
    first.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, first.execute, ("COMMIT",))
    release.start()
    second = Database(url)
    with second.read() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    release.join()
    second.close()
    first.close()


def test_a_naive_datetime_is_refused_and_nothing_is_stored(database: Database, connector: Connector) -> None:
    def naive() -> None:
        with database.begin() as conn:
            events.add(conn, connector.id, "paused", at=datetime(2026, 11, 20), actor="ada")  # noqa: DTZ001 - on purpose

    with pytest.raises((ValueError, DatabaseUnavailable), match="naive datetime"):
        naive()
    with database.begin() as conn:
        assert events.of_connector(conn, connector.id) == []


def test_half_a_pair_of_surrogates_is_stored_as_any_text(database: Database, connector: Connector) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL does not take it for text")
    content = {
        "memo": "half \ud83d of it",
        "lines": [{"rate": "1.10", "n": 12345678901234567890}],
        "warm": "ü",
    }
    with database.begin() as conn:
        made = records.add(conn, connector.id, Kind.INVOICE, "a", content, now=NOW, actor="host")
    with database.read() as conn:
        assert records.get(conn, made.id).content == content


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 20, 15, 0, 1, 234567, tzinfo=UTC),
        datetime(2026, 7, 1, 23, 30, tzinfo=timezone(timedelta(hours=-5))),
        datetime(2026, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    ],
)
def test_a_moment_comes_back_as_aware_utc(database: Database, connector: Connector, moment: datetime) -> None:
    with database.begin() as conn:
        events.add(conn, connector.id, "paused", at=moment, actor="ada")
        (found,) = events.of_connector(conn, connector.id)
    assert found.at == moment
    assert found.at.tzinfo is UTC


def test_moments_are_compared_as_moments(database: Database, connector: Connector) -> None:
    west = timezone(timedelta(hours=-8))
    with database.begin() as conn:
        for hour in (1, 2, 3):
            moment = datetime(2026, 11, 20, hour, tzinfo=UTC)
            conn.execute(
                insert(event_table).values(connector_id=connector.id, at=moment, what=str(hour), actor="ada")
            )
        later = datetime(2026, 11, 19, 18, 0, tzinfo=west)  # 02:00 UTC
        query = select(event_table.c.what).where(event_table.c.at >= later)
        assert set(conn.execute(query).scalars()) == {"2", "3"}


# --- what cannot be used ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "oracle://x",
        "mysql+nodriver://x/y",
        "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2",
    ],
)
def test_a_url_that_leads_nowhere_is_told_so(url: str, open_database: Callable[[str], Database]) -> None:
    with pytest.raises(DatabaseUnavailable):
        open_database(url).check()


@pytest.mark.parametrize("place", ["missing/folder/qbwc.db", "."])
def test_a_path_where_no_file_can_be_is_told_so(
    tmp_path: Path, place: str, open_database: Callable[[str], Database]
) -> None:
    with pytest.raises(DatabaseUnavailable):
        open_database(f"sqlite:///{tmp_path / place}").check()


def test_a_file_that_is_no_database_is_told_so_and_left_alone(
    tmp_path: Path, open_database: Callable[[str], Database]
) -> None:
    path = tmp_path / "qbwc.db"
    path.write_text("these are somebody's notes, and no database at all\n" * 50)
    before = path.read_bytes()
    database = open_database(f"sqlite:///{path}")
    for use in (database.check, database.upgrade):
        with pytest.raises(DatabaseUnavailable, match="not a database"):
            use()
    assert path.read_bytes() == before


@pytest.fixture
def sqlite_file(upgraded_sqlite: Path, tmp_path: Path) -> Path:
    path = tmp_path / "qbwc.db"
    shutil.copy(upgraded_sqlite, path)
    return path


def test_a_full_disk_is_told_and_nothing_is_half_stored(
    sqlite_file: Path, make: Callable[..., Connector]
) -> None:
    database = Database(f"sqlite:///{sqlite_file}")
    connector = make(database)

    def too_much() -> None:
        with database.begin() as conn:
            pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
            conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
            for number in range(1000):
                records.add(
                    conn,
                    connector.id,
                    Kind.CUSTOMER,
                    str(number),
                    {"notes": "x" * 500},
                    now=NOW,
                    actor="host",
                )

    with pytest.raises(DatabaseUnavailable, match="full"):
        too_much()
    assert number_of(database) == 0
    with database.begin() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
        records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")
    assert number_of(database) == 1
    database.close()


def test_a_database_that_may_only_be_read_can_be_read_and_says_so_when_written(
    sqlite_file: Path, make: Callable[..., Connector]
) -> None:
    writable = Database(f"sqlite:///{sqlite_file}")
    connector = make(writable)
    readable = Database(f"sqlite:///file:{sqlite_file}?mode=ro&uri=true")
    readable.check()
    with readable.read() as conn:
        assert connectors.by_name(conn, "acme").id == connector.id

    def write() -> None:
        with readable.begin() as conn:
            records.add(conn, connector.id, Kind.CUSTOMER, "a", {}, now=NOW, actor="host")

    with pytest.raises(DatabaseUnavailable, match="read-only"):
        write()
    assert number_of(writable) == 0
    readable.close()
    writable.close()


def test_a_database_that_can_be_written_is_told_so(database: Database) -> None:
    database.check_writable()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_server_that_may_only_be_read_is_noticed_before_anything_is_written(
    url: str, open_database: Callable[[str], Database]
) -> None:
    first = open_database(url)
    with first.begin() as conn:
        name = conn.exec_driver_sql("SELECT current_database()").scalar_one()
        conn.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = open_database(url)
    with pytest.raises(NotWritable, match="read-only"):
        database.check_writable()

    def write() -> None:
        with first.begin() as conn:
            conn.exec_driver_sql("SET TRANSACTION READ ONLY")
            conn.exec_driver_sql("DELETE FROM record")

    with pytest.raises(DatabaseUnavailable):
        write()
    with pytest.raises(NotWritable, match="last write failed"):
        first.check_writable()
    with first.begin() as conn:
        conn.exec_driver_sql("DELETE FROM record")
    first.check_writable()


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "qbwc.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    assert os.stat(path).st_mode & 0o077 == 0


def test_an_address_for_other_tools_has_no_password() -> None:
    database = Database("postgresql://ada:secret@127.0.0.1/books")
    assert "secret" not in database.address
    assert database.address.startswith("postgresql://ada@127.0.0.1/books")
    assert database.path is None
