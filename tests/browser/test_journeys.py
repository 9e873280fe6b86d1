"""What support staff and admins do, by clicking in a real browser."""

import pytest
from lxml import etree
from playwright.sync_api import expect

from qbwc_server.access import users
from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors, registered
from qbwc_server.domain.connectors import digest, same
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State


def opens(world, name: str, password: str) -> bool:
    """Whether this is the password the Web Connector must come with."""
    return same(connectors.get(world.core, name).password_digest, digest(world.core.digest_key, password))


def test_a_tired_admin_resets_the_session_fetches_the_qwc_and_retries_an_error(
    world, open_page, sign_in, lab
):
    lab.go_live(world)
    page = open_page(world)
    sign_in(page, lab.ADMIN)
    page.get_by_role("link", name=lab.CONNECTOR, exact=True).click()

    page.get_by_role("link", name="Session reset…").click()
    page.get_by_role("button", name="Reset the session").click()
    expect(page.get_by_role("status")).to_contain_text("Session reset done")
    assert overview.health(world.core, lab.CONNECTOR).live_session is None

    with page.expect_download() as started:
        page.get_by_role("link", name="Download .qwc").click()
    assert started.value.suggested_filename == f"qbwc-{lab.CONNECTOR}.qwc"
    root = etree.parse(started.value.path()).getroot()
    assert root.findtext("UserName") == connectors.get(world.core, lab.CONNECTOR).username

    page.locator("#tab-errors").click()
    page.get_by_role("link", name="has the Manufacturer's Part Number OY-100").click()
    expect(page.get_by_role("article")).to_contain_text(
        "Enter the SKU as Manufacturer's Part Number", ignore_case=True
    )
    page.get_by_role("button", name="I fixed it in QuickBooks: check again").click()
    expect(page.get_by_role("status")).to_contain_text("Resync requested")

    page.get_by_label("Search the items of QuickBooks").fill("mussels")
    page.get_by_role("button", name="Search", exact=True).last.click()
    page.get_by_role("button", name="This one").click()
    expect(page.get_by_role("status")).to_contain_text("2 go on")
    expect(page.get_by_role("article")).to_contain_text("Nothing waits for this any more.")
    assert lab.state_of(world, Kind.INVOICE, lab.ODD_ID) is State.QUEUED


def test_the_first_admin_arrives_makes_a_connector_and_leaves(empty, open_page, lab):
    page = open_page(empty)
    page.goto(f"/setup/{users.setup_token(empty.core)}")
    page.get_by_label("User name").fill("Eve First")
    page.get_by_label("Password", exact=True).fill(lab.PASSWORD)
    page.get_by_label("The same password again").fill(lab.PASSWORD)
    page.get_by_role("button", name="Create the admin").click()

    page.get_by_role("link", name="Create the first connector").click()
    page.get_by_label("Name").fill("dock-9")
    page.get_by_role("button", name="Create the connector").click()
    password = page.locator("#password").inner_text()
    assert opens(empty, "dock-9", password)
    expect(page.get_by_role("link", name="Download .qwc")).to_be_visible()

    page.reload()
    expect(page.locator("#password")).to_have_text(password)
    page.get_by_role("button", name="I have noted the password").click()
    expect(page.locator("#password")).to_have_count(0)
    page.get_by_role("link", name="Leave for now").click()
    expect(page.get_by_text("Never connected")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/connectors/dock-9")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.slow
def test_a_full_reset_asks_for_the_name_and_walks_through_the_rest(world, open_page, sign_in, lab):
    page = open_page(world)
    sign_in(page, lab.ADMIN)
    page.goto(f"/connectors/{lab.CONNECTOR}/full-reset")
    page.get_by_label("Name of the connector").fill("something else")
    page.get_by_role("button", name="Do the full reset").click()
    expect(page.get_by_text("exactly as it stands")).to_be_visible()
    page.get_by_label("Name of the connector").fill(lab.CONNECTOR)
    page.get_by_role("button", name="Do the full reset").click()
    expect(page.get_by_text("Remove the old entry")).to_be_visible()
    assert opens(world, lab.CONNECTOR, page.locator("#password").inner_text())
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the new .qwc").click()
    root = etree.parse(started.value.path()).getroot()
    assert root.findtext("FileID") == connectors.get(world.core, lab.CONNECTOR).file_id


@pytest.mark.slow
def test_a_record_with_an_odd_name_is_reached_by_clicking(world, open_page, sign_in, lab):
    page = open_page(world)
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}/records/invoices?state=blocked")
    page.get_by_role("link", name="1042", exact=True).click()
    expect(page.get_by_role("heading", name="1042").first).to_be_visible()


def test_an_invoice_is_found_from_what_is_said_on_the_telephone(world, open_page, sign_in, lab):
    lab.many_invoices(world, 1)
    page = open_page(world, java_script_enabled=False)
    sign_in(page, lab.SUPPORT)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    box = page.get_by_role("searchbox", name="Search everywhere")
    box.fill("invoice 1041, Harbour Fish, 114.00")
    box.press("Enter")
    expect(page.get_by_role("heading", name="1041").first).to_be_visible()
    print(f"invoice 1041, Harbour Fish, 114.00: no click, {len(loads)} page load")
    assert len(loads) == 1


def test_everything_works_without_javascript(world, open_page, sign_in, lab):
    page = open_page(world, java_script_enabled=False)
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}")
    page.get_by_role("button", name="Resync").click()
    expect(page.get_by_role("status")).to_contain_text("Resync requested")
    page.locator("#tab-errors").click()
    page.get_by_role("link", name="QuickBooks refused invoice 1046.").click()
    page.get_by_role("button", name="I fixed it: send again").click()
    expect(page.get_by_role("status")).to_contain_text("1 released")


@pytest.mark.slow
def test_a_password_can_be_copied(world, open_page, sign_in, lab):
    page = open_page(world, permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, lab.ADMIN)
    page.goto(f"/connectors/{lab.CONNECTOR}/password")
    page.get_by_role("button", name="Create a new password").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert opens(world, lab.CONNECTOR, page.evaluate("navigator.clipboard.readText()"))


def test_a_double_click_on_a_button_counts_once(world, open_page, sign_in, lab):
    page = open_page(world)
    sign_in(page, lab.ADMIN)
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(f"/connectors/{lab.CONNECTOR}/password")
    page.get_by_role("button", name="Create a new password").dblclick()
    assert opens(world, lab.CONNECTOR, page.locator("#password").inner_text())
    assert sent.count("POST") == 1


def test_support_links_a_record_by_hand_after_an_ambiguous_match(world, open_page, sign_in, lab):
    lab.troubles(world)
    page = open_page(world)
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}/records/customers/c-2")
    expect(page.get_by_role("heading", name="2 customers in QuickBooks have the email")).to_be_visible()
    page.get_by_role("link", name="Link by hand…").click()
    box = page.get_by_label("Name, email or ListID")
    box.fill("fish (old")
    box.press("Enter")
    searched = page.get_by_role("region", name="Search the customers of QuickBooks")
    searched.get_by_role("row").filter(has_text="North Fish (old)").get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("Linked to North Fish (old)")
    expect(page.get_by_text("a person said which one it is").first).to_be_visible()
    assert lab.state_of(world, Kind.CUSTOMER, "c-2") is State.SYNCED
    assert lab.state_of(world, Kind.INVOICE, "SO-1051") is State.QUEUED


@pytest.mark.slow
def test_an_ambiguous_match_is_decided_by_one_press_on_the_errors_page(world, open_page, sign_in, lab):
    lab.troubles(world)
    page = open_page(world)
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}/errors")
    page.get_by_role("link", name="have the email north@fish.example").click()
    page.get_by_role("row").filter(has_text="North Fish").first.get_by_role("button", name="This one").click()
    expect(page.get_by_role("status")).to_contain_text("go on")
    expect(page.get_by_role("article")).to_contain_text("Nothing waits for this any more.")
    assert lab.state_of(world, Kind.CUSTOMER, "c-2") is State.SYNCED


@pytest.mark.slow
def test_an_error_record_is_dismissed_with_a_note(world, open_page, sign_in, lab):
    page = open_page(world)
    sign_in(page, lab.SUPPORT)
    page.goto(f"/connectors/{lab.CONNECTOR}/errors?cause=refused")
    page.get_by_role("link", name="QuickBooks refused invoice 1046.").click()
    page.get_by_role("link", name="Details of").click()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("Say why, so that the next person knows.")).to_be_visible()
    page.get_by_label("Why is it dismissed?").fill("Entered by hand last week")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("status")).to_contain_text("Dismissed")
    page.get_by_role("link", name="Closed").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text(
        f"Dismissed by {lab.SUPPORT}: Entered by hand last week"
    )
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.CANCELLED


@pytest.mark.slow
def test_an_admin_posts_a_deleted_invoice_as_new(world, open_page, sign_in, lab):
    lab.troubles(world)
    page = open_page(world)
    sign_in(page, lab.ADMIN)
    page.goto(f"/connectors/{lab.CONNECTOR}/errors?cause=document_deleted")
    page.get_by_role("link", name="was deleted in QuickBooks").click()
    page.get_by_role("link", name="1050").first.click()
    page.get_by_text("Request and answer as XML").click()
    expect(page.get_by_label("Answer")).to_contain_text("<TxnID>2B3C-1700000002</TxnID>")
    page.get_by_role("link", name="Post as new…").click()
    expect(page.get_by_text("It cannot be undone here.")).to_be_visible()
    page.get_by_role("button", name="Post as new").click()
    expect(page.get_by_role("status")).to_contain_text("Posted as new")
    assert lab.state_of(world, Kind.INVOICE, "SO-1050") is State.QUEUED


@pytest.mark.slow
def test_an_admin_looks_after_the_people_and_whoever_is_removed_is_out(world, open_page, sign_in, lab):
    page, other = open_page(world), open_page(world)
    sign_in(page, lab.ADMIN)
    sign_in(other, lab.SUPPORT)
    page.get_by_role("link", name="Users", exact=True).click()
    page.get_by_role("link", name=lab.SUPPORT).click()
    page.get_by_label(f"What {lab.SUPPORT} may do").select_option("admin")
    page.get_by_role("button", name="Change the role").click()
    expect(page.get_by_role("status")).to_contain_text(f"{lab.SUPPORT} is admin now")

    page.get_by_label("User name").fill(lab.SUPPORT)
    page.get_by_role("button", name="Remove the user").click()
    expect(page.get_by_role("status")).to_contain_text("signed out everywhere")
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()

    page.get_by_role("link", name="What people did").click()
    expect(page.get_by_text("User removed")).to_be_visible()

    page.get_by_role("link", name="My password").click()
    page.get_by_label("Present password").fill(lab.PASSWORD)
    page.get_by_label("New password").fill("another one entirely")
    page.get_by_label("The same password again").fill("another one entirely")
    page.get_by_role("button", name="Change my password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    assert users.authenticate(world.core, lab.ADMIN, "another one entirely") is not None


@pytest.mark.slow
def test_an_admin_removes_a_connector_and_has_it_back(world, open_page, sign_in, lab):
    page = open_page(world)
    sign_in(page, lab.ADMIN)
    page.get_by_role("link", name=lab.CONNECTOR, exact=True).click()
    page.get_by_role("link", name="Remove the connector…").click()
    page.get_by_label("Name of the connector").fill(lab.CONNECTOR)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("status")).to_contain_text(f"{lab.CONNECTOR} is removed")
    assert lab.CONNECTOR not in registered.names(world.core)

    page.goto("/")
    expect(page.get_by_role("link", name=lab.CONNECTOR, exact=True)).to_have_count(0)
    page.get_by_role("link", name="Removed connectors").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status")).to_contain_text("is back")
    expect(page.get_by_role("heading", name=lab.CONNECTOR)).to_be_visible()
