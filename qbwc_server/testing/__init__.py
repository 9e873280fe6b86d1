"""A pytest plugin for programs that hand over: a real server, a simulated QuickBooks, and what can go wrong.

``pytest_plugins = ["qbwc_server.testing"]`` in the conftest.py at the root of your tests turns it on; who leaves it out
has nothing of it. What it works with is imported by the fixtures, when a test asks for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from qbwc_server.simulator import CompanyFile
    from qbwc_server.testing.clock import Clock
    from qbwc_server.testing.faults import Faults
    from qbwc_server.testing.office import WebConnector
    from qbwc_server.testing.servers import Server

__all__ = ["clock", "fault", "qbwc_settings", "quickbooks", "server", "web_connector"]


@pytest.fixture
def clock() -> Clock:
    """The time server and QuickBooks go by; it goes on by itself, and further when it is told to: `forward`, `set`."""
    # loaded by whoever asks for it
    from qbwc_server.testing.clock import Clock

    return Clock()


@pytest.fixture
def quickbooks(clock: Clock) -> CompanyFile:
    """A simulated company file with a chart of accounts and terms. `records` and `find` tell what it holds, `person`
    works in it as somebody at the PC does."""
    # loaded by whoever asks for it
    from qbwc_server.simulator import CompanyFile

    return CompanyFile.create(clock=clock)


@pytest.fixture
def qbwc_settings() -> Mapping[str, Any]:
    """The settings of the connector; define a fixture of this name for others."""
    return {"default_income_account": "Sales"}


@pytest.fixture(scope="session")
def _qbwc_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its secrets, made once."""
    # loaded by whoever asks for it
    from qbwc_server.testing.servers import make_template

    folder = tmp_path_factory.mktemp("qbwc-template")
    make_template(folder)
    return folder


@pytest.fixture
def server(
    tmp_path: Path, _qbwc_template: Path, clock: Clock, qbwc_settings: Mapping[str, Any]
) -> Iterator[Server]:
    """A server on a loopback address with the connector ``harbour`` and a key for it, on a SQLite file of its own."""
    # loaded by whoever asks for it
    from qbwc_server.testing.servers import running

    folder = tmp_path / "qbwc"
    folder.mkdir()
    with running(folder, _qbwc_template, clock, qbwc_settings) as made:
        yield made


@pytest.fixture
def web_connector(server: Server, quickbooks: CompanyFile, clock: Clock) -> Iterator[WebConnector]:
    """The Web Connector at the PC of `quickbooks`, which has loaded the .qwc of `server`: `visit` has it come."""
    # loaded by whoever asks for it
    from qbwc_server.testing.office import at_work

    with at_work(server, quickbooks, clock) as made:
        yield made


@pytest.fixture
def fault(web_connector: WebConnector) -> Faults:
    """What is to go wrong from now on: ``fault("drop-after@receiveResponseXML")``."""
    # loaded by whoever asks for it
    from qbwc_server.testing.faults import Faults

    return Faults(web_connector)
