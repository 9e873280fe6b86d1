"""Lists of records, and the page of one."""

from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.kinds import Kind
from qbwc_server.web.site.records import PAGE_SIZE

STEPS = st.text(st.sampled_from("/.%2Faé ?#&+\\\"'<;"), min_size=1, max_size=12)
ANYTHING = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)


def names(page: str) -> list[str]:
    """What the records in the list are called, as it is shown."""
    links = html.fromstring(page).xpath("//ul[@class='found']//a[contains(@class, 'found-name')]")
    return [" ".join(link.text_content().split()) for link in links]


def path(lab) -> str:
    """The address of the list of all kinds."""
    return f"/connectors/{lab.CONNECTOR}/records"


def test_the_list_shows_every_record_with_its_state_in_words(support, lab):
    page = support.get(path(lab)).text
    assert len(names(page)) == 7
    for word in ("Queued", "Blocked", "Synced"):
        assert word in page


def test_the_list_can_be_narrowed_to_a_kind_and_a_state(support, lab, world):
    assert names(support.get(f"{path(lab)}/invoices?state=synced").text) == ["1045"]
    assert len(names(support.get(f"{path(lab)}?state=blocked").text)) == 5
    assert "No purchase orders yet" in support.get(f"{path(lab)}/purchase-orders").text


@pytest.mark.parametrize(
    "query",
    [
        "?state=nonsense",
        "?after=x",
        "?after=blocked.-5",
        "?before=blocked." + "9" * 12,
        "?after=blocked." + "9" * 30,
        "?q=" + "x" * 5000,
    ],
)
def test_a_filter_nobody_offers_does_no_harm(support, lab, query):
    assert support.get(path(lab) + query).status_code == 200


def test_a_record_is_found_by_the_id_the_order_system_knows_it_by(support, lab):
    for id_ in ("SO-1045", lab.ODD_ID):
        answer = support.get(f"{path(lab)}?{urlencode({'id': f' {id_} '})}")
        assert answer.status_code == 302
        shown = html.fromstring(support.get(answer.location).text)
        assert shown.xpath("//dt[.='Id in the order system']/following-sibling::dd[1]/code/text()") == [id_]


def test_records_of_several_kinds_with_one_id_are_all_offered(support, lab, world):
    intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, "SO-1045", {"name": "Namesake"}, actor="host")
    page = support.get(f"{path(lab)}?id=SO-1045").text
    assert set(names(page)) == {"Customer Namesake", "Invoice 1045"}
    assert support.get(f"{path(lab)}/customers?id=SO-1045").location.endswith("/records/customers/SO-1045")


@pytest.mark.parametrize("typed", ["no such", "x" * 300, "..", "{}"])
def test_what_finds_nothing_is_told_with_what_to_try(support, lab, typed):
    page = support.get(f"{path(lab)}?q={typed}")
    assert page.status_code == 200
    assert "Nothing here is found by" in page.text
    assert "Search everywhere" in page.text


def test_a_list_is_searched_by_words_within_its_kind_and_state(support, lab):
    found = names(support.get(f"{path(lab)}/invoices?q=harbour&state=blocked").text)
    assert sorted(found) == ["1041", "1042", "1044", "1046"], "1043 is another's, 1045 is synced"
    assert names(support.get(f"{path(lab)}/customers?q=harbour").text) == []
    assert support.get(f"{path(lab)}/invoices?q=1045").location.endswith("/records/invoices/SO-1045")


def test_a_kind_that_does_not_exist_is_not_found(support, lab):
    assert support.get(f"{path(lab)}/spaceships").status_code == 404
    assert support.get(f"{path(lab)}/invoice").status_code == 404


def turned(page: str, way: str) -> str | None:
    """The address of the next page, or of the one before."""
    found = html.fromstring(page).xpath(f"//nav[@aria-label='Pages']//a[.='{way}']/@href")
    return found[0] if found else None


def test_a_long_list_comes_in_pages_there_and_back_and_loses_nothing(support, lab, world):
    lab.many_invoices(world, PAGE_SIZE + 3)
    address: str | None = f"{path(lab)}/invoices"
    pages: list[list[str]] = []
    last = ""
    while address:
        last = support.get(address).text
        pages.append(names(last))
        address = turned(last, "Next")
    every = [name for page in pages for name in page]
    assert len(pages) == 2
    assert len(every) == len(set(every)) == PAGE_SIZE + 3 + 7
    back = turned(last, "Previous")
    assert back is not None
    assert names(support.get(back).text) == pages[0]
    assert turned(support.get(back).text, "Previous") is None


def test_what_needs_somebody_comes_first_and_every_state_tells_how_many(support, lab, world):
    lab.many_invoices(world, 2)
    page = html.fromstring(support.get(f"{path(lab)}/invoices").text)
    states = [" ".join(each.text_content().split()) for each in page.xpath("//*[@class='found-state']")]
    assert states == ["Blocked"] * 5 + ["Queued"] * 3 + ["Synced"]
    told = [" ".join(each.text_content().split()) for each in page.xpath("//ul[@class='filters']//a")]
    assert told == ["All 9", "Blocked 5", "Queued 3", "Synced 1"]


def test_a_row_says_number_party_date_amount_state_and_why(support, lab):
    page = html.fromstring(support.get(f"{path(lab)}/invoices?state=blocked").text)
    row = page.xpath("//ul[@class='found']/li[a[normalize-space()='1043']]")[0]
    text = " ".join(row.text_content().split())
    assert text.startswith("1043 nobody@else.example 2026-11-20 114.00 Blocked ")
    why = row.xpath(".//span[@class='found-why']/a")[0]
    assert "nobody@else.example" in why.text_content()
    assert support.get(why.get("href")).status_code == 200


def test_the_tabs_of_a_connector_are_on_every_page_with_its_badge_and_the_number_of_errors(admin, lab):
    for step in ("", "/records", "/records/items", "/lists", "/errors", "/log", "/settings"):
        page = html.fromstring(admin.get(f"/connectors/{lab.CONNECTOR}{step}").text)
        tabs = page.xpath("//nav[@class='tabs']//a")
        told = [" ".join(tab.text_content().split()) for tab in tabs]
        assert told[:6] == ["General", "Items", "Customers", "Vendors", "Invoices", "Purchase Orders"]
        assert [each.partition(" ")[0] for each in told[6:]] == ["Lists", "Errors", "Log", "Settings"]
        assert told[7].partition(" ")[2].isdigit()
        assert page.xpath("//div[@class='page-head']//span[contains(@class, 'look')]"), step
        assert len(page.xpath("//nav[@class='tabs']//*[@aria-current='page']")) == (step != "/records")


def test_a_record_tells_its_life_and_what_the_host_wants(support, lab):
    page = support.get(f"{path(lab)}/invoices/SO-1045").text
    text = " ".join(" ".join(html.fromstring(page).itertext()).split())
    for words in (
        "Invoice 1045 · Harbour Fish Co · 20 Nov 2026 · 114.00 Synced",
        "TxnID 1A2B-1700000001",
        "this server created it there",
        "QuickBooks said so when it took it",
        "1; QuickBooks has 1",
        "For Harbour Fish Co ap@harbour.example",
        "1 Mussels 5kg MU-1 12 9.50 114.00",
    ):
        assert words in text


def test_a_record_tells_what_happened_to_it_and_who_did_it(support, lab, world):
    page = html.fromstring(support.get(f"{path(lab)}/invoices/SO-1045").text)
    rows = page.xpath("//section[@aria-labelledby='life']//ol/li")
    told = [" ".join(" ".join(row.itertext()).split()) for row in rows]
    assert len(told) == 3
    assert "Queued Handed over 4 minutes ago" in told[0]
    assert told[0].endswith("by the order system")
    assert "Sent Sent to QuickBooks" in told[1]
    assert told[1].endswith("by this server")
    assert "Synced QuickBooks took it, as number 1045" in told[2]
    assert told[2].endswith("by QuickBooks")


def test_a_blocked_record_can_be_retried_from_its_own_page(support, lab, world):
    lab.cure_sku(world)
    address = f"{path(lab)}/invoices/SO-1041"
    form = html.fromstring(support.get(address).text).xpath("//main//form[.//button[contains(., 'Retry')]]")[
        0
    ]
    answer = support.post(
        form.action, **{name: value for name, value in form.form_values() if name != "csrf_token"}
    )
    assert answer.location == address
    assert "1 released" in support.get(address).text


def test_a_record_that_does_not_exist_is_not_found(support, lab):
    assert support.get(f"{path(lab)}/invoices/nope").status_code == 404
    assert support.get(f"{path(lab)}/customers/SO-1041").status_code == 404
    assert support.get(f"{path(lab)}/invoices/a%00b").status_code == 404


def test_a_record_of_another_connector_is_not_shown(support, lab):
    assert support.get(f"/connectors/{lab.FRESH}/records/invoices/SO-1041").status_code == 404


def test_every_link_of_the_list_opens_its_record(support, lab):
    links = html.fromstring(support.get(path(lab)).text).xpath("//ul[@class='found']//a/@href")
    assert len(links) == 7 + 5
    for link in links:
        assert support.get(link).status_code == 200, link


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(external_id=st.one_of(STEPS, ANYTHING))
def test_any_external_id_survives_its_address(site, external_id):
    with site.test_request_context():
        url = site.url_map.bind("host").build(
            "records.show", {"name": "c", "kind": Kind.INVOICE, "external_id": external_id}
        )
    assert not {"", ".", ".."} & set(url.removeprefix("/").split("/")), "a step some browser would drop"
    from_wire = site.test_client().get(url).request
    endpoint, found = site.url_map.bind("host").match(from_wire.path)
    assert endpoint == "records.show"
    assert found["external_id"] == external_id


def test_synced_says_as_of_when(admin, lab, world):
    page = " ".join(
        html.fromstring(admin.get(f"/connectors/{lab.CONNECTOR}/records/invoices/SO-1045").text)
        .text_content()
        .split()
    )
    assert "QuickBooks holds the latest revision. As of " in page
    assert "Last confirmed" in page


def test_blanks_that_are_all_that_differs_are_shown(admin, lab, world):
    fields = {"customer": {"full_name": "No  such one"}, "lines": [{"desc": "x"}]}
    intake.put(world.core, lab.CONNECTOR, Kind.INVOICE, "blanks", fields, actor="host")
    page = html.fromstring(admin.get(f"/connectors/{lab.CONNECTOR}/records/invoices/blanks").text)
    told = [item for item in page.xpath("//h3") if "No  such one" in item.text_content()]
    assert [item.get("class") for item in told] == ["wrap exact wrong"]
    assert "white-space: pre-wrap" in admin.get("/static/site.css").text.partition(".exact {")[2][:40]


def test_what_is_queued_stands_in_the_order_of_sending_which_is_said(support, world, lab):
    content = record_views.view(world.core, lab.CONNECTOR, Kind.INVOICE, "SO-1045")["record"]
    for number, priority in (("q-1", 200), ("q-2", 5)):
        later = {**content, "ref_number": number}
        intake.put(world.core, lab.CONNECTOR, Kind.INVOICE, number, later, actor="host", priority=priority)
    page = html.fromstring(support.get(f"/connectors/{lab.CONNECTOR}/records?state=queued").text)
    assert "In the order of sending: customers, vendors and items, then documents" in page.text_content()
    named = [
        " ".join(each.text_content().split()) for each in page.xpath("//a[contains(@class, 'found-name')]")
    ]
    assert named.index("Invoice q-2") < named.index("Invoice q-1")
