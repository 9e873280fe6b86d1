"""What support is asked on the telephone, done from number, name and amount alone, within three clicks each."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import State
from tests.worlds.walker import Walker

MOST_CLICKS, MOST_SECONDS = 3, 30
WRONG_PASSWORD, WRONG_FILE, SILENT = "north-pier", "quay-four", "pacific-oyster"
SKU, BEHIND_IT = "A-77", 37
PATIENCE_MS = 15_000


@pytest.fixture(scope="module")
def pier(tmp_path_factory, templates, lab) -> Iterator[Any]:
    """The wholesaler with everything that support is asked about, and three connectors that nothing goes out of."""
    with lab.copied_world(templates["used"], tmp_path_factory.mktemp("pier")) as world:
        lab.troubles(world)
        lab.many_invoices(world, BEHIND_IT, SKU)
        lab.entered(world, ListName.CUSTOMER, "Ocean Grill")
        lab.entered(world, ListName.CUSTOMER, "Müller Feinkost GmbH", "einkauf@mueller.example")
        line = {"item": {"sku": "LOB-1"}, "quantity": "40", "rate": "11.00"}
        invoice = {"ref_number": "1042", "customer": {"full_name": "Ocean Grill"}, "lines": [line]}
        intake.put(world.core, lab.CONNECTOR, Kind.INVOICE, "9f31-aa", invoice, actor="host")
        customer = {"name": "Feinkost Müller", "email": "karl@mueller.example"}
        intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, "c-3", customer, actor="host")
        lab.number_taken(world, "SO-1044")
        for name in (WRONG_PASSWORD, WRONG_FILE):
            lab.silent(world, name, days=0)
        lab.wrong_password(world, WRONG_PASSWORD)
        lab.quarantine(world, WRONG_FILE)
        lab.silent(world, SILENT, days=3)
        connectors.change_settings(world.core, lab.FRESH, {"run_every_minutes": 20}, actor=lab.ADMIN)
        yield world


@pytest.fixture(scope="module")
def address(pier, serve) -> Iterator[str]:
    """Where its site is."""
    with serve(pier) as found:
        yield found


@pytest.fixture(scope="module")
def signed_in(address: str, chromium: Browser, lab) -> Callable[[str], Any]:
    """The cookies of somebody who is signed in; each signs in once."""

    @cache
    def cookies(name: str) -> Any:
        with chromium.new_context(base_url=address) as context:
            page = context.new_page()
            page.goto("/login")
            page.get_by_label("User name").fill(name)
            page.get_by_label("Password").fill(lab.PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("heading", name="Connectors").wait_for()
            return context.storage_state()

    return cookies


@pytest.fixture
def arrive(address: str, signed_in, chromium: Browser, lab) -> Iterator[Callable[..., Walker]]:
    """Somebody who is signed in, at the first page."""
    with ExitStack() as stack:

        def arrived(name: str = lab.SUPPORT, **options: Any) -> Walker:
            made = chromium.new_context(base_url=address, storage_state=signed_in(name), **options)
            context = stack.enter_context(made)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.goto("/")
            return Walker(page)

        yield arrived


def ends(walker: Walker, walk: str, *, clicks: int, loads: int) -> None:
    """Say what it took; it took no more than this, which is no more than three clicks and half a minute's reading."""
    print(walker.told(walk))
    assert clicks <= MOST_CLICKS
    assert walker.seconds <= MOST_SECONDS
    assert (walker.presses, walker.loads) == (clicks, loads)


def test_why_invoice_1042_failed(arrive):
    walker = arrive()
    walker.searches("invoice 1042, Ocean Grill, 440.00")
    walker.reads(walker.page.get_by_role("heading", name="LOB-1"))
    expect(walker.page.get_by_role("heading", name="Invoice 1042")).to_contain_text("Ocean Grill · 440.00")
    ends(walker, "why did invoice 1042 fail", clicks=1, loads=1)


@pytest.mark.slow
def test_an_invoice_that_was_deleted_in_quickbooks_is_posted_as_new(arrive, pier, lab):
    walker = arrive(lab.ADMIN)
    walker.searches("invoice 1050")
    walker.clicks(walker.page.get_by_role("link", name="Post it as new").first)
    walker.clicks(walker.page.get_by_role("button", name="Post as new"))
    walker.reads(walker.page.get_by_role("status"))
    assert lab.state_of(pier, Kind.INVOICE, "SO-1050") is State.QUEUED
    ends(walker, "deleted in QuickBooks", clicks=3, loads=3)


@pytest.mark.slow
def test_a_number_conflict_is_compared_without_javascript(arrive):
    walker = arrive(java_script_enabled=False)
    walker.searches("1044, Harbour Fish")
    theirs = walker.page.get_by_role("row").filter(has_text="Walk-in")
    walker.reads(theirs)
    expect(walker.page.get_by_role("row").filter(has_text="Ours")).to_contain_text("114.00")
    expect(theirs).to_contain_text("6.00")
    ends(walker, "number conflict compared", clicks=1, loads=1)


@pytest.mark.slow
def test_one_of_two_customers_with_an_email_is_chosen_by_keyboard_alone(arrive, pier, lab):
    walker = arrive()
    page = walker.page
    tabs = walker.tabs_to(page.get_by_role("searchbox", name="Search everywhere"))
    page.keyboard.type("North Fish Ltd")
    walker.enters()
    tabs += walker.tabs_to(page.get_by_role("link", name="Customer North Fish Ltd"))
    walker.enters()
    tabs += walker.tabs_to(page.get_by_role("button", name="This one : North Fish (old)"))
    walker.reads(page.locator(":focus"))
    walker.enters()
    walker.reads(page.get_by_role("status"))
    assert lab.state_of(pier, Kind.CUSTOMER, "c-2") is State.SYNCED
    print(f"{tabs} times Tab")
    ends(walker, "two customers with one email", clicks=3, loads=3)


@pytest.mark.slow
def test_a_customer_of_another_name_is_linked_by_hand(arrive, pier, lab):
    walker = arrive()
    walker.searches("Feinkost Müller")
    walker.clicks(walker.page.get_by_role("link", name="Link by hand…").first)
    walker.clicks(walker.page.get_by_role("button", name="This one : Müller Feinkost GmbH"))
    walker.reads(walker.page.get_by_role("status"))
    assert lab.state_of(pier, Kind.CUSTOMER, "c-3") is State.SYNCED
    ends(walker, "link by hand", clicks=3, loads=3)


@pytest.mark.slow
def test_a_password_that_was_changed_on_the_desktop_is_made_anew(arrive):
    walker = arrive()
    walker.clicks(walker.page.get_by_role("link", name=WRONG_PASSWORD, exact=True))
    walker.reads(walker.page.get_by_role("heading", name="wrong password"))
    print(walker.told("wrong password, understood"))
    walker.clicks(walker.page.get_by_role("link", name="New password…").first)
    walker.clicks(walker.page.get_by_role("button", name="Create a new password"))
    walker.reads(walker.page.locator("#password"))
    ends(walker, "password changed on the desktop", clicks=3, loads=3)


@pytest.mark.slow
def test_a_wrong_company_file_is_named(arrive):
    walker = arrive()
    walker.clicks(walker.page.get_by_role("link", name=WRONG_FILE, exact=True))
    walker.reads(walker.page.get_by_role("heading", name="Sample Bakery"))
    ends(walker, "wrong company file", clicks=1, loads=1)


@pytest.mark.slow
def test_what_to_ask_when_it_has_not_polled_for_three_days(arrive):
    walker = arrive()
    walker.clicks(walker.page.get_by_role("link", name=SILENT, exact=True))
    walker.reads(walker.page.get_by_text("Is the PC with QuickBooks on"))
    expect(walker.page.get_by_role("heading", name="The last 30 days")).to_be_visible()
    ends(walker, "not polling for 3 days", clicks=1, loads=1)


@pytest.mark.slow
def test_who_did_what(arrive, lab):
    walker = arrive(lab.ADMIN)
    walker.clicks(walker.page.get_by_role("link", name="Audit"))
    walker.reads(walker.page.get_by_role("listitem").filter(has_text="settings changed"))
    ends(walker, "who did what, over all connectors", clicks=1, loads=1)
    walker = arrive()
    walker.clicks(walker.page.get_by_role("link", name=lab.FRESH, exact=True))
    walker.clicks(walker.page.get_by_role("link", name="Log"))
    walker.clicks(walker.page.locator(".log-views a[href$='/log/deeds']"))
    walker.reads(walker.page.get_by_role("listitem").filter(has_text="settings changed"))
    ends(walker, "who did what to a connector", clicks=3, loads=3)


@pytest.mark.slow
def test_what_is_sent_next(arrive, lab):
    walker = arrive()
    walker.clicks(walker.page.get_by_role("link", name=lab.CONNECTOR, exact=True))
    walker.clicks(walker.page.get_by_role("link", name="queued"))
    walker.reads(walker.page.locator(".found li").first)
    ends(walker, "what is sent next", clicks=2, loads=2)


@pytest.mark.slow
def test_the_raw_xml_of_one_exchange(arrive):
    walker = arrive()
    walker.searches("1045, Harbour Fish")
    walker.jumps(walker.page.get_by_role("link", name="Sent to QuickBooks"))
    walker.unfolds(walker.page.get_by_text("Request and answer as XML").first)
    expect(walker.page.get_by_label("Answer")).to_contain_text("<TxnID>1A2B-1700000001</TxnID>")
    ends(walker, "raw XML of one exchange", clicks=3, loads=1)


@pytest.mark.slow
def test_what_can_be_passed_on_to_the_vendor(arrive):
    walker = arrive()
    walker.searches("1045, Harbour Fish")
    sent = walker.downloads(walker.page.get_by_role("link", name="Download to pass on"))
    text = sent.path().read_text(encoding="utf-8")
    assert json.loads(text)
    assert "Harbour Fish" not in text
    ends(walker, "export for the vendor", clicks=2, loads=1)


@pytest.mark.slow
def test_invoices_behind_one_sku_are_understood_and_put_right(arrive, pier, lab):
    walker = arrive()
    walker.page.clock.install()
    walker.searches("invoice B7, Harbour Fish, 114.00")
    walker.reads(walker.page.get_by_role("heading", name=SKU))
    walker.clicks(walker.page.get_by_role("link", name="36 other"))
    walker.clicks(walker.page.get_by_role("button", name="I fixed it in QuickBooks: check again"))
    told = walker.page.locator("#live-resync")
    walker.reads(told)
    lab.resync_finds_sku(pier, SKU)
    with walker.page.expect_response(lambda answer: "/now" in answer.url):
        walker.page.clock.run_for(60_000)
    expect(told).to_contain_text(f"{BEHIND_IT} records go with the next visit")
    assert lab.state_of(pier, Kind.INVOICE, "bulk-0007") is State.QUEUED
    ends(walker, f"{BEHIND_IT} invoices behind one SKU", clicks=3, loads=3)


@pytest.mark.slow
def test_whether_a_new_customer_in_quickbooks_is_known(arrive, pier, lab):
    walker = arrive()
    walker.searches("Fischhaus Nord")
    walker.clicks(walker.page.get_by_role("main").get_by_role("link", name=lab.CONNECTOR))
    walker.clicks(walker.page.get_by_role("button", name="Resync"))
    walker.reads(walker.page.locator("#live-resync"))
    ends(walker, "a new customer is not known, and is read", clicks=3, loads=3)
    lab.entered(pier, ListName.CUSTOMER, "Fischhaus Nord", "nord@fisch.example")
    lab.resync_ends(pier)
    walker = arrive()
    walker.searches("Fischhaus Nord")
    walker.reads(walker.page.get_by_role("link", name="Fischhaus Nord"))
    ends(walker, "the new customer is known", clicks=1, loads=1)
