"""Linking by hand: candidates, search, typed identities, and what is refused."""

import io
from urllib.parse import unquote

import pytest
from lxml import html

from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import State

NORTH, OLD = "8000000A-1700000000", "80000010-1700000000"


@pytest.fixture
def support(troubled, site_of, signed_in, lab):
    """A support person at the site with troubles."""
    return signed_in(site_of(troubled), lab.SUPPORT)


def path(lab, kind: Kind = Kind.CUSTOMER, external_id: str = "c-2") -> str:
    return f"/connectors/{lab.CONNECTOR}/link/{kind.plural}/{external_id}"


def ids(page: str, part: str) -> list[str]:
    """The identities that a part of the page offers by button."""
    return html.fromstring(page).xpath(
        f"//section[@aria-labelledby='{part}']//input[@name='quickbooks_id']/@value"
    )


def test_the_candidates_of_an_ambiguous_match_are_offered(support, lab):
    # with what they are told apart by, on their list's page too
    for address in (
        path(lab),
        f"/connectors/{lab.CONNECTOR}/records/customers/c-2",
        f"/connectors/{lab.CONNECTOR}/lists/customers?q=old",
    ):
        shown = support.get(address).text
        assert [word for word in ("Bremen", "0421 553311", "1,234.50") if word not in shown] == [], address
    assert ids(support.get(path(lab)).text, "what") == [NORTH, OLD]


def test_linking_releases_what_waited_and_is_remembered(support, lab, troubled):
    answer = support.post(path(lab), quickbooks_id=OLD)
    assert "Linked to North Fish (old)" in support.get(answer.location).text
    view = record_views.view(troubled.core, lab.CONNECTOR, Kind.CUSTOMER, "c-2")
    assert (view["state"], view["list_id"], view["matched_by"]) == (State.SYNCED, OLD, "hand")
    invoice = record_views.view(troubled.core, lab.CONNECTOR, Kind.INVOICE, "SO-1051")
    assert invoice["state"] is State.QUEUED


@pytest.mark.parametrize("wanted", ["fish (OLD", "80000010-1700000000"])
def test_the_list_is_searched_by_part_of_a_name_in_any_case_and_by_identity(support, lab, wanted):
    assert ids(support.get(path(lab) + f"?q={wanted}").text, "search") == [OLD]


def test_the_list_is_searched_by_email(support, lab):
    assert ids(support.get(path(lab) + "?q=NORTH@fish.example").text, "search") == [NORTH, OLD]


def test_as_long_as_nothing_is_typed_it_is_searched_by_what_the_record_is_called(support, lab, troubled):
    lab.entered(troubled, ListName.CUSTOMER, "Müller Feinkost GmbH")
    customer = {"name": "Feinkost Müller", "email": "karl@else.example"}
    intake.put(troubled.core, lab.CONNECTOR, Kind.CUSTOMER, "c-3", customer, actor="host")
    address = path(lab, Kind.CUSTOMER, "c-3")
    page = support.get(address).text
    assert html.fromstring(page).xpath("//input[@id='field-q']/@value") == ["Feinkost"]
    assert "Müller Feinkost GmbH" in page
    # whoever empties the box wants it empty
    assert ids(support.get(address + "?q=").text, "search") == []


def test_items_are_searched_by_sku(support, lab, troubled):
    intake.put(
        troubled.core, lab.CONNECTOR, Kind.ITEM, "i-1", {"sku": "X-9", "name": "Mussels"}, actor="host"
    )
    page = support.get(path(lab, Kind.ITEM, "i-1") + "?q=mu-1").text
    assert len(ids(page, "search")) == 1
    assert "Mussels 5kg" in page


@pytest.mark.parametrize("wanted", ["%", "__", "100%25", "no such name"])
def test_a_search_that_finds_nothing_says_so(support, lab, wanted):
    page = support.get(f"{path(lab)}?q={wanted}").text
    assert ids(page, "search") == []
    assert "No customer found" in page or "Type at least 2 characters" in page


def test_a_typed_identity_that_quickbooks_does_not_have_is_told_beside_the_field(support, lab, troubled):
    answer = support.post(path(lab), quickbooks_id="80000099-1")
    assert answer.status_code == 422
    fault = html.fromstring(answer.text).get_element_by_id("fault-quickbooks_id").text
    assert "has no customer with this ListID" in fault
    assert 'value="80000099-1"' in answer.text
    assert support.post(path(lab), quickbooks_id="").status_code == 422


def test_two_records_are_not_linked_to_one_entry(support, lab):
    taken = "8000000F-1700000000"
    answer = support.post(path(lab), quickbooks_id=taken)
    assert answer.status_code == 409
    assert "Customer c-1 is linked to" in answer.text


def test_a_document_is_linked_by_its_txn_id(support, lab, troubled):
    page = path(lab, Kind.INVOICE, "SO-1050")
    assert "Enter its TxnID" in support.get(page).text
    support.post(page, quickbooks_id="3C4D-1700000003")
    view = record_views.view(troubled.core, lab.CONNECTOR, Kind.INVOICE, "SO-1050")
    assert view["txn_id"] == "3C4D-1700000003"


def test_the_page_of_a_group_links_with_one_press_and_leads_back(support, lab, troubled):
    group = (
        f"/connectors/{lab.CONNECTOR}/errors/group?cause=customer_not_matched&key=email:north@fish.example"
    )
    form = html.fromstring(support.get(group).text).xpath("//form[.//button[contains(., 'This one')]]")[0]
    fields = {name: value for name, value in form.form_values() if name != "csrf_token"}
    answer = support.post(form.action, **fields)
    assert unquote(answer.location) == group
    assert "Nothing waits for this any more." in support.get(group).text
    view = record_views.view(troubled.core, lab.CONNECTOR, Kind.CUSTOMER, "c-2")
    assert view["list_id"] == NORTH


def test_the_page_of_a_record_links_with_one_press_and_leads_back(support, lab, troubled):
    here = f"/connectors/{lab.CONNECTOR}/records/customers/c-2"
    form = html.fromstring(support.get(here).text).xpath("//form[contains(@action, '/link/')]")[0]
    fields = {name: value for name, value in form.form_values() if name != "csrf_token"}
    answer = support.post(form.action, **fields)
    assert answer.location == here
    view = record_views.view(troubled.core, lab.CONNECTOR, Kind.CUSTOMER, "c-2")
    assert view["list_id"] == NORTH


def test_the_document_that_has_the_number_is_linked_with_one_press(support, lab, world):
    lab.number_taken(world, "SO-1044")
    for page in (f"/connectors/{lab.CONNECTOR}/records/invoices/SO-1044", path(lab, Kind.INVOICE, "SO-1044")):
        form = html.fromstring(support.get(page).text).xpath("//form[.//button[contains(., 'This one')]]")[0]
        assert "invoice 1044, for Walk-in, dated 2026-11-02, total 6.00" in form.text_content()
    fields = {name: value for name, value in form.form_values() if name != "csrf_token"}
    support.post(form.action, **fields)
    view = record_views.view(world.core, lab.CONNECTOR, Kind.INVOICE, "SO-1044")
    assert (view["txn_id"], view["state"]) == (lab.TAKEN_TXN_ID, "queued")


def test_a_link_leads_back_only_to_this_site(support, lab):
    answer = support.post(path(lab), quickbooks_id=NORTH, next="//evil.example")
    assert answer.location == f"/connectors/{lab.CONNECTOR}/records/customers/c-2"


# --- many by a file -----------------------------------------------------------------------------------------


def send_file(visitor, lab, text: str):
    data = {"csrf_token": visitor.token(), "file": (io.BytesIO(text.encode()), "links.csv")}
    return visitor.client.post(
        f"/connectors/{lab.CONNECTOR}/links", data=data, content_type="multipart/form-data"
    )


def outcomes(page: str) -> list[str]:
    rows = html.fromstring(page).xpath("//section[@aria-labelledby='outcome']//tbody/tr")
    return [" ".join(row.text_content().split()) for row in rows]


FILE = f"Kind;External ID;ListID\r\ncustomer;c-2;{OLD}\r\ncustomer;nobody;{OLD}\r\n"


def test_a_file_is_looked_at_before_anything_is_linked(support, lab, troubled):
    answer = send_file(support, lab, FILE)
    assert answer.status_code == 200
    first, second = outcomes(answer.text)
    assert "nobody" in first
    assert "handed over" in first
    assert "North Fish (old)" in second
    assert "Nothing is linked yet" in answer.text
    assert record_views.view(troubled.core, lab.CONNECTOR, Kind.CUSTOMER, "c-2")["list_id"] is None


def test_what_was_looked_at_is_linked_on_confirmation(support, lab, troubled):
    page = html.fromstring(send_file(support, lab, FILE).text)
    (form,) = page.xpath("//section[@aria-labelledby='outcome']//form")
    assert form.xpath(".//button")[0].text_content().strip() == "Link 1 record"
    text = form.xpath(".//input[@name='text']/@value")[0]
    answer = support.post(form.get("action"), text=text)
    assert answer.status_code == 200
    assert record_views.view(troubled.core, lab.CONNECTOR, Kind.CUSTOMER, "c-2")["list_id"] == OLD
    assert "What became of the lines" in answer.text
    assert not html.fromstring(answer.text).xpath("//section[@aria-labelledby='outcome']//form")


@pytest.mark.parametrize(
    ("text", "words"), [("", "Choose a CSV file"), ("a,b\n1,2\n", "The first row must name")]
)
def test_a_file_that_cannot_be_read_is_told_beside_the_field(support, lab, text, words):
    answer = send_file(support, lab, text)
    assert answer.status_code == 422
    assert words in html.fromstring(answer.text).get_element_by_id("fault-file").text
