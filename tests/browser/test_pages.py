"""Every page in a real browser, wide and narrow, light and dark: nothing blocked, nothing fetched from elsewhere."""

import time
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from qbwc_server.web import create_site

PAGES = (
    "",
    "/errors",
    "/lists",
    "/lists/customers",
    "/links",
    "/records",
    "/records/invoices",
    "/records/invoices/SO-1045",
    "/records/invoices/SO-1046",
    "/records/invoices?q=harbour",
    "/records/customers/c-2",
    "/records/invoices/SO-1050",
    "/errors/1",
    "/errors/closed",
    "/errors/group?cause=item_not_matched&key=sku:OY-100",
    "/errors?cause=refused",
    "/log",
    "/log/deeds",
    "/log/everything",
    "/log/visits/1",
    "/message-sets/1",
    "/link/invoices/SO-1046",
    "/link/customers/c-2?q=fish",
    "/cancel/invoices/SO-1046",
    "/unlink/customers/c-2",
    "/void/invoices/SO-1045",
    "/post-as-new/invoices/SO-1050",
    "/settings",
    "/session-reset",
    "/full-reset",
    "/remove",
    "/password",
    "/set-up",
    "/sheet",
    "/onboarding",
    "/webhooks",
    "/decided",
    "/requests",
)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
ROOT_SCHEME = "getComputedStyle(document.documentElement).colorScheme"
ROOT_SCHEMES = {"light": ("normal", "light"), "dark": ("dark",)}

BROKEN_NUMBERS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const match of node.data.matchAll(/(?<![\\w-])[$€-]?\\d[\\d.,:\\/-]{0,14}\\d(?![\\w-])/g)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(match[0]);
    }
  }
  return found;
}"""
"""Numbers, amounts and dates of which a part stands on the next line."""

AXE_FINDS = "axe.run({resultTypes: ['violations']}).then((told) => told.violations)"


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
        "/search?q=fish",
        "/api-keys",
        "/login",
        "/support",
        "/search?q=harbour",
        "/search?q=nobody99",
        *(f"/connectors/{lab.CONNECTOR}{path}" for path in PAGES),
    ]


NO_PAGES = {
    "static": "files",
    "bootstrap.static": "files",
    "dark_static": "a style sheet",
    "public.alive": "for monitors",
    "public.ready": "for monitors",
    "credentials.download": "a file",
    "guest.download": "a file",
    "bundles.of_record": "a file",
    "bundles.of_visit": "a file",
    "audit.file": "a file",
    "error_exports.download": "a file",
    "log.visits_file": "a file",
    "log.deeds_file": "a file",
    "log.everything_file": "a file",
    "log.answer_file": "a file",
    "log.request_file": "a file",
    "raw_requests.answer_file": "a file",
    "raw_requests.request_file": "a file",
    "record_page.own_xml": "a file",
    "live.now_there": "a part of a page",
    "setting_up.there": "a part of a page",
    "guest.steps": "a part of a page",
    "credentials.handover": "seen once: test_journeys",
    "guest.show": "opened by a link: test_onboarding",
    "sign_in.ask_by_link": "opened by a link: web/test_users",
    "sign_in.setup": "opened by a link: test_journeys",
    "api_keys.show": "of a key that is there: web/test_api_keys",
    "raw_requests.show": "of a request that is there: acceptance/test_decided_and_asked",
    "webhooks.show": "of an endpoint that is there: web/test_webhooks",
    "webhooks.delivery": "of a delivery that is there: web/test_webhooks",
}
"""What the site answers a GET with and is not looked at here, and why."""


def test_no_page_is_forgotten(world, lab):
    app = create_site(world.core, secret_key=b"k" * 32, secure_cookies=False)
    addresses = app.url_map.bind("127.0.0.1")
    seen = {addresses.match(urlsplit(path).path)[0] for path in every_page(lab)}
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert there - seen == set(NO_PAGES)


def test_every_page_fits_keeps_to_the_policy_and_shuts_nobody_out(world, open_page, sign_in, lab):
    lab.quarantine(world)
    lab.troubles(world)
    # no colour is on its way from one to the other when it is looked at
    page = open_page(world, viewport=PHONE, color_scheme="light", reduced_motion="reduce")
    complaints, hosts, shut_out = [], set(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    sign_in(page, lab.ADMIN)
    for path in every_page(lab):
        assert page.goto(path).status == 200, path
        for viewport, scheme in ((PHONE, "light"), (DESK, "dark")):
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{path} is {width} wide"
            assert page.evaluate(ROOT_SCHEME) in ROOT_SCHEMES[scheme]
            assert page.evaluate(BROKEN_NUMBERS) == [], (path, viewport)
        page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
        page.evaluate(Axe().axe_script)
        for scheme in ROOT_SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for each in page.evaluate(AXE_FINDS):
                shut_out.append((path, scheme, each["id"], [node["html"] for node in each["nodes"]]))
    assert shut_out == []
    assert complaints == []
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("path", ["", "/errors", "/records/invoices/SO-1046", "/sheet"])
def test_on_paper_stands_what_is_told_and_nothing_to_press(world, open_page, sign_in, lab, path):
    page = open_page(world)
    sign_in(page, lab.ADMIN)
    page.goto(f"/connectors/{lab.CONNECTOR}{path}")
    told = page.locator("main h1, main h2, main h3").first
    bar = page.locator("header.bar")
    assert bar.is_visible()
    page.emulate_media(media="print")
    assert told.is_visible()
    assert not bar.is_visible()
    assert page.locator("nav:visible, .btn:visible, footer:visible").count() == 0


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
    # the viewer reads the whole document twice before it shows an operation: seconds of work, alone
    page.set_default_timeout(0)
    deadline = time.monotonic() + 300

    def drawn(what):
        while not what.is_visible():
            assert complaints == []
            assert time.monotonic() < deadline, "nothing is drawn"
            page.wait_for_timeout(100)
        return what

    page.goto("/api/docs")
    drawn(page.get_by_role("link", name="Invoices", exact=True)).click()
    drawn(page.get_by_text("Hand over an invoice, new or changed")).click()
    drawn(page.get_by_text("The same content again changes nothing", exact=False).first)
    assert complaints == []
    assert hosts == {"127.0.0.1"}
