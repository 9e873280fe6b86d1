"""Error records on the page: what happened, what to do, who, what waits, and Retry."""

import pytest
from lxml import html

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.sync import errors
from qbwc_server.web.site.errors import MOST_LISTED


def path(lab) -> str:
    """The address of the list."""
    return f"/connectors/{lab.CONNECTOR}/errors"


def groups(page: str) -> list[str]:
    """The text of each group, blanks folded."""
    return [" ".join(article.text_content().split()) for article in html.fromstring(page).xpath("//article")]


def error_of(world, lab, external_id: str) -> errors.ErrorRecord:
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


def test_thousands_behind_one_cause_are_counted_and_some_are_named(support, lab, world):
    lab.many_invoices(world, MOST_LISTED + 7, sku="NO-SUCH")
    page = html.fromstring(support.get(path(lab)).text)
    article = page.xpath("//article[contains(., 'sku:NO-SUCH')]")[0]
    assert f"{MOST_LISTED + 7} records wait for this" in article.text_content()
    assert len(article.xpath(".//details//li")) == MOST_LISTED
    assert "and 7 further records" in article.text_content()
    assert article.xpath(f".//button[contains(., 'Retry all {MOST_LISTED + 7}')]")


def test_what_cannot_be_retried_offers_no_button(support, lab, world):
    lab.quarantine(world)
    page = html.fromstring(support.get(path(lab)).text)
    article = page.xpath("//article[contains(., 'Wrong company file')]")[0]
    assert not article.xpath(".//form")
    assert "holds up the whole connector" in article.text_content()


def test_a_connector_without_errors_says_so(support, lab):
    assert "No open errors" in support.get(f"/connectors/{lab.FRESH}/errors").text
