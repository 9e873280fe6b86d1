"""Every page in a real browser, wide and narrow, light and dark: nothing blocked, nothing fetched from elsewhere."""

from urllib.parse import urlsplit

import pytest

PAGES = (
    "",
    "/errors",
    "/records",
    "/records/invoices/SO-1045",
    "/records/invoices/SO-1046",
    "/records/invoices?q=harbour",
    "/records/customers/c-2",
    "/records/invoices/SO-1050",
    "/lists",
    "/lists/customers",
    "/errors/1",
    "/errors/closed",
    "/errors?cause=refused",
    "/log",
    "/log/deeds",
    "/log/everything",
    "/message-sets/1",
    "/link/invoices/SO-1046",
    "/link/customers/c-2?q=fish",
    "/void/invoices/SO-1045",
    "/post-as-new/invoices/SO-1050",
    "/settings",
    "/session-reset",
    "/full-reset",
    "/remove",
    "/password",
    "/set-up",
    "/onboarding",
    "/webhooks",
)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
ROOT_SCHEMES = {"light": ("normal", "light"), "dark": ("dark",)}


def every_page(lab) -> list[str]:
    """Addresses an admin may open."""
    return [
        "/",
        "/connectors/new",
        "/users",
        "/users/1",
        "/users/2",
        "/users/support",
        "/audit",
        "/my-password",
        "/removed",
        "/support",
        "/search?q=harbour",
        "/search?q=nobody99",
        *(f"/connectors/{lab.CONNECTOR}{path}" for path in PAGES),
    ]


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
def test_every_page_fits_and_keeps_to_the_policy(world, open_page, sign_in, lab, viewport, scheme):
    lab.quarantine(world)
    lab.troubles(world)
    page = open_page(world, viewport=viewport, color_scheme=scheme)
    complaints, hosts = [], set()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    sign_in(page, lab.ADMIN)
    for path in every_page(lab):
        page.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"], f"{path} is {width} wide"
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") in ROOT_SCHEMES[scheme]
    assert complaints == []
    assert hosts == {"127.0.0.1"}


def test_the_keyboard_reaches_the_content_first(world, open_page, sign_in, lab):
    page = open_page(world)
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_the_pages_of_the_api_are_drawn_from_this_server_alone(world, open_page):
    page = open_page(world, viewport=DESK)
    complaints, hosts = [], set()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.goto("/api/docs")
    page.get_by_role("link", name="Invoices", exact=True).click()
    operation = page.get_by_text("Hand over an invoice, new or changed")
    operation.click()
    page.get_by_text("The same content again changes nothing", exact=False).first.wait_for()
    assert complaints == []
    assert hosts == {"127.0.0.1"}
