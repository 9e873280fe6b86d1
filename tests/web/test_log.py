"""The log of a connector: what happened, newest first, in pages, with the way to every record, and the sessions."""

from typing import Any

import pytest
from lxml import html

from qbwc_server.desk import connectors, history
from qbwc_server.web.site.log import EVENTS, SESSIONS


def path(lab) -> str:
    return f"/connectors/{lab.CONNECTOR}/log"


def told(page: str, part: str, items: str) -> list[str]:
    found = html.fromstring(page).xpath(f"//section[@aria-labelledby='{part}']/div/{items}/li")
    return [" ".join(item.text_content().split()) for item in found]


def older(page: str, label: str) -> str | None:
    links = html.fromstring(page).xpath(f"//nav[@aria-label='{label}']//a[.='Older']/@href")
    return links[0] if links else None


@pytest.fixture
def support(troubled, site_of, signed_in, lab):
    """A support person at the site with troubles."""
    return signed_in(site_of(troubled), lab.SUPPORT)


def test_the_newest_comes_first_with_who_did_it(support, lab, troubled):
    connectors.pause(troubled.core, lab.CONNECTOR, actor=lab.ADMIN)
    events = told(support.get(path(lab)).text, "feed", "ol")
    assert events[0] == f"Paused just now, by {lab.ADMIN}"
    assert events[-1].startswith("Connector added")
    assert events[-1].endswith("by the command line")
    assert "(Document deleted)" in events[1]


def test_every_record_in_the_log_is_a_link_to_it(support, lab):
    links = html.fromstring(support.get(path(lab)).text).xpath("//ol[@class='timeline']//a/@href")
    assert len(links) > 20
    for link in set(links):
        assert support.get(link).status_code == 200, link


def test_the_pages_of_the_log_lose_nothing(support, lab, troubled):
    lab.many_invoices(troubled, EVENTS + 5)
    address: str | None = path(lab)
    seen: list[Any] = []
    while address:
        page = support.get(address).text
        seen += told(page, "feed", "ol")
        address = older(page, "Pages of the log")
    assert len(seen) == len(history.log(troubled.core, lab.CONNECTOR, limit=10_000))
    assert len(seen) > EVENTS


def test_sessions_tell_what_each_did(support, lab):
    sessions = told(support.get(path(lab)).text, "sessions", "ul")
    assert len(sessions) == 2
    assert "2 records to create" in sessions[0]
    assert "finished" in sessions[0]
    assert "Asked QuickBooks for nothing." in sessions[1]


def test_sessions_come_in_pages_of_their_own(support, lab, troubled):
    lab.many_sessions(troubled, SESSIONS + 1)
    page = support.get(path(lab)).text
    assert len(told(page, "sessions", "ul")) == SESSIONS
    rest = support.get(older(page, "Pages of sessions")).text
    assert len(told(rest, "sessions", "ul")) == 3
    assert len(told(rest, "feed", "ol")) == len(told(page, "feed", "ol"))


def test_a_session_that_goes_on_is_told(support, lab, troubled):
    lab.go_live(troubled)
    assert "going on" in told(support.get(path(lab)).text, "sessions", "ul")[0]


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?sessions_before=" + "9" * 30])
def test_a_page_nobody_offers_is_the_first_one(support, lab, query):
    assert support.get(path(lab) + query).text.count("<li>") == support.get(path(lab)).text.count("<li>")


def test_a_connector_nobody_used_has_an_empty_log_of_its_own(support, lab):
    page = support.get(f"/connectors/{lab.FRESH}/log").text
    assert len(told(page, "feed", "ol")) == 1
    assert "There has been none yet." in page
