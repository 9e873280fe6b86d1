"""`qbwc-server user`."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qbwc_server.access import users
from qbwc_server.config.reading import load_config
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli, Furniture

PASSWORD = "correct horse battery"


def authenticates(password: str) -> bool:
    """Whether ann may log in to the site."""
    core = core_from(load_config())
    try:
        return users.authenticate(core, "ann", password) is not None
    finally:
        core.database.close()


@pytest.fixture(autouse=True)
def database(cli: Cli, furnished: Callable[[Furniture], Path]) -> None:
    """A database, which no command of `user` makes."""
    shutil.copytree(furnished(_a_database), cli.folder, dirs_exist_ok=True)


def _a_database(cli: Cli) -> None:
    cli.words("db", "upgrade")


def test_a_password_from_stdin_is_the_one_that_logs_in(cli: Cli) -> None:
    made = cli.json("user", "add", "ann", "--role", "admin", "--password-stdin", text=PASSWORD + "\n")
    assert (made["name"], made["role"]) == ("ann", "admin")
    assert authenticates(PASSWORD)
    assert not authenticates("another one entirely")


def test_a_password_typed_twice_is_taken(cli: Cli) -> None:
    done = cli.run("user", "add", "ann", "--role", "support", text=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert PASSWORD not in done.output
    assert authenticates(PASSWORD)


def test_a_password_cannot_be_given_on_the_command_line(cli: Cli) -> None:
    assert cli.run("user", "add", "ann", "--role", "admin", "--password", PASSWORD).exit_code == 2


def test_a_short_password_is_refused(cli: Cli) -> None:
    error = cli.fails("user", "add", "ann", "--role", "admin", "--password-stdin", text="short\n")
    assert [fault["pointer"] for fault in error["faults"]] == ["/password"]


def test_no_password_on_stdin_is_refused(cli: Cli) -> None:
    assert cli.fails("user", "add", "ann", "--role", "admin", "--password-stdin", text="")["error"]


def test_another_password_takes_the_place_of_the_one_before(cli: Cli) -> None:
    cli.json("user", "add", "ann", "--role", "admin", "--password-stdin", text=PASSWORD)
    told = cli.json("user", "password", "ann", "--password-stdin", text="another one entirely\n")
    assert (told["name"], told["role"]) == ("ann", "admin")
    assert authenticates("another one entirely")
    assert not authenticates(PASSWORD)
    assert cli.fails("user", "password", "ann", "--password-stdin", text="short\n")["faults"]
    assert "bob" in cli.fails("user", "password", "bob", "--password-stdin", text=PASSWORD)["error"]
    assert authenticates("another one entirely")


def test_a_name_is_given_once(cli: Cli) -> None:
    cli.json("user", "add", "ann", "--role", "admin", "--password-stdin", text=PASSWORD)
    assert cli.fails("user", "add", "ann", "--role", "admin", "--password-stdin", text=PASSWORD)["error"]


def test_an_unknown_role_is_a_usage_error(cli: Cli) -> None:
    assert cli.run("user", "add", "ann", "--role", "king", "--password-stdin", text=PASSWORD).exit_code == 2


@pytest.fixture
def ann_and_bob(cli: Cli) -> Cli:
    """An admin and a support person."""
    for name, role in (("ann", "admin"), ("bob", "support")):
        cli.json("user", "add", name, "--role", role, "--password-stdin", text=PASSWORD)
    return cli


def test_the_list_names_everybody_with_role_and_last_sign_in(ann_and_bob: Cli) -> None:
    ann, bob = ann_and_bob.json("user", "list")
    assert (ann["name"], ann["role"], ann["last_sign_in_at"]) == ("ann", "admin", None)
    assert bob["name"] == "bob"
    core = core_from(load_config())
    users.sign_in(core, "bob", PASSWORD, address="127.0.0.1")
    core.database.close()
    assert ann_and_bob.json("user", "list")[1]["last_sign_in_at"] is not None
    assert "never" in ann_and_bob.words("user", "list")


def test_no_user_yet_says_how_to_add_one(cli: Cli) -> None:
    assert "user add" in cli.words("user", "list")


def test_a_user_is_removed_but_the_only_admin_is_not(ann_and_bob: Cli) -> None:
    assert "only admin" in ann_and_bob.fails("user", "remove", "ann")["error"]
    assert "only admin" in ann_and_bob.fails("user", "role", "ann", "support")["error"]
    assert "eve" in ann_and_bob.fails("user", "remove", "eve")["error"]
    assert ann_and_bob.json("user", "role", "bob", "admin")["role"] == "admin"
    assert ann_and_bob.json("user", "remove", "ann") == {"name": "ann", "removed": True}
    assert [each["name"] for each in ann_and_bob.json("user", "list")] == ["bob"]
    assert not authenticates(PASSWORD)
    assert "only admin" in ann_and_bob.fails("user", "remove", "bob")["error"]


def test_what_was_done_is_in_the_log_of_people(ann_and_bob: Cli) -> None:
    ann_and_bob.words("user", "role", "bob", "admin")
    ann_and_bob.words("user", "password", "bob", "--password-stdin", text="another one entirely")
    ann_and_bob.words("user", "remove", "bob")
    ann_and_bob.words("api-key", "create", "all", "--all-connectors")
    told = [(each["what"], each["about"], each["actor"]) for each in ann_and_bob.json("user", "log")]
    assert told[:4] == [
        ("API key created", "all", "cli"),
        ("user removed", "bob", "cli"),
        ("password of a user changed", "bob", "cli"),
        ("role of a user changed", "bob", "cli"),
    ]
    assert "support to admin" in ann_and_bob.words("user", "log")
    (first,) = ann_and_bob.json("user", "log", "--limit", "1")
    older = ann_and_bob.json("user", "log", "--before", str(first["id"]))
    assert older[0]["what"] == "user removed"


def test_a_user_is_disabled_and_enabled_and_the_only_admin_is_not(ann_and_bob: Cli) -> None:
    assert ann_and_bob.json("user", "disable", "bob")["disabled_at"]
    assert ann_and_bob.json("user", "list")[1]["disabled_at"]
    assert "support, disabled" in ann_and_bob.words("user", "list")
    assert "is disabled: enable them first" in ann_and_bob.run("user", "reset-link", "bob").stderr
    assert ann_and_bob.json("user", "enable", "bob")["disabled_at"] is None
    assert "is the only admin" in ann_and_bob.run("user", "disable", "ann").stderr


def test_a_link_to_a_new_password_is_printed_with_its_end(ann_and_bob: Cli) -> None:
    made = ann_and_bob.json("user", "reset-link", "bob")
    assert re.fullmatch(r"http://localhost:\d+/new-password/[\w-]{43}", made["url"])
    assert made["expires_at"]
    assert "whoever opens it first" in ann_and_bob.words("user", "reset-link", "bob")
