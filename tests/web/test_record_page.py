"""The page of one record however much there is to it: its lines, errors, events, and texts of any length."""

from typing import Any

import pytest
from lxml import html

from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.logs.event_words import told
from qbwc_server.desk.records.lives import MOST_DOCUMENTS, MOST_EVENTS, MOST_SETS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Adding, Operation, Request
from qbwc_server.domain.sessions import SetState
from qbwc_server.storage import connectors, events, records, sessions
from qbwc_server.web.site.record_page import excerpt
from tests.web.test_statements import asked

LINE = {"item": {"sku": "MU-1"}, "quantity": "12", "rate": "9.50"}
MOST_ASKED = 40


def put(world: Any, lab: Any, external_id: str, **fields: Any) -> str:
    """Hand an invoice over; the address of its page."""
    content = {"ref_number": "77", "customer": {"email": "ap@harbour.example"}, "lines": [LINE], **fields}
    intake.put(world.core, lab.CONNECTOR, Kind.INVOICE, external_id, content, actor="host")
    return f"/connectors/{lab.CONNECTOR}/records/invoices/{external_id}"


def section(page: str, name: str) -> html.HtmlElement:
    (found,) = html.fromstring(page).xpath(f"//section[@aria-labelledby='{name}']")
    return found


def words(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def test_every_line_of_a_long_invoice_is_there_and_its_total_is_right(support, lab, world):
    address = put(world, lab, "long", lines=[{**LINE, "desc": f"Größe {n}"} for n in range(999)])
    page = support.get(address).text
    drawn = section(page, "wanted")
    assert len(drawn.xpath(".//table[contains(@class, 'document-lines')]/tbody/tr")) == 999
    assert words(html.fromstring(page).xpath("//h2")[0]) == "Invoice 77 · Harbour Fish Co · 113,886.00"
    assert "999 lines 113,886.00" in words(drawn)
    # what people compare never breaks inside
    cells = drawn.xpath(
        "(.//tbody/tr)[1]/*[contains(@class, 'of-quantity') or contains(@class, 'of-amount')]"
    )
    assert [("number" in cell.get("class"), words(cell)) for cell in cells] == [
        (True, "12"),
        (True, "114.00"),
    ]


def test_a_line_that_leaves_its_price_to_quickbooks_leaves_the_total_to_it(support, lab, world):
    address = put(world, lab, "open", lines=[LINE, {"item": {"sku": "MU-1"}, "quantity": "1"}])
    assert "2 lines QuickBooks works it out" in words(section(support.get(address).text, "wanted"))


def test_a_long_memo_is_folded_after_five_lines_and_nothing_of_it_is_lost(support, lab, world):
    memo = "\n".join(f"line {number}" for number in range(1, 400))
    drawn = section(support.get(put(world, lab, "wordy", memo=memo[:4095])).text, "wanted")
    (folded,) = drawn.xpath(".//details[contains(@class, 'folded')]")
    assert (
        words(folded.xpath("./summary/span[contains(@class, 'excerpt')]")[0])
        == "line 1 line 2 line 3 line 4 line 5…"
    )
    assert folded.xpath("./div")[0].text == memo[:4095]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("a\nb\nc\nd\ne", None),
        ("a\nb\nc\nd\ne\nf", "a\nb\nc\nd\ne"),
        ("x" * 400, None),
        ("x" * 401, "x" * 400),
        ("", None),
    ],
)
def test_a_text_is_folded_only_where_that_hides_something(text, short):
    assert excerpt(text) == short


def test_the_page_asks_as_much_of_a_long_record_as_of_a_short_one(support, lab, world):
    short = put(world, lab, "short", lines=[{**LINE, "item": {"sku": "NO-1"}}])
    long = put(world, lab, "long", lines=[{**LINE, "item": {"sku": f"NO-{n}"}} for n in range(500)])
    numbers = []
    for address in (short, long):
        support.get(address)
        with asked() as found:
            assert support.get(address).status_code == 200
        numbers.append(len(found.statements))
    assert numbers[0] == numbers[1]
    assert numbers[0] <= MOST_ASKED, numbers


def world_id(conn: Any, lab: Any) -> int:
    return connectors.by_name(conn, lab.CONNECTOR).id


def test_of_hundreds_of_error_records_one_a_cause_is_shown_in_full(support, lab, world):
    page = support.get(
        put(world, lab, "stuck", lines=[{**LINE, "item": {"sku": f"NO-{n}"}} for n in range(60)])
    ).text
    assert len(html.fromstring(page).xpath("//section[@aria-label='Item not matched']")) == 1
    assert "59 other things also stand in its way" in words(section(page, "more-errors"))
    assert "… and 57 more like these" in words(section(page, "life"))


def test_events_come_in_pages_and_none_is_lost(support, lab, world):
    address = put(world, lab, "busy", memo="0")
    for number in range(1, MOST_EVENTS // 2 + 10):
        intake.cancel(world.core, lab.CONNECTOR, Kind.INVOICE, "busy", actor=f"person {number}")
        content = {"customer": {"email": "ap@harbour.example"}, "lines": [LINE], "memo": str(number)}
        intake.put(world.core, lab.CONNECTOR, Kind.INVOICE, "busy", content, revive=True, actor="host")
    page = support.get(address).text
    last = section(page, "life")
    (earlier,) = last.xpath(".//a[.='What happened before that']/@href")
    first = section(support.get(earlier).text, "life")
    assert first.xpath(".//a[.='What happened last']")
    told_of = [words(step) for part in (first, last) for step in part.xpath(".//ol/li")]
    with world.core.database.read() as conn:
        record = records.find(conn, world_id(conn, lab), Kind.INVOICE, "busy")
        happened = events.of_record(conn, record.id)
    assert len(told_of) == len(happened) > MOST_EVENTS
    assert all(told(event).text in step for event, step in zip(happened, told_of, strict=True))


def test_message_sets_come_in_pages(support, lab, world):
    address = put(world, lab, "often")
    with world.core.database.begin() as conn:
        row = world_id(conn, lab)
        record = records.find(conn, row, Kind.INVOICE, "often")
        session = sessions.open_session(conn, row, "many", now=world.clock())
        for number in range(MOST_SETS + 3):
            sent = sessions.add_set(
                conn, session, name=f"set-{number}", writes=True, text="", now=world.clock()
            )
            request = Request(f"r-{number}", sent.id, row, Operation.ADD, record.id, 1, Adding())
            sessions.add_requests(conn, [request])
            sessions.change_set(conn, sent.id, state=SetState.ANSWERED, answered_at=world.clock())
    found = section(support.get(address).text, "exchanges")
    assert len(found.xpath(".//section[@class='exchange']")) == MOST_SETS
    (earlier,) = found.xpath(".//a[.='Earlier ones']/@href")
    assert len(section(support.get(earlier).text, "exchanges").xpath(".//section[@class='exchange']")) == 3


def test_what_cannot_be_done_says_why(support, admin, lab, world):
    page = admin.get(put(world, lab, "new")).text
    (folded,) = section(page, "deeds").xpath(".//details")
    assert "Void in QuickBooks Invoice new was never sent to QuickBooks; cancel it instead." in words(folded)
    assert "Unlink" not in words(folded)


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", "before=0", "sets_before=" + "9" * 30, "before=1"]
)
def test_a_page_of_events_nobody_offers_does_no_harm(support, lab, world, query):
    assert support.get(f"{put(world, lab, 'a')}?{query}").status_code == 200


def test_a_long_id_is_shown_among_the_details_alone(support, lab, world):
    id_ = "x" * 160
    page = html.fromstring(support.get(put(world, lab, id_)).text)
    assert id_ not in page.xpath("//h2")[0].text_content()
    assert id_ in page.xpath("//details//code/text()")


def test_a_number_conflict_compares_theirs_with_ours(support, lab, world):
    put(world, lab, "SO-1044", ref_number="1044", txn_date="2026-11-02")
    lab.number_taken(world, "SO-1046")
    page = html.fromstring(support.get(f"/connectors/{lab.CONNECTOR}/records/invoices/SO-1046").text)
    rows = page.xpath("//table[contains(@class, 'side-by-side')]/tbody/tr")
    assert [words(row) for row in rows] == [
        "Ours 1046 Harbour Fish Co 20 Nov 2026 114.00",
        f"In QuickBooks 1044 Walk-in 2 Nov 2026 6.00 This one : {lab_words()} {lab.TAKEN_TXN_ID}",
    ]
    assert [words(cell) for cell in rows[1].xpath(".//strong")] == ["1044", "Walk-in", "2 Nov 2026", "6.00"]


def lab_words() -> str:
    return "invoice 1044, for Walk-in, dated 2026-11-02, total 6.00"


def test_all_documents_of_a_customer_are_a_press_away(support, lab, world):
    customer = {"name": "Harbour Fish", "email": "ap@harbour.example"}
    intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, "c-1", customer, actor="host")
    lab.many_invoices(world, MOST_DOCUMENTS + 5)
    page = support.get(f"/connectors/{lab.CONNECTOR}/records/customers/c-1").text
    theirs = section(page, "documents")
    assert len(theirs.xpath(".//li")) == MOST_DOCUMENTS
    (link,) = theirs.xpath(".//a[.='All of them']/@href")
    every = support.get(link).text
    assert "bulk-0000" in every
    assert f"bulk-{MOST_DOCUMENTS + 4:04}" in every


def test_how_many_others_wait_for_the_same_leads_to_them(support, lab, world):
    lab.many_invoices(world, 3, "A-77")
    page = html.fromstring(support.get(f"/connectors/{lab.CONNECTOR}/records/invoices/bulk-0001").text)
    (link,) = page.xpath("//a[contains(., 'for the same')]")
    assert words(link) == "2 other records wait for the same"
    assert "3 invoices that wait" in support.get(link.get("href")).text


def test_the_top_of_a_page_leads_to_its_parts_and_to_what_is_passed_on(support, lab, world):
    page = html.fromstring(support.get(put(world, lab, "short")).text)
    (places,) = page.xpath("//nav[@aria-label='On this page']")
    for place in places.xpath("./a[starts-with(@href, '#')]/@href"):
        assert page.xpath("//*[@id=$its]", its=place[1:]), place
    (bundle,) = places.xpath("./a[contains(., 'pass on')]/@href")
    assert support.get(bundle).status_code == 200


def test_a_customer_that_was_not_found_in_quickbooks_is_linked_from_its_error(support, lab, world):
    intake.put(
        world.core, lab.CONNECTOR, Kind.CUSTOMER, "c-9", {"name": "Neu", "email": "n@n.example"}, actor="host"
    )
    page = html.fromstring(support.get(f"/connectors/{lab.CONNECTOR}/records/customers/c-9").text)
    (link,) = page.xpath(
        "//section[@aria-label='Customer not matched']//a[contains(., 'Link by hand')]/@href"
    )
    assert "Neu" in support.get(link).text


def test_the_first_button_does_what_the_remedy_says(admin, lab):
    page = admin.get(f"/connectors/{lab.CONNECTOR}/records/invoices/SO-1041").text
    check, retry = page.index("I fixed it in QuickBooks: check again"), page.index("Retry</button>")
    assert check < retry
    assert 'class="btn btn-outline-primary"' in page[check:retry]


def test_the_holder_of_what_a_record_would_be_is_called_by_its_name(support, lab, world):
    for external_id, name in (("c-1", "Harbour Fish"), ("c-9", "Harbour Fish again")):
        customer = {"name": name, "email": "ap@harbour.example"}
        intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, external_id, customer, actor="host")
    page = support.get(f"/connectors/{lab.CONNECTOR}/records/customers/c-9").text
    (card,) = html.fromstring(page).xpath("//section[@aria-label='Already linked']")
    said = words(card.find(".//h3"))
    assert (
        said
        == "This customer would be “Harbour Fish Co” in QuickBooks, which customer Harbour Fish is already."
    )
    (other,) = card.xpath(".//a[starts-with(., 'Customer Harbour Fish ')]/@href")
    assert other.endswith("/records/customers/c-1")
    (life,) = html.fromstring(page).xpath("//section[@aria-labelledby='life']")
    assert "customer c-1" not in words(life)
