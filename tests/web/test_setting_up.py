"""Set-up as one path: it goes on wherever facts say it does, for whoever comes back."""

from __future__ import annotations

import re

from lxml import html

from qbwc_server.access import api_keys
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.people import Scope
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import lists


def path(name: str) -> str:
    return f"/connectors/{name}/set-up"


def next_step(page: str) -> str:
    """The heading of the step that comes next."""
    found = re.findall(r'tick-next">.*?</span></span>([^<]+)</h3>', page, re.S)
    return found[0].strip() if found else ""


def test_a_new_connector_goes_on_with_the_key_then_the_pc(admin, world, lab):
    made = admin.post("/connectors/new", name="dock-9")
    assert made.location == path("dock-9")
    page = admin.get(made.location).text
    assert next_step(page) == "A key for the order system"
    assert "/api-keys?connector=dock-9" in page
    assert 'value="dock-9" selected' in admin.get("/api-keys?connector=dock-9").text
    api_keys.create(world.core, "till", connector="dock-9", scope=Scope.WRITE, actor="cli")
    page = admin.get(made.location).text
    assert next_step(page) == "The QuickBooks PC"
    assert "Nothing has come yet" in page
    assert "They are picked from QuickBooks' own lists, as soon as" in page


def test_a_key_that_is_revoked_or_of_another_connector_does_not_count(admin, world, lab):
    revoked = api_keys.create(world.core, "a", connector=lab.FRESH, actor="cli").key
    api_keys.revoke_one(world.core, revoked.id, actor="cli")
    api_keys.create(world.core, "b", connector=lab.CONNECTOR, actor="cli")
    assert next_step(admin_page(admin, lab.FRESH)) == "A key for the order system"


def admin_page(admin, name: str) -> str:
    return admin.get(path(name)).text


def test_once_the_lists_are_read_accounts_and_terms_are_picked_from_them(admin, world, lab):
    api_keys.create(world.core, "all", connector=None, actor="cli")
    with world.core.database.begin() as conn:
        conn.exec_driver_sql("UPDATE session SET qbxml_version = '13.0'")
    with world.core.database.begin() as conn:
        owner = connector_rows.by_name(conn, lab.CONNECTOR).id
        sorts = {"Sales": "Income", "Seafood costs": "CostOfGoodsSold", "Stock": "OtherCurrentAsset"}
        accounts = [
            ListEntry(ListName.ACCOUNT, f"8-{name}", kind, name, True, False, None, None, None, None, None)
            for name, kind in sorts.items()
        ]
        lists.store(conn, owner, accounts, load=None)
    page = admin_page(admin, lab.CONNECTOR)
    assert next_step(page) == "Accounts and terms"
    assert "<option>Net 30</option>" in page
    # the accounts that fit come first, the others after them
    chosen = html.fromstring(page).get_element_by_id("field-default_income_account")
    assert chosen.xpath("option/text()") == ["none", "Sales"]
    assert chosen.xpath("optgroup/option/text()") == ["Seafood costs", "Stock"]
    answer = admin.post(f"{path(lab.CONNECTOR)}/defaults", default_terms="Net 30", default_income_account="")
    assert answer.status_code == 302
    assert connectors.get(world.core, lab.CONNECTOR).settings.default_terms == "Net 30"
    page = admin_page(admin, lab.CONNECTOR)
    assert next_step(page) == ""
    assert "All is set up." in page


def test_what_is_not_in_quickbooks_is_refused_beside_its_field(admin, world, lab):
    with world.core.database.begin() as conn:
        conn.exec_driver_sql("UPDATE session SET qbxml_version = '13.0'")
    answer = admin.post(f"{path(lab.CONNECTOR)}/defaults", default_terms="Net 31")
    assert answer.status_code == 422
    assert "no active terms named" in answer.text
    assert "<option selected>Net 31</option>" in answer.text
    assert connectors.get(world.core, lab.CONNECTOR).settings.default_terms is None


def test_after_a_full_reset_the_path_waits_for_the_pc_again(admin, world, lab):
    api_keys.create(world.core, "all", connector=None, actor="cli")
    world.clock.forward(minutes=5)
    connectors.reset(world.core, lab.CONNECTOR, full=True, actor="cli")
    page = admin_page(admin, lab.CONNECTOR)
    assert next_step(page) == "The QuickBooks PC"
    assert "Nothing has come yet" in page


def test_the_sheet_shows_a_password_only_if_it_has_just_been_made(admin, support, world, lab):
    made = admin.post("/connectors/new", name="dock-9")
    password = re.search(r'id="password">([^<]+)<', admin.get(made.location).text)[1]
    assert password in admin.get("/connectors/dock-9/sheet").text
    assert password not in support.get("/connectors/dock-9/sheet").text
    assert "handed over separately" in support.get("/connectors/dock-9/sheet").text
    world.clock.forward(minutes=16)
    assert password not in admin.get("/connectors/dock-9/sheet").text


def test_the_connector_page_leads_back_to_the_path(admin, support, lab):
    page = admin.get(f"/connectors/{lab.FRESH}").text
    assert "Go on with set-up" in page
    assert "Go on with set-up" not in admin.get(f"/connectors/{lab.CONNECTOR}").text
    assert "/set-up" not in support.get(f"/connectors/{lab.FRESH}").text
