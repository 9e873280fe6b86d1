"""A command imports what it works with, and naming all commands imports next to nothing."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from qbwc_server.cli import main
from qbwc_server.cli.commands import Loaded, Place

LOADED = """
import json, sys
from qbwc_server.cli import main
try:
    main(sys.argv[1:])
finally:
    print(json.dumps(sorted(sys.modules)))
"""

SERVING = {"spyne", "flask", "werkzeug", "granian"}
VISITING = {"requests", "zeep"}
"""What the simulated Web Connector makes its calls with."""


def modules_of(folder: Path, *command: str) -> set[str]:
    """Every module that a command imports."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *command], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def places() -> dict[str, Place]:
    assert isinstance(main.commands, Loaded)
    return main.commands.places


@pytest.mark.parametrize("name", places())
def test_what_is_said_of_a_command_is_the_beginning_of_its_help(name: str) -> None:
    place, command = places()[name], main.commands[name]
    assert command.name == name
    for limit in range(20, 150):
        assert place.short(limit) == command.get_short_help_str(limit)


def test_naming_all_commands_loads_none(tmp_path: Path) -> None:
    modules = modules_of(tmp_path, "--help")
    heavy = {"sqlalchemy", "alembic", "pydantic", "pydantic_core", "lxml", "rich", "argon2"}
    assert not modules & (SERVING | VISITING | heavy)
    assert "qbwc_server.domain.connectors" not in modules


def test_a_command_that_does_not_exist_loads_none(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        modules_of(tmp_path, "gett")
    assert "Did you mean 'get'?" in failed.value.stderr
    assert "sqlalchemy" not in json.loads(failed.value.stdout)


def test_looking_at_a_record_loads_neither_what_takes_it_in_nor_what_serves_it(tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_text('{"name": "Pier Nine", "email": "ap@pier.example"}')
    modules_of(tmp_path, "connector", "add", "acme")
    modules_of(tmp_path, "put", "customer", "c-1", str(record))
    modules = modules_of(tmp_path, "get", "customer", "c-1")
    heavy = {"alembic", "lxml", "rich", "argon2", "qbxml.records", "sqlalchemy.dialects.postgresql"}
    assert not modules & (SERVING | VISITING | heavy)


UNWANTED = SERVING | VISITING | {"alembic", "argon2", "sqlalchemy.dialects.postgresql"}


@pytest.mark.parametrize(
    ("names", "unwanted"),
    [
        (("errors", "connector", "put", "retry", "webhook", "rulings"), UNWANTED),
        (("get", "records", "log", "queue"), UNWANTED | {"qbxml.records", "qbxml.requests"}),
    ],
    ids=["that decide", "that look"],
)
def test_the_commands_of_every_day_load_nothing_they_do_not_use(
    names: tuple[str, ...], unwanted: set[str]
) -> None:
    told = "from qbwc_server.cli import main; [main.commands[name] for name in sys.argv[1:]]"
    program = f"import json, sys; {told}; print(json.dumps(sorted(sys.modules)))"
    printed = subprocess.check_output([sys.executable, "-c", program, *names])
    assert not set(json.loads(printed)) & unwanted


def test_what_a_command_imported_is_never_looked_through(tmp_path: Path) -> None:
    told = (
        "import atexit, gc; from qbwc_server.cli.__main__ import program\n"
        "atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000))\n"
        "program()"
    )
    done = subprocess.run(
        [sys.executable, "-c", told, "db", "check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "there is no database here" in done.stderr
    assert done.stdout.endswith("True True\n")


def test_a_command_can_be_added_to_those_that_are_loaded_later() -> None:
    commands = Loaded({"get": places()["get"]})
    commands["more"] = click.Command("more", help="More of it. And yet more.")
    assert (list(commands), commands.places["more"].short()) == (["get", "more"], "More of it.")
    del commands["more"]
    assert list(commands) == ["get"]


def test_the_package_alone_loads_nothing_and_names_what_hosts_import(tmp_path: Path) -> None:
    told = "import sys, json, qbwc_server; print(json.dumps([sorted(sys.modules), dir(qbwc_server)]))"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    modules, names = json.loads(done.stdout)
    assert [module for module in modules if module.startswith("qbwc_server.")] == []
    assert not set(modules) & {"sqlalchemy", "pydantic", "lxml", "flask"}
    assert {"Connector", "InvalidInput", "Conflict", "NotFound"} <= set(names)


def test_a_host_in_process_loads_neither_server_nor_spyne(tmp_path: Path) -> None:
    told = "import sys, json; from qbwc_server import Connector; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert not set(json.loads(done.stdout)) & (SERVING | VISITING | {"alembic"})
