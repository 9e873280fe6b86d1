"""A first visit and a Resync, watched to their ends beside a real server and a Web Connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.worlds.acceptance_world import World
from tests.worlds.site_world import PASSWORD

USER = "Ada"
SKU = "SWD-STK-99"
"""The item that invoice inv-1044 names, and QuickBooks does not have."""


@pytest.fixture
def seafood(tmp_path: Path) -> Iterator[World]:
    """A server, with a connector that has never been called, and somebody who may sign in."""
    made = World.create(tmp_path)
    made.run("user", "add", USER, "--role", "support", "--password-stdin", text=PASSWORD)
    with made.server:
        yield made


@pytest.fixture
def open_site(chromium: Browser, seafood: World) -> Iterator[Callable[..., Page]]:
    """Opens the site, signed in, with a clock that is wound by hand."""
    contexts = []

    def opened(**options: Any) -> Page:
        context = chromium.new_context(base_url=seafood.server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("User name").fill(USER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Connectors").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()


def moves_on(page: Page) -> None:
    """Let the time pass after which a page asks for what is new, and the answer come."""
    with page.expect_response(lambda answer: "/now" in answer.url):
        page.clock.run_for(5_000)


def missing_item_is_entered(world: World) -> None:
    sale = {"SalesOrPurchase": {"Price": "1.00", "AccountRef": "Sales"}}
    world.company.person.add("ItemNonInventory", {"Name": "Steak", "ManufacturerPartNumber": SKU, **sale})


@pytest.mark.slow
def test_a_resync_is_watched_to_its_end_without_loading_a_page(
    seafood: World, open_site: Callable[..., Page]
) -> None:
    page = open_site()
    page.clock.install()
    page.goto("/connectors/seafood")
    expect(page.get_by_role("heading", name="Waiting for the first visit")).to_be_visible()
    seafood.hand_over_everything()
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    seen: list[str] = []

    def watch(event: Any) -> None:
        if event.result is not None and event.method == "receiveResponseXML":
            moves_on(page)
            seen.append(page.locator("#now").inner_text())

    seafood.visit(watch)
    moves_on(page)
    assert any(words.startswith("Working: ") and " of " in words for words in seen), seen
    expect(page.get_by_role("region", name="What stands in the way")).to_contain_text(SKU)
    assert loads == []

    missing_item_is_entered(seafood)
    page.get_by_role("button", name="Resync").click()
    banner = page.locator("#live-resync")
    expect(banner).to_contain_text("waits for")
    page.get_by_role("navigation", name="Connector seafood").get_by_role("link", name="Errors").click()
    expect(banner).to_contain_text("waits for")
    loads.clear()
    told: list[str] = []

    def follow(event: Any) -> None:
        if event.result is not None and event.method == "sendRequestXML" and event.result:
            moves_on(page)
            told.append(banner.inner_text())

    seafood.visit(follow)
    moves_on(page)
    expect(banner).to_contain_text("1 record went out")
    print(f"\nthe Resync as it was told: {[*told, banner.inner_text()]}")
    assert any("lists are read" in words for words in told), told
    assert seafood.company.find("Invoice", RefNumber="SO-1044")
    assert loads == []
    banner.get_by_role("button", name="Hide").click()
    expect(banner).to_have_count(0)
    assert page.url.endswith("/errors")


@pytest.mark.slow
def test_without_javascript_a_resync_is_followed_by_looking_again(
    seafood: World, open_site: Callable[..., Page]
) -> None:
    seafood.hand_over_everything()
    seafood.visit()
    missing_item_is_entered(seafood)
    page = open_site(java_script_enabled=False)
    page.goto("/connectors/seafood")
    page.get_by_role("button", name="Resync").click()
    banner = page.locator("#live-resync")
    expect(banner).to_contain_text("waits for")
    seafood.visit()
    banner.get_by_role("link", name="Look again").click()
    expect(banner).to_contain_text("1 record went out")
    assert seafood.company.find("Invoice", RefNumber="SO-1044")
