"""Error records on the page: what happened, what to do, who, what waits, and Retry."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, cast
from urllib.parse import quote

import pytest
from lxml import html

from qbwc_server.desk.error_records import errors, open_ones
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import error_views
from qbwc_server.domain.causes import ItemNotMatched, Refused
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import errors as rows
from qbwc_server.storage import records
from qbwc_server.storage.connectors import by_name
from qbwc_server.web.site.error_groups import PAGE_SIZE as MEMBERS
from qbwc_server.web.site.errors import PAGE_SIZE
from tests.worlds import errors_world

from .test_statements import asked


def path(lab) -> str:
    """The address of the list."""
    return f"/connectors/{lab.CONNECTOR}/errors"


def groups(page: str) -> list[str]:
    """The text of each heading with its groups, blanks folded."""
    families = html.fromstring(page).find_class("family")
    return [" ".join(family.text_content().split()) for family in families]


def group(lab, cause: str, key: str) -> str:
    """The address of a group."""
    return f"{path(lab)}/group?cause={cause}&key={quote(key)}"


def error_of(world, lab, external_id: str) -> error_views.ErrorRecord:
    """The open error record of an invoice."""
    return next(
        error
        for error in errors.find(world.core, connector=lab.CONNECTOR)
        if error.external_id == external_id
    )


def test_records_with_the_same_cause_stand_together_in_one_line(support, lab, world):
    shown = groups(support.get(path(lab)).text)
    assert len(shown) == 4
    first = shown[0]
    assert first.startswith(
        "No item in QuickBooks has the Manufacturer's Part Number OY-100. 2 invoices · 342.00"
    )
    assert "SO-1041" not in first
    page = support.get(group(lab, "item_not_matched", "sku:OY-100"))
    text = " ".join(html.fromstring(page.text).get_element_by_id("content").text_content().split())
    assert "2 invoices that wait" in text
    assert "1041 · Harbour Fish Co · 2026-11-20" in text


def test_a_group_says_what_happened_what_to_do_and_who(support, lab, world):
    error = error_of(world, lab, "SO-1044")
    address = group(lab, error.cause, error.cause_key)
    listed = next(text for text in groups(support.get(path(lab)).text) if error.message in text)
    alone = " ".join(html.fromstring(support.get(address).text).xpath("//article")[0].text_content().split())
    for text in (listed, alone):
        # the rest of the remedy is folded
        assert "".join(error.remedy.split()) in "".join(
            text.replace("Who: QuickBooks user More on what to do", "").split()
        )
        assert "Who: QuickBooks user" in text


def test_no_key_of_a_cause_stands_outside_the_details(support, lab, world):
    lab.quarantine(world)
    page = html.fromstring(support.get(path(lab)).text)
    assert "sku:OY-100" not in page.text_content()
    assert "company_file" not in page.text_content()
    shown = html.fromstring(support.get(group(lab, "item_not_matched", "sku:OY-100")).text)
    (code,) = [each for each in shown.iter("code") if each.text == "sku:OY-100"]
    assert code.xpath("ancestor::details")
    for details in shown.xpath("//details"):
        details.getparent().remove(details)
    assert "sku:OY-100" not in shown.get_element_by_id("content").text_content()


def test_the_sentence_of_quickbooks_stands_there_verbatim(support, lab, world):
    error = error_of(world, lab, "SO-1046")
    page = support.get(group(lab, error.cause, error.cause_key)).text
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


def test_a_retry_of_all_takes_those_that_are_shown_and_leads_back_to_them(support, lab, world):
    lab.cure_sku(world)
    errors_world.behind_one(world, 1, Refused("invoice re-2026-000000"))
    shown = f"{path(lab)}?who=staff"
    form = html.fromstring(support.get(shown).text).xpath("//form[.//button[contains(., 'Retry all 2')]]")[0]
    fields = {name: value for name, value in form.form_values() if name != "csrf_token"}
    assert support.post(form.get("action"), **fields).location == shown
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.BLOCKED


def test_the_first_button_does_what_the_remedy_says(support, lab, world):
    """Resync where it says so, never a retry that cannot help before it (findings 10)."""
    for external_id, says, is_resync in (
        ("SO-1041", "I fixed it in QuickBooks: check again", True),
        ("SO-1046", "I fixed it: send again", False),
    ):
        error = error_of(world, lab, external_id)
        for address in (f"{path(lab)}/{error.id}", group(lab, error.cause, error.cause_key)):
            (first,) = html.fromstring(support.get(address).text).find_class("btn-primary")
            assert " ".join(first.text_content().split()) == says
            assert (first.getparent().get("action").endswith("/resync")) is is_resync
            assert ("press Resync" in error.remedy) is is_resync


def test_check_again_reads_the_lists_and_leads_back_to_the_group(support, lab, world):
    address = group(lab, "item_not_matched", "sku:OY-100")
    (button,) = html.fromstring(support.get(address).text).find_class("btn-primary")
    fields = {name: value for name, value in button.getparent().form_values() if name != "csrf_token"}
    answer = support.post(button.getparent().get("action"), **fields)
    assert answer.location == fields["next"]
    assert "Resync requested" in support.get(answer.location).text


def test_a_retry_in_vain_says_how_the_server_learns_of_what_was_put_right(support, lab):
    support.post(f"{path(lab)}/retry", cause_key="sku:OY-100")
    assert "If it was put right in QuickBooks, press Resync" in support.get(path(lab)).text


def test_all_that_wait_behind_one_cause_are_reached_in_pages(support, lab, world):
    lab.many_invoices(world, 2 * MEMBERS + 7, sku="NO-SUCH")
    assert f"{2 * MEMBERS + 7} invoices" in groups(support.get(path(lab)).text)[0]
    address = group(lab, "item_not_matched", "sku:NO-SUCH")
    seen: list[str] = []
    while address:
        page = html.fromstring(support.get(address).text)
        (members,) = page.find_class("members")
        seen += members.xpath("./li/div/a/@href")
        address = next(iter(page.xpath("//nav[@aria-label='Pages']//a[.='Next page']/@href")), "")
    assert len(seen) == len(set(seen)) == 2 * MEMBERS + 7
    assert "Page 3 of 3" in page.text_content()
    for number in ("99", "0", "-1", "x"):
        assert (
            support.get(f"{group(lab, 'item_not_matched', 'sku:NO-SUCH')}&page={number}").status_code == 200
        )


def test_a_thousand_groups_of_one_come_in_pages_and_none_is_lost(support, lab, world):
    errors_world.alone(world, 2 * PAGE_SIZE + 5)
    first = html.fromstring(support.get(path(lab)).text)
    heading = "105 document numbers are used in QuickBooks already (105 invoices)"
    (family,) = [
        each for each in first.find_class("family") if heading in " ".join(each.text_content().split())
    ]
    assert len(family.xpath(".//li")) <= 8
    address: str | None = family.xpath(".//a[starts-with(., 'All 105')]/@href")[0]
    seen: list[Any] = []
    while address:
        page = html.fromstring(support.get(address).text)
        seen += page.find_class("group-lines")[0].xpath(".//a/@href")
        address = next(iter(page.xpath("//nav[@aria-label='Pages']//a[.='Next page']/@href")), None)
    assert len(seen) == len(set(seen)) == 2 * PAGE_SIZE + 5
    for number in ("2", "99", "0", "-1", "x"):
        assert support.get(f"{path(lab)}?cause=number_conflict&why=&page={number}").status_code == 200


def test_what_cannot_be_retried_offers_no_button_but_the_way_to_where_it_is_decided(
    support, admin, lab, world
):
    lab.quarantine(world)
    for text in (
        support.get(path(lab)).text,
        support.get(group(lab, "wrong_company_file", "company_file")).text,
    ):
        cards = html.fromstring(text).find_class("card")
        (card,) = [
            each
            for each in cards
            if "Who: " in each.text_content() and "not the company file" in each.text_content()
        ]
        assert not card.xpath(".//form")
        assert "It goes on by itself once the right file is open" in card.text_content()
        assert "the whole connector" in card.text_content()
        (way,) = card.xpath(".//a[.='Which file is the right one?']/@href")
        page, _, place = way.partition("#")
        (decided,) = html.fromstring(admin.get(page).text).xpath(f"//*[@id='{place}']")
        assert decided.xpath(".//button[contains(., 'Confirm the company file')]")
        (told,) = html.fromstring(support.get(page).text).xpath(f"//*[@id='{place}']")
        assert "Ask an admin to confirm it here" in told.text_content()


def test_a_wrong_password_leads_to_a_new_one_from_wherever_it_is_told(admin, lab, world):
    lab.wrong_password(world)
    for address in (path(lab), group(lab, "bad_credentials", "password")):
        page = html.fromstring(admin.get(address).text)
        (way,) = page.xpath("//main//a[contains(., 'New password')]/@href")
        assert "New password" in admin.get(way).text


def test_a_connector_without_errors_says_so(support, lab):
    assert "No open errors" in support.get(f"/connectors/{lab.FRESH}/errors").text


def test_all_are_retried_at_once_but_what_needs_a_decision(support, lab, world):
    lab.cure_sku(world)
    lab.changed_by_a_person(world, "SO-1044")
    support.post(f"{path(lab)}/retry", all="yes")
    text = support.get(path(lab)).text
    assert "3 released" in text
    assert "1 is still blocked" in text
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, "SO-1044") is State.BLOCKED
    assert error_of(world, lab, "SO-1044").cause == "changed_in_quickbooks"


def test_all_of_one_cause_are_retried_at_once(support, lab, world):
    lab.cure_sku(world)
    support.post(f"{path(lab)}/retry", all="yes", cause="item_not_matched")
    assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.BLOCKED


def test_a_retry_of_all_where_nothing_is_left_does_no_harm(support, lab):
    support.post(f"{path(lab)}/retry", all="yes", cause="closed_period")
    assert "nothing left to retry" in support.get(path(lab)).text


def test_both_values_of_a_change_by_a_person_stand_beside_what_will_be_written(support, lab, world):
    lab.changed_by_a_person(world, "SO-1044")
    page = support.get(f"{path(lab)}/{error_of(world, lab, 'SO-1044').id}").text
    row = html.fromstring(page).xpath("//article//tbody/tr")[0]
    told = [cell.text_content().strip() for cell in row]
    assert told == ["Memo", "as ordered", "nothing", "nothing: it stays as it is"]


def test_what_overwrites_a_persons_entry_says_so_and_is_typed_first(support, lab, world):
    lab.changed_by_a_person(world, "SO-1046")
    error = error_of(world, lab, "SO-1046")
    own_page = f"{path(lab)}/{error.id}"
    for page in (group(lab, error.cause, error.cause_key), own_page):
        content = html.fromstring(support.get(page).text)
        assert not content.xpath("//button[contains(., 'Retry') or contains(., 'again')]")
        (form,) = [each for each in content.forms if each.fields.get("choice") == "overwrite"]
        assert form.xpath(".//input[@name='typed']")
    sent = dict(form.form_values())
    refused = support.client.post(form.action, data={**sent, "typed": "104"})
    assert refused.status_code == 422
    assert "Type 1046 to say that you mean it" in refused.text
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.BLOCKED
    assert support.client.post(form.action, data={**sent, "typed": " 1046 "}).status_code == 302
    assert lab.state_of(world, Kind.INVOICE, "SO-1046") is State.QUEUED


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
    listed = admin.get(f"{home}/errors?who=host&cause=not_accepted").text
    assert "Customer c-102 was handed over and not accepted" in listed
    page = admin.get(group(lab, "not_accepted", "customer:c-102")).text
    assert f'href="{home}/records/customers/c-102"' not in page
    assert (
        f'href="{home}/records/customers/there"'
        in admin.get(group(lab, "not_accepted", "customer:there")).text
    )
    assert "2 times" in page
    assert html.fromstring(page).xpath("string(//th[@data-label='Where'])") == "name"
    for error in errors.find(world.core, connector=lab.CONNECTOR, cause="not_accepted"):
        details = admin.get(f"{home}/errors/{error.id}").text
        assert "it goes away when the record is handed over without faults" in details
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
        for number in range(MEMBERS + 3):
            made = records.add(conn, row, Kind.INVOICE, f"m-{number}", {}, now=troubled.clock(), actor="host")
            by_email = replace(cast(Any, own.cause), record=made.label)
            rows.open_error(conn, row, made.id, by_email, now=troubled.clock())
        rows.open_error(conn, row, own.record_id, own.cause, now=troubled.clock())
    visitor = signed_in(site_of(troubled), lab.SUPPORT)
    page = html.fromstring(visitor.get(group(lab, own.cause.name, own.cause_key)).text)
    assert "North Fish (old)" in page.xpath("//section[@aria-labelledby='choices']")[0].text_content()


def test_six_hundred_errors_in_forty_groups_are_a_light_page_without_any_member(
    support, lab, world, monkeypatch
):
    errors_world.forty_groups(world, 600)
    page = support.get(path(lab)).text
    assert len(page.encode()) < 60_000
    assert html.fromstring(page).text_content().count("re-2026-") == 0
    headings = [" ".join(each.text_content().split()) for each in html.fromstring(page).xpath("//h2[a]")]
    assert headings[0].startswith("26 SKUs are missing in QuickBooks (")
    assert "5 customers cannot be told apart in QuickBooks (" in " ".join(headings)
    assert page.count("enter the SKU as") == 1
    # where more is open than is added up, the same is listed as far as it is kept
    monkeypatch.setattr(open_ones, "MOST_ADDED_UP", 599)
    with asked() as found:
        quickly = support.get(path(lab)).text
    assert found.without_index(world.core.database) == []
    assert not any("sum(record.amount)" in text for text in found.statements)
    told = [" ".join(each.text_content().split()) for each in html.fromstring(quickly).xpath("//h2[a]")]
    assert [each.split(" (")[0] for each in told] == [each.split(" (")[0] for each in headings]
    assert [each.count('class="group-line') for each in (page, quickly)][1] > 0
    assert "amounts are not added up" in quickly
    assert "amounts are not added up" not in page


def test_what_somebody_must_put_right_is_not_looked_for_among_what_others_must(support, lab, world):
    errors_world.forty_groups(world, 600)
    with asked() as found:
        page = support.get(path(lab) + "?cause=item_not_matched&who=staff").text
    assert "group-line" not in page
    assert not any("sum(record.amount)" in text for text in found.statements)
    with asked() as found:
        assert "group-line" in support.get(path(lab) + "?cause=item_not_matched").text
    assert any("error.sub_reason = ?" in text for text in found.statements if "sum(record.amount)" in text)


def test_a_group_of_thousands_takes_no_more_statements_than_one_of_a_few(support, lab, world):
    cause = ItemNotMatched("sku_unknown", "invoice re-1", "line 1 of invoice re-1", "Z-9")
    counts = []
    for first, number in ((0, 60), (60, 400)):
        errors_world.behind_one(world, number, cause, first=first)
        with asked() as found:
            assert support.get(group(lab, "item_not_matched", "sku:Z-9")).status_code == 200
        counts.append(len(found.statements))
    assert counts[0] == counts[1] <= 40
