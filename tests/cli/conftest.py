"""The command line in a folder of its own, without configuration and without the caller's QBWC_* settings."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds.cli_world import Cli, Furniture, visit


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line on nothing at all: no file, no database."""
    return _opened(tmp_path, monkeypatch)


@pytest.fixture
def harbour(cli: Cli, furnished: Callable[[Furniture], Path]) -> Cli:
    """The command line with one connector, ``harbour``."""
    shutil.copytree(furnished(_one_connector), cli.folder, dirs_exist_ok=True)
    return cli


@pytest.fixture
def blocked(cli: Cli, furnished: Callable[[Furniture], Path]) -> Cli:
    """A connector whose customer c-1 has no email, an invoice waiting for it, and one with an unknown SKU."""
    shutil.copytree(furnished(_two_blocked), cli.folder, dirs_exist_ok=True)
    return cli


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Furniture], Path]:
    """Folders in which some commands were run, each made once, to be copied."""
    made: dict[Furniture, Path] = {}

    def folder(furniture: Furniture) -> Path:
        if furniture not in made:
            made[furniture] = tmp_path_factory.mktemp("furnished")
            with pytest.MonkeyPatch.context() as patch:
                furniture(_opened(made[furniture], patch))
        return made[furniture]

    return folder


def _opened(folder: Path, patch: pytest.MonkeyPatch) -> Cli:
    for name in list(os.environ):
        if name.startswith("QBWC_"):
            patch.delenv(name)
    patch.chdir(folder)
    return Cli(folder)


def _one_connector(cli: Cli) -> None:
    cli.json("connector", "add", "harbour", "--default-income-account", "Sales")


def _two_blocked(cli: Cli) -> None:
    card = cli.json("connector", "add", "harbour", "--default-income-account", "Sales")
    line = {"item": {"sku": "A-77"}, "quantity": "1", "rate": "2.00"}
    cli.json("put", "customer", "c-1", "-", text='{"name": "No Mail Ltd"}')
    cli.json("put", "customer", "c-2", "-", text='{"name": "Mail Ltd", "email": "a@mail.example"}')
    for number, customer in (("1", "c-1"), ("2", "c-2")):
        invoice = {"ref_number": number, "customer": {"external_id": customer}, "lines": [line]}
        cli.json("put", "invoice", f"i-{number}", "-", text=json.dumps(invoice))
    visit(cli, card["username"], card["password"])
