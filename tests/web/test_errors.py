"""Error records on the page: what happened, what to do, who, what waits, and Retry."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import pytest
from lxml import html

from qbwc_server.desk import error_views, errors, intake
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import errors as rows
from qbwc_server.storage import records
from qbwc_server.storage.connectors import by_name
from qbwc_server.web.site import errors as site_errors
from qbwc_server.web.site.errors import MOST_LISTED, PAGE_SIZE


def path(lab) -> str:
    """The address of the list."""
    return f"/connectors/{lab.CONNECTOR}/errors"


def groups(page: str) -> list[str]:
    """The text of each group, blanks folded."""
    return [" ".join(article.text_content().split()) for article in html.fromstring(page).xpath("//article")]


def error_of(world, lab, external_id: str) -> error_views.ErrorRecord:
    """The open error record of an invoice."""
    return next(
        error
        for error in errors.find(world.core, connector=lab.CONNECTOR)
        if error.external_id == external_id
    )


def test_records_with_the_same_cause_stand_together(support, lab, world):
    shown = groups(support.get(path(lab)).text)
    assert len(shown) == 4
    first = shown[0]
    assert "Item not matched" in first
    assert "sku:OY-100" in first
    assert "2 records wait for this" in first
    assert "SO-1041" in first
    assert lab.ODD_ID in first


def test_a_group_says_what_happened_what_to_do_and_who(support, lab, world):
    error = error_of(world, lab, "SO-1044")
    group = next(text for text in groups(support.get(path(lab)).text) if "SO-1044" in text)
    assert error.message in group
    assert f"What to do: {error.remedy}" in group
    assert "Who: whoever works at the PC with QuickBooks" in group


def test_the_sentence_of_quickbooks_stands_there_verbatim(support, lab):
    page = support.get(path(lab)).text
    details = html.fromstring(page).xpath("//details[contains(., 'QuickBooks said')]")
    text = details[0].text_content()
    assert "3180" in text
    assert "There was an error when saving a Invoice <transaction>." in text
    assert "<transaction>" not in page


def test_retry_releases_what_can_go_on(support, lab, world):
    lab.cure_sku(world)
    answer = support.post(f"{path(lab)}/retry", id=str(error_of(world, lab, "SO-1041").id))
    assert answer.location == path(lab)
    assert "1 released" in support.get(path(lab)).text
    assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, lab.ODD_ID) is State.BLOCKED


def test_retry_of_a_cause_key_releases_all_behind_it(support, lab, world):
    lab.cure_sku(world)
    support.post(f"{path(lab)}/retry", cause_key="sku:OY-100")
    assert "2 released" in support.get(path(lab)).text
    for external_id in ("SO-1041", lab.ODD_ID):
        assert lab.state_of(world, Kind.INVOICE, external_id) is State.QUEUED


def test_retry_tells_what_is_still_blocked(support, lab, world):
    support.post(f"{path(lab)}/retry", cause_key="sku:OY-100")
    assert "2 are still blocked: the cause has not gone away." in support.get(path(lab)).text
    support.post(f"{path(lab)}/retry", id=str(error_of(world, lab, "SO-1043").id))
    assert "1 is still blocked" in support.get(path(lab)).text


def test_a_retry_from_a_page_that_is_out_of_date_does_no_harm(support, lab, world):
    lab.cure_sku(world)
    stale = str(error_of(world, lab, "SO-1041").id)
    support.post(f"{path(lab)}/retry", id=stale)
    support.get(path(lab))
    answer = support.post(f"{path(lab)}/retry", id=stale)
    assert answer.status_code == 302
    assert "nothing left to retry" in support.get(path(lab)).text


@pytest.mark.parametrize(
    "form", [{}, {"id": "x"}, {"id": "9" * 40}, {"id": "-1"}, {"id": "²"}, {"cause_key": ""}]
)
def test_a_retry_of_nothing_is_told(support, lab, form):
    answer = support.post(f"{path(lab)}/retry", **form)
    assert answer.status_code == 302
    assert "Nothing was chosen" in support.get(path(lab)).text


def test_a_retry_leads_back_only_to_this_site(support, lab, world):
    back = f"/connectors/{lab.CONNECTOR}/records/invoices/SO-1043"
    error = str(error_of(world, lab, "SO-1043").id)
    assert support.post(f"{path(lab)}/retry", id=error, next=back).location == back
    assert support.post(f"{path(lab)}/retry", id=error, next="//evil.example").location == path(lab)


def test_an_error_of_one_connector_cannot_be_retried_through_another(support, lab, world):
    error = error_of(world, lab, "SO-1046")
    support.post(f"/connectors/{lab.FRESH}/errors/retry", id=str(error.id))
    assert error_of(world, lab, "SO-1046") == error
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.BLOCKED


def test_the_list_can_be_narrowed_to_a_cause(support, lab):
    shown = groups(support.get(f"{path(lab)}?cause=refused").text)
    assert len(shown) == 1
    assert "SO-1046" in shown[0]
    assert "No open error of this cause" in support.get(f"{path(lab)}?cause=no_such").text


def filters(page: str, label: str) -> dict[str, str]:
    """The choices of a filter, blanks folded, with the addresses they lead to."""
    links = html.fromstring(page).xpath(f"//ul[@aria-label='{label}']//a")
    return {" ".join(link.text_content().split()): link.get("href") for link in links}


def test_everybody_finds_the_errors_that_wait_for_them(support, lab, world):
    lab.changed_by_a_person(world, "SO-1044")
    page = support.get(path(lab)).text
    choices = filters(page, "Who must act")
    assert list(choices) == ["Anybody", "Support 2", "QuickBooks user 3"]
    mine = support.get(choices["Support 2"]).text
    shown = groups(mine)
    assert len(shown) == 2
    assert all("Who: you or a colleague" in text for text in shown)
    assert "2 open error records of 5" in html.fromstring(mine).text_content()
    assert list(filters(mine, "Cause")) == ["All", "Changed in QuickBooks 1", "Refused 1"]


def test_a_cause_is_chosen_among_those_of_who_was_chosen(support, lab, world):
    lab.changed_by_a_person(world, "SO-1044")
    page = support.get(f"{path(lab)}?who=staff").text
    narrow = support.get(filters(page, "Cause")["Refused 1"]).text
    assert len(groups(narrow)) == 1
    assert "who=staff" in filters(narrow, "Cause")["All"]


def test_who_nobody_knows_narrows_nothing(support, lab):
    assert len(groups(support.get(f"{path(lab)}?who=nobody").text)) == 4


def test_whoever_has_nothing_to_do_is_told_so(support, lab):
    assert "No open error that they must put right" in support.get(f"{path(lab)}?who=host").text


def test_a_retry_of_all_takes_those_that_are_shown_and_leads_back_to_them(support, lab, world):
    lab.cure_sku(world)
    shown = f"{path(lab)}?who=quickbooks_user"
    form = html.fromstring(support.get(shown).text).xpath("//form[.//button[contains(., 'of these')]]")[0]
    fields = {name: value for name, value in form.form_values() if name != "csrf_token"}
    assert support.post(form.get("action"), **fields).location == shown
    assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.BLOCKED


def test_where_the_remedy_says_resync_the_button_is_beside_it(support, lab, world):
    error = error_of(world, lab, "SO-1041")
    own_page = f"{path(lab)}/{error.id}"
    record_page = f"/connectors/{lab.CONNECTOR}/records/invoices/SO-1041"
    for page in (path(lab), own_page, record_page):
        text = support.get(page).text
        cards = [
            card for card in html.fromstring(text).find_class("card") if "What to do" in card.text_content()
        ]
        for card in cards:
            has_button = bool(card.xpath(".//button[contains(., 'Resync')]"))
            assert has_button is ("press Resync" in card.find_class("remedy")[0].text_content())
        assert any(card.xpath(".//button[contains(., 'Resync')]") for card in cards)


def test_a_retry_in_vain_says_how_the_server_learns_of_what_was_put_right(support, lab):
    support.post(f"{path(lab)}/retry", cause_key="sku:OY-100")
    assert "If it was put right in QuickBooks, press Resync" in support.get(path(lab)).text


def test_thousands_behind_one_cause_are_counted_and_some_are_named(support, lab, world):
    lab.many_invoices(world, MOST_LISTED + 7, sku="NO-SUCH")
    page = html.fromstring(support.get(path(lab)).text)
    article = page.xpath("//article[contains(., 'sku:NO-SUCH')]")[0]
    assert f"{MOST_LISTED + 7} records wait for this" in article.text_content()
    assert len(article.xpath(".//details//li")) == MOST_LISTED
    assert "and 7 further records" in article.text_content()
    assert article.xpath(f".//button[contains(., 'Retry all {MOST_LISTED + 7}')]")


def test_very_many_causes_come_in_pages_and_none_is_lost(support, lab, world, monkeypatch):
    monkeypatch.setattr(site_errors, "MOST_GROUPS", 3)
    address: str | None = path(lab)
    seen: list[Any] = []
    while address:
        page = support.get(address).text
        seen += groups(page)
        address = next(
            iter(html.fromstring(page).xpath("//nav[@aria-label='Pages']//a[.='Next page']/@href")), None
        )
    assert len(seen) == len(set(seen)) == 4
    assert "4 different causes in all" in page
    for number in ("2", "99", "0", "-1", "x"):
        assert support.get(f"{path(lab)}?page={number}").status_code == 200


def test_what_cannot_be_retried_offers_no_button(support, lab, world):
    lab.quarantine(world)
    page = html.fromstring(support.get(path(lab)).text)
    article = page.xpath("//article[contains(., 'Wrong company file')]")[0]
    assert not article.xpath(".//form")
    assert "holds up the whole connector" in article.text_content()


def test_a_connector_without_errors_says_so(support, lab):
    assert "No open errors" in support.get(f"/connectors/{lab.FRESH}/errors").text


def test_all_are_retried_at_once_but_what_needs_a_decision(support, lab, world):
    lab.cure_sku(world)
    lab.changed_by_a_person(world, "SO-1044")
    page = html.fromstring(support.get(path(lab)).text)
    assert page.xpath("//button[contains(., 'Retry all 4')]")
    support.post(f"{path(lab)}/retry", all="yes")
    text = support.get(path(lab)).text
    assert "3 released" in text
    assert "1 is still blocked" in text
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, "SO-1044") is State.BLOCKED
    assert error_of(world, lab, "SO-1044").cause == "changed_in_quickbooks"


def test_all_of_one_cause_are_retried_at_once(support, lab, world):
    lab.cure_sku(world)
    assert "Retry all 2 of this cause" in support.get(f"{path(lab)}?cause=item_not_matched").text
    support.post(f"{path(lab)}/retry", all="yes", cause="item_not_matched")
    assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.BLOCKED


def test_a_retry_of_all_where_nothing_is_left_does_no_harm(support, lab):
    support.post(f"{path(lab)}/retry", all="yes", cause="closed_period")
    assert "nothing left to retry" in support.get(path(lab)).text


def test_both_values_of_a_change_by_a_person_stand_side_by_side(support, lab, world):
    lab.changed_by_a_person(world, "SO-1044")
    page = support.get(f"{path(lab)}/{error_of(world, lab, 'SO-1044').id}").text
    row = html.fromstring(page).xpath("//article//tbody/tr")[0]
    assert [cell.text_content().strip() for cell in row] == ["Memo", "as ordered", "none"]


def test_a_retry_that_overwrites_what_a_person_entered_says_so_on_its_button(support, lab, world):
    lab.changed_by_a_person(world, "SO-1044")
    own_page = f"{path(lab)}/{error_of(world, lab, 'SO-1044').id}"
    for page in (f"{path(lab)}?cause=changed_in_quickbooks", own_page):
        buttons = html.fromstring(support.get(page).text).xpath("//article//button[contains(., 'Retry')]")
        assert [button.text_content().strip() for button in buttons] == ["Retry and overwrite"]


def test_an_error_record_is_dismissed_with_a_note_and_stays_in_the_history(support, lab, world):
    error = error_of(world, lab, "SO-1046")
    shown = support.get(f"{path(lab)}/{error.id}").text
    assert "cancelled and not sent to QuickBooks" in shown
    answer = support.post(f"{path(lab)}/{error.id}/dismiss", note=" Entered by hand ")
    assert answer.location == path(lab)
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.CANCELLED
    closed = html.fromstring(support.get(f"{path(lab)}/closed").text).xpath("//tbody/tr")
    assert f"Dismissed by {lab.SUPPORT}: Entered by hand" in closed[0].text_content()
    after = support.get(f"{path(lab)}/{error.id}").text
    assert "Closed: Refused" in after
    assert "Dismiss</button>" not in after


def test_a_dismissal_needs_a_note(support, lab, world):
    error = error_of(world, lab, "SO-1046")
    answer = support.post(f"{path(lab)}/{error.id}/dismiss", note="  ")
    assert answer.status_code == 422
    assert html.fromstring(answer.text).get_element_by_id("fault-note").text == (
        "Say why, so that the next person knows."
    )
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.BLOCKED


def test_a_dismissal_that_comes_too_late_is_told(support, lab, world):
    error = error_of(world, lab, "SO-1046")
    for status in (302, 409):
        answer = support.post(f"{path(lab)}/{error.id}/dismiss", note="twice")
        assert answer.status_code == status
    assert "closed already" in answer.text


def test_an_error_record_of_another_connector_is_not_found(support, lab, world):
    error = error_of(world, lab, "SO-1046")
    other = f"/connectors/{lab.FRESH}/errors/{error.id}"
    assert support.get(other).status_code == 404
    assert support.post(f"{other}/dismiss", note="not mine").status_code == 404
    assert support.get(f"{path(lab)}/2147483648").status_code == 404
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.BLOCKED


def test_closed_error_records_come_newest_first_in_pages(support, lab, world):
    lab.many_invoices(world, PAGE_SIZE + 2, sku="NO-SUCH")
    lab.cure_sku(world, sku="NO-SUCH")
    support.post(f"{path(lab)}/retry", cause_key="sku:NO-SUCH")
    first = html.fromstring(support.get(f"{path(lab)}/closed").text)
    assert len(first.xpath("//tbody/tr")) == PAGE_SIZE
    older = first.xpath("//nav[@aria-label='Pages']//a[.='Older']/@href")[0]
    second = html.fromstring(support.get(older).text)
    assert len(second.xpath("//tbody/tr")) == 2
    assert f"Checked again by {lab.SUPPORT}" in second.text_content()


@pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30])
def test_a_page_nobody_offers_is_the_first_one(support, lab, before):
    assert support.get(f"{path(lab)}/closed?before={before}").status_code == 200


def test_what_the_host_was_refused_is_shown_and_is_no_link_to_a_record_that_is_not_there(admin, lab, world):
    home = f"/connectors/{lab.CONNECTOR}"
    before = admin.get(f"{home}/errors?who=host").text
    assert "c-102" not in before
    for name in ("Well", "寿司"):
        with suppress(InvalidInput):
            fields = {"name": name, "email": "s@x.example"}
            intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, "there", fields, actor="host")
    for _ in range(2):
        with suppress(InvalidInput):
            fields = {"name": "寿司", "email": "s@x.example"}
            intake.put(world.core, lab.CONNECTOR, Kind.CUSTOMER, "c-102", fields, actor="host")
    page = admin.get(f"{home}/errors?who=host&cause=not_accepted").text
    assert "Customer c-102 was handed over and not accepted" in page
    assert f'href="{home}/records/customers/c-102"' not in page
    assert f'href="{home}/records/customers/there"' in page
    assert "2 times" in page
    assert "/name" in page
    for error in errors.find(world.core, connector=lab.CONNECTOR, cause="not_accepted"):
        details = admin.get(f"{home}/errors/{error.id}").text
        assert "it goes away when the record is handed over well" in details
        assert "Retry" not in details
        assert "What was refused was never stored" in details
    found = admin.get(f"{home}/records?id=c-102").text
    assert "Handed over, and not accepted" in found
    assert "No such records" not in found
    record = admin.get(f"{home}/records/customers/there").text
    assert "Not accepted" in record
    assert "Below stands what was accepted before." in record
    (refused,) = [
        error
        for error in errors.find(world.core, connector=lab.CONNECTOR, cause="not_accepted")
        if error.external_id == "c-102"
    ]
    admin.post(f"{home}/errors/{refused.id}/dismiss", note="theirs")
    assert "c-102" not in admin.get(f"{home}/errors").text
    closed = admin.get(f"{home}/errors/closed").text
    assert "c-102" in closed
    assert f'href="{home}/records/customers/c-102"' not in closed


def test_what_can_be_linked_is_offered_however_many_wait_before_it(
    support, lab, troubled, site_of, signed_in
):
    """The customer that two of QuickBooks may be came last: those that name it by its email are listed, it is not."""
    with troubled.core.database.begin() as conn:
        row = by_name(conn, lab.CONNECTOR).id
        (own,) = [item for item in rows.find(conn, row) if item.kind is Kind.CUSTOMER]
        rows.close(conn, [own.id], "comes again", now=troubled.clock())
        for number in range(MOST_LISTED + 3):
            made = records.add(conn, row, Kind.INVOICE, f"m-{number}", {}, now=troubled.clock(), actor="host")
            by_email = replace(cast(Any, own.cause), record=made.label)
            rows.open_error(conn, row, made.id, by_email, now=troubled.clock())
        rows.open_error(conn, row, own.record_id, own.cause, now=troubled.clock())
    visitor = signed_in(site_of(troubled), lab.SUPPORT)
    page = html.fromstring(visitor.get(path(lab)).text)
    (article,) = [each for each in page.xpath("//article") if own.cause_key in each.text_content()]
    assert "North Fish (old)" in article.text_content()
