"""`qbwc-server db`, and what other commands do about the schema."""

import sqlite3
from pathlib import Path

import pytest

from tests.worlds.cli_world import Cli

UP_TO_DATE = {"schema": "up to date", "already_linked": []}


def tables(path: Path) -> set[str]:
    """The tables of a SQLite file."""
    connection = sqlite3.connect(path)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()


def test_upgrade_makes_the_tables_and_may_be_repeated(cli: Cli) -> None:
    for _ in range(2):
        assert cli.json("db", "upgrade") == UP_TO_DATE
    assert {"connector", "record", "alembic_version"} <= tables(cli.folder / "qbwc.db")


def test_check_where_there_is_no_database_fails_and_says_what_to_run(cli: Cli) -> None:
    assert "db upgrade" in cli.fails("db", "check")["error"]
    assert list(cli.folder.iterdir()) == []


def test_check_of_an_upgraded_one_is_content(cli: Cli) -> None:
    cli.words("db", "upgrade")
    assert cli.json("db", "check") == {**UP_TO_DATE, "miscounted": []}


def test_the_embedded_database_is_upgraded_by_whatever_command_comes_first(cli: Cli) -> None:
    cli.words("connector", "add", "harbour")
    assert cli.json("db", "check") == {**UP_TO_DATE, "miscounted": []}


def test_secrets_are_kept_beside_the_database_for_the_owner_only(cli: Cli) -> None:
    cli.words("connector", "add", "harbour")
    assert (cli.folder / "qbwc-secrets.json").stat().st_mode & 0o077 == 0


def test_the_database_url_comes_from_the_environment_or_the_file(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.file("qbwc.toml", 'database_url = "sqlite:///from-file.db"\n')
    cli.words("--config", "qbwc.toml", "connector", "add", "one")
    monkeypatch.setenv("QBWC_DATABASE_URL", "sqlite:///from-environment.db")
    cli.words("--config", "qbwc.toml", "connector", "add", "two")
    assert {path.name for path in cli.folder.glob("*.db")} == {"from-file.db", "from-environment.db"}


def test_numbers_that_are_not_those_there_are_are_noticed_and_counted_anew(cli: Cli) -> None:
    cli.words("connector", "add", "harbour")
    customer = cli.file("c.json", '{"name": "Fish", "email": "ap@fish.example"}')
    cli.words("put", "customer", "c-1", str(customer))
    assert cli.json("db", "recount") == {"recounted": []}
    connection = sqlite3.connect(cli.folder / "qbwc.db")
    connection.execute("UPDATE record_count SET number = number + 5")
    connection.commit()
    connection.close()
    assert cli.json("db", "check")["miscounted"] == ["harbour"]
    assert "harbour" in cli.words("db", "check")
    assert "db recount" in cli.words("db", "check")
    assert cli.json("db", "recount") == {"recounted": ["harbour"]}
    assert cli.json("db", "check")["miscounted"] == []
    assert cli.words("db", "recount").strip() == "All numbers were right."
