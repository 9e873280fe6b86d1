"""The pages that tell how connectors are, and the buttons on them."""

import pytest
from lxml import html

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.records import State
from qbwc_server.domain.sessions import SessionState
from qbwc_server.storage import sessions
from qbwc_server.storage.connectors import by_name
from qbwc_server.visit.calls import WebConnectorCalls


def test_the_first_page_tells_the_health_of_every_connector_in_words(admin, lab, world):
    page = admin.get("/").text
    for health in overview.all_health(world.core):
        assert health.headline in page.replace("&#39;", "'")
    assert "Documents stuck" in page
    assert "Not fully set up" in page
    assert "12 min ago" in page
    assert "2026-11-22 09:22 UTC" in page


def test_the_first_page_counts_records_and_open_errors(admin, lab, world):
    health = overview.health(world.core, lab.CONNECTOR)
    page = admin.get("/").text
    assert health.counts[State.BLOCKED] == 5
    assert "5 blocked records need attention." in page
    assert f"{health.open_errors} errors<" in page


def test_without_a_connector_an_admin_is_told_to_make_one_and_support_whom_to_ask(empty, visit, lab):
    lab.people(empty)
    admin = visit(empty).sign_in(lab.ADMIN, lab.PASSWORD)
    assert 'href="/connectors/new"' in admin.get("/").text
    support = visit(empty).sign_in(lab.SUPPORT, lab.PASSWORD)
    assert "An admin can create one." in support.get("/").text
    assert "/connectors/new" not in support.get("/").text


def test_the_page_of_a_connector_tells_lists_sessions_file_and_steps(support, lab):
    page = support.get(f"/connectors/{lab.CONNECTOR}").text
    for words in (
        "44 minutes ago",
        "closed by the Web Connector",
        "C:\\Books\\Harbour Fish.qbw",
        "QuickBooks Enterprise Solutions 24.0",
        f"{lab.PUBLIC_URL}/qbwc",
        "Yes, always; allow access even if QuickBooks is not running",
    ):
        assert words in page


def test_a_connector_that_does_not_exist_is_not_found(admin):
    for path in ("", "/errors", "/records", "/settings", "/password", "/connector.qwc", "/session-reset"):
        assert admin.get(f"/connectors/no-such{path}").status_code == 404, path
    assert admin.post("/connectors/no-such/resync").status_code == 404
    assert admin.get("/connectors/%00").status_code == 404


def test_resync_is_noted_and_told(support, lab, world):
    answer = support.post(f"/connectors/{lab.CONNECTOR}/resync")
    assert answer.location == f"/connectors/{lab.CONNECTOR}"
    assert "Resync requested" in support.get(answer.location).text
    assert overview.health(world.core, lab.CONNECTOR).resync_requested_at == world.clock()


def test_a_session_reset_is_explained_and_ends_the_live_session(support, lab, world):
    lab.go_live(world)
    path = f"/connectors/{lab.CONNECTOR}/session-reset"
    asked = support.get(path).text
    assert "A session is going on" in asked
    assert "nothing is posted twice" in asked
    answer = support.post(path)
    assert "Session reset done" in support.get(answer.location).text
    with world.core.database.begin() as conn:
        latest = sessions.latest(conn, by_name(conn, lab.CONNECTOR).id)
    assert latest.state is SessionState.CLOSED


def test_a_paused_connector_says_so_and_can_be_resumed(admin, lab, world):
    page = f"/connectors/{lab.CONNECTOR}"
    admin.post(f"{page}/pause")
    assert connectors.get(world.core, lab.CONNECTOR).paused
    text = admin.get(page).text
    assert "Paused" in text
    assert f'action="{page}/resume"' in text
    assert f'action="{page}/pause"' not in text
    admin.post(f"{page}/resume")
    assert not connectors.get(world.core, lab.CONNECTOR).paused


def test_a_wrong_company_file_is_told_and_an_admin_confirms_it(admin, support, lab, world):
    lab.quarantine(world)
    page = f"/connectors/{lab.CONNECTOR}"
    assert "Sample Bakery" in support.get(page).text
    assert "Confirm the company file" not in support.get(page).text
    assert "Confirm the company file" in admin.get(page).text
    admin.post(f"{page}/confirm-company-file", company="yes")
    assert "type the name of the company file: Sample Bakery" in admin.get(page).text
    assert overview.health(world.core, lab.CONNECTOR).connector_errors
    admin.post(f"{page}/confirm-company-file", company="Sample Bakery")
    assert "Company file confirmed" in admin.get(page).text
    assert overview.health(world.core, lab.CONNECTOR).connector_errors == ()


def test_what_is_an_error_record_of_the_connector_is_not_said_again_as_a_finding(admin, lab, world):
    lab.wrong_password(world)
    page = admin.get(f"/connectors/{lab.CONNECTOR}").text
    assert "Bad credentials" in page
    sentence = "The Web Connector came with a wrong password."
    assert page.count(sentence) == 1


def test_both_company_files_stand_side_by_side_with_the_two_ways_to_go_on(admin, support, lab, world):
    lab.quarantine(world)
    page = html.fromstring(admin.get(f"/connectors/{lab.CONNECTOR}").text)
    cells = page.xpath("//table[contains(., 'Was open')]//tbody//tr/*")
    assert [cell.text_content().strip() for cell in cells] == [
        "Company name",
        "Harbour Fish Co",
        "Sample Bakery",
    ]
    assert not page.xpath("//section[@aria-labelledby='wrong-file']//form")
    assert page.xpath("//section[@aria-labelledby='moved-file']//form")
    assert "Ask an admin" in support.get(f"/connectors/{lab.CONNECTOR}").text


def test_a_resync_shows_its_progress_and_what_it_brought(support, lab, world):
    lab.loading(world)
    page = html.fromstring(support.get(f"/connectors/{lab.CONNECTOR}").text)
    lists = page.xpath("//section[@aria-labelledby='lists']")[0]
    text = " ".join(lists.text_content().split())
    assert "Resync in progress: 1 of 11 lists are read." in text
    assert "1 read so far of about 1" in text
    for words in ("It brought: 3 new", "1 renamed", "2 SKU changed", "12 waiting records released"):
        assert words in text
    assert lists.xpath(".//progress[@value='1'][@max='1']")
    assert text.count("Resync waits") == 9


@pytest.mark.parametrize("page", ["/", "/connectors/{}"])
def test_the_first_load_tells_how_many_entries_are_read_as_nobody_knows_of_how_many(
    support, lab, world, page
):
    lab.first_load(world)
    answer = support.get(page.format(lab.FRESH)).text
    text = " ".join(html.fromstring(answer).text_content().split())
    assert "The lists are read for the first time: 12 entries so far." in text
    assert (
        "How many there are is known at the end only." in answer
    )  # where there are many, to whoever points at it


def test_a_resync_leads_back_to_where_it_was_pressed(support, lab):
    errors = f"/connectors/{lab.CONNECTOR}/errors"
    resync = f"/connectors/{lab.CONNECTOR}/resync"
    assert support.post(resync, next=errors).location == errors
    assert "Resync requested" in support.get(errors).text
    assert support.post(resync, next="//evil.example").location == f"/connectors/{lab.CONNECTOR}"


def test_a_wrong_first_password_comes_before_a_connector_that_was_never_seen(admin, lab, world):
    name = "wrong-from-the-start"
    made = connectors.add(world.core, name, settings={}, actor="ada")
    calls = WebConnectorCalls(world.core)
    for _ in range(3):
        calls.authenticate(made.connector.username, "guessed", address="192.0.2.9")
    page = html.fromstring(admin.get("/").text)
    card = page.xpath(f"//section[h2='Nothing goes out']//li[.//a[text()='{name}']]")[0]
    words = " ".join(card.text_content().split())
    assert "The Web Connector came with a wrong password." in words
    assert "Install" not in words
    assert "seen now, next in 5 min" in words
    page = " ".join(html.fromstring(admin.get(f"/connectors/{name}").text).text_content().split())
    assert "3 times" in page
    assert "from 192.0.2.9" in page
    assert "has never called" not in page
    listing = html.fromstring(admin.get(f"/connectors/{name}/errors").text)
    (group,) = {each for each in listing.xpath("//main//a/@href") if "/errors/group" in each}
    assert "3 times" in admin.get(group).text
    (error,) = overview.health(world.core, name).connector_errors
    details = " ".join(
        html.fromstring(admin.get(f"/connectors/{name}/errors/{error.id}").text).text_content().split()
    )
    assert "Happened3 times, last just now" in details
    assert "From192.0.2.9" in details


def test_a_pause_is_a_second_badge(admin, lab, world):
    connectors.pause(world.core, lab.CONNECTOR, actor="ada")
    page = html.fromstring(admin.get("/").text)
    (line,) = page.xpath(f"//section[h2='Documents stuck']//li[.//a[text()='{lab.CONNECTOR}']]")
    assert "Paused" in line.text_content()
    for path in (f"/connectors/{lab.CONNECTOR}", f"/connectors/{lab.CONNECTOR}/session-reset"):
        page = html.fromstring(admin.get(path).text)
        badges = [
            " ".join(item.text_content().split()) for item in page.xpath("//*[contains(@class, 'look-')]")
        ]
        assert {"Needs attention", "Paused"} <= set(badges), path
