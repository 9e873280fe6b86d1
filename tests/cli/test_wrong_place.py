"""Commands typed where there is no database, or beside secrets that are not its own."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from qbwc_server.cli import main
from qbwc_server.cli.demo.server import ServerProcess, ServerStartError, free_port, write_config
from qbwc_server.place import _is_checkout
from tests.worlds.cli_world import Cli

ANSWER = '{"name": "a long password"}\n'
"""Something for those that read a record or a password."""

ELSEWHERE = [
    ("connector", "list"),
    ("connector", "show", "harbour"),
    ("connector", "doctor", "harbour"),
    ("connector", "set", "harbour", "create_items=no"),
    ("connector", "reset", "harbour", "--full"),
    ("connector", "list", "--removed"),
    ("connector", "remove", "harbour", "--yes", "harbour"),
    ("connector", "restore", "harbour"),
    ("resync", "harbour"),
    ("user", "add", "ann", "--role", "admin", "--password-stdin"),
    ("user", "password", "ann", "--password-stdin"),
    ("user", "list"),
    ("user", "remove", "ann"),
    ("user", "role", "ann", "support"),
    ("user", "log"),
    ("api-key", "create", "shop"),
    ("api-key", "list"),
    ("put", "customer", "c-1", "-"),
    ("get", "customer", "c-1"),
    ("cancel", "customer", "c-1"),
    ("import", "customer", "-"),
    ("queue",),
    ("log", "harbour"),
    ("errors", "list"),
    ("records", "list"),
    ("rulings", "list"),
    ("requests", "list"),
    ("request", "-"),
    ("webhook", "list"),
    ("listen", "--forward-to", "http://127.0.0.1:9/"),
    ("retry", "customer", "c-1"),
    ("link", "customer", "c-1", "8-1"),
    ("db", "check"),
    ("db", "tidy"),
    ("db", "backup", "copy.db"),
    ("db", "accept-secrets", "--yes"),
]


@pytest.mark.parametrize("command", ELSEWHERE, ids=" ".join)
def test_a_command_in_the_wrong_folder_says_so_and_leaves_nothing_behind(
    cli: Cli, command: tuple[str, ...]
) -> None:
    sentence = cli.fails(*command, text=ANSWER)["error"]
    assert f"there is no database here: qbwc.db in {cli.folder} does not exist" in sentence
    assert "QBWC_DATABASE_URL" in sentence
    assert "--config" in sentence
    assert "connector add" in sentence
    assert list(cli.folder.iterdir()) == []


def test_every_command_was_tried_begins_a_database_or_needs_none() -> None:
    known = {"serve", "demo", "fields", "simulate", "replay", "unlink", "void", "post-as-new"}
    assert set(main.commands) == known | {command[0] for command in ELSEWHERE}


def test_the_place_is_named_as_it_was_configured(cli: Cli) -> None:
    cli.file("qbwc.toml", f'database_url = "sqlite:///{cli.folder}/data/orders.db"\n')
    sentence = cli.fails("--config", "qbwc.toml", "connector", "list")["error"]
    assert f"there is no database here: {cli.folder}/data/orders.db does not exist" in sentence
    assert [path.name for path in cli.folder.iterdir()] == ["qbwc.toml"]


@pytest.mark.parametrize("command", [("connector", "list"), ("put", "customer", "c-1", "-")])
def test_an_empty_file_is_no_database_and_stays_empty(cli: Cli, command: tuple[str, ...]) -> None:
    cli.file("qbwc.db", "")
    assert "has nothing of this server in it" in cli.fails(*command, text="{}")["error"]
    assert [(path.name, path.stat().st_size) for path in cli.folder.iterdir()] == [("qbwc.db", 0)]


def test_somebody_elses_database_is_left_as_it_is(cli: Cli) -> None:
    connection = sqlite3.connect(cli.folder / "qbwc.db")
    connection.execute("CREATE TABLE orders (id INTEGER)")
    connection.commit()
    connection.close()
    assert "has nothing of this server in it" in cli.fails("connector", "list")["error"]
    assert [path.name for path in cli.folder.iterdir()] == ["qbwc.db"]


@pytest.mark.parametrize("command", [("connector", "add", "harbour"), ("db", "upgrade")])
def test_what_begins_a_database_makes_its_secrets_with_it(cli: Cli, command: tuple[str, ...]) -> None:
    cli.words(*command)
    assert {"qbwc.db", "qbwc-secrets.json"} <= {path.name for path in cli.folder.iterdir()}
    cli.words("connector", "list")


# --- among the sources ------------------------------------------------------------------------------------------


@pytest.fixture
def checkout(cli: Cli) -> Cli:
    """A folder as the sources are in."""
    (cli.folder / "qbwc_server").mkdir()
    cli.file("qbwc_server/installation.py", "")
    cli.file("setup.cfg", "")
    return cli


@pytest.mark.parametrize(
    "command", [("connector", "add", "harbour"), ("serve",), ("db", "upgrade")], ids=" ".join
)
def test_nothing_is_begun_among_the_sources(checkout: Cli, command: tuple[str, ...]) -> None:
    sentence = checkout.fails(*command)["error"]
    assert f"{checkout.folder} is the folder of the sources" in sentence
    assert "mkdir" in sentence
    assert {path.name for path in checkout.folder.iterdir()} == {"qbwc_server", "setup.cfg"}


def test_the_sources_themselves_are_known_as_such() -> None:
    assert _is_checkout(Path(__file__).parents[2])


def test_a_database_that_is_among_the_sources_already_is_opened(checkout: Cli) -> None:
    (checkout.folder / "setup.cfg").unlink()
    checkout.words("connector", "add", "harbour")
    checkout.file("setup.cfg", "")
    assert [each["name"] for each in checkout.json("connector", "list")] == ["harbour"]
    checkout.words("connector", "add", "second")


# --- secrets that are lost, or another database's ---------------------------------------------------------------


SECRETS = "qbwc-secrets.json"
OPENING = [command for command in ELSEWHERE if command[:2] != ("db", "accept-secrets")] + [
    ("connector", "add", "second"),
    ("db", "upgrade"),
    ("serve",),
]


@pytest.fixture(autouse=True)
def _at_a_free_port(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever listens where a server does by default is no matter here."""
    monkeypatch.setenv("QBWC_SERVER_PORT", str(free_port()))


@pytest.fixture
def foreign(furnished: Callable[[Callable[[Cli], object]], Path]) -> Path:
    """The secrets file of another installation."""
    return furnished(_another_one) / SECRETS


def _another_one(cli: Cli) -> None:
    cli.words("db", "upgrade")


@pytest.mark.parametrize("command", OPENING, ids=" ".join)
def test_lost_secrets_stop_every_command_and_none_are_made(harbour: Cli, command: tuple[str, ...]) -> None:
    (harbour.folder / SECRETS).unlink()
    sentence = harbour.fails(*command, text=ANSWER)["error"]
    assert f"{SECRETS}: the secrets file is not there" in sentence
    assert "from the backup" in sentence
    assert "db accept-secrets" in sentence
    assert not (harbour.folder / SECRETS).exists()
    assert not (harbour.folder / "copy.db").exists()


@pytest.mark.parametrize("command", OPENING, ids=" ".join)
def test_foreign_secrets_stop_every_command(harbour: Cli, foreign: Path, command: tuple[str, ...]) -> None:
    (harbour.folder / SECRETS).write_bytes(foreign.read_bytes())
    sentence = harbour.fails(*command, text=ANSWER)["error"]
    assert f"{SECRETS}: this secrets file belongs to another database" in sentence
    assert "db accept-secrets" in sentence
    assert (harbour.folder / SECRETS).read_bytes() == foreign.read_bytes()


def test_the_right_secrets_put_back_are_all_that_is_needed(harbour: Cli, foreign: Path) -> None:
    right = (harbour.folder / SECRETS).read_bytes()
    (harbour.folder / SECRETS).write_bytes(foreign.read_bytes())
    harbour.fails("connector", "list")
    (harbour.folder / SECRETS).write_bytes(right)
    assert [each["name"] for each in harbour.json("connector", "list")] == ["harbour"]


def test_a_server_does_not_start_beside_foreign_secrets(tmp_path: Path, foreign: Path, cli: Cli) -> None:
    port = free_port()
    config = write_config(tmp_path, port)
    cli.json("--config", str(config), "connector", "add", "harbour")
    (tmp_path / SECRETS).write_bytes(foreign.read_bytes())
    with pytest.raises(ServerStartError, match="belongs to another database"):
        ServerProcess(config, port, tmp_path / "server.log").start()


def test_lost_secrets_are_given_up_only_when_somebody_says_so(harbour: Cli) -> None:
    harbour.json("api-key", "create", "shop", "--connector", "harbour")
    harbour.json("user", "add", "ann", "--role", "admin", "--password-stdin", text="correct horse battery\n")
    (harbour.folder / SECRETS).unlink()
    refused = harbour.run("db", "accept-secrets", text="n\n")
    assert refused.exit_code == 1
    for word in ("Web Connector passwords", "harbour", "API keys", "shop", "signed in"):
        assert word in refused.stderr
    assert "--yes" in harbour.fails("db", "accept-secrets")["error"]
    assert not (harbour.folder / SECRETS).exists()
    told = harbour.words("db", "accept-secrets", text="y\n")
    assert "connector rotate-password harbour" in told
    assert "api-key create 'shop'" in told
    keys = {key["name"]: key["revoked_at"] for key in harbour.json("api-key", "list")}
    assert keys["shop"] is not None
    assert harbour.json("connector", "rotate-password", "harbour")["password"]
    assert "secrets file replaced" in harbour.words("log", "harbour")
    assert harbour.json("db", "accept-secrets") == {"accepted": False}


def test_foreign_secrets_can_be_accepted(harbour: Cli, foreign: Path) -> None:
    (harbour.folder / SECRETS).write_bytes(foreign.read_bytes())
    accepted = harbour.json("db", "accept-secrets", "--yes")
    assert accepted["to_make_new"] == {"connectors": ["harbour"], "api_keys": [], "webhooks": []}
    assert (harbour.folder / SECRETS).read_bytes() == foreign.read_bytes()
    assert [each["name"] for each in harbour.json("connector", "list")] == ["harbour"]


def test_a_damaged_secrets_file_is_not_replaced(harbour: Cli) -> None:
    harbour.file(SECRETS, "{}")
    sentence = harbour.fails("connector", "list")["error"]
    assert "is not a secrets file of this server" in sentence
    assert "move it away and run: qbwc-server db accept-secrets" in sentence


def test_the_key_itself_is_not_in_the_database(harbour: Cli) -> None:
    kept = json.loads((harbour.folder / SECRETS).read_text())
    held = b"".join(path.read_bytes() for path in harbour.folder.glob("qbwc.db*"))
    for key in kept.values():
        assert key.encode() not in held
        assert bytes.fromhex(key) not in held
