"""The page of one group: who looks after it, snooze, notes, dismissing all, and what became of it."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from lxml import html

from qbwc_server.access import users
from qbwc_server.courier.tidying import tidy
from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.causes import ClosedPeriod, ItemNotMatched, NumberConflict
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.people import Role
from qbwc_server.domain.records import State
from qbwc_server.storage import events
from qbwc_server.storage.connectors import by_name
from qbwc_server.sync import resolve
from tests.worlds import errors_world

SKU = ("item_not_matched", "sku:OY-100")


def path(lab) -> str:
    """The address of the list."""
    return f"/connectors/{lab.CONNECTOR}/errors"


def group(lab, cause: str, key: str) -> str:
    """The address of a group."""
    return f"{path(lab)}/group?cause={cause}&key={quote(key)}"


def text_of(page: str) -> str:
    """What a page says, blanks folded."""
    return " ".join(html.fromstring(page).get_element_by_id("content").text_content().split())


def do(visitor, lab, deed: str, of: tuple[str, str] = SKU, **fields: str):
    """Press a button of a group's page."""
    return visitor.post(f"{path(lab)}/group/{deed}", cause=of[0], key=of[1], **fields)


def logged(world, lab) -> list[tuple[str, str]]:
    """What was noted of groups: who, and what."""
    with world.core.database.read() as conn:
        found = events.newest(conn, by_name(conn, lab.CONNECTOR).id)
    return [(each.actor, each.detail or "") for each in found if each.type == "connector.errors_attended"]


# --- care ---------------------------------------------------------------------------------------------------


def test_what_is_snoozed_leaves_the_list_and_never_the_truth(support, lab, world):
    before = overview.health(world.core, lab.CONNECTOR)
    answer = do(support, lab, "snooze", until="2026-11-30")
    assert answer.location.startswith(f"{path(lab)}/group?")
    page = text_of(support.get(answer.location).text)
    assert "Snoozed until 2026-11-30 by Sam Support." in page
    listed = html.fromstring(support.get(path(lab)).text)
    assert not [each for each in listed.find_class("family") if "OY-100" in each.text_content()]
    (asleep,) = listed.find_class("asleep")
    assert "snoozed until 2026-11-30" in " ".join(asleep.text_content().split())
    assert "3 open error records need somebody. 2 snoozed." in " ".join(listed.text_content().split())
    after = overview.health(world.core, lab.CONNECTOR)
    assert (after.open_errors, after.moods) == (before.open_errors, before.moods)
    assert logged(world, lab) == [
        (
            lab.SUPPORT,
            "No item in QuickBooks has the Manufacturer's Part Number OY-100. snoozed until 2026-11-30",
        )
    ]


def test_a_snooze_ends_by_itself_by_a_press_or_when_it_becomes_another_matter(support, visit, lab, world):
    def is_listed() -> bool:
        families = html.fromstring(support.get(path(lab)).text).find_class("family")
        return any("OY-100" in each.text_content() for each in families)

    do(support, lab, "snooze", until="2026-11-23")
    assert not is_listed()
    world.clock.forward(days=1)
    support = visit(world).sign_in(lab.SUPPORT, lab.PASSWORD)
    assert is_listed()
    do(support, lab, "snooze", until="2026-11-30")
    assert not is_listed()
    do(support, lab, "wake")
    assert is_listed()
    do(support, lab, "snooze", until="2026-11-30")
    more = ItemNotMatched("sku_unknown", "invoice re-1", "line 1 of invoice re-1", "OY-100")
    errors_world.behind_one(world, 4, more)
    assert not is_listed()
    errors_world.behind_one(world, 1, more, first=4)
    assert is_listed()


@pytest.mark.parametrize("until", ["", "soon", "2026-11-22", "2020-01-01", "2029-01-01", "9999-99-99"])
def test_a_snooze_to_no_date_to_come_is_refused_beside_the_field(support, lab, world, until):
    answer = do(support, lab, "snooze", until=until)
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert page.get_element_by_id("fault-until").text.startswith("Choose a date")
    assert page.get_element_by_id("field-until").get("value") == until
    assert logged(world, lab) == []


def test_somebody_looks_after_a_group_and_finds_what_is_theirs(support, lab, world):
    assert do(support, lab, "assign", assignee=lab.SUPPORT).status_code == 302
    do(support, lab, "assign", assignee=lab.SUPPORT)
    page = html.fromstring(support.get(path(lab)).text)
    mine = page.xpath("//ul[@class='filters']//a[starts-with(normalize-space(), 'Mine')]/@href")[0]
    (family,) = html.fromstring(support.get(mine).text).find_class("family")
    assert "OY-100" in family.text_content()
    assert lab.SUPPORT in family.text_content()
    users.add(world.core, "Cleo", lab.PASSWORD, Role.SUPPORT, actor="tests")
    do(support, lab, "assign", assignee="Cleo")
    users.remove(world.core, "Cleo", actor="tests")
    shown = support.get(group(lab, *SKU)).text
    assert "Cleo (has no account any more)" in shown
    refused = do(support, lab, "assign", assignee="Nobody Known")
    assert refused.status_code == 422
    assert "There is no such user any more." in refused.text
    do(support, lab, "assign", assignee="")
    assert [said.partition("OY-100. ")[2] for _, said in reversed(logged(world, lab))] == [
        "assigned to Sam Support (before: nobody)",
        "assigned to Cleo (before: Sam Support)",
        "assigned to nobody (before: Cleo)",
    ]


def test_a_note_is_kept_with_who_and_when_and_markup_stays_text(support, lab, world):
    do(support, lab, "note", text=" told <b>Käsehaus</b> on Tuesday ")
    page = support.get(group(lab, *SKU)).text
    assert "told &lt;b&gt;Käsehaus&lt;/b&gt; on Tuesday" in page
    assert "Sam Support, just now" in text_of(page)
    for text, says in (
        ("  ", "Write what the next person should know."),
        ("x" * 501, "at most 500 characters"),
    ):
        answer = do(support, lab, "note", text=text)
        assert answer.status_code == 422
        assert says in answer.text
    assert len(logged(world, lab)) == 1


@pytest.mark.slow
def test_what_was_agreed_outlives_the_group_for_thirty_days(support, visit, lab, world):
    do(support, lab, "assign", assignee=lab.SUPPORT)
    do(support, lab, "note", text="told Ocean Grill at once")
    lab.cure_sku(world)
    support.post(f"{path(lab)}/retry", cause_key="sku:OY-100")
    world.clock.forward(days=29)
    tidy(world.core)
    support = visit(world).sign_in(lab.SUPPORT, lab.PASSWORD)
    page = text_of(support.get(group(lab, *SKU)).text)
    assert "told Ocean Grill at once" in page
    more = ItemNotMatched("sku_unknown", "invoice re-1", "line 1 of invoice re-1", "OY-100")
    errors_world.behind_one(world, 1, more)
    world.clock.forward(days=40)
    tidy(world.core)
    support = visit(world).sign_in(lab.SUPPORT, lab.PASSWORD)
    assert "told Ocean Grill at once" in text_of(support.get(group(lab, *SKU)).text)
    support.post(f"{path(lab)}/retry", cause_key="sku:OY-100")
    world.clock.forward(days=32)
    tidy(world.core)
    support = visit(world).sign_in(lab.SUPPORT, lab.PASSWORD)
    assert "told Ocean Grill at once" not in support.get(group(lab, *SKU)).text


def test_a_group_of_another_connector_or_of_none_is_not_found(support, lab, world):
    other = f"/connectors/{lab.FRESH}/errors/group"
    assert support.get(f"{other}?cause=item_not_matched&key=sku%3AOY-100").status_code == 404
    for deed, fields in (("note", {"text": "x"}), ("assign", {"assignee": lab.SUPPORT})):
        answer = support.post(f"{other}/{deed}", cause=SKU[0], key=SKU[1], **fields)
        assert answer.status_code == 404
    assert support.post(f"{other}/snooze", cause=SKU[0], key=SKU[1], until="2026-11-30").status_code == 409
    assert support.get(group(lab, "no_such_cause", "x")).status_code == 404
    assert logged(world, lab) == []


# --- ways out, and what became of it ------------------------------------------------------------------------


def dismissal(page: str) -> dict[str, str]:
    """What the button that dismisses all sends, before anything is typed."""
    (form,) = [each for each in html.fromstring(page).forms if each.fields.get("choice") == "dismiss"]
    return {name: value or "" for name, value in form.form_values()} | {"at": form.action}


def test_all_of_a_group_are_dismissed_with_a_note_and_their_number_typed(support, lab, world):
    sent = dismissal(support.get(group(lab, *SKU)).text)
    at = sent.pop("at")
    assert "2 invoices · 342.00: cancelled" in text_of(support.get(group(lab, *SKU)).text)
    for typed, note, says in (("3", "x", "Type 2 to say"), ("2", " ", "Say why"), ("", "kept so", "Type 2")):
        answer = support.client.post(at, data={**sent, "typed": typed, "note": note})
        assert answer.status_code == 422
        assert says in answer.text
        assert note.strip() in answer.text
    answer = support.client.post(at, data={**sent, "typed": "2", "note": "entered by hand"})
    assert answer.status_code == 302
    page = text_of(support.get(answer.location).text)
    assert "Solved" in page
    assert "2: Dismissed by Sam Support: entered by hand" in page
    assert "2 cancelled" in page
    assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.CANCELLED


def test_a_stale_page_says_what_changed_meanwhile_and_shows_what_is_so_now(support, admin, lab, world):
    late = dismissal(admin.get(group(lab, *SKU)).text)
    first = dismissal(support.get(group(lab, *SKU)).text)
    support.client.post(first.pop("at"), data={**first, "typed": "2", "note": "done"})
    answer = admin.client.post(late.pop("at"), data={**late, "typed": "0", "note": "late"})
    assert answer.status_code in (409, 422)
    page = text_of(answer.text)
    assert "Solved" in page
    assert "Dismissed by Sam Support: done" in page


def test_what_became_of_a_group_is_told_on_its_page_and_on_each_error_record(support, lab, world):
    """Released by Ann's Resync: some went out, some wait for something else."""
    connectors.resync(world.core, lab.CONNECTOR, actor=lab.SUPPORT)
    lab.cure_sku(world)
    with world.core.database.begin() as conn:
        row = by_name(conn, lab.CONNECTOR)
        resolve.release_all(conn, row, now=world.clock(), actor="server")
    page = text_of(support.get(group(lab, *SKU)).text)
    assert "Nothing waits for this any more." in page
    assert "2: The cause is gone, after a Resync of Sam Support" in page
    assert "2 queued" in page
    closed = html.fromstring(support.get(f"{path(lab)}/closed").text)
    own = closed.xpath("//tbody//a[contains(@href, '/errors/')]/@href")[0]
    assert "after a Resync of Sam Support" in text_of(support.get(own).text)


def test_what_waits_for_something_else_afterwards_is_named_with_a_link(support, lab, world):
    errors_world.behind_one(world, 3, ClosedPeriod("invoice re-1"))
    support.post(f"{path(lab)}/retry", cause_key="closed_period")
    page = html.fromstring(support.get(group(lab, "closed_period", "closed_period")).text)
    (link,) = page.xpath("//section[@aria-labelledby='afterwards']//a[contains(., 'A-77')]")
    assert "3 wait for something else" in " ".join(link.getparent().text_content().split())
    assert support.get(link.get("href")).status_code == 200


def test_candidates_stand_side_by_side_with_ours(support, lab, world):
    errors_world.behind_one(
        world, 1, NumberConflict("invoice", "20000", "9-1", "Ocean Grill", "2026-11-20", "440.00")
    )
    page = html.fromstring(support.get(group(lab, "number_conflict", "number:20000")).text)
    (table,) = page.xpath("//section[@aria-labelledby='choices']//table")
    ours, theirs = [
        [" ".join(cell.text_content().split()) for cell in row] for row in table.xpath("./tbody/tr")
    ]
    assert ours[:4] == ["Ocean Grill (ours, not there yet)", "20000", "2026-11-01", "42.00"]
    assert theirs[:4] == ["Ocean Grill", "20000", "2026-11-20", "440.00"]
    assert "9-1" not in table.text_content()


# --- sorting, words -----------------------------------------------------------------------------------------


def test_the_most_money_the_most_documents_or_the_oldest_comes_first(support, lab, world):
    errors_world.behind_one(world, 1, ClosedPeriod("invoice re-1"), rate="90000.00")
    world.clock.forward(minutes=5)

    def first(sort: str) -> str:
        families = html.fromstring(support.get(f"{path(lab)}?sort={sort}").text).find_class("family")
        return " ".join(families[0].xpath(".//h2")[0].text_content().split())

    assert "closed in QuickBooks" in first("money")
    assert "OY-100" in first("documents")
    assert first("no-such") == first("documents")
    errors_world.behind_one(world, 1, NumberConflict("invoice", "1", "9-1"), first=5, ago=timedelta(days=9))
    assert "The number 1 is used" in first("oldest")


def test_an_invoice_that_waits_for_two_skus_counts_once_under_their_heading(support, lab, world):
    for sku in ("X-1", "X-2"):
        cause = ItemNotMatched("sku_unknown", "invoice re-1", "line 1 of invoice re-1", sku)
        errors_world.behind_one(world, 2, cause)
    families = html.fromstring(support.get(path(lab)).text).find_class("family")
    heading = " ".join(families[0].xpath(".//h2")[0].text_content().split())
    assert heading == "3 SKUs are missing in QuickBooks (4 invoices)"
