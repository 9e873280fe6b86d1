"""Whatever goes wrong, the one who typed the command gets a sentence or an error object, never a traceback."""

import json
import sqlite3
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from qbwc_server.cli import main
from qbwc_server.cli.failures import failure_of
from qbwc_server.config import ConfigError
from qbwc_server.domain.faults import (
    Conflict,
    DatabaseUnavailable,
    Fault,
    InvalidInput,
    NotFound,
    SchemaMismatch,
)
from tests.worlds.cli_world import Cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
        else:
            found.append(((*path, name), command))
    return found


@pytest.mark.parametrize(
    ("path", "command"), commands(main), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_has_json_and_help(path: tuple[str, ...], command: click.Command) -> None:
    assert any("--json" in parameter.opts for parameter in command.params)
    done = CliRunner().invoke(main, [*path, "--help"])
    assert done.exit_code == 0
    assert command.help


@pytest.mark.parametrize(
    "error",
    [
        NotFound("there is no such thing"),
        Conflict("there is no such thing"),
        ConfigError("there is no such thing"),
        DatabaseUnavailable("there is no such thing"),
        SchemaMismatch("there is no such thing"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_has_a_sentence_keeps_it(error: Exception) -> None:
    assert failure_of(error).message == "there is no such thing"


def test_faults_are_listed_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    failure = failure_of(InvalidInput([Fault("/name", "is missing"), Fault("/email", "is no address")]))
    failure.show()
    assert capsys.readouterr().err.splitlines() == [
        "Error: the input has 2 faults",
        "  name: is missing",
        "  email: is no address",
    ]


def test_an_error_nobody_foresaw_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    failure_of(ZeroDivisionError("first line\nsecond \x1b[31mline")).show()
    (line,) = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError: first line" in line


def test_control_characters_of_others_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    failure_of(NotFound("no customer \x1b[2J\x07")).show()
    assert capsys.readouterr().err == "Error: no customer \\x1b[2J\\x07\n"


def test_a_usage_error_is_exit_code_2(cli: Cli) -> None:
    assert cli.run("connector", "add").exit_code == 2
    assert cli.run("no-such-command").exit_code == 2
    assert cli.run("connector", "list", "--no-such-option").exit_code == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("connector add --json", "Missing argument"),
        ("no-such-command --json", "No such command 'no-such-command'"),
        ("connector list --no-such-option --json", "--no-such-option"),
        ("--no-such-option connector list --json", "--no-such-option"),
        ("connector lst --json", "'list'"),
        ("put invioce x - --json", "did you mean invoice?"),
        ("errors retry --json", "give an ID, --cause KEY or --all"),
        ("connector set harbour nokey --json", "is not KEY=VALUE"),
        ("queue --limit --json", "--limit must be a whole number"),
        ("simulate --json", "give --url and --username"),
    ],
)
def test_a_usage_error_is_one_json_document_for_a_machine(harbour: Cli, typed: str, words: str) -> None:
    done = harbour.run(*typed.split())
    assert done.exit_code == 2
    assert done.stdout == ""
    error = json.loads(done.stderr)
    assert words in error["error"]
    assert error["faults"] == []


def test_a_question_that_is_not_answered_ends_in_a_sentence(harbour: Cli) -> None:
    done = harbour.run("user", "add", "ada", "--role", "admin", text="")
    assert done.exit_code == 130
    assert "broken off" in done.stderr


def test_an_unknown_key_in_the_configuration_is_named_with_the_nearest(cli: Cli) -> None:
    cli.file("qbwc.toml", "database_ulr = 'sqlite:///x.db'\n")
    error = cli.fails("--config", "qbwc.toml", "connector", "list")["error"]
    assert "database_ulr" in error
    assert "database_url" in error


def test_a_missing_configuration_file_is_named(cli: Cli) -> None:
    assert "nowhere.toml" in cli.fails("--config", "nowhere.toml", "connector", "list")["error"]


def test_a_database_that_is_none_is_refused_in_a_sentence(cli: Cli) -> None:
    cli.file("qbwc.db", "This is a letter to my aunt, and not a database. " * 100)
    assert "not a database" in cli.fails("connector", "list")["error"]


def test_a_folder_that_is_not_there_is_refused_in_a_sentence(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QBWC_DATABASE_URL", "sqlite:///nowhere/qbwc.db")
    assert "nowhere" in cli.fails("connector", "list")["error"]


def test_a_schema_from_the_future_is_refused_and_left_alone(cli: Cli) -> None:
    cli.words("db", "upgrade")
    with sqlite3.connect("qbwc.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for command in (("connector", "list"), ("db", "check"), ("db", "upgrade")):
        error = cli.fails(*command)["error"]
        assert "9999" in error
        assert "newer" in error


def test_the_real_program_ends_like_that_too(cli: Cli) -> None:
    command = [sys.executable, "-m", "qbwc_server.cli", "get", "customer", "c-1", "--json"]
    done = subprocess.run(command, cwd=cli.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert json.loads(done.stderr)["faults"] == []
