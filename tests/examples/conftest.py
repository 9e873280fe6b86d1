"""What the examples are tried with: our own pytest plugin, and a host with a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, create_engine

from qbwc_server.testing import _qbwc_template, clock, fault, qbwc_settings, quickbooks, server, web_connector
from qbwc_server.testing.servers import Server

__all__ = ["_qbwc_template", "clock", "fault", "qbwc_settings", "quickbooks", "server", "web_connector"]


@pytest.fixture
def http(server: Server) -> Iterator[requests.Session]:
    """What the host calls the server with."""
    with requests.Session() as made:
        made.headers["Authorization"] = f"Bearer {server.key}"
        yield made


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The host's own database."""
    made = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    yield made
    made.dispose()
