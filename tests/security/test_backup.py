"""`qbwc-server db backup`: whole while the server works, private, never over something else by accident."""

import json
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from qbwc_server.cli import main
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.kinds import Kind
from tests.worlds.security_world import CUSTOMER, Place


def names_in(path: Path) -> set[str]:
    """The external ids of a database file, read without our code."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {name for (name,) in connection.execute("SELECT external_id FROM record")}


def put(place: Place, external_id: str) -> None:
    fields = {**CUSTOMER, "name": external_id, "email": f"{external_id}@fish.example"}
    intake.put(place.core, "harbour", Kind.CUSTOMER, external_id, fields, actor="host")


@pytest.fixture
def harbour(place: Place) -> Place:
    place.command("connector", "add", "harbour")
    return place


def test_a_backup_made_while_records_come_in_can_be_restored(harbour: Place, tmp_path: Path) -> None:
    put(harbour, "before")
    stop, came = threading.Event(), ["before"]

    def host() -> None:
        while not stop.is_set():
            put(harbour, f"c{len(came)}")
            came.append(f"c{len(came)}")

    writer = threading.Thread(target=host)
    writer.start()
    try:
        while len(came) < 10:
            stop.wait(0.01)
        for number in range(5):
            certain = set(came)
            told = harbour.command("db", "backup", str(tmp_path / f"copy-{number}.db"))
            assert told["bytes"] == Path(told["file"]).stat().st_size
            assert certain <= names_in(Path(told["file"]))
    finally:
        stop.set()
        writer.join()
    assert len(came) > 10
    # the restored server: the copy and the secrets where they were
    restored = tmp_path / "restored"
    restored.mkdir()
    Path(told["file"]).rename(restored / "qbwc.db")
    Path(told["secrets_file"]).rename(restored / "qbwc-secrets.json")
    url = ["--config", str(_config(restored))]
    runs = [
        CliRunner().invoke(main, [*url, *command, "--json"])
        for command in (["db", "check"], ["get", "customer", "before"], ["connector", "list"])
    ]
    assert [run.exit_code for run in runs] == [0, 0, 0]
    assert json.loads(runs[1].stdout)["state"] == "queued"


def _config(folder: Path) -> Path:
    path = folder / "config.toml"
    path.write_text(f'database_url = "sqlite:///{folder / "qbwc.db"}"\n')
    return path


def test_a_restored_password_still_opens_the_door(harbour: Place, tmp_path: Path) -> None:
    card = harbour.command("connector", "rotate-password", "harbour")
    harbour.command("db", "backup", str(tmp_path / "copy.db"))
    harbour.close()
    for companion in ("", "-wal", "-shm"):
        Path(f"{harbour.database_path}{companion}").unlink(missing_ok=True)
    (tmp_path / "copy.db").rename(harbour.database_path)
    username = harbour.command("connector", "show", "harbour")["username"]
    assert harbour.soap("authenticate", strUserName=username, strPassword=card["password"])[1] != "nvu"


def test_a_backup_is_one_file_for_the_owner_only(harbour: Place, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    harbour.command("db", "backup", str(folder / "copy.db"))
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert (folder / "copy.db").stat().st_mode & 0o077 == 0


def test_an_existing_file_is_overwritten_only_by_force(harbour: Place, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("something dear")
    assert "--force" in harbour.refused("db", "backup", str(target))
    assert target.read_text() == "something dear"
    harbour.command("db", "backup", str(target), "--force")
    assert names_in(target) == set()


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_the_database_is_never_its_own_backup(harbour: Place, force: tuple[str, ...]) -> None:
    os.link(harbour.database_path, harbour.folder / "alias.db")
    for name in ("qbwc.db", "alias.db"):
        assert "itself" in harbour.refused("db", "backup", str(harbour.folder / name), *force)


def test_an_empty_database_is_no_backup_and_none_is_made_by_asking(place: Place, tmp_path: Path) -> None:
    place.database_path.unlink()
    assert "there is no database here" in place.refused("db", "backup", str(tmp_path / "copy.db"))
    assert not place.database_path.exists()
    assert not (tmp_path / "copy.db").exists()


def test_a_damaged_database_gives_a_sentence_and_no_backup(harbour: Place, tmp_path: Path) -> None:
    harbour.close()
    size = harbour.database_path.stat().st_size
    with harbour.database_path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(min(200_000, size - 4096 * 4)))
    assert "Traceback" not in harbour.run("db", "backup", str(tmp_path / "copy.db")).output
    assert harbour.refused("db", "backup", str(tmp_path / "copy.db"))
    assert not list(tmp_path.glob("*copy.db*"))


def test_a_backup_that_cannot_be_written_leaves_nothing_behind(harbour: Place, tmp_path: Path) -> None:
    sentence = harbour.refused("db", "backup", str(tmp_path / "nowhere" / "copy.db"))
    assert "nowhere" in sentence
    assert not (tmp_path / "nowhere").exists()


def test_postgresql_is_pointed_to_its_own_program_without_the_password(place: Place) -> None:
    place.config_path.write_text(
        f'database_url = "postgresql://qbwc:hunter2@db.example/qbwc"\nsecrets_file = "{place.folder}/secrets.json"\n'
    )
    sentence = place.refused("db", "backup", "copy.dump")
    assert "pg_dump --format=custom --file=copy.dump postgresql://qbwc@db.example/qbwc" in sentence
    assert "hunter2" not in sentence


def test_a_new_database_is_readable_by_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'database_url = "sqlite:///{tmp_path / "new.db"}"\n')
    assert CliRunner().invoke(main, ["--config", str(path), "connector", "add", "harbour"]).exit_code == 0
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0
