"""A page that stays open is kept up to date; to watch is no activity, and costs little while nothing happens."""

import pytest
from lxml import html

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.kinds import Kind
from qbwc_server.visit.calls import WebConnectorCalls


def words(text: str) -> str:
    return " ".join(html.fromstring(text).text_content().split())


@pytest.fixture
def watch(admin, lab):
    """The answer to a page that asks again."""
    address = f"/connectors/{lab.CONNECTOR}/now?of=connector"

    def ask(tag: str = ""):
        return admin.client.get(address, headers={"If-None-Match": tag} if tag else {})

    return ask


def arrive(world, name: str, password: str):
    calls = WebConnectorCalls(world.core)
    return calls.authenticate(connectors.get(world.core, name).username, password, address="192.0.2.9")


def test_nothing_is_sent_while_nothing_has_happened(watch, lab, world):
    first = watch()
    again = watch(first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    # "3 minutes ago" is no longer true
    world.clock.forward(minutes=1)
    assert watch(first.headers["ETag"]).status_code == 200


@pytest.mark.parametrize(
    "happens", ["handed over", "wrong password", "wrong again", "call", "Resync", "pause"]
)
def test_whatever_happens_is_sent(watch, lab, world, happens):
    password = connectors.rotate_password(world.core, lab.CONNECTOR, actor="ada")
    arrive(world, lab.CONNECTOR, "guessed") if happens == "wrong again" else None
    tag = watch().headers["ETag"]
    if happens == "handed over":
        fields = {"name": "Ocean Grill", "email": "ap@ocean.example"}
        intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, "c-8", fields, actor="host")
    elif happens in ("wrong password", "wrong again"):
        arrive(world, lab.CONNECTOR, "guessed")
    elif happens == "call":
        arrive(world, lab.CONNECTOR, password)
    elif happens == "Resync":
        connectors.resync(world.core, lab.CONNECTOR, actor="ada")
    else:
        connectors.pause(world.core, lab.CONNECTOR, actor="ada")
    assert watch(tag).status_code == 200


def test_what_is_sent_is_what_the_page_has(admin, watch, lab, world):
    connectors.resync(world.core, lab.CONNECTOR, actor=lab.ADMIN)
    page = html.fromstring(admin.get(f"/connectors/{lab.CONNECTOR}").text)
    part = html.fromstring(f"<body>{watch().text}</body>")
    for name in ("live", "board", "badges", "tab-errors"):
        (of_page,), (sent,) = (each.xpath(f"//*[@id='{name}']") for each in (page, part))
        for each in (of_page, sent):
            for token in each.xpath(".//input[@name='csrf_token']"):
                token.set("value", "")
        assert html.tostring(of_page, with_tail=False) == html.tostring(sent, with_tail=False)
    # the badge and the number of errors are kept up to date on every other page, too
    page = html.fromstring(admin.get(f"/connectors/{lab.CONNECTOR}/records").text)
    part = html.fromstring(f"<body>{admin.get(f'/connectors/{lab.CONNECTOR}/now').text}</body>")
    for name in ("badges", "tab-errors"):
        (of_page,), (sent,) = (each.xpath(f"//*[@id='{name}']") for each in (page, part))
        assert html.tostring(of_page, with_tail=False) == html.tostring(sent, with_tail=False)


def test_to_watch_is_no_activity_and_ends_with_the_session(watch, world):
    answer = watch()
    # nor may an answer that is late bring back a session that was signed out of
    assert "Set-Cookie" not in answer.headers
    world.clock.forward(minutes=479)
    assert "Set-Cookie" not in watch().headers
    world.clock.forward(minutes=2)
    ended = watch()
    assert (ended.status_code, ended.location.split("?")[0]) == (302, "/login")


def test_only_the_pages_of_a_connector_may_ask(admin, lab):
    for path, may in (("", True), ("/errors", True), ("/records", True), ("/log", True)):
        policy = admin.get(f"/connectors/{lab.CONNECTOR}{path}").headers["Content-Security-Policy"]
        assert ("connect-src 'self'" in policy) is may, path
    assert "connect-src" not in admin.get("/").headers["Content-Security-Policy"]


def test_a_resync_is_told_on_every_page_and_a_second_press_says_that_it_waits(support, lab, world):
    resync = f"/connectors/{lab.CONNECTOR}/resync"
    support.post(resync)
    world.clock.forward(minutes=1)
    for path in ("", "/errors", "/records", "/log"):
        page = words(support.get(f"/connectors/{lab.CONNECTOR}{path}").text)
        assert f"Resync: asked for by {lab.SUPPORT} at 09:34, waits for" in page, path
    world.clock.forward(minutes=2)
    page = words(support.get(support.post(resync).location).text)
    assert "A Resync asked for 3 minutes ago is still waiting" in page
    assert "Resync requested" not in page


def test_the_end_of_a_resync_stays_until_it_was_seen_or_a_quarter_of_an_hour_has_passed(
    support, admin, lab, world
):
    connectors.resync(world.core, lab.CONNECTOR, actor=lab.ADMIN)
    lab.resync_ends(world)
    errors = f"/connectors/{lab.CONNECTOR}/errors"
    page = html.fromstring(support.get(errors).text)
    told = words(html.tostring(page.xpath("//*[@id='live-resync']")[0], encoding="unicode"))
    assert told.startswith("Resync: done at 09:34: it released nothing. 5 still need somebody")
    (form,) = page.xpath("//*[@id='live-resync']//form")
    support.client.post(
        form.get("action"),
        data={"csrf_token": support.token()},
        headers={"Referer": f"http://localhost{errors}"},
    )
    assert "live-resync" not in support.get(errors).text
    # of one person only
    assert "live-resync" in admin.get(errors).text
    world.clock.forward(minutes=15)
    assert "live-resync" not in admin.get(errors).text


def test_a_new_connector_waits_for_the_first_visit_and_tells_how_it_went(admin, lab, world):
    page = f"/connectors/{lab.FRESH}"
    assert "Waiting for the first visit" in words(admin.get(page).text)
    tag = admin.get(f"{page}/now?of=connector").headers["ETag"]
    arrive(world, lab.FRESH, "guessed")
    answer = admin.client.get(f"{page}/now?of=connector", headers={"If-None-Match": tag})
    assert "The Web Connector came with a wrong password." in words(answer.text)
    assert "Waiting for the first visit" not in words(answer.text)
    arrive(world, lab.FRESH, connectors.rotate_password(world.core, lab.FRESH, actor="ada"))
    told = words(admin.get(f"{page}/now?of=connector").text)
    assert "wrong password" not in told
    assert "Working" in told


def test_a_connector_with_nothing_handed_over_does_not_claim_that_everything_is_in_quickbooks(
    admin, lab, world
):
    assert "Everything is in QuickBooks" not in admin.get(f"/connectors/{lab.FRESH}").text
    lab.seen_without_work(world)
    page = words(admin.get(f"/connectors/{lab.FRESH}").text)
    assert "Nothing has been handed over yet." in page
    assert "Everything is in QuickBooks" not in page


def test_what_stands_in_the_way_is_named_with_its_number_and_leads_there(support, lab, world):
    page = html.fromstring(support.get(f"/connectors/{lab.CONNECTOR}").text)
    (card,) = page.xpath("//section[@aria-labelledby='in-the-way']")
    first, *others = card.xpath(".//li")
    assert "OY-100" in first.text_content()
    assert "2 invoices · 342.00" in first.text_content()
    assert len(others) <= 4
    assert support.get(first.xpath(".//a/@href")[0]).status_code == 200


def test_the_company_is_told_by_name_and_its_numbers_are_folded_away(support, lab, world):
    lab.quarantine(world)
    page = html.fromstring(support.get(f"/connectors/{lab.CONNECTOR}").text)
    file_id = connectors.get(world.core, lab.CONNECTOR).file_id
    assert page.xpath(f"//details//*[text()='{file_id}']")
    for folded in page.xpath("//details"):
        folded.drop_tree()
    text = " ".join(page.text_content().split())
    assert file_id not in text
    assert "QuickBooks has “Sample Bakery” open; this connector belongs to “Harbour Fish Co”." in text
    assert "Nothing was read or written." in text
