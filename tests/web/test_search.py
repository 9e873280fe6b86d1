"""Whoever has a number, a name and an amount finds the document, and what is not there is told with what to try."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import pytest
from lxml import html

from qbwc_server.desk import refused
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.faults import Fault
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors as rows


def told(page: str) -> str:
    """What a reader sees of a page."""
    return " ".join(html.fromstring(page).xpath("//main")[0].text_content().split())


def search(visitor: Any, text: str, more: str = "") -> Any:
    """Type a text into the box above every page, and press Enter."""
    return visitor.get(f"/search?q={quote_plus(text)}{more}")


def ocean(world: Any, lab: Any) -> None:
    """The customer on the telephone: invoice 1142, Ocean Grill, 440.00; the order system calls them inv-1 and c-103."""
    intake.put(
        world.core,
        lab.CONNECTOR,
        Kind.CUSTOMER,
        "c-103",
        {"name": "Ocean Grill", "email": "o@g.example"},
        actor="host",
    )
    for number, rate in (("1142", "11.00"), ("1143", "12.00")):
        content = {
            "ref_number": number,
            "customer": {"external_id": "c-103"},
            "lines": [{"item": {"sku": "MU-1"}, "quantity": "40", "rate": rate}],
        }
        intake.put(world.core, lab.CONNECTOR, Kind.INVOICE, f"inv-{number}", content, actor="host")


def test_the_box_stands_above_every_page_and_only_for_who_is_signed_in(support, stranger, lab):
    for address in ("/", f"/connectors/{lab.CONNECTOR}", "/search"):
        form = html.fromstring(support.get(address).text).xpath("//header//form[@role='search']")[0]
        assert (form.get("method"), form.get("action")) == ("get", "/search")
        assert form.xpath(".//label/@for") == form.xpath(".//input/@id")
    assert "/login" in stranger.get("/search?q=1042").location
    assert b'role="search"' not in stranger.get("/login").data


@pytest.mark.parametrize(
    "text", ["1142", "#1142", "inv 1142", "invoice 1142, Ocean Grill, 440.00", "Ocean Grill 440", "inv-1142"]
)
def test_what_is_said_on_the_telephone_leads_to_the_invoice(support, world, lab, text):
    ocean(world, lab)
    answer = search(support, text)
    if answer.status_code == 302:
        assert answer.location.endswith("/records/invoices/inv-1142")
        return
    links = html.fromstring(answer.text).xpath(
        "//ul[@class='found']//a[contains(@class, 'found-name')]/@href"
    )
    assert links[0].endswith("/records/invoices/inv-1142"), told(answer.text)


@pytest.mark.parametrize("text", ["1041, Harbour Fish", "invoice 1041, Harbour Fish Co, 114.00", "fish 1041"])
def test_number_and_name_in_quickbooks_open_the_one_invoice_that_has_both(support, lab, text):
    answer = search(support, text)
    assert answer.status_code == 302, told(answer.text)
    assert answer.location.endswith("/records/invoices/SO-1041")


@pytest.mark.parametrize(
    "text", ["1041, Ocean Grill", "1041, Harbour Fish, 115.00", "041, Harbour Fish, fresh"]
)
def test_what_has_not_all_that_was_typed_is_offered_and_not_opened(support, lab, text):
    answer = search(support, text)
    assert answer.status_code == 200
    assert "Closest to what you typed" in told(answer.text)


def test_a_customer_is_opened_by_its_whole_name_and_offered_by_a_part_of_it(support, world, lab):
    customer = {"name": "Feinkost Müller", "email": "k@m.example"}
    intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, "c-3", customer, actor="host")
    for text in ("Feinkost Müller", "feinkost MÜLLER", "customer Feinkost Müller"):
        assert search(support, text).location.endswith("/records/customers/c-3")
    answer = search(support, "Feinkost")
    assert answer.status_code == 200
    assert "Feinkost Müller" in told(answer.text)


def test_results_say_number_party_amount_state_reason_and_connector(support, world, lab):
    page = search(support, "harbour.example").text
    assert "Invoice 1041 Harbour Fish" in told(page) or "Invoice 1041 ap@harbour.example" in told(page)
    row = html.fromstring(page).xpath("//ul[@class='found']/li[a[contains(., '1041')]]")[0]
    text = " ".join(row.text_content().split())
    assert "2026-11-20 114.00 Blocked" in text
    assert text.endswith(lab.CONNECTOR)
    assert support.get(row.xpath(".//span[@class='found-why']/a/@href")[0]).status_code == 200


def test_a_customer_leads_to_its_documents_which_name_it_by_id_alone(support, world, lab):
    ocean(world, lab)
    text = told(search(support, "ocean grill").text)
    assert "3 records" in text
    assert "Invoice 1142 Ocean Grill 440.00" in text
    assert "Invoice 1143 Ocean Grill 480.00" in text
    assert "Customer Ocean Grill o@g.example" in text


def test_an_amount_finds_what_comes_to_it_however_it_is_written(support, world, lab):
    ocean(world, lab)
    for text in ("440", "440.00", "$440.00", "440,00"):
        page = search(support, text, "&list=1").text
        assert "Invoice 1142 Ocean Grill 440.00" in told(page), text
        assert "1143" not in told(page)


def test_entries_of_quickbooks_lists_are_found_and_lead_to_their_list(support, world, lab):
    page = search(support, "oyster").text
    links = html.fromstring(page).xpath("//section[@aria-labelledby='entries']//a/@href")
    for link in links:
        assert support.get(link).status_code == 200
    assert search(support, "mussel").status_code == 200


def test_what_the_order_system_was_refused_is_told_under_its_id(support, world, lab):
    refused.note(
        world.core, lab.CONNECTOR, Kind.CUSTOMER, "c-102", [Fault("/name", "QuickBooks cannot store 寿")]
    )
    text = told(search(support, "c-102").text)
    assert "Handed over, and not accepted" in text
    assert "寿" in text


def test_nothing_found_says_what_was_looked_for_and_what_to_try(support, lab):
    text = told(search(support, "999999").text)
    for words in (
        "Nothing was found",
        "PO number",
        "TxnID",
        "only the last digits",
        "entered in QuickBooks itself",
    ):
        assert words in text
    assert "This looks like a GUID" not in text
    assert "This looks like a GUID" in told(search(support, "{57F3B9B6-86F1-4FCC-B1EE-566DE1813D20}").text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "#", "%", "'", "<b>", "x" * 3000, "a b c d e f g h i j k l m", "-", "{}", "..", "1", "\u200b"],
)
def test_whatever_is_typed_does_no_harm(support, text):
    answer = search(support, text)
    assert answer.status_code in (200, 302)
    assert "<b>" not in answer.text.partition("<main")[2]


def test_a_connector_is_found_by_its_name_and_by_the_guid_of_its_file(support, world, lab):
    assert "Connectors harbour-fish" in told(search(support, "harbour-f").text)
    guid = connectors.get(world.core, lab.FRESH).file_id
    assert f"Connectors {lab.FRESH}" in told(search(support, guid.lower()).text)


def test_records_of_a_removed_connector_are_not_found(support, world, lab):
    ocean(world, lab)
    with world.core.database.begin() as conn:
        rows.bury(conn, rows.by_name(conn, lab.CONNECTOR), now=world.clock())
    assert "Nothing was found" in told(search(support, "1142").text)
