"""What is done to one record: void, cancel, unlink, post as new, each explained on a page of its own first."""

import pytest
from lxml import html

from qbwc_server.desk.views import record_views
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State


@pytest.fixture
def admin(troubled, site_of, signed_in, lab):
    """An admin at the site with troubles."""
    return signed_in(site_of(troubled), lab.ADMIN)


@pytest.fixture
def support(troubled, site_of, signed_in, lab):
    """A support person there."""
    return signed_in(site_of(troubled), lab.SUPPORT)


def view(world, lab, kind: Kind, external_id: str) -> dict:
    return record_views.view(world.core, lab.CONNECTOR, kind, external_id)


def record_page(visitor, lab, kind: Kind, external_id: str) -> str:
    return visitor.get(f"/connectors/{lab.CONNECTOR}/records/{kind.plural}/{external_id}").text


def offered(page: str) -> set[str]:
    """What the page of a record offers to do."""
    links = html.fromstring(page).xpath("//section[@aria-labelledby='deeds']//a")
    return {link.text_content().strip().rstrip("…") for link in links}


@pytest.mark.parametrize(
    ("kind", "external_id", "expected"),
    [
        (Kind.INVOICE, "SO-1040", {"Link by hand", "Cancel"}),
        (Kind.INVOICE, "SO-1041", {"Link by hand", "Cancel"}),
        (Kind.INVOICE, "SO-1045", {"Link by hand", "Void in QuickBooks"}),
        (Kind.INVOICE, "SO-1050", {"Link by hand", "Post as new", "Cancel"}),
        (Kind.CUSTOMER, "c-1", {"Link by hand", "Unlink"}),
        (Kind.CUSTOMER, "c-2", {"Link by hand", "Cancel"}),
    ],
)
def test_only_what_fits_a_record_is_offered(admin, lab, kind, external_id, expected):
    assert offered(record_page(admin, lab, kind, external_id)) == expected


def test_support_is_offered_the_link_and_told_what_an_admin_can_do(support, lab):
    page = record_page(support, lab, Kind.INVOICE, "SO-1050")
    assert offered(page) == {"Link by hand"}
    assert f"An admin can do more; ask {lab.ADMIN}:" in page
    told = html.fromstring(page).xpath("//section[@aria-labelledby='deeds']/div/dl[1]/dt/text()")
    assert told == ["Post as new", "Cancel"]


def test_a_void_is_explained_and_done(admin, lab, troubled):
    path = f"/connectors/{lab.CONNECTOR}/void/invoices/SO-1045"
    asked = admin.get(path).text
    assert "every amount on it becomes zero" in asked
    assert "It cannot be undone here." in asked
    assert not view(troubled, lab, Kind.INVOICE, "SO-1045")["is_void"]
    answer = admin.post(path)
    assert answer.location == f"/connectors/{lab.CONNECTOR}/records/invoices/SO-1045"
    after = view(troubled, lab, Kind.INVOICE, "SO-1045")
    assert after["is_void"]
    assert after["state"] is State.QUEUED
    page = admin.get(answer.location).text
    assert "Voided in QuickBooks at the next visit" in page
    assert "It is to be voided in QuickBooks." in page
    assert "Void in QuickBooks" not in offered(page)


def test_a_deleted_document_is_posted_as_new_only_when_told(admin, lab, troubled):
    path = f"/connectors/{lab.CONNECTOR}/post-as-new/invoices/SO-1050"
    assert "QuickBooks has it twice then" in admin.get(path).text
    assert view(troubled, lab, Kind.INVOICE, "SO-1050")["txn_id"] == "2B3C-1700000002"
    admin.post(path)
    after = view(troubled, lab, Kind.INVOICE, "SO-1050")
    assert (after["state"], after["txn_id"], after["errors"]) == (State.QUEUED, None, [])


def test_posting_as_new_twice_does_it_once(admin, lab, troubled):
    path = f"/connectors/{lab.CONNECTOR}/post-as-new/invoices/SO-1050"
    admin.post(path)
    again = admin.post(path)
    assert again.status_code == 409
    assert "was not deleted in QuickBooks" in again.text


def test_a_retry_does_not_take_a_deleted_document_for_synced(admin, lab, troubled):
    error = view(troubled, lab, Kind.INVOICE, "SO-1050")["errors"][0]
    admin.post(f"/connectors/{lab.CONNECTOR}/errors/retry", id=str(error["id"]))
    assert view(troubled, lab, Kind.INVOICE, "SO-1050")["state"] is State.BLOCKED


def test_an_unlinked_customer_is_matched_anew(admin, lab, troubled):
    path = f"/connectors/{lab.CONNECTOR}/unlink/customers/c-1"
    assert "looks for it again" in admin.get(path).text
    admin.post(path)
    after = view(troubled, lab, Kind.CUSTOMER, "c-1")
    assert (after["state"], after["matched_by"]) == (State.SYNCED, "email")


def test_a_cancelled_record_is_not_sent_and_its_errors_are_closed(admin, lab, troubled):
    path = f"/connectors/{lab.CONNECTOR}/cancel/invoices/SO-1041"
    assert "It is not sent to QuickBooks" in admin.get(path).text
    admin.post(path)
    after = view(troubled, lab, Kind.INVOICE, "SO-1041")
    assert (after["state"], after["errors"]) == (State.CANCELLED, [])
    life = html.fromstring(record_page(admin, lab, Kind.INVOICE, "SO-1041")).xpath(
        "//section[@aria-labelledby='life']//li"
    )
    assert f"by {lab.ADMIN}" in life[-1].text_content()


def test_what_does_not_fit_is_explained_without_a_button(admin, lab):
    page = admin.get(f"/connectors/{lab.CONNECTOR}/void/customers/c-1").text
    assert "This is not possible as the record stands now" in page
    assert not html.fromstring(page).xpath("//main//form")
    answer = admin.post(f"/connectors/{lab.CONNECTOR}/void/customers/c-1")
    assert answer.status_code == 409
    assert "A customer cannot be voided." in answer.text


def test_a_record_shows_its_own_request_and_answer_and_nobody_elses(support, lab):
    page = html.fromstring(record_page(support, lab, Kind.INVOICE, "SO-1050"))
    texts = [element.text for element in page.xpath("//pre")]
    assert [text.split("\n")[0] for text in texts] == [
        '<InvoiceAddRq requestID="req-SO-1050">',
        '<InvoiceAddRs requestID="req-SO-1050" statusCode="0">',
    ]
    assert "  <Memo>&lt;b&gt; &amp; more</Memo>" in texts[0]
    assert "1045" not in "".join(texts)


def test_a_whole_message_set_is_for_admins(admin, support, lab):
    link = f"/connectors/{lab.CONNECTOR}/message-sets/1"
    assert link in record_page(admin, lab, Kind.INVOICE, "SO-1050")
    assert link not in record_page(support, lab, Kind.INVOICE, "SO-1050")
    texts = html.fromstring(admin.get(link).text).xpath("//pre/text()")
    assert "req-SO-1045" in texts[0]
    assert "req-SO-1050" in texts[0]
    assert support.get(link).status_code == 403


def test_a_message_set_of_another_connector_is_not_found(admin, lab):
    assert admin.get(f"/connectors/{lab.FRESH}/message-sets/1").status_code == 404
    assert admin.get(f"/connectors/{lab.CONNECTOR}/message-sets/99").status_code == 404
