"""The command line in a folder of its own, without configuration and without the caller's QBWC_* settings."""

import json
import os
from pathlib import Path

import pytest

from tests.worlds.cli_world import Cli, visit


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line on nothing at all: no file, no database."""
    for name in list(os.environ):
        if name.startswith("QBWC_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Cli(tmp_path)


@pytest.fixture
def harbour(cli: Cli) -> Cli:
    """The command line with one connector, ``harbour``."""
    cli.json("connector", "add", "harbour", "--default-income-account", "Sales")
    return cli


@pytest.fixture
def blocked(cli: Cli) -> Cli:
    """A connector whose customer c-1 has no email, an invoice waiting for it, and one with an unknown SKU."""
    card = cli.json("connector", "add", "harbour", "--default-income-account", "Sales")
    line = {"item": {"sku": "A-77"}, "quantity": "1", "rate": "2.00"}
    cli.json("put", "customer", "c-1", "-", text='{"name": "No Mail Ltd"}')
    cli.json("put", "customer", "c-2", "-", text='{"name": "Mail Ltd", "email": "a@mail.example"}')
    for number, customer in (("1", "c-1"), ("2", "c-2")):
        invoice = {"ref_number": number, "customer": {"external_id": customer}, "lines": [line]}
        cli.json("put", "invoice", f"i-{number}", "-", text=json.dumps(invoice))
    visit(cli, card["username"], card["password"])
    return cli
