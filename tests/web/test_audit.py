"""What people did over all connectors and to the installation: old and new, filtered, in pages, as a file."""

import csv
import io
import re

import pytest
from lxml import html

from qbwc_server.access import api_keys, users
from qbwc_server.desk.administration import connectors, removal
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.people import Role
from qbwc_server.storage import audit, events
from qbwc_server.storage import connectors as connector_rows

LONG = "a long enough password"


def lines(page: str) -> list[str]:
    found = html.fromstring(page).xpath("//section[@aria-labelledby='feed']/div/ol/li")
    return [" ".join(item.text_content().split()) for item in found]


def link(page: str, words: str) -> str | None:
    links = html.fromstring(page).xpath(f"//nav[@aria-label='Pages of deeds']//a[.='{words}']/@href")
    return links[0] if links else None


def test_deeds_of_all_connectors_and_of_the_installation_stand_in_one_list(admin, world, lab):
    before = len(lines(admin.get("/audit").text))
    connectors.change_settings(world.core, lab.CONNECTOR, {"batch_size": 20}, actor=lab.ADMIN)
    world.clock.forward(minutes=1)
    users.set_role(world.core, lab.SUPPORT, Role.ADMIN, actor=lab.ADMIN)
    world.clock.forward(minutes=1)
    connectors.pause(world.core, lab.FRESH, actor="cli")
    found = lines(admin.get("/audit").text)
    assert len(found) == before + 3
    assert found[0].startswith(f"{lab.FRESH} · Paused")
    assert found[1].startswith(f"Role of a user changed: {lab.SUPPORT} (support to admin)")
    assert found[2].startswith(
        f"{lab.CONNECTOR} · Settings changed Records in one message set: 50 →is now 20"
    )


def test_what_outlives_a_connector_is_told_once(admin, world, lab):
    connectors.add(world.core, "short-lived", actor=lab.ADMIN)
    world.clock.forward(minutes=1)
    connectors.pause(world.core, "short-lived", actor=lab.ADMIN)
    world.clock.forward(minutes=1)
    removal.remove(world.core, "short-lived", actor=lab.ADMIN)
    found = [each for each in lines(admin.get("/audit").text) if "short-lived" in each]
    assert [re.split(" just| 1 min| 2 min", each)[0] for each in found] == [
        "Connector removed: short-lived",
        "short-lived (removed) · Paused",
        "Connector added: short-lived",
    ]


def test_wrong_passwords_in_a_run_are_one_line_and_never_show_what_was_typed(admin, world, lab):
    for _ in range(3):
        assert users.sign_in(world.core, lab.SUPPORT, "no no no", address="10.1.1.1") is None
        world.clock.forward(minutes=10)
    assert users.sign_in(world.core, "my secret password", "x", address="10.1.1.1") is None
    world.clock.forward(hours=3)
    assert users.sign_in(world.core, lab.SUPPORT, "no no no", address="10.1.1.1") is None
    page = admin.get("/audit?kind=users").text
    found = [each for each in lines(page) if "Sign-in failed" in each]
    assert len(found) == 3
    assert f"{lab.SUPPORT} (from 10.1.1.1)" in found[0]
    assert "a name that no user has" in found[1]
    assert "3 times" in found[2]
    assert "somebody at the sign-in page" in found[2]
    assert "my secret password" not in page


def test_filters_narrow_both_logs(admin, world, lab):
    api_keys.create(world.core, "till", connector=None, actor="Zoë")
    api_keys.create(world.core, "shop", connector=lab.CONNECTOR, actor="Zoë")
    connectors.pause(world.core, lab.CONNECTOR, actor="Zoë")
    assert len(lines(admin.get("/audit?by=Zo%C3%AB").text)) == 3
    assert len(lines(admin.get("/audit?kind=keys").text)) == 2
    assert len(lines(admin.get("/audit?q=till").text)) == 1
    assert lines(admin.get("/audit?by=Zo%C3%AB&to=2026-11-21").text) == []
    assert admin.get("/audit?from=nonsense").status_code == 422
    assert 'value="nonsense"' in admin.get("/audit?from=nonsense").text
    text = admin.get("/audit.csv?by=Zo%C3%AB").get_data().decode()
    assert len(list(csv.reader(io.StringIO(text)))) == 4
    # days are those of whoever looks, as the times are: there it is still the day before
    admin.client.set_cookie("zone", "Pacific/Honolulu")
    there = admin.get("/audit?by=Zo%C3%AB&to=2026-11-21").text
    assert len(lines(there)) == 3
    assert "Days are those of Pacific/Honolulu." in there


def test_the_pages_lose_nothing_and_lead_back(admin, world, lab):
    with world.core.database.begin() as conn:
        ids = [connector_rows.by_name(conn, name).id for name in (lab.CONNECTOR, lab.FRESH)]
    for number in range(140):
        world.clock.forward(seconds=1)
        with world.core.database.begin() as conn:
            if number % 3:
                what = ConnectorHappening.PAUSED
                events.add(conn, ids[number % 2], what, at=world.clock(), actor="ann", detail=f"n-{number}.")
            else:
                audit.add(conn, "user added", f"n-{number}.", at=world.clock(), actor="ann")
    address: str | None = "/audit?by=ann"
    pages = []
    while address:
        last = admin.get(address).text
        pages.append(lines(last))
        address = link(last, "Older")
    numbers = [int(found[1]) for page in pages for each in page if (found := re.search(r"n-(\d+)\.", each))]
    assert numbers == list(range(139, -1, -1))
    back = link(last, "Newer")
    returned = []
    while back:
        page = admin.get(back).text
        returned.append(lines(page))
        back = link(page, "Newer")
    assert returned[-1] == pages[0]
    assert "by=ann" in (link(admin.get("/audit?by=ann").text, "Older") or "")


@pytest.mark.parametrize("place", ["before=x", "before=1", "after=9.9.9", "before=" + "9" * 40 + ".1"])
def test_a_place_nobody_offers_is_the_newest(admin, place):
    assert lines(admin.get(f"/audit?{place}").text) == lines(admin.get("/audit").text)


def test_support_sees_no_audit(support):
    assert support.get("/audit").status_code == 403
    assert support.get("/audit.csv").status_code == 403
