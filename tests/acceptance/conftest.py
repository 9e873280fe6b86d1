"""A world for acceptance: the real server process over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from qbwc_server.cli import main
from tests.worlds import staff as staff_module
from tests.worlds.acceptance_world import World
from tests.worlds.change_world import House, Office
from tests.worlds.staff import Staff


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A server of its own for one test, started. Where all tests leave it running `shared_world` takes its place."""
    made = World.create(tmp_path)
    with made.server:
        yield made


@pytest.fixture(scope="session")
def _left_running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World.create(tmp_path_factory.mktemp("running"))
    with made.server:
        yield made


@pytest.fixture
def shared_world(_left_running: World) -> World:
    """A server for all tests that leave it running, with a connector and a company file for one of them."""
    _left_running.begin_anew()
    return _left_running


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for all tests that need no more than a connector of their own."""
    made = House.build(tmp_path_factory.mktemp("house"))
    with made.server:
        yield made


@pytest.fixture
def office(house: House) -> Office:
    """Customer ``c`` and item ``i`` in QuickBooks."""
    made = house.office()
    made.customer()
    made.item()
    made.visit()
    return made


@pytest.fixture(scope="session")
def staffed(house: House) -> House:
    """The server with an admin."""
    given = ["--config", str(house.server.config_path), "user", "add", staff_module.NAME, "--role", "admin"]
    done = CliRunner().invoke(main, [*given, "--password-stdin"], input=staff_module.PASSWORD + "\n")
    assert done.exit_code == 0, done.output
    return house


@pytest.fixture
def staff(staffed: House, office: Office) -> Staff:
    """An admin, signed in."""
    assert staffed is office.house
    return Staff(office)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a server of its own takes seconds before it begins, and is left to ``make test-slow``."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and "world" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
