"""Every page can be read by a screen reader and used by keyboard: structure, labels, headings, names."""

import re
from itertools import pairwise

import pytest
from lxml import html

OF_A_CONNECTOR = (
    "",
    "/errors",
    "/errors/1",
    "/errors/closed",
    "/log",
    "/log/deeds",
    "/log/everything",
    "/link/invoices/SO-1046",
    "/links",
    "/link/customers/c-2?q=fish",
    "/void/invoices/SO-1045",
    "/unlink/customers/c-1",
    "/cancel/invoices/SO-1041",
    "/post-as-new/invoices/SO-1050",
    "/message-sets/1",
    "/records/customers/c-2",
    "/records/invoices/SO-1045",
    "/records",
    "/records/invoices?state=blocked",
    "/records?q=nobody99",
    "/lists",
    "/lists/customers",
    "/lists/customers?q=nobody99",
    "/records/invoices/SO-1046",
    "/settings",
    "/session-reset",
    "/full-reset",
    "/remove",
    "/password",
    "/set-up",
    "/sheet",
    "/onboarding",
    "/webhooks",
    "/webhooks/1",
    "/webhooks/1/deliveries/1",
    "/decided",
    "/requests",
)
SITE = (
    "/",
    "/connectors/new",
    "/users",
    "/users/1",
    "/users/2",
    "/users/support",
    "/audit",
    "/search",
    "/search?q=1041+1042",
    "/search?q=harbour",
    "/search?q=nobody99",
    "/api-keys",
    "/api-keys/1",
    "/my-password",
    "/removed",
    "/support",
    "/nope",
)
PAGES: tuple[str, ...] = (*SITE, *(f"/connectors/harbour-fish{path}" for path in OF_A_CONNECTOR))


@pytest.fixture(scope="module")
def pages(browse) -> dict[str, html.HtmlElement]:
    """Every page, taken apart."""
    with browse() as (admin, stranger):
        made = admin.post("/api-keys", name="till", connector="harbour-fish", scope="read")
        made = admin.get(made.location)
        admin.post("/api-keys/1/noted")
        hook = admin.post("/connectors/harbour-fish/webhooks", url="https://h.example/", types="*")
        admin.post(f"{hook.location}/test")
        link = admin.post("/connectors/pier-seven/onboarding")
        (address,) = re.findall(r'id="link">https://[^/]+([^<]+)<', admin.get(link.location).text)
        found = {path: html.document_fromstring(admin.get(path).text) for path in PAGES}
        found["/api-keys/1 made"] = html.document_fromstring(made.text)
        found["/onboard"] = html.document_fromstring(stranger.get(address).text)
        found["/login"] = html.document_fromstring(stranger.get("/login").text)
    return found


def test_every_page_has_a_language_a_title_and_one_main_heading(pages):
    for path, page in pages.items():
        assert page.get("lang") == "en", path
        assert page.findtext(".//title").strip(" ·"), path
        assert len(page.xpath("//h1")) == 1, path
        assert len(page.xpath("//main")) == 1, path
    assert len({page.findtext(".//title") for page in pages.values()}) == len(pages)


def test_headings_skip_no_level(pages):
    for path, page in pages.items():
        headings = page.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")
        levels = [int(heading.tag[1]) for heading in headings]
        assert levels[0] == 1, path
        for before, after in pairwise(levels):
            assert after <= before + 1, (path, levels)


def test_every_control_has_a_label_and_its_remarks_are_tied_to_it(pages):
    for path, page in pages.items():
        for control in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
            assert page.xpath(f"//label[@for='{control.get('id')}']"), (path, control.get("name"))
            for remark in (control.get("aria-describedby") or "").split():
                assert page.xpath(f"//*[@id='{remark}']"), (path, remark)


def test_no_id_stands_twice_on_a_page(pages):
    for path, page in pages.items():
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path


def test_whatever_names_a_part_is_there(pages):
    for path, page in pages.items():
        for name in page.xpath("//@aria-labelledby"):
            assert page.xpath(f"//*[@id='{name}']"), (path, name)


def test_every_button_and_link_has_words(pages):
    for path, page in pages.items():
        for element in page.xpath("//button | //a"):
            assert element.text_content().strip(), path


def test_every_form_but_a_search_posts_and_carries_the_token(pages):
    for path, page in pages.items():
        for form in page.xpath("//form[not(@role='search')]"):
            assert form.get("method") == "post", path
            assert form.xpath(".//input[@name='csrf_token']"), path
