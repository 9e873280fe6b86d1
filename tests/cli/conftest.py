"""The command line in a folder of its own, without configuration and without the caller's QBWC_* settings."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cli_world import Cli


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
