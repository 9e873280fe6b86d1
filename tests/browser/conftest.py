"""A real Chromium and a real HTTP server with a wholesaler's site behind it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Error, Page, sync_playwright
from werkzeug.serving import make_server

from qbwc_server.web import create_site
from tests.worlds import site_world as world_module

FLAGS = (
    "--no-sandbox",
    "--headless",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    # what draws in place of a graphics card takes a third of all that a page costs
    "--disable-gpu",
    "--in-process-gpu",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 15_000


@pytest.fixture(scope="session")
def lab() -> ModuleType:
    """The module `site_world`: names, and things that can happen to a world."""
    return world_module


def launch(chromium: BrowserType) -> Browser:
    """The system's Chromium, or the one playwright brought along."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        return chromium.launch(executable_path=path, args=list(FLAGS))
    except Error:
        if path is not None:
            raise
        pytest.skip(
            f"no Chromium: none of {', '.join(NAMES)} is on the PATH, and playwright has none "
            "(apt-get install chromium, or .venv/bin/playwright install chromium)"
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two databases made once and copied for every test: one as a new server has it, one in use."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("empty", "used")}
    with world_module.empty_world(folders["empty"]):
        pass
    with world_module.empty_world(folders["used"]) as made:
        world_module.populate(made)
    return folders


@pytest.fixture
def world(tmp_path: Path, templates: dict[str, Path]) -> Iterator[Any]:
    """The wholesaler."""
    with world_module.copied_world(templates["used"], tmp_path) as made:
        yield made


@pytest.fixture
def empty(tmp_path: Path, templates: dict[str, Path]) -> Iterator[Any]:
    """A server nobody has used yet."""
    with world_module.copied_world(templates["empty"], tmp_path) as made:
        yield made


@contextmanager
def served(world: Any) -> Iterator[str]:
    """The site of a world over HTTP, and its address."""
    site = create_site(world.core, secret_key=b"s" * 32, secure_cookies=False)
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def serve() -> Callable[[Any], AbstractContextManager[str]]:
    """Serves a world's site for as long as it is entered, for worlds that more than one test looks at."""
    return served


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a world's site, each in a browser profile of its own."""
    with ExitStack() as stack:

        def new_page(world: Any, **options: Any) -> Page:
            address = stack.enter_context(served(world))
            context = stack.enter_context(chromium.new_context(base_url=address, **options))
            context.set_default_timeout(PATIENCE_MS)
            return context.new_page()

        yield new_page


@pytest.fixture
def sign_in() -> Callable[[Page, str], None]:
    """Signs somebody in by typing and clicking."""

    def typed(page: Page, name: str) -> None:
        page.goto("/login")
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password").fill(world_module.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Connectors").wait_for()

    return typed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser shows is left to ``make test-slow``: what pages say and do is asked in tests/web without one."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.slow)
