"""QuickBooks' lists can be looked through: is the new customer there now, since when, and what is linked to it?"""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.storage import connectors, lists
from qbwc_server.web.site.lists import PAGE_SIZE


def told(page: str) -> str:
    """What a reader sees of a page."""
    return " ".join(html.fromstring(page).xpath("//main")[0].text_content().split())


def path(lab: Any, step: str = "") -> str:
    """The address of the lists, or of one."""
    return f"/connectors/{lab.CONNECTOR}/lists{step}"


def learn(world: Any, lab: Any, *entries: ListEntry) -> None:
    """QuickBooks tells of entries."""
    with world.core.database.begin() as conn:
        lists.store(conn, connectors.by_name(conn, lab.CONNECTOR).id, entries, load=1)


def customer(name: str, list_id: str, *, is_active: bool = True, is_deleted: bool = False) -> ListEntry:
    """A customer as QuickBooks tells of it."""
    return ListEntry(
        ListName.CUSTOMER, list_id, "Customer", name, is_active, is_deleted, None, None, "1", None, None
    )


def test_every_list_is_there_with_its_age(support, lab):
    page = html.fromstring(support.get(path(lab)).text)
    links = page.xpath("//main//ul[@class='plain']//a/@href")
    assert path(lab, "/customers") in links
    assert path(lab, "/terms") in links
    for link in links:
        assert support.get(link).status_code == 200
    assert "read" in told(support.get(path(lab)).text)


def test_the_new_customer_is_there_once_quickbooks_told_of_it(support, world, lab):
    address = path(lab, "/customers?q=seven+seas")
    assert "No such customer was found" in told(support.get(address).text)
    learn(world, lab, customer("Seven Seas Söhne", "80-77"))
    text = told(support.get(address).text)
    assert "1 entry with “seven seas”" in text
    assert "Seven Seas Söhne" in text
    # the one search above every page finds it by any word of its name, too
    assert "Seven Seas Söhne" in told(support.get("/search?q=soehne+seas").text)
    for typed in ("SEAS", "söhne", "80-77"):
        assert "Seven Seas Söhne" in told(support.get(path(lab, f"/customers?q={typed}")).text), typed


def test_what_cannot_be_used_is_marked_and_what_is_gone_stays_apart(support, world, lab):
    learn(
        world,
        lab,
        customer("Aa Asleep", "80-1", is_active=False),
        customer("Aa Gone", "80-2", is_deleted=True),
    )
    text = told(support.get(path(lab, "/customers")).text)
    assert "Aa Asleep Inactive" in text
    assert "Aa Gone" not in text
    assert "Aa Gone Deleted" in told(support.get(path(lab, "/customers?deleted=1")).text)
    assert "Aa Gone Deleted" in told(support.get(path(lab, "/customers?q=aa")).text)


def test_an_entry_leads_to_the_record_that_is_linked_to_it(admin, troubled, lab, site_of, signed_in):
    visitor = signed_in(site_of(troubled), lab.ADMIN)
    page = html.fromstring(visitor.get(path(lab, "/customers?q=harbour")).text)
    (link,) = page.xpath("//main//li//a/@href")
    assert link.endswith("/records/customers/c-1")
    assert visitor.get(link).status_code == 200


def test_a_long_list_is_read_page_by_page_there_and_back(support, world, lab):
    learn(world, lab, *(customer(f"Zz {number:04}", f"80-{number}") for number in range(PAGE_SIZE + 5)))
    address: str | None = path(lab, "/customers")
    pages, last = [], ""
    while address:
        last = support.get(address).text
        page = html.fromstring(last)
        pages.append(page.xpath("//main//ul[contains(@class, 'entries')]/li/@id"))
        found = page.xpath("//nav[@aria-label='Pages']//a[.='Next']/@href")
        address = found[0] if found else None
    every = [each for page in pages for each in page]
    assert len(pages) == 2
    assert len(every) == len(set(every)) >= PAGE_SIZE + 5
    (back,) = html.fromstring(last).xpath("//nav[@aria-label='Pages']//a[.='Previous']/@href")
    assert (
        html.fromstring(support.get(back).text).xpath("//main//ul[contains(@class, 'entries')]/li/@id")
        == pages[0]
    )


def test_a_resync_is_asked_for_from_the_list_and_leads_back_to_it(support, lab):
    address = path(lab, "/customers?q=nobody")
    form = html.fromstring(support.get(address).text).xpath("//main//form[contains(@action, 'resync')]")[-1]
    values = {name: value for name, value in form.form_values() if name != "csrf_token"}
    assert support.post(form.action, **values).location == address
    assert "A Resync waits for the next visit" in told(support.get(address).text)


@pytest.mark.parametrize(
    "query", ["?after=x", "?after=:", "?before=80-1:", "?q=%25", "?after=" + "9" * 3000, "?deleted"]
)
def test_an_address_nobody_offers_does_no_harm(support, lab, query):
    assert support.get(path(lab, "/items") + query).status_code == 200


def test_a_list_that_does_not_exist_is_not_found(support, lab):
    assert support.get(path(lab, "/spaceships")).status_code == 404
    assert support.get("/connectors/nobody/lists").status_code == 404
