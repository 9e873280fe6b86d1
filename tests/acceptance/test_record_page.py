"""The page of a record over real HTTP, judged from the company file: what it says will be written is written."""

from __future__ import annotations

from lxml import html

from tests.worlds.change_world import Office
from tests.worlds.staff import NAME, PAGE, Staff, words


def changed_on_both_sides(office: Office) -> None:
    """A person changes the memo in QuickBooks, and the order system wants another one, and more of the item."""
    office.invoice(memo="as ordered", po_number="PO-1")
    office.visit()
    txn_id = office.view("invoices/inv")["txn_id"]
    office.company.person.edit_transaction("Invoice", txn_id, {"Memo": "by hand"})
    lines = [{"item": {"external_id": "i"}, "quantity": "99", "rate": "9.50"}]
    office.invoice(memo="back door", po_number="PO-2", lines=lines)
    office.visit()
    assert office.blocked("invoices/inv")["cause"] == "changed_in_quickbooks"


def three_columns(page: html.HtmlElement) -> dict[str, tuple[str, ...]]:
    rows = page.xpath("//table[contains(@class, 'three-sides')]/tbody/tr")
    return {words(row.xpath("./th")[0]): tuple(map(words, row.xpath("./td"))) for row in rows}


def test_what_will_be_written_is_shown_beside_what_is_there_and_is_what_is_written(
    staff: Staff, office: Office
) -> None:
    changed_on_both_sides(office)
    page = staff.page()
    columns = three_columns(page)
    assert columns["Memo"] == ("as ordered", "by hand", "back door")
    assert columns["PO number"] == ("PO-1", "the same", "PO-2")
    assert columns["Lines"][0] == "line 1: Oysters, 2 at 9.50"
    assert columns["Lines"][2] == "line 1: Oysters, 99 at 9.50"
    # the same on the page of the error record and of its group
    error_id = office.blocked("invoices/inv")["id"]
    single = staff.page(f"errors/{error_id}")
    assert three_columns(single) == columns
    (group,) = {link for link in single.xpath("//a/@href") if "/errors/group?" in link}
    assert three_columns(html.fromstring(staff.get(group).text)) == columns
    # what nobody can take back is typed first, wherever it is pressed: the record's page leads there
    (way,) = page.xpath("//a[contains(., 'The order system is right: write it over')]/@href")
    assert way.endswith(f"/errors/{error_id}#choices")
    over = "The order system is right: write it over"
    assert "Type SO-1 to say that you mean it" in staff.press_form(single, over).text
    staff.press_form(single, over, typed="SO-1")
    office.visit()
    there = office.there("invoices/inv")
    assert (there["Memo"], there["PONumber"]) == ("back door", "PO-2")
    assert [line["Quantity"] for line in there["lines"]] == ["99"]


def test_what_quickbooks_has_is_kept_from_the_same_page(staff: Staff, office: Office) -> None:
    changed_on_both_sides(office)
    before = office.written()
    answer = staff.press_form(staff.page(), "QuickBooks is right: leave it")
    assert answer.url.endswith(f"/connectors/{office.name}/{PAGE}")
    office.visit()
    assert office.written() == before
    assert office.there("invoices/inv")["Memo"] == "by hand"
    assert "Decided: QuickBooks is right: leave it" in words(staff.page().xpath("//*[@id='life']/..")[0])


def test_a_retry_that_decides_something_is_called_by_what_it_decides(staff: Staff, office: Office) -> None:
    office.invoice()
    assert office.call("PUT", "links/invoices/inv", {"txn_id": "1FFFF-1700000000"})[0] == 200
    office.visit()
    assert office.blocked("invoices/inv")["cause"] == "link_refused"
    page = staff.page()
    assert "Retry" not in map(words, page.xpath("//button"))
    assert "what QuickBooks does not have yet is posted" in words(page.xpath("//main")[0])
    assert page.xpath("//a[contains(., 'Link another invoice')]/@href")[0].endswith("/link/invoices/inv")
    for _ in range(2):
        staff.press_form(page, "It was a slip: go on without the link")
        office.visit()
        office.synced("invoices/inv")
    assert office.written().count("InvoiceAddRq") == 1
    # nobody looked whether a cause is gone: somebody decided
    assert f"Link refused: Tried again by {NAME}" in words(staff.page().xpath("//*[@id='life']/..")[0])


def test_what_may_be_the_document_whose_answer_was_lost_is_offered_on_its_page(
    staff: Staff, office: Office
) -> None:
    office.invoice()
    office.lose_the_answer("InvoiceAddRq")
    person, posted = office.company.person, office.company.find("Invoice", RefNumber="SO-1")
    person.delete_transaction("Invoice", posted["TxnID"])
    header = {"CustomerRef": "Harbour", "RefNumber": "SO-1", "TxnDate": "2026-11-20"}
    by_hand = person.add_transaction(
        "Invoice", header, [{"ItemRef": "Oysters", "Quantity": "2", "Rate": "9.50"}]
    )
    office.visit()
    assert office.blocked("invoices/inv")["cause"] == "uncertain"
    page = staff.page()
    assert "Retry" not in map(words, page.xpath("//button"))
    assert page.xpath("//button[contains(., 'It is not in QuickBooks: ask once more, then send it')]")
    (theirs,) = page.xpath("//table[contains(@class, 'side-by-side')]//tr[contains(., 'In QuickBooks')]")
    assert "20 Nov 2026" in words(theirs)
    for _ in range(2):
        staff.press_form(page, "This one")
    office.visit()
    assert office.synced("invoices/inv")["txn_id"] == by_hand
    assert office.written().count("InvoiceAddRq") == 1


def test_the_document_is_drawn_by_name_with_what_quickbooks_made_of_it(staff: Staff, office: Office) -> None:
    office.invoice(
        bill_address={"addr1": "Ocean Grill", "city": "Bay", "state": "CA", "postal_code": "94000"}
    )
    office.visit()
    page = staff.page()
    assert words(page.xpath("//h2")[0]) == "Invoice SO-1 · Harbour · 20 Nov 2026 · 19.00"
    drawn = page.xpath("//section[@aria-labelledby='wanted']")[0]
    links = {words(link): link.get("href") for link in drawn.xpath(".//a")}
    assert links["Harbour"].endswith("/records/customers/c")
    assert links["Oysters"].endswith("/records/items/i")
    assert "Ocean Grill" in words(drawn)
    assert "Bay CA 94000" in words(drawn)
    told = dict(
        zip(
            map(words, drawn.xpath(".//dl[@class='sums']/dt")),
            map(words, drawn.xpath(".//dl[@class='sums']/dd")),
            strict=True,
        )
    )
    there = office.there("invoices/inv")
    assert told["Subtotal"] == there["Subtotal"]
    assert told["Balance"] == there["BalanceRemaining"]
    # and from the customer back to its documents, and from the item to those whose lines name it
    for other, name in (("customers/c", "SO-1"), ("items/i", "Invoice SO-1")):
        section = staff.page(f"records/{other}").xpath("//section[@aria-labelledby='documents']")[0]
        assert f"{name} · Harbour · 2026-11-20 · 19.00" in words(section)
    # one that names the item no more is not there
    office.item("j", sku="J-1", name="Clams")
    office.invoice(lines=[{"item": {"sku": "J-1"}, "quantity": "1", "rate": "1.00"}])
    assert staff.page("records/items/i").xpath("//section[@aria-labelledby='documents']") == []
    assert staff.page("records/items/j").xpath("//section[@aria-labelledby='documents']") != []


def test_what_was_asked_and_answered_is_saved_without_script(staff: Staff, office: Office) -> None:
    office.invoice()
    office.visit()
    exchanges = staff.page().xpath("//section[@aria-labelledby='exchanges']")[0]
    (visit,) = exchanges.xpath(".//a[contains(@href, '/log/visits/')]/@href")
    assert staff.get(visit).status_code == 200
    links = exchanges.xpath(".//a[@download]/@href")
    asked, answered = (staff.get(link) for link in links)
    assert asked.headers["Content-Disposition"].startswith('attachment; filename="invoice-')
    assert "<InvoiceAddRq" in asked.text
    assert office.view("invoices/inv")["txn_id"] in answered.text
    assert "default-src 'none'" in answered.headers["Content-Security-Policy"]
    assert staff.get(links[0].replace("/invoices/inv", "/customers/c")).status_code == 404


def test_all_ways_out_of_a_deletion_stand_on_one_page(staff: Staff, office: Office) -> None:
    office.invoice()
    office.visit()
    office.company.person.delete_transaction("Invoice", office.view("invoices/inv")["txn_id"])
    office.refresh()
    page = staff.page()
    card = page.xpath("//section[@aria-label='Document deleted']")[0]
    for way in ("Post it as new", "Link another invoice…", "Dismiss"):
        assert way in words(card)
    (ask,) = card.xpath(".//a[contains(., 'Post it as new')]/@href")
    asked = html.fromstring(staff.get(ask).text)
    assert "Invoice SO-1 · Harbour · 20 Nov 2026 · 19.00" in words(asked.xpath("//h2")[0])
    staff.press(ask)
    office.visit()
    assert office.there("invoices/inv")["RefNumber"] == "SO-1"


def test_a_document_is_found_in_quickbooks_by_its_number_and_linked(staff: Staff, office: Office) -> None:
    customer = office.there("customers/c")["ListID"]
    item = office.there("items/i")["ListID"]
    lines = [{"ItemRef": {"ListID": item}, "Quantity": "3", "Rate": "4.00"}]
    header = {"CustomerRef": {"ListID": customer}, "RefNumber": "HAND-7", "TxnDate": "2026-11-02"}
    txn_id = office.company.person.add_transaction("Invoice", header, lines)
    office.invoice()
    address = f"/connectors/{office.name}/link-number/invoices/inv"
    assert staff.press(address, number="HAND-7").url.endswith("number=HAND-7#search")
    staff.press(address, number="HAND-7")  # a double press asks once
    link = "link/invoices/inv?number=HAND-7"
    assert "The answer comes with the next visit" in words(staff.page(link))
    office.call("DELETE", "invoices/inv")
    office.invoice(
        "other", ref_number="SO-2", lines=[{"item": {"sku": "NONE"}, "quantity": "1", "rate": "1"}]
    )
    office.visit()
    asked = [
        entry for entry in office.call("GET", "requests")[1]["requests"] if entry["name"] == "InvoiceQueryRq"
    ]
    assert len(asked) == 1
    page = staff.page("link/invoices/other?number=HAND-7")
    (row,) = page.xpath("//section[@aria-labelledby='search']//table/tbody/tr[2]")
    assert words(row).startswith("In QuickBooks HAND-7 Harbour 2 Nov 2026 12.00")
    staff.press_form(row, "This one")
    office.visit()
    assert office.synced("invoices/other")["txn_id"] == txn_id
    office.invoice("third", ref_number="SO-3")
    belongs = staff.page("link/invoices/third?number=HAND-7").xpath("//section[@aria-labelledby='search']")[0]
    assert "belongs to another invoice of the order system" in words(belongs)
    assert not belongs.xpath(".//button[contains(., 'This one')]")


def test_a_number_that_cannot_be_one_is_refused_beside_its_field(staff: Staff, office: Office) -> None:
    office.invoice()
    answer = staff.press(f"/connectors/{office.name}/link-number/invoices/inv", number="X" * 12)
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert "at most 11 characters" in page.get_element_by_id("fault-number").text
    assert page.xpath("//input[@name='number']/@value") == ["X" * 12]
    assert staff.press(f"/connectors/{office.name}/link-number/customers/c", number="1").status_code == 404
