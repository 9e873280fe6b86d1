"""Webhooks on the site: added, tried out, changed, sent anew, removed, and what was answered."""

from __future__ import annotations

import re

import pytest

from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.storage import deliveries as rows
from qbwc_server.storage import webhooks as endpoints
from qbwc_server.storage.schema import webhook_delivery
from qbwc_server.web.site.webhooks import CHOICES

SECRET = re.compile(r'id="secret">(whsec_[^<]+)<')
URL = "https://orders.harbour.example/hooks?key=s3cr3t"


@pytest.fixture
def page(lab) -> str:
    return f"/connectors/{lab.CONNECTOR}/webhooks"


@pytest.fixture
def made(admin, page) -> str:
    """The page of one that was just added."""
    return admin.post(page, url=URL, types="*.blocked").location


def one(world, lab):
    (found,) = webhooks.every(world.core, lab.CONNECTOR)
    return found.endpoint


def test_one_is_added_with_its_secret_shown_once(admin, stranger, world, lab, page, made):
    shown = admin.get(made).text
    (secret,) = set(SECRET.findall(shown))
    assert SECRET.search(admin.get(made).text)[1] == secret
    assert one(world, lab).types == ("*.blocked",)
    assert "A record is blocked and needs somebody" in admin.get(page).text
    assert "s3cr3t" not in admin.get(page).text
    assert not SECRET.search(stranger.sign_in(lab.ADMIN, lab.PASSWORD).get(made).text)
    admin.post(f"{made}/noted")
    assert not SECRET.search(admin.get(made).text)


def test_every_choice_in_words_means_some_events(admin, world, lab, page):
    for number, (pattern, words) in enumerate(CHOICES):
        assert admin.post(page, url=f"https://h.example/{number}", types=pattern).status_code == 302, words


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"url": "orders", "types": "*"}, "url", "Must begin with https://"),
        ({"url": "http://10.0.0.7/", "types": "*"}, "url", "in our own network"),
        ({"url": URL}, "types", "Tick at least one."),
        ({"url": URL, "other": "invoice.sold"}, "other", "There is no type invoice.sold"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field_and_kept(admin, world, lab, page, form, field, words):
    answer = admin.post(page, **form)
    assert answer.status_code == 422
    assert re.search(rf'id="fault-{field}">[^<]*{re.escape(words)}', answer.text)
    assert form["url"] in answer.text
    assert "allow_private" not in re.sub(r'(id|name|for|aria-describedby)="[^"]*"', "", answer.text)
    assert webhooks.every(world.core, lab.CONNECTOR) == []


def test_the_same_address_twice_is_told_beside_it(admin, page, made):
    answer = admin.post(page, url=URL, types="*")
    assert answer.status_code == 409
    assert 'id="fault-url"' in answer.text


def test_it_is_changed_with_types_of_ones_own(admin, world, lab, made):
    form = {
        "url": "http://10.0.0.7/hook",
        "types": "customer.*",
        "other": "invoice.voided",
        "allow_private": "on",
    }
    assert admin.post(f"{made}/change", **form).status_code == 302
    endpoint = one(world, lab)
    assert (endpoint.url, endpoint.types, endpoint.allow_private) == (
        "http://10.0.0.7/hook",
        ("customer.*", "invoice.voided"),
        True,
    )
    assert 'value="invoice.voided"' in admin.get(made).text
    assert admin.post(f"{made}/change", url="nowhere", types="*").status_code == 422
    assert one(world, lab) == endpoint


def test_a_new_secret_is_made_once_by_a_form_that_is_sent_twice(admin, made):
    first = SECRET.search(admin.get(made).text)[1]
    mark = re.search(r'name="made" value="([^"]+)"', admin.get(made).text)[1]
    assert admin.post(f"{made}/rotate-secret", made=mark).status_code == 302
    second = SECRET.search(admin.get(made).text)[1]
    assert second != first
    assert admin.post(f"{made}/rotate-secret", made=mark).status_code == 409
    assert SECRET.search(admin.get(made).text)[1] == second
    assert "Old secret" in admin.get(made).text


def test_it_is_disabled_and_enabled_and_why_is_told(admin, world, lab, page, made):
    admin.post(f"{made}/switch", enabled="no")
    assert f"switched off by {lab.ADMIN}" in admin.get(made).text
    assert "Disabled" in admin.get(page).text
    admin.post(f"{made}/switch", enabled="yes")
    assert one(world, lab).is_enabled


def test_one_that_does_not_answer_says_for_how_long_and_how_often_it_was_tried(admin, world, lab, page, made):
    with world.core.database.begin() as conn:
        endpoints.change(conn, one(world, lab).id, failing_since=world.clock(), attempts=3)
    world.clock.forward(hours=2)
    told = " ".join(re.sub(r"<[^>]+>", " ", admin.get(made).text).split())
    assert "Not answering first 2 hours ago , 3 tries" in told
    assert "not answering, first" in admin.get(page).text


def test_a_test_is_asked_for_and_what_was_answered_is_shown_and_sent_once_more(admin, world, lab, made):
    admin.post(f"{made}/test")
    assert "Waiting" in admin.get(made).text
    sent = deliveries.log(world.core, lab.CONNECTOR, one(world, lab).id).items[0]
    with world.core.database.begin() as conn:
        told = {"duration_ms": 1234, "status": 503, "answer": "<b>down</b>", "failure": "it answered 503"}
        conn.execute(webhook_delivery.update().values(next_try_at=world.clock(), **told))
    log = admin.get(made).text
    assert "it answered 503" in log
    assert "1,234 ms" in log
    page = admin.get(f"{made}/deliveries/{sent.id}").text
    assert "&lt;b&gt;down&lt;/b&gt;" in page
    assert sent.message_id in page
    assert admin.post(f"{made}/deliveries/{sent.id}/resend").status_code == 302
    with world.core.database.read() as conn:
        again = rows.newest(conn, one(world, lab).id, before=None, limit=1)[0]
    assert (again.message_id, again.wanted_by) == (sent.message_id, lab.ADMIN)


def test_everything_is_sent_anew_after_an_event_there_is(admin, world, lab, made):
    assert admin.post(f"{made}/replay", after="0").status_code == 302
    assert one(world, lab).after_id == 0
    for wrong in ("", "x", "-1", "99999999", "99999999999"):
        answer = admin.post(f"{made}/replay", after=wrong)
        assert answer.status_code == 422
        assert 'id="fault-after"' in answer.text


def test_it_is_removed_and_all_that_was_done_is_in_the_log(admin, world, lab, page, made):
    admin.post(f"{made}/test")
    assert admin.post(f"{made}/remove").location == page
    assert webhooks.every(world.core, lab.CONNECTOR) == []
    assert admin.get(made).status_code == 404
    log = admin.get(f"/connectors/{lab.CONNECTOR}/log/everything").text
    assert "Webhook added" in log
    assert "Webhook removed" in log


def test_another_connector_has_none_of_it(admin, lab, made):
    for path in ("", "/deliveries/1"):
        assert admin.get(made.replace(lab.CONNECTOR, lab.FRESH) + path).status_code == 404
    assert admin.post(made.replace(lab.CONNECTOR, lab.FRESH) + "/remove").status_code == 404


def test_support_sees_no_webhooks(support, page):
    assert support.get(page).status_code == 403
