"""The ways out of an error record on its page: searched, chosen by one press, and told when it came too late."""

from lxml import html

from qbwc_server.access import rights
from qbwc_server.desk.error_records import errors
from qbwc_server.desk.requests import raw_requests
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.domain.rights import Right
from qbwc_server.storage import connectors
from qbwc_server.storage import raw_requests as rows
from qbwc_server.sync.raw_requests import lose_write


def error_id(world, lab, external_id: str) -> int:
    """The open error record of an invoice."""
    found = errors.find(world.core, connector=lab.CONNECTOR)
    return next(error.id for error in found if error.external_id == external_id)


def path(world, lab, external_id: str) -> str:
    """The address of its page."""
    return f"/connectors/{lab.CONNECTOR}/errors/{error_id(world, lab, external_id)}"


def form_of(page: str, button: str) -> dict[str, str]:
    """What a press on a button sends."""
    (form,) = html.fromstring(page).xpath(f"//form[.//button[starts-with(normalize-space(), '{button}')]]")
    return {field.name: field.value or "" for field in form.xpath(".//input")}


def test_what_is_named_is_found_by_words_and_one_press_settles_all_that_wait(world, support, lab):
    place = path(world, lab, "SO-1041")
    page = support.get(f"{place}?q=mussels").text
    assert "Other ways out" in page
    assert "Each settles both records that wait for this." in page
    assert "Search the items of QuickBooks" in page
    sent = form_of(page, "This one")
    answer = support.client.post(f"{place}/answer", data=sent)
    assert answer.status_code == 302
    assert "2 go on" in support.get(answer.headers["Location"]).text
    assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.QUEUED
    assert lab.state_of(world, Kind.INVOICE, lab.ODD_ID) is State.QUEUED


def test_where_nothing_comes_first_the_ways_out_are_no_other_ones(world, support, lab):
    asked = raw_requests.hand_over(world.core, lab.CONNECTOR, "<TermsQueryRq/>", follow=False, actor="host")
    now = world.core.clock()
    with world.core.database.begin() as conn:
        connector = connectors.by_name(conn, lab.CONNECTOR)
        lose_write(conn, connector, rows.get(conn, connector.id, asked.id), now=now)
    (error,) = errors.find(world.core, connector=lab.CONNECTOR, cause="request_uncertain")
    group = f"/connectors/{lab.CONNECTOR}/errors/group?cause={error.cause}&key={error.cause_key}"
    for place in (f"/connectors/{lab.CONNECTOR}/errors/{error.id}", group):
        page = support.get(place).text
        section = html.fromstring(page).xpath("//section[@aria-labelledby='choices']")[0]
        assert section.xpath("string(.//h2)") == "Ways out"
        assert "waits for this" not in section.text_content()
        for words in (
            "It is in QuickBooks: it was carried out",
            "It is not in QuickBooks: it was not carried out",
        ):
            assert section.text_content().count(words) == 1
            assert form_of(page, words)["choice"]


def test_words_that_find_nothing_say_so(world, support, lab):
    page = support.get(f"{path(world, lab, 'SO-1041')}?q=zzzz").text
    assert "None found." in page
    assert "This one" not in page


def test_whoever_presses_later_is_told_who_was_first(world, support, admin, lab):
    place = path(world, lab, "SO-1041")
    late, first = (form_of(who.get(f"{place}?q=mussels").text, "This one") for who in (admin, support))
    support.client.post(f"{place}/answer", data=first)
    answer = admin.client.post(f"{place}/answer", data=late)
    assert answer.status_code == 409
    assert lab.SUPPORT in answer.text


def test_a_form_that_was_made_up_does_nothing(world, support, lab):
    place = path(world, lab, "SO-1041")
    sent = form_of(support.get(f"{place}?q=mussels").text, "This one")
    for changed in ({"choice": "sell"}, {"token": "x"}, {"value": "no such entry"}):
        support.client.post(f"{place}/answer", data=sent | changed)
        assert lab.state_of(world, Kind.INVOICE, "SO-1041") is State.BLOCKED


def test_closed_error_records_offer_nothing(world, support, lab):
    place = path(world, lab, "SO-1041")
    support.client.post(f"{place}/answer", data=form_of(support.get(f"{place}?q=mussels").text, "This one"))
    assert "Other ways out" not in support.get(place).text


def test_another_connector_answers_nothing_here(world, support, lab):
    place = path(world, lab, "SO-1041").replace(lab.CONNECTOR, "nobody")
    assert support.client.post(f"{place}/answer", data={"csrf_token": support.token()}).status_code == 404


def test_support_posts_as_new_only_where_an_admin_lets_it(troubled, site_of, signed_in, lab):
    rights.decide(troubled.core, [Right.POST_AS_NEW], actor=lab.ADMIN)
    support = signed_in(site_of(troubled), lab.SUPPORT)
    place = path(troubled, lab, "SO-1050")
    sent = form_of(support.get(place).text, "Post")
    del sent["on"]  # as from a page of its own, where nothing has to be typed
    rights.decide(troubled.core, [], actor=lab.ADMIN)
    assert ">Post as new" not in support.get(place).text
    assert support.client.post(f"{place}/answer", data=sent).status_code == 403
    assert lab.state_of(troubled, Kind.INVOICE, "SO-1050") is State.BLOCKED
    rights.decide(troubled.core, [Right.POST_AS_NEW], actor=lab.ADMIN)
    assert support.client.post(f"{place}/answer", data=sent).status_code == 302
    assert lab.state_of(troubled, Kind.INVOICE, "SO-1050") is State.QUEUED
