"""Passwords and .qwc files: shown once, kept by nobody, and dead after a full reset."""

import re

import pytest
from lxml import etree

from qbwc_server.desk.administration import connectors, registered
from qbwc_server.domain.connectors import digest, same

_PASSWORD = re.compile(r'id="password">([^<]+)<')


def shown_password(answer, visitor) -> str:
    """The password on the page a button leads to."""
    assert answer.status_code == 302, answer.text
    answer = visitor.get(answer.location)
    found = _PASSWORD.search(answer.text)
    assert found, answer.text
    return found[1]


def opens(world, name: str, password: str) -> bool:
    """Whether this is the password the Web Connector must come with."""
    connector = connectors.get(world.core, name)
    return same(connector.password_digest, digest(world.core.digest_key, password))


def mark(visitor, path: str) -> str:
    """The hidden mark of a form."""
    return re.search(r'name="mark" value="([^"]+)"', visitor.get(path).text)[1]


def test_a_new_connector_shows_what_the_web_connector_needs_once(admin, world, lab):
    made = admin.post(
        "/connectors/new", name="dock-9", company_file=r"C:\Books\Dock.qbw", run_every_minutes="7"
    )
    password, answer = shown_password(made, admin), admin.get(made.location)
    assert password in answer.text  # looking at it again sends no form
    assert opens(world, "dock-9", password)
    for words in (
        "qbwc-dock-9",
        f"{lab.PUBLIC_URL}/qbwc",
        "/connectors/dock-9/connector.qwc",
        r"C:\Books\Dock.qbw",
        "shown <strong>only now</strong>",
    ):
        assert words in answer.text
    assert connectors.get(world.core, "dock-9").company_file == r"C:\Books\Dock.qbw"
    assert connectors.get(world.core, "dock-9").settings.run_every_minutes == 7
    assert password not in admin.get("/connectors/dock-9").text
    assert admin.post("/connectors/dock-9/handover").status_code == 302
    assert password not in admin.get(made.location).text


def test_a_password_is_in_no_cookie_and_shown_by_no_other_browser_and_not_for_long(
    admin, stranger, world, lab
):
    made = admin.post("/connectors/new", name="dock-9")
    password, page = shown_password(made, admin), admin.get(made.location)
    assert page.headers["Cache-Control"] == "no-store"
    with admin.client.session_transaction() as kept:
        assert kept["once"]
        assert password not in str(dict(kept))
    assert password not in stranger.sign_in(lab.ADMIN, lab.PASSWORD).get(made.location).text
    world.clock.forward(minutes=16)
    assert password not in admin.get(made.location).text


def test_a_password_that_was_replaced_is_not_shown_any_more(admin, world, lab):
    made = admin.post("/connectors/new", name="dock-9")
    password = shown_password(made, admin)
    connectors.rotate_password(world.core, "dock-9", actor="cli")
    assert password not in admin.get(made.location).text
    assert "not shown any more" in admin.get("/connectors/dock-9/handover").text


def test_no_connector_is_made_while_the_web_connector_would_refuse_the_address(
    tmp_path, templates, visit, lab
):
    with lab.copied_world(templates["used"], tmp_path, public_url="http://192.168.0.7:8080") as world:
        admin = visit(world).sign_in(lab.ADMIN, lab.PASSWORD)
        page = admin.get("/connectors/new").text
        answer = admin.post("/connectors/new", name="dock-9")
        assert "dock-9" not in registered.names(world.core)
    assert "First, this server" in page
    assert "refuses an IP address" in page
    assert "Create the connector" not in page
    assert answer.status_code == 409


def test_the_interval_is_checked_beside_its_field(admin, world):
    answer = admin.post("/connectors/new", name="dock-9", run_every_minutes="0")
    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 1440." in answer.text
    assert 'value="dock-9"' in answer.text


@pytest.mark.parametrize(
    ("name", "status"), [("", 422), ("a b", 422), ("-x", 422), ("new", 422), ("harbour-fish", 409)]
)
def test_a_name_that_does_not_fit_is_told_beside_its_field(admin, world, name, status):
    before = registered.names(world.core)
    answer = admin.post("/connectors/new", name=name, company_file="kept.qbw")
    assert answer.status_code == status
    assert 'id="fault-name"' in answer.text
    assert "kept.qbw" in answer.text
    assert registered.names(world.core) == before


def test_the_qwc_is_an_attachment_with_a_plain_file_name(admin, lab, world):
    answer = admin.get(f"/connectors/{lab.CONNECTOR}/connector.qwc")
    assert answer.status_code == 200
    assert answer.mimetype == "application/x-qwc"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=qbwc-{lab.CONNECTOR}.qwc"
    root = etree.fromstring(answer.data)
    connector = connectors.get(world.core, lab.CONNECTOR)
    assert root.findtext("UserName") == connector.username
    assert root.findtext("FileID") == connector.file_id
    assert root.findtext("AppSupport") == f"{lab.PUBLIC_URL}/support"


def test_an_address_the_web_connector_refuses_is_explained_instead_of_a_qwc(tmp_path, templates, visit, lab):
    with lab.copied_world(templates["used"], tmp_path, public_url="http://192.168.0.7:8080") as world:
        admin = visit(world).sign_in(lab.ADMIN, lab.PASSWORD)
        answer = admin.get(f"/connectors/{lab.CONNECTOR}/connector.qwc")
    assert answer.status_code == 409
    assert "QBWC_PUBLIC_URL" in answer.text
    assert "192.168.0.7" in answer.text


def test_a_new_password_replaces_the_old_one_and_is_shown_once(admin, world, lab):
    path = f"/connectors/{lab.CONNECTOR}/password"
    first = shown_password(admin.post(path, mark=mark(admin, path)), admin)
    assert opens(world, lab.CONNECTOR, first)
    second = shown_password(admin.post(path, mark=mark(admin, path)), admin)
    assert second != first
    assert not opens(world, lab.CONNECTOR, first)


@pytest.mark.parametrize("deed", ["password", "full-reset"])
def test_reloading_the_page_that_shows_a_password_does_not_make_another(admin, world, lab, deed):
    path = f"/connectors/{lab.CONNECTOR}/{deed}"
    form = {"mark": mark(admin, path), "name": lab.CONNECTOR}
    password = shown_password(admin.post(path, **form), admin)
    again = admin.post(path, **form)
    assert again.status_code == 409
    assert "nothing was done now" in again.text
    assert opens(world, lab.CONNECTOR, password)


def test_a_full_reset_needs_the_name_of_the_connector(admin, world, lab):
    before = connectors.get(world.core, lab.CONNECTOR)
    path = f"/connectors/{lab.CONNECTOR}/full-reset"
    for typed in ("", lab.FRESH, lab.CONNECTOR.upper()):
        answer = admin.post(path, name=typed, mark=mark(admin, path))
        assert answer.status_code == 422
        assert 'id="fault-name"' in answer.text
    assert connectors.get(world.core, lab.CONNECTOR) == before


def test_a_full_reset_gives_new_credentials_and_walks_through_what_is_to_be_done(admin, world, lab):
    before = connectors.get(world.core, lab.CONNECTOR)
    old_qwc = admin.get(f"/connectors/{lab.CONNECTOR}/connector.qwc").data
    path = f"/connectors/{lab.CONNECTOR}/full-reset"
    answer = admin.post(path, name=f" {lab.CONNECTOR} ", mark=mark(admin, path))
    assert opens(world, lab.CONNECTOR, shown_password(answer, admin))
    answer = admin.get(answer.location)
    after = connectors.get(world.core, lab.CONNECTOR)
    assert after.file_id != before.file_id
    assert after.binding is None
    assert answer.text.index("Remove the old entry") < answer.text.index("Add it to the Web Connector")
    assert "Download the new .qwc" in answer.text
    assert admin.get(f"/connectors/{lab.CONNECTOR}/connector.qwc").data != old_qwc


def test_a_full_reset_is_explained_before_it_is_done(admin, lab):
    page = admin.get(f"/connectors/{lab.CONNECTOR}/full-reset").text
    assert "The old ones stop working" in page
    assert "All records, what QuickBooks calls them, and their history" in page
