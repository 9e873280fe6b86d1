"""Removing a connector on the site, and restoring it."""

import re

import pytest
from lxml import html

from qbwc_server.desk.administration import connectors, registered, removal
from qbwc_server.web.site.presentation import absolute


def names(world):
    return registered.names(world.core)


@pytest.fixture
def remove_page(lab):
    return f"/connectors/{lab.CONNECTOR}/remove"


def handle(page):
    (found,) = re.findall(r'name="handle" value="([^"]+)"', page)
    return found


def test_only_whoever_types_its_name_removes_a_connector(admin, world, lab, remove_page):
    assert remove_page in admin.get(f"/connectors/{lab.CONNECTOR}").text
    for typed in ("", "something else", lab.CONNECTOR.upper()):
        answer = admin.post(remove_page, name=typed)
        assert answer.status_code == 422
        assert "exactly as it stands" in answer.text
    assert lab.CONNECTOR in names(world)
    assert admin.post(remove_page, name=lab.CONNECTOR).location == "/removed"
    assert lab.CONNECTOR not in names(world)
    for path in ("", "/errors", "/records", "/log", "/remove"):
        assert admin.get(f"/connectors/{lab.CONNECTOR}{path}").status_code == 404
    assert lab.CONNECTOR not in admin.get("/").text


def test_support_neither_removes_nor_sees_what_was_removed(admin, support, world, lab, remove_page):
    assert remove_page not in support.get(f"/connectors/{lab.CONNECTOR}").text
    admin.post(remove_page, name=lab.CONNECTOR)
    assert 'href="/removed"' in admin.get("/").text
    assert 'href="/removed"' not in support.get("/").text


def test_it_is_restored_with_all_that_is_in_it(admin, world, lab, remove_page):
    def listed():
        return html.fromstring(admin.get(f"/connectors/{lab.CONNECTOR}/records").text).text_content()

    before = listed()
    admin.post(remove_page, name=lab.CONNECTOR)
    page = admin.get("/removed").text
    (removed,) = removal.removed(world.core)
    assert removed.gone_at.strftime("%Y-%m-%d") in page
    assert absolute(removed.removed_at) in page
    answer = admin.post("/removed", handle=handle(page), name=lab.CONNECTOR)
    assert answer.location == f"/connectors/{lab.CONNECTOR}"
    admin.get("/removed")  # takes the note
    assert listed() == before
    assert "No connector was removed" in admin.get("/removed").text
    assert admin.post("/removed", handle=handle(page), name=lab.CONNECTOR).status_code == 404


def test_a_name_that_is_taken_by_now_is_told_beside_its_field(admin, world, lab, remove_page):
    admin.post(remove_page, name=lab.CONNECTOR)
    connectors.add(world.core, lab.CONNECTOR, actor="tests")
    which = handle(admin.get("/removed").text)
    for name in (lab.CONNECTOR, lab.CONNECTOR.upper()):
        answer = admin.post("/removed", handle=which, name=name)
        assert answer.status_code == 409
        assert "Choose another one" in answer.text
    answer = admin.post("/removed", handle=which, name="not a name")
    assert answer.status_code == 422
    assert "is-invalid" in answer.text
    assert admin.post("/removed", handle=which, name="harbour-old").status_code == 302
    assert {"harbour-old", lab.CONNECTOR} <= set(names(world))


def test_who_removed_and_restored_it_is_told(admin, world, lab, remove_page):
    admin.post(remove_page, name=lab.CONNECTOR)
    admin.post("/removed", handle=handle(admin.get("/removed").text), name="harbour-old")
    page = admin.get("/audit").text
    assert f"Connector removed: <strong>{lab.CONNECTOR}</strong>" in page
    assert "as harbour-old" in page
    log = admin.get("/connectors/harbour-old/log/deeds").text
    assert "Connector removed" in log
    assert f"by {lab.ADMIN}" in log
