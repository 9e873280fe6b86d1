"""The log of a connector: its visits, what people did and everything, in pages, filtered, and as files."""

import csv
import io
from typing import Any

import pytest
from lxml import html

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.logs import history
from qbwc_server.desk.logs.log import LINES
from qbwc_server.desk.logs.log_kinds import KINDS
from qbwc_server.desk.logs.visits import LINES as VISITS
from qbwc_server.desk.logs.visits import Asked
from qbwc_server.domain.event_types import TYPES
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import records, sessions
from qbwc_server.storage.visit_pages import RequestLine
from qbwc_server.web.site.log import runs


def path(lab, view: str = "") -> str:
    return f"/connectors/{lab.CONNECTOR}/log{view}"


def lines(page: str) -> list[str]:
    found = html.fromstring(page).xpath("//section[@aria-labelledby='feed']/div/ol/li")
    return [" ".join(item.text_content().split()) for item in found]


def rows(page: str) -> list[str]:
    found = html.fromstring(page).xpath("//section[@aria-labelledby='visits']//tbody/tr")
    return [" ".join(item.text_content().split()) for item in found]


def link(page: str, words: str) -> str | None:
    links = html.fromstring(page).xpath(f"//nav[starts-with(@aria-label, 'Pages of')]//a[.='{words}']/@href")
    return links[0] if links else None


def file_of(answer) -> list[list[str]]:
    assert answer.mimetype == "text/csv"
    text = answer.get_data().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


@pytest.fixture
def support(troubled, site_of, signed_in, lab):
    """A support person at the site with troubles."""
    return signed_in(site_of(troubled), lab.SUPPORT)


# --- everything ---------------------------------------------------------------------------------------------


def test_the_newest_comes_first_with_who_did_it(support, lab, troubled):
    connectors.pause(troubled.core, lab.CONNECTOR, actor=lab.ADMIN)
    events = lines(support.get(path(lab, "/everything")).text)
    assert events[0] == f"Paused just now, by {lab.ADMIN}"
    assert events[-1].startswith("Connector added")
    assert events[-1].endswith("by the command line")


def test_every_record_in_the_log_is_a_link_to_it(support, lab):
    links = html.fromstring(support.get(path(lab, "/everything")).text).xpath(
        "//ol[@class='timeline']//a/@href"
    )
    assert len(links) > 20
    for each in set(links):
        assert support.get(each).status_code == 200, each


def test_the_pages_lose_nothing_on_the_way_back_nor_on_the_way_forth(support, lab, troubled):
    lab.many_invoices(troubled, LINES + 5)
    address: str | None = path(lab, "/everything")
    seen: list[Any] = []
    pages: list[list[str]] = []
    while address:
        page = support.get(address).text
        pages.append(lines(page))
        seen += pages[-1]
        last, address = page, link(page, "Older")
    assert len(seen) == len(history.log(troubled.core, lab.CONNECTOR, limit=10_000))
    assert len(seen) > LINES
    back = link(last, "Newer")
    forth = []
    while back:
        page = support.get(back).text
        forth.append(lines(page))
        back = link(page, "Newer")
    assert len(forth) == len(pages) - 1
    assert forth[-1] == pages[0]


@pytest.mark.parametrize("view", ["", "/deeds", "/everything"])
@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?after=" + "9" * 30])
def test_a_page_nobody_offers_is_the_first_one(support, lab, query, view):
    assert support.get(path(lab, view) + query).text.count("<li>") == support.get(path(lab, view)).text.count(
        "<li>"
    )


def test_a_connector_nobody_used_has_an_empty_log_of_its_own(support, lab):
    assert len(lines(support.get(f"/connectors/{lab.FRESH}/log/everything").text)) == 1
    assert "There has been none yet." in support.get(f"/connectors/{lab.FRESH}/log").text


def test_every_type_of_event_belongs_to_one_kind_of_the_log():
    every = [each for kind in KINDS.values() for each in kind.types]
    assert sorted(every) == sorted(TYPES)


# --- filters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_what_is_of_it_and_nothing_else(support, lab, troubled, kind):
    found = history.log(troubled.core, lab.CONNECTOR, limit=10_000)
    wanted = [entry for entry in found if entry.event.type in KINDS[kind].types]
    assert len(lines(support.get(path(lab, f"/everything?kind={kind}")).text)) == min(len(wanted), LINES)


def test_filters_by_person_words_and_days_narrow_and_stay_in_the_address(support, lab, troubled):
    connectors.pause(troubled.core, lab.CONNECTOR, actor="Zoë Ünal")
    troubled.clock.forward(days=2)
    connectors.resume(troubled.core, lab.CONNECTOR, actor="Zoë Ünal")
    connectors.resync(troubled.core, lab.CONNECTOR, actor=lab.ADMIN)
    troubled.clock.forward(days=-2)  # or the visitor is signed out
    by = lines(support.get(path(lab, "/everything?by=Zo%C3%AB+%C3%9Cnal")).text)
    assert [each.split()[0] for each in by] == ["Resumed", "Paused"]
    assert "Zoë Ünal" in support.get(path(lab, "/deeds?by=nobody")).text
    assert len(lines(support.get(path(lab, "/everything?by=Zo%C3%AB+%C3%9Cnal&from=2026-11-23")).text)) == 1
    assert len(lines(support.get(path(lab, "/everything?by=Zo%C3%AB+%C3%9Cnal&to=2026-11-22")).text)) == 1
    words = lines(support.get(path(lab, "/everything?q=so-1046")).text)
    assert words
    assert all("Invoice 1046 · Harbour Fish" in each for each in words)
    odd = lines(support.get(path(lab, "/everything?q=%25")).text)
    assert odd
    assert all("Invoice 1042" in each for each in odd)
    lab.many_invoices(troubled, LINES + 5)
    page = support.get(path(lab, "/everything?kind=handed-over&q=a&from=2026-11-01")).text
    older = link(page, "Older")
    assert older is None or "kind=handed-over" in older


def test_a_day_is_one_of_the_connectors_own_zone(support, lab, troubled):
    connectors.change_settings(troubled.core, lab.CONNECTOR, {"time_zone": "America/New_York"}, actor="ann")
    troubled.clock.moment = troubled.clock.moment.replace(month=12, day=1, hour=3, minute=30)
    connectors.pause(troubled.core, lab.CONNECTOR, actor="ann")  # 22:30 on 30 November in New York
    troubled.clock.moment = lab.START
    assert len(lines(support.get(path(lab, "/deeds?kind=pauses&to=2026-11-30")).text)) == 1
    assert lines(support.get(path(lab, "/deeds?kind=pauses&from=2026-12-01")).text) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=yesterday", "Type a day as 2026-11-20."),
        ("from=0001-01-01", "There is nothing from such a day."),
        ("to=9999-12-31", "There is nothing from such a day."),
        ("from=2026-11-20&to=2026-11-19", "This day is before the first one."),
        ("kind=nonsense", "There is no such kind."),
        ("q=" + "a" * 300, "too long"),
    ],
)
@pytest.mark.parametrize("view", ["", "/deeds", "/everything"])
def test_a_filter_that_cannot_be_is_refused_beside_its_field(support, lab, query, words, view):
    answer = support.get(path(lab, view) + f"?{query}")
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    (fault,) = page.xpath("//*[contains(@class, 'invalid-feedback')]")
    assert words in fault.text_content()
    assert page.xpath(f"//*[@aria-describedby='{fault.get('id')}']")
    assert support.get(path(lab, f"{view}.csv") + f"?{query}").status_code == 422


# --- people's deeds -----------------------------------------------------------------------------------------


def test_deeds_are_those_of_people_only(support, lab, troubled):
    before = lines(support.get(path(lab, "/deeds")).text)
    lab.many_invoices(troubled, 5)
    connectors.pause(troubled.core, lab.CONNECTOR, actor="host (shop)")
    after = lines(support.get(path(lab, "/deeds")).text)
    assert len(after) == len(before) + 1
    assert "the order system (shop)" in after[0]


def test_a_setting_is_told_old_and_new(support, lab, troubled):
    changes = {"batch_size": 20, "host_wins": True, "default_terms": "Net 30", "refresh_minutes": 60}
    connectors.change_settings(troubled.core, lab.CONNECTOR, changes, actor=lab.ADMIN)
    newest = lines(support.get(path(lab, "/deeds")).text)[0]
    assert "Records in one message set: 50 →is now 20" in newest
    assert "The order system wins: no →is now yes" in newest
    assert "Terms: none →is now Net 30" in newest
    assert "Minutes" not in newest  # it was 60 before


def test_settings_saved_as_they_were_are_no_deed(support, lab, troubled):
    connectors.change_settings(troubled.core, lab.CONNECTOR, {"batch_size": 50}, actor=lab.ADMIN)
    assert not any("Settings changed" in each for each in lines(support.get(path(lab, "/deeds")).text))


def test_one_press_for_many_records_is_one_line(support, lab, troubled):
    with troubled.core.database.begin() as conn:
        connector = connector_rows.by_name(conn, lab.CONNECTOR)
        for number in range(120):
            made = records.add(
                conn, connector.id, Kind.INVOICE, f"x-{number}", {}, now=troubled.clock(), actor="host"
            )
            records.move(conn, made, State.CANCELLED, now=troubled.clock(), actor="Zoë")
    found = lines(support.get(path(lab, "/deeds")).text)
    assert "and 119 more records" in found[0]
    assert "Zoë" not in found[1]


# --- visits -------------------------------------------------------------------------------------------------


def test_a_visit_is_a_line_with_what_it_did_and_why_it_ended(support, lab):
    found = rows(support.get(path(lab)).text)
    assert "Everything was done" in found[0]
    assert " 2 0 " in found[0]


def test_visits_with_nothing_to_do_are_folded(support, lab, troubled):
    lab.many_sessions(troubled, 12)
    found = rows(support.get(path(lab)).text)
    assert found[0].startswith("12 visits with nothing to do")


def test_visits_come_in_pages(support, lab, troubled):
    lab.many_sessions(troubled, VISITS + 1)
    page = support.get(path(lab)).text
    assert rows(page)[0].startswith(f"{VISITS} visits with nothing to do")
    older = support.get(link(page, "Older")).text
    assert len(rows(older)) == 3
    assert rows(support.get(link(older, "Newer")).text) == rows(page)


def test_a_visit_that_goes_on_is_told(support, lab, troubled):
    lab.go_live(troubled)
    assert "going on" in rows(support.get(path(lab)).text)[0]


def test_only_visits_with_failures_on_request(support, lab, troubled):
    assert rows(support.get(path(lab, "?kind=failed")).text) == []
    lab.many_sessions(troubled, 2)
    with troubled.core.database.begin() as conn:
        row = connector_rows.by_name(conn, lab.CONNECTOR).id
        bad = sessions.open_session(conn, row, "bad", now=troubled.clock(), address="10.0.0.7")
        sessions.change(
            conn, bad.id, state="closed", last_error="QuickBooks is busy", ended_at=troubled.clock()
        )
    found = rows(support.get(path(lab, "?kind=failed")).text)
    assert len(found) == 1
    assert "10.0.0.7" in found[0]


def test_a_visit_has_a_page_with_each_request_in_words(support, lab):
    (address, *_) = html.fromstring(support.get(path(lab)).text).xpath("//tbody/tr/th/a/@href")
    page = support.get(address).text
    said = [" ".join(item.text_content().split()) for item in html.fromstring(page).xpath("//ol/li")]
    assert [each.split(" · ")[0] for each in said] == ["Invoice 1045", "Invoice 1050"]
    assert all(each.endswith("· 114.00: to be created, done") for each in said)
    assert "XML" not in page.replace("qbXML", "")
    assert support.get(path(lab, "/visits/99999")).status_code == 404
    assert support.get(f"/connectors/{lab.FRESH}/log/visits/{address.rsplit('/')[-1]}").status_code == 404


def test_admins_copy_and_download_the_xml_of_a_message_set(troubled, site_of, signed_in, lab, support):
    admin = signed_in(site_of(troubled), lab.ADMIN)
    (address, *_) = html.fromstring(admin.get(path(lab)).text).xpath(
        "//a[contains(@href, '/message-sets/')]/@href"
    )
    page = html.fromstring(admin.get(address).text)
    assert len(page.xpath("//button[@data-copies]")) == 2
    request, answer = page.xpath("//a[.='Download']/@href")
    assert admin.get(request).text == lab.SENT_TEXT
    assert admin.get(answer).text == lab.ANSWER_TEXT
    for each in (address, request, answer):
        assert support.get(each).status_code == 403


# --- files --------------------------------------------------------------------------------------------------


def test_each_view_is_a_file_with_all_its_rows_under_the_same_filters(support, lab, troubled):
    lab.many_invoices(troubled, 600)
    connectors.pause(troubled.core, lab.CONNECTOR, actor="Zoë")
    whole = file_of(support.get(path(lab, "/everything.csv")))
    assert len(whole) - 1 == len(history.log(troubled.core, lab.CONNECTOR, limit=10_000))
    assert len({row[0] for row in whole}) == len(whole)
    (head, only) = file_of(support.get(path(lab, "/deeds.csv?by=Zo%C3%AB")))
    assert dict(zip(head, only, strict=True))["what"] == "Paused"
    lab.many_sessions(troubled, 250)
    assert len(file_of(support.get(path(lab, ".csv")))) == 1 + 2 + 250


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_is_never_a_formula(support, lab, troubled, evil):
    connectors.pause(troubled.core, lab.CONNECTOR, actor=evil)
    assert file_of(support.get(path(lab, "/deeds.csv")))[1][2] == f"'{evil}"


def test_strangers_get_no_file(troubled, site_of, lab):
    client = site_of(troubled).test_client()
    for view in (".csv", "/deeds.csv", "/everything.csv"):
        assert client.get(path(lab, view)).status_code == 302


def test_requests_that_went_alike_in_a_row_are_one_line_unless_they_are_about_records():
    def asked(name: str, operation: str, code: int, record: object = None) -> Asked:
        return Asked(RequestLine(name, 1, operation, None, {}, True, code, "Info", None), record)

    there = object()
    requests = [
        asked("1", "list_page", 0),
        asked("2", "list_page", 0),
        asked("3", "list_page", 500),
        asked("4", "add", 0, there),
        asked("5", "add", 0, there),
    ]
    assert [[each.request.id for each in run] for run in runs(requests)] == [["1", "2"], ["3"], ["4"], ["5"]]
