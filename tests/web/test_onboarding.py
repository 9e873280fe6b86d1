"""The onboarding link: one connector, no account, good for a while, and worth nothing to whoever guesses."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from qbwc_server.access import rights
from qbwc_server.desk.administration import connectors, onboarding, removal
from qbwc_server.domain.causes import BadCredentials, QuickbooksUnreachable
from qbwc_server.domain.connectors import digest, same
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.once import new_salt
from qbwc_server.domain.rights import Right
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import errors
from qbwc_server.storage import onboarding as rows

SECRET = re.compile(r'id="secret">([^<]+)<')


@pytest.fixture
def link(world, lab) -> str:
    """The path of a link for the connector nobody has used yet."""
    salt = new_salt()
    onboarding.make(world.core, lab.FRESH, salt, actor=lab.ADMIN)
    return onboarding.address_of(world.core, salt).removeprefix(lab.PUBLIC_URL)


def press(visitor, path: str, **form):
    """Press a button of a page of the link, with that page's own token."""
    page = visitor.get(path.removesuffix("/password").removesuffix("/hours")).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return visitor.client.post(path, data={"csrf_token": token, **form})


def fail(world, lab, cause, code=None) -> None:
    """The Web Connector came and something was wrong."""
    answer = None if code is None else QuickBooksAnswer(code, None, "no")
    with world.core.database.begin() as conn:
        row = connector_rows.by_name(conn, lab.FRESH).id
        errors.open_error(conn, row, None, cause, answer, now=world.clock())


def test_an_admin_makes_a_link_that_is_shown_once_and_stored_as_a_digest(admin, world, lab):
    page = f"/connectors/{lab.FRESH}/onboarding"
    assert admin.post(page).location == page
    (address,) = re.findall(r'id="link">([^<]+)<', admin.get(page).text)
    assert re.fullmatch(rf"{lab.PUBLIC_URL}/onboard/[\w-]{{43}}", address)
    assert address in admin.get(page).text
    token = address.rpartition("/")[2]
    with world.core.database.read() as conn:
        assert rows.with_digest(conn, digest(world.core.digest_key, token)) is not None
        for table in ("onboarding", "event", "audit"):
            assert token not in str(conn.exec_driver_sql(f"SELECT * FROM {table}").all())
    world.clock.forward(minutes=16)
    assert token not in admin.get(page).text
    assert "Onboarding link created" in admin.get(f"/connectors/{lab.FRESH}/log/everything").text


def test_support_makes_one_only_where_an_admin_lets_it(support, world, lab):
    page = f"/connectors/{lab.FRESH}/onboarding"
    assert support.post(page).status_code == 403
    rights.decide(world.core, [Right.ONBOARDING], actor=lab.ADMIN)
    assert support.post(page).status_code == 302
    assert "Revoke the link" in support.get(page).text
    assert support.post(f"{page}/hours").status_code == 403


def test_whoever_has_the_link_walks_through_it_without_an_account(stranger, world, lab, link):
    page = stranger.get(link)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert r"C:\Books\Pier Seven.qbw" in page.text
    assert "QuickBooks opens the company file" in page.text
    qwc = stranger.get(f"{link}/connector.qwc")
    assert etree.fromstring(qwc.data).findtext("UserName") == f"qbwc-{lab.FRESH}"
    assert not SECRET.search(stranger.get(link).text)
    assert press(stranger, f"{link}/password").status_code == 302
    password = SECRET.search(stranger.get(link).text)[1]
    stored = connectors.get(world.core, lab.FRESH).password_digest
    assert same(stored, digest(world.core.digest_key, password))
    world.clock.forward(minutes=16)
    assert password not in stranger.get(link).text
    assert "ask Ada Admin for another link" in stranger.get(link).text


def test_the_password_is_shown_once_and_in_no_other_browser(stranger, site, signed_in, world, lab, link):
    press(stranger, f"{link}/password")
    password = SECRET.search(stranger.get(link).text)[1]
    before = connectors.get(world.core, lab.FRESH).password_digest
    second = press(stranger, f"{link}/password")
    assert second.status_code == 409
    assert "is shown only once" in second.text
    assert connectors.get(world.core, lab.FRESH).password_digest == before
    assert password not in signed_in(site, lab.ADMIN).get(link).text


def test_the_link_opens_no_other_page_and_tells_nothing_of_other_connectors(stranger, lab, link):
    press(stranger, f"{link}/password")
    for page in ("", "/connector.qwc", "/sheet", "/handover", "/onboarding"):
        assert stranger.get(f"/connectors/{lab.FRESH}{page}").status_code == 302
    assert lab.CONNECTOR not in stranger.get(link).text
    assert lab.SUPPORT not in stranger.get(link).text


@pytest.mark.parametrize("how", ["time", "revoked", "newer", "reset", "removed"])
def test_a_link_that_is_over_does_nothing_and_says_whom_to_ask(admin, stranger, world, lab, link, how):
    assert stranger.get(link).status_code == 200
    if how == "time":
        world.clock.forward(hours=72, minutes=1)
    elif how == "revoked":
        assert admin.post(f"/connectors/{lab.FRESH}/onboarding/revoke").status_code == 302
    elif how == "newer":
        admin.post(f"/connectors/{lab.FRESH}/onboarding")
    elif how == "reset":
        connectors.reset(world.core, lab.FRESH, full=True, actor="cli")
    else:
        removal.remove(world.core, lab.FRESH, actor="cli")
    for answer in (
        stranger.get(link),
        stranger.get(f"{link}/connector.qwc"),
        stranger.post(f"{link}/password"),
        stranger.post(f"{link}/hours", days="Monday", start="07:00", end="18:00", time_zone="UTC"),
    ):
        assert answer.status_code == 410
        assert f"ask {lab.ADMIN} for another link" in answer.text
        assert lab.FRESH not in answer.text
    if how == "removed":
        removal.restore(world.core, lab.FRESH, actor="cli")
        assert stranger.get(link).status_code == 410


def test_the_page_is_kept_up_to_date_by_its_script_and_says_when_it_is_no_longer(stranger, world, lab, link):
    page = stranger.get(link)
    assert f'data-live="{link}/steps"' in page.text
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert "wrong-turn" not in stranger.get(f"{link}/steps").text
    fail(world, lab, BadCredentials())
    steps = stranger.get(f"{link}/steps").text
    assert "came with a wrong password" in steps
    assert "<html" not in steps
    world.clock.forward(hours=73)
    assert stranger.get(f"{link}/steps").status_code == 404


def test_guessing_is_slowed_down_and_a_good_link_is_not(stranger, link):
    answers = [stranger.get(f"/onboard/{'x' * 42}{number % 10}").status_code for number in range(12)]
    assert (answers[0], answers[-1]) == (404, 429)
    assert "Retry-After" in stranger.get("/onboard/y").headers
    assert stranger.get(link).status_code == 200
    assert stranger.post("/onboard/y/password").status_code == 429


@pytest.mark.parametrize(
    ("cause", "code", "words"),
    [
        (BadCredentials(), None, "came with a wrong password"),
        (QuickbooksUnreachable(), "0x80040418", "was not open as Admin"),
        (QuickbooksUnreachable(), "0x80040420", "told not to let this application in"),
        (QuickbooksUnreachable(), "0x8004041A", "told not to let this application in"),
        (QuickbooksUnreachable(), "0x8004041D", "does not let this application in while it is closed"),
        (QuickbooksUnreachable(), "0x80040416", "No company file was open"),
        (QuickbooksUnreachable(), "0x80040402", "QuickBooks had an unexpected error"),
        (QuickbooksUnreachable(), "0x12345678", "Web Connector"),
    ],
)
def test_a_wrong_turn_is_told_with_what_to_click(stranger, admin, world, lab, link, cause, code, words):
    fail(world, lab, cause, code)
    for page in (stranger.get(link), admin.get(f"/connectors/{lab.FRESH}/set-up")):
        assert page.text.count("wrong-turn") == 1
        assert words in page.text
        assert "0x8004" not in page.text


def test_the_wrong_company_file_is_told_by_its_name(stranger, admin, world, lab):
    salt = new_salt()
    lab.quarantine(world)
    onboarding.make(world.core, lab.CONNECTOR, salt, actor="cli")
    page = stranger.get(onboarding.address_of(world.core, salt).removeprefix(lab.PUBLIC_URL)).text
    assert "QuickBooks has “Sample Bakery” open" in page
    assert "Open “Harbour Fish Co” in QuickBooks." in page
    assert "ask whoever sent you the link" in page.lower()


HOURS = {
    "days": ["Monday", "Tuesday", "Friday"],
    "start": "06:30",
    "end": "17:00",
    "time_zone": "America/Denver",
}


def test_hours_are_asked_for_by_the_guest_and_set_by_an_admin(stranger, admin, world, lab, link):
    assert press(stranger, f"{link}/hours", **HOURS).status_code == 302
    words = "Monday, Tuesday, Friday, 06:30 to 17:00 (America/Denver)"
    assert words in stranger.get(link).text
    settings = connectors.get(world.core, lab.FRESH).settings
    assert settings.quiet_hours is None
    page = f"/connectors/{lab.FRESH}/onboarding"
    assert words in admin.get(page).text
    assert admin.post(f"{page}/hours").status_code == 302
    settings = connectors.get(world.core, lab.FRESH).settings
    assert (settings.quiet_hours, settings.time_zone) == ("17:00-06:30", "America/Denver")
    assert settings.quiet_days == ("wednesday", "thursday", "saturday", "sunday")
    assert "They are set" in admin.get(page).text
    log = admin.get(f"/connectors/{lab.FRESH}/log/everything").text
    assert "the person with the onboarding link" in log


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": []}, "days"),
        ({"start": "7"}, "start"),
        ({"end": "25:00"}, "end"),
        ({"end": "06:30"}, "end"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_hours_that_are_none_are_refused_beside_their_field_and_kept(
    stranger, world, lab, link, wrong, field
):
    answer = press(stranger, f"{link}/hours", **{**HOURS, **wrong})
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    if field != "days":
        assert 'value="Friday" checked' in answer.text
    assert 'value="Wednesday" checked' not in answer.text


def test_the_hours_cannot_be_changed_for_ever_and_the_same_ones_are_no_change(stranger, world, lab, link):
    statuses = []
    for minute in range(24):
        hours = {**HOURS, "start": f"06:{minute:02}"}
        statuses.append([press(stranger, f"{link}/hours", **hours).status_code for _ in range(2)])
    assert statuses[19] == [302, 302]
    assert statuses[20] == [409, 409]


def test_the_whole_run_is_in_the_log_with_whose_link_it_was(stranger, admin, lab, link):
    for _ in range(2):
        stranger.get(link)
        stranger.get(f"{link}/connector.qwc")
    press(stranger, f"{link}/password")
    log = admin.get(f"/connectors/{lab.FRESH}/log/everything").text
    for step in ("opened", ".qwc downloaded", "new password shown"):
        assert log.count(f"{step} (link of {lab.ADMIN})") == 1, step
