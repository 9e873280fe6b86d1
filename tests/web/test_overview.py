"""The first page: the worst first, each connector in words, with its visits; the same for one and for hundreds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.overview import Place
from qbwc_server.desk.overview import pages as overview_pages
from qbwc_server.domain.causes import BadCredentials, CustomerNotMatched, WrongCompanyFile
from qbwc_server.domain.connectors import Binding
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors as rows
from qbwc_server.storage import days, errors, records

MOST_BYTES = 150_000


@dataclass
class Town:
    """Connectors of a world, each as a test wants it."""

    world: Any

    def add(self, name: str, *, seen: timedelta | None = timedelta(minutes=2), **values: Any) -> int:
        connectors.add(self.world.core, name, actor="tests")
        now = self.world.clock()
        with self.world.core.database.begin() as conn:
            owner = rows.by_name(conn, name).id
            if seen is not None:
                values = {"last_seen_at": now - seen, **values}
                for number in range(30):
                    days.add(conn, owner, now - seen - timedelta(days=number), hours=1 << 9, visits=3)
            if values:
                rows.change(conn, owner, **values)
        return owner

    def queue(self, owner: int, number: int, *, ago: timedelta = timedelta(hours=3)) -> None:
        with self.world.core.database.begin() as conn:
            for each in range(number):
                now = self.world.clock() - ago
                records.add(conn, owner, Kind.INVOICE, f"q-{each}", {}, now=now, actor="host")

    def block(self, owner: int, number: int) -> None:
        now = self.world.clock()
        with self.world.core.database.begin() as conn:
            for each in range(number):
                made = records.add(conn, owner, Kind.INVOICE, f"b-{each}", {}, now=now, actor="host")
                records.move(conn, made, State.BLOCKED, now=now, actor="host")
                cause = CustomerNotMatched("email_missing", made.label)
                errors.open_error(conn, owner, made.id, cause, now=now)

    def trouble(self, owner: int, cause: Any) -> None:
        with self.world.core.database.begin() as conn:
            errors.open_error(conn, owner, None, cause, now=self.world.clock())


@pytest.fixture
def town(empty, lab) -> Town:
    lab.people(empty)
    return Town(empty)


@pytest.fixture
def look(town, visit, lab):
    """Opens the first page as it is."""
    visitor = visit(town.world).sign_in(lab.SUPPORT, lab.PASSWORD)

    def opened(query: str = "") -> html.HtmlElement:
        answer = visitor.get(f"/{query}")
        assert answer.status_code == 200
        return html.document_fromstring(answer.text)

    return opened


def names(page: html.HtmlElement) -> list[str]:
    return page.xpath("//section[contains(@class, 'place')]//*[contains(@class, 'who')]/a/text()")


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def line(page: html.HtmlElement, name: str) -> str:
    (found,) = page.xpath(f"//section[contains(@class, 'place')]//li[*[contains(@class, 'who')]/a='{name}']")
    return words(found)


def every_state(town: Town) -> None:
    """One connector in each, named so that the alphabet would have it the other way round."""
    town.trouble(town.add("z-password"), BadCredentials())
    town.block(town.add("y-stuck-little"), 1)
    town.block(town.add("x-stuck-much"), 5)
    town.add("w-late", seen=timedelta(hours=4))
    town.add("v-new", seen=None)
    town.add("u-paused", paused=True)
    town.add("a-fine")


def test_the_worst_comes_first_and_a_sentence_tells_how_many_are_how(town, look):
    every_state(town)
    page = look()
    assert names(page) == [
        "z-password",
        "x-stuck-much",
        "y-stuck-little",
        "w-late",
        "v-new",
        "u-paused",
        "a-fine",
    ]
    assert page.xpath("//section/h2/text()") == [
        "Nothing goes out",
        "Documents stuck",
        "Late",
        "Not fully set up",
        "Paused",
        "Fine",
    ]
    assert words(page.xpath("//h1/following::p[1]")[0]) == (
        "1 stopped, 2 have stuck documents, 1 late, 1 not fully set up, 1 paused, 1 fine."
    )


def test_worst_first_holds_over_all_pages(town, look, monkeypatch):
    every_state(town)
    whole = names(look())
    monkeypatch.setattr(overview_pages, "PAGE", 3)
    seen: list[str] = []
    for number in (1, 2, 3):
        page = look(f"?page={number}")
        assert f"Page {number} of 3" in words(page)
        seen += names(page)
    assert seen == whole
    assert names(look("?page=99")) == names(look("?page=3"))
    assert names(look("?page=-1")) == names(look("?page=x")) == names(look("?page=1"))


def test_what_a_page_tells_and_what_a_connector_tells_is_the_same(town):
    every_state(town)
    found = overview.page(town.world.core)
    assert found.number == len(found.connectors) == 7
    for summary in found.connectors:
        alone = overview.health(town.world.core, summary.connector.name)
        assert (summary.mood, summary.headline, summary.expected_at) == (
            alone.mood,
            alone.headline,
            alone.expected_at,
        )
    ranks = [summary.place.rank for summary in found.connectors]
    assert ranks == sorted(ranks)
    assert found.places == {
        **dict.fromkeys(Place, 1),
        Place.STUCK: 2,
    }


def test_silence_of_more_than_a_day_while_something_waits_is_that_nothing_goes_out(town, look):
    silent = town.add("silent", seen=timedelta(days=3))
    town.add("silent-idle", seen=timedelta(days=3))
    town.queue(silent, 37, ago=timedelta(days=3))
    page = look()
    assert page.xpath("//section/h2/text()") == ["Nothing goes out", "Late"]
    told = line(page, "silent")
    assert "has stopped calling, and 37 records wait." in told
    assert "seen 3 days ago, due 2 days ago" in told
    assert "37 wait, oldest 3 days" in told


def test_one_that_is_late_with_stuck_documents_says_both(town, look):
    town.block(town.add("both", seen=timedelta(hours=5)), 2)
    page = look()
    told = line(page, "both")
    assert "2 blocked records need attention." in told
    (whole,) = page.xpath("//*[@class='what']/@title")
    assert "The Web Connector has stopped calling, too." in whole
    assert "Late" in told
    assert "2 errors" in told


def test_a_fine_one_says_when_it_came_and_when_it_comes_next(town, look):
    town.add("fine")
    town.add("usual", seen=timedelta(minutes=2), habit="f" * 42)
    page = look()
    assert line(page, "fine").endswith("2 min ago, next in 3 min")
    assert line(page, "usual").endswith("next in 3 min")


def test_a_quiet_weekend_does_not_cry(town, look):
    now = town.world.clock()  # a Sunday
    assert now.weekday() == 6
    weekdays = sum(0xFFFFFF << 24 * day for day in range(5))
    on_friday_before_midnight = timedelta(hours=33, minutes=37)
    town.add("office", seen=on_friday_before_midnight, habit=f"{weekdays:042x}")
    town.add("always", seen=on_friday_before_midnight)
    page = look()
    assert page.xpath("//section/h2/text()") == ["Late", "Fine"]
    assert names(page) == ["always", "office"]
    assert "next in 14 h" in line(page, "office")


def test_the_page_of_a_silent_one_asks_in_order_what_is_wrong_at_the_pc(town, visit, lab):
    town.add("silent", seen=timedelta(hours=5))
    town.add("fine")
    visitor = visit(town.world).sign_in(lab.SUPPORT, lab.PASSWORD)
    page = html.document_fromstring(visitor.get("/connectors/silent").text)
    assert "It should have come 4 hours ago" in words(page)
    asked = [words(each) for each in page.xpath("//details[@id='not-polling']//li/strong[1]")]
    assert len(asked) == 5
    for question, about in zip(asked, ("PC", "sleep", "running", "Auto-Run", "Status"), strict=True):
        assert about in question
    assert f"it must answer: {lab.PUBLIC_URL}/qbwc" in words(page)
    assert "not-polling" not in visitor.get("/connectors/fine").text


def test_a_wrong_company_file_is_told_by_its_name_and_without_any_guid(town, look):
    binding = Binding("{0A1B-OURS}", "Harbour Fish Wholesale LLC", "C:\\Books\\harbour.qbw")
    owner = town.add("harbour", binding=binding)
    differences = {
        "FileID": ("{0A1B-OURS}", "{99-THEIRS}"),
        "company name": ("Harbour Fish Wholesale LLC", "Sister Company, Inc."),
    }
    town.trouble(owner, WrongCompanyFile(differences))
    page = look()
    told = line(page, "harbour")
    assert (
        "QuickBooks has “Sister Company, Inc.” open; this connector belongs to “Harbour Fish Wholesale LLC”."
        in told
    )
    assert "THEIRS" not in html.tostring(page, encoding="unicode")


def test_connectors_are_found_by_state_and_by_part_of_their_or_their_companys_name(town, look):
    every_state(town)
    for number in range(3):
        town.add(f"more-{number}")
    binding = Binding(None, "Österreichische Fischhandelsgesellschaft Nordmeer", None)
    town.add("nord", binding=binding)
    page = look()
    states = {words(link): link.get("href") for link in page.xpath("//ul[@class='filters']//a")}
    assert names(look(states["Documents stuck 2"].lstrip("/"))) == ["x-stuck-much", "y-stuck-little"]
    assert names(look("?name=STUCK")) == ["x-stuck-much", "y-stuck-little"]
    assert names(look("?name=fischhandel")) == ["nord"]
    assert names(look("?name=more&state=fine")) == ["more-0", "more-1", "more-2"]
    nothing = look("?name=nobody")
    assert "No connector is called so" in words(nothing)
    assert nothing.xpath("//input[@name='name']/@value") == ["nobody"]
    assert names(look("?state=nonsense")) == names(page)


def test_a_single_connector_has_no_filters_and_one_sentence(town, look):
    town.add("only")
    page = look()
    assert not page.xpath("//ul[@class='filters']")
    assert "It is fine." in words(page)
    assert names(page) == ["only"]


def test_every_connector_has_its_strip_with_a_sentence(town, look):
    every_state(town)
    page = look()
    strips = page.xpath("//*[local-name()='svg'][contains(@class, 'strip')]")
    told = [strip.xpath("string(*[local-name()='title'])") for strip in strips]
    assert len(told) == 7
    assert told.count("Came on 30 of 30 days, last on 22 Nov.") >= 4
    assert "Has not come yet." in told


def test_two_hundred_connectors_are_one_light_page_with_two_tab_stops_each_at_most(town, visit, lab):
    for number in range(200):
        town.add(f"fish-market-number-{number:03}", seen=timedelta(minutes=number % 4))
    for number in (3, 90, 150):
        with town.world.core.database.read() as conn:
            owner = rows.by_name(conn, f"fish-market-number-{number:03}").id
        town.block(owner, 2)
    answer = visit(town.world).sign_in(lab.SUPPORT, lab.PASSWORD).get("/")
    assert len(answer.data) <= MOST_BYTES
    page = html.document_fromstring(answer.text)
    assert len(names(page)) == 200
    for each in page.xpath("//section[contains(@class, 'place')]/ul/li"):
        assert len(each.xpath(".//a | .//button | .//input | .//summary")) <= 2
