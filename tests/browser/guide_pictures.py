"""Draws the pictures of the support guide: ``python -m tests.browser.guide_pictures docs/pictures``."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import launch, served
from tests.worlds import errors_world
from tests.worlds import site_world as lab

SIZE = {"width": 1200, "height": 760}
HERE = f"/connectors/{lab.CONNECTOR}"
BUSY = (("errors", f"{HERE}/errors"),)
USUAL = (
    ("search", "/search?q=harbour"),
    ("connector", HERE),
    ("group", f"{HERE}/errors/group?cause=item_not_matched&key=sku:OY-100"),
    ("record", f"{HERE}/records/invoices/SO-1046"),
    ("log", f"{HERE}/log"),
)


def draw(folder: Path) -> None:
    """Write each picture as a PNG into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, TemporaryDirectory() as place:
        browser = launch(playwright.chromium)
        for shown, populate in ((USUAL, lab.troubles), (BUSY, errors_world.forty_groups)):
            here = Path(place) / populate.__name__
            here.mkdir()
            with lab.empty_world(here) as world:
                lab.populate(world)
                world.clock.forward(minutes=5)
                populate(world)
                with served(world) as address:
                    for name, path in shown:
                        page = browser.new_context(base_url=address, viewport=SIZE).new_page()
                        _open(page, path)
                        page.screenshot(path=folder / f"{name}.png")
        browser.close()


def _open(page: Page, path: str) -> None:
    page.goto("/login")
    page.get_by_label("User name").fill(lab.ADMIN)
    page.get_by_label("Password").fill(lab.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Connectors").wait_for()
    page.goto(path)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
