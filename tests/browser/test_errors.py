"""Errors at size in a real browser: 3,000 in 40 groups are a short, light page that everybody can read."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.worlds import errors_world

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SCREENS, KILOBYTES = 4, 100


def violations(page) -> list[str]:
    """What axe finds on a page, with everything that is folded opened."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.slow
def test_three_thousand_errors_are_four_phone_screens_and_a_hundred_kilobytes(world, open_page, sign_in, lab):
    errors_world.forty_groups(world)
    page = open_page(world, viewport=PHONE)
    sign_in(page, lab.SUPPORT)
    answer = page.goto(f"/connectors/{lab.CONNECTOR}/errors")
    weight = len(page.content().encode())
    height = page.evaluate("document.documentElement.scrollHeight")
    print(f"errors: {height} px, {weight / 1000:.0f} kB, {answer.status}")
    assert height <= SCREENS * PHONE["height"]
    assert weight <= KILOBYTES * 1000
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    # from the list to one of 147 invoices: a click on the group, a click on the invoice
    page.get_by_role("link", name="SKU A-24").click()
    expect(page.get_by_role("heading", name="147 invoices that wait")).to_be_visible()
    for each in page.locator(".number").all_inner_texts():
        assert "\n" not in each
    page.locator(".members a").first.click()
    expect(page.get_by_role("heading", level=2).first).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("viewport", "scheme"), [(PHONE, "light"), pytest.param(DESK, "dark", marks=pytest.mark.thorough)]
)
def test_axe_finds_nothing_on_the_pages_about_errors(world, open_page, sign_in, lab, viewport, scheme):
    errors_world.forty_groups(world, 600)
    page = open_page(world, viewport=viewport, color_scheme=scheme)
    sign_in(page, lab.SUPPORT)
    home = f"/connectors/{lab.CONNECTOR}/errors"
    for path in (
        "",
        "?cause=item_not_matched&why=sku_unknown",
        "/group?cause=item_not_matched&key=sku:A-02",
        "/group?cause=customer_not_matched&key=email:ap0@käsehaus.example",
        "/group?cause=number_conflict&key=number:100",
        "/group?cause=closed_period&key=closed_period",
        "/40",
        "/closed",
    ):
        page.goto(f"{home}{path}")
        assert violations(page) == [], path


@pytest.mark.slow
def test_a_message_is_copied_and_stands_there_to_be_read(world, open_page, sign_in, lab):
    page = open_page(world, permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}/errors/group?cause=item_not_matched&key=sku:OY-100")
    page.get_by_text("Copy as message").click()
    message = page.get_by_label("Message")
    expect(message).to_contain_text("For whoever works at the PC with QuickBooks")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == message.inner_text()


def test_a_group_is_looked_after_without_javascript(world, open_page, sign_in, lab):
    page = open_page(world, java_script_enabled=False)
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}/errors")
    page.get_by_role("link", name="OY-100").click()
    page.get_by_label("Snooze until").fill("2026-11-30")
    page.get_by_role("button", name="Snooze").click()
    expect(page.get_by_role("status").first).to_contain_text("Snoozed until 2026-11-30")
    page.get_by_label("A note for the next person").fill("told the customer on Tuesday")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("told the customer on Tuesday", exact=True)).to_be_visible()
    page.get_by_text("Copy as message").click()
    expect(page.get_by_label("Message")).to_contain_text("- Invoice 1041 · Harbour Fish Co")
