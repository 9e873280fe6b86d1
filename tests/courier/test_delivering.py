"""Events reach their receivers at least once, each record's in order, and no receiver is in another one's way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Connection
from sqlalchemy import event as sqlalchemy_event
from standardwebhooks import Webhook

from qbwc_server.courier import dispatch, post, slices
from qbwc_server.courier.delivering import LEASE, deliver
from qbwc_server.desk.feeds import deliveries, webhooks
from qbwc_server.desk.feeds.event_views import EventView
from qbwc_server.desk.handing_over import host
from qbwc_server.desk.logs import history
from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.faults import Conflict
from qbwc_server.storage import webhooks as rows
from qbwc_server.storage.database import Database
from tests.worlds.receiver import Receiver, Reply, receiving
from tests.worlds.step_fixtures import Databases
from tests.worlds.webhook_world import WebhookWorld, in_order, receivers

DOWN = Reply(503, b"maintenance")


@pytest.fixture
def shop(databases: Databases) -> Iterator[WebhookWorld]:
    database = databases.take()
    yield WebhookWorld(database)
    databases.give_back(database)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def ids(receiver: Receiver) -> list[int]:
    return [event["id"] for event in receiver.events]


def test_what_happens_is_delivered_as_the_feed_shows_it_and_is_signed(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    found, secret = webhooks.add(
        shop.core, "acme", url=receiver.url, types=["*"], allow_private=True, actor="host"
    )
    shop.records("a", "b")
    shop.clock.moment = utc_now()  # a receiver refuses what was signed long ago
    shop.deliver()
    feed = [EventView.of(entry).as_json() for entry in history.feed(shop.core, "acme", after=found.newest_id)]
    assert receiver.events == feed
    assert [event["type"] for event in feed] == ["customer.handed_over"] * 2
    for message in receiver.messages:
        assert Webhook(secret).verify(message.text, dict(message.headers)) == message.event


def test_what_happened_before_an_endpoint_was_made_is_not_sent_nor_what_it_does_not_want(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a")
    shop.add(receiver.url, types=("*.revised",))
    shop.records("b")
    revised = shop.happen("a", "a")
    shop.deliver()
    assert ids(receiver) == revised


def test_a_record_that_is_not_taken_waits_and_the_others_go_on(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a", "b", "c")
    endpoint = shop.add(receiver.url)
    receiver.answering = lambda message: Reply(500 if message.event["external_id"] == "b" else 200)
    first = shop.happen("a", "b", "c", "b", "a", "c")
    shop.deliver()
    assert sorted(ids(receiver)) == sorted([first[0], first[2], first[4], first[5]])
    assert Counter(message.event["external_id"] for message in receiver.messages)["b"] == 1
    later = shop.happen("b", "a")
    shop.deliver()
    assert later[1] in ids(receiver)
    receiver.answering = lambda _: Reply()
    shop.clock.forward(seconds=7)
    shop.deliver()
    assert [event["id"] for event in receiver.events if event["external_id"] == "b"] == [
        first[1],
        first[3],
        later[0],
    ]
    assert webhooks.get(shop.core, "acme", endpoint.id).behind == 0


def test_a_receiver_that_is_down_for_a_day_gets_everything_then_in_order(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a", "b", "c")
    endpoint = shop.add(receiver.url)
    receiver.answering = lambda _: DOWN
    expected = []
    for _ in range(24):
        expected += shop.happen("a", "b", "c", "a")
        for _ in range(6):
            shop.deliver(rounds=3)
            shop.clock.forward(minutes=10)
    assert receiver.events == []
    assert len(receiver.messages) < 30
    receiver.answering = lambda _: Reply()
    while set(ids(receiver)) != set(expected):
        shop.clock.forward(minutes=30)
        shop.deliver(rounds=5)
        assert shop.clock.moment.day < 30
    assert sorted(ids(receiver)) == expected
    assert in_order(receiver)
    assert shop.endpoint(endpoint).attempts == 0


@pytest.mark.slow
def test_five_thousand_events_behind_a_dead_receiver_are_one_probe_and_hold_up_nobody(
    shop: WebhookWorld,
) -> None:
    with receivers(3) as (dead, well, other):
        shop.connector("other")
        names = [f"r{number}" for number in range(20)]
        shop.records(*names)
        shop.records("x", connector="other")
        dead.answering = lambda _: Reply(breaks_off=True)
        shop.add(dead.url)
        shop.deliver(rounds=2)
        expected = [each for _ in range(250) for each in shop.happen(*names)]
        shop.add(well.url)
        webhooks.replay(shop.core, "acme", 2, expected[0] - 1, actor="host")
        shop.add(other.url, connector="other")
        theirs = shop.happen("x", connector="other")
        shop.deliver(rounds=10)
        assert len(dead.messages) <= 3
        assert ids(other) == theirs
        assert set(expected) <= set(ids(well))
        assert in_order(well)
        tried = len(dead.messages)
        for _ in range(4):
            shop.clock.forward(hours=7)
            shop.deliver(rounds=5)
        assert tried < len(dead.messages) <= tried + 4
        dead.answering = lambda _: Reply()
        shop.clock.forward(hours=7)
        shop.deliver(rounds=5)
        assert set(expected) <= set(ids(dead))
        assert in_order(dead)


def test_after_three_days_an_endpoint_is_disabled_and_somebody_is_told(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a")
    endpoint = shop.add(receiver.url)
    receiver.answering = lambda _: DOWN
    (expected,) = shop.happen("a")
    for _ in range(24 * 3 + 6):
        shop.deliver(rounds=2)
        shop.clock.forward(hours=1)
    gone = shop.endpoint(endpoint)
    assert gone.disabled_reason == "nothing was taken for 3 days: it answered 503"
    assert 10 < len(receiver.messages) < 25
    (told,) = host.error_records(shop.core, "acme").items
    assert (told.cause, told.actor) == ("webhook_disabled", "staff")
    assert "nothing was taken for 3 days" in told.message
    last = history.feed(shop.core, "acme", after=expected)[-1].event
    assert last.type == "connector.webhook_disabled"
    # nothing is lost: it goes on where it stopped
    receiver.answering = lambda _: Reply()
    webhooks.change(shop.core, "acme", endpoint.id, enabled=True, actor="host")
    shop.deliver(rounds=3)
    assert ids(receiver)[0] == expected
    assert host.error_records(shop.core, "acme").items == ()


def test_one_event_that_is_not_taken_for_three_days_is_not_passed_over_in_silence(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a", "b")
    endpoint = shop.add(receiver.url)
    receiver.answering = lambda message: Reply(422 if message.event["external_id"] == "a" else 200)
    (poison,) = shop.happen("a")
    for _ in range(24 * 3 + 6):
        shop.happen("b")
        shop.deliver(rounds=2)
        shop.clock.forward(hours=1)
    reason = shop.endpoint(endpoint).disabled_reason
    assert reason == f"event {poison} (customer.revised) was not taken for 3 days: it answered 422"


def test_a_receiver_that_says_gone_is_left_alone_at_once(shop: WebhookWorld, receiver: Receiver) -> None:
    shop.records("a", "b")
    endpoint = shop.add(receiver.url)
    receiver.answering = lambda _: Reply(410)
    shop.happen("a", "b")
    shop.deliver()
    assert len(receiver.messages) == 1
    assert shop.endpoint(endpoint).disabled_reason == "it answered 410: it wants nothing any more"
    shop.clock.forward(days=2)
    shop.deliver()
    assert len(receiver.messages) == 1


def test_the_error_of_an_endpoint_that_is_given_up_stays_until_each_of_them_is_seen_to(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a")
    first, second = shop.add(receiver.url), shop.add(f"{receiver.url}?second")
    receiver.answering = lambda _: Reply(410)
    shop.happen("a")
    shop.deliver(rounds=2)
    assert all(shop.endpoint(each).gave_up for each in (first, second))
    (told,) = host.error_records(shop.core, "acme").items
    named, other = (first, second) if f"Webhook {first.id} to" in told.message else (second, first)
    webhooks.change(shop.core, "acme", named.id, enabled=True, actor="host")
    (told,) = host.error_records(shop.core, "acme").items
    assert told.cause == "webhook_disabled"
    assert f"Webhook {other.id} to" in told.message
    webhooks.remove(shop.core, "acme", other.id, actor="host")
    assert host.error_records(shop.core, "acme").items == ()


def test_a_redirect_is_a_failure_and_is_tried_again(shop: WebhookWorld, receiver: Receiver) -> None:
    shop.records("a")
    endpoint = shop.add(receiver.url)
    receiver.answering = lambda _: Reply(301, b"", {"Location": "http://169.254.169.254/"})
    shop.happen("a")
    shop.deliver()
    (tried,) = shop.log(endpoint)
    assert (tried.status, tried.failure) == (301, "it answered 301: redirects are not followed")
    assert tried.next_try_at is not None
    assert timedelta(seconds=5) <= tried.next_try_at - shop.clock.moment <= timedelta(seconds=6)


@pytest.mark.slow
def test_slow_receivers_hold_up_nobody_else(shop: WebhookWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qbwc_server.courier.sending.WHOLE_SECONDS", 15)
    with receivers(2) as (slow, quick):
        shop.records(*"abcdefgh")
        shop.add(slow.url)
        shop.add(quick.url)
        slow.answering = lambda _: time.sleep(3) or Reply()
        expected = shop.happen(*"abcdefgh")
        office, began = post.PostOffice(shop.core), time.monotonic()
        office.look()
        while len(quick.taken) < 8 and time.monotonic() - began < 10:
            time.sleep(0.02)
        assert time.monotonic() - began < 2.5
        assert set(ids(quick)) == set(expected)
        # writing goes on as well
        shop.happen("a")
        assert time.monotonic() - began < 3
        office.wait()


def test_nothing_is_lost_when_a_courier_ends_between_sending_and_noting(
    shop: WebhookWorld, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.records("a", "b")
    endpoint = shop.add(receiver.url)
    expected = shop.happen("a", "b", "a")

    def killed(*_: object, **__: object) -> bool:
        raise SystemExit

    monkeypatch.setattr("qbwc_server.courier.delivering.settle", killed)
    with pytest.raises(SystemExit):
        deliver(shop.core, endpoint.id)
    monkeypatch.undo()
    assert set(ids(receiver)) == set(expected)
    shop.deliver(rounds=2)
    assert len(receiver.messages) == 3, "its claim holds for a while"
    shop.clock.moment += LEASE
    shop.deliver(rounds=2)
    assert Counter(ids(receiver)) == dict.fromkeys(expected, 2)
    assert in_order(receiver)
    assert len({message.id for message in receiver.messages}) == 3


class Killed(BaseException):
    """No exception the courier knows: it ends as one that is killed."""


def killed_at(shop: WebhookWorld, patch: pytest.MonkeyPatch, side: str, commit: int) -> None:
    """From its n-th commit on, nothing a courier does reaches the database, the giving up of its claim included."""
    begin, numbers = Database.begin, count(1)

    @contextmanager
    def crashing(self: Database) -> Iterator[Connection]:
        number = next(numbers)
        if number > commit:
            raise Killed
        with begin(self) as conn:
            yield conn
            if (side, number) == ("before", commit):
                raise Killed
        if number == commit:
            raise Killed

    patch.setattr(Database, "begin", crashing)


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_courier_may_die_at_any_of_its_commits(
    shop: WebhookWorld, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    monkeypatch.setattr(slices, "MOST_EVENTS", 3)
    shop.records("a", "b", "c")
    endpoint, expected, deaths, commit, died = shop.add(receiver.url), set[int](), 0, 1, True
    while died:
        # one of them is not taken the first time, so that there are notes of what is behind as well
        unlucky = len(receiver.messages) + 2
        receiver.answering = lambda _, at=unlucky: Reply(500 if len(receiver.messages) == at else 200)
        expected |= set(shop.happen("a", "b", "a", "c", "b", "c", "a"))
        died = False
        with monkeypatch.context() as patch:
            killed_at(shop, patch, side, commit)
            try:
                deliver(shop.core, endpoint.id)
            except Killed:
                died = True
        deaths, commit = deaths + died, commit + 1
        for _ in range(2):  # what was not taken is tried again in the second hour
            shop.clock.forward(hours=1)
            shop.deliver(rounds=3)
        assert set(ids(receiver)) == expected, f"{side} commit {commit - 1}"
    assert deaths >= 5
    assert in_order(receiver)


def test_whoever_moved_an_endpoint_meanwhile_has_the_last_word(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a")
    endpoint = shop.add(receiver.url)
    expected = shop.happen("a", "a")

    def replay_once(_: object) -> Reply:
        if len(receiver.messages) == 2:
            webhooks.replay(shop.core, "acme", endpoint.id, expected[0] - 1, actor="host")
        return Reply()

    receiver.answering = replay_once
    shop.deliver()
    assert [each["id"] for each in receiver.events if each["external_id"]] == [*expected, *expected]


def test_an_endpoint_that_is_removed_while_it_is_sent_to_leaves_nothing(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a")
    endpoint = shop.add(receiver.url)
    shop.happen("a")

    def remove(_: object) -> Reply:
        webhooks.remove(shop.core, "acme", endpoint.id, actor="host")
        return Reply()

    receiver.answering = remove
    shop.deliver()
    assert webhooks.every(shop.core, "acme") == []


# --- what a person wants -----------------------------------------------------------------------------------


def test_a_test_reaches_also_one_that_is_disabled_and_a_good_answer_ends_the_waiting(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    shop.records("a")
    endpoint = shop.add(receiver.url)
    webhooks.change(shop.core, "acme", endpoint.id, enabled=False, actor="host")
    expected = shop.happen("a")
    asked = deliveries.test(shop.core, "acme", endpoint.id, actor="host")
    shop.deliver()
    done = deliveries.get(shop.core, "acme", endpoint.id, asked.id)
    assert (done.status, done.answer, done.failure, done.wanted_by) == (200, "ok", None, "host")
    assert [event["type"] for event in receiver.events] == ["connector.webhook_test"]
    receiver.answering = lambda _: DOWN
    webhooks.change(shop.core, "acme", endpoint.id, enabled=True, actor="host")
    for _ in range(4):
        shop.deliver()
        shop.clock.forward(minutes=10)
    receiver.answering = lambda _: Reply()
    shop.deliver()
    assert expected[0] not in ids(receiver)
    deliveries.test(shop.core, "acme", endpoint.id, actor="host")
    shop.deliver()
    assert expected[0] in ids(receiver)


def test_a_resend_is_the_very_same_message(shop: WebhookWorld, receiver: Receiver) -> None:
    shop.records("a")
    endpoint = shop.add(receiver.url)
    shop.happen("a")
    shop.deliver()
    (sent,) = shop.log(endpoint)
    deliveries.resend(shop.core, "acme", endpoint.id, sent.id, actor="host")
    shop.deliver()
    first, again = receiver.messages
    assert (first.id, first.text) == (again.id, again.text)
    assert [item.wanted_by for item in shop.log(endpoint)] == [None, "host"]


def test_no_more_tests_than_a_few_wait_at_a_time(shop: WebhookWorld, receiver: Receiver) -> None:
    endpoint = shop.add(receiver.url)
    for _ in range(deliveries.MOST_WAITING):
        deliveries.test(shop.core, "acme", endpoint.id, actor="host")
    with pytest.raises(Conflict):
        deliveries.test(shop.core, "acme", endpoint.id, actor="host")
    shop.deliver()
    assert len(receiver.messages) == deliveries.MOST_WAITING


def test_replay_sends_everything_anew_from_an_event_on(shop: WebhookWorld, receiver: Receiver) -> None:
    shop.records("a", "b")
    endpoint = shop.add(receiver.url)
    expected = shop.happen("a", "b", "a", "b")
    shop.deliver()
    receiver.taken.clear()
    webhooks.replay(shop.core, "acme", endpoint.id, expected[1], actor="host")
    shop.deliver()
    assert [each for each in ids(receiver) if each in expected] == expected[2:]


# --- what it costs -----------------------------------------------------------------------------------------


def statements(database: Database) -> list[str]:
    told: list[str] = []
    engine = database._engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", lambda *args: told.append(args[2]))
    return told


def test_a_look_is_one_statement_whether_there_are_endpoints_or_not(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    office = post.PostOffice(shop.core)
    told = statements(shop.database)
    assert office.look() is False
    assert len(told) == 1
    shop.add(receiver.url)
    assert office.look() is True
    told.clear()
    assert office.look() is True
    assert len(told) == 1


def test_a_slice_of_a_hundred_events_takes_no_more_statements_than_one_event(
    shop: WebhookWorld, receiver: Receiver
) -> None:
    names = [f"r{number}" for number in range(50)]
    shop.records(*names)
    endpoint = shop.add(receiver.url)
    told = statements(shop.database)
    counts = []
    for happened in (names[:1], names):
        shop.happen(*happened)
        told.clear()
        deliver(shop.core, endpoint.id)
        counts.append(len(told))
    assert counts[0] == counts[1] <= 20, told


def test_of_many_endpoints_only_so_many_are_worked_for_at_a_time(
    shop: WebhookWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "MOST_AT_ONCE", 2)
    with receivers(4) as all_of_them:
        shop.records("a")
        for each in all_of_them:
            each.answering = lambda _: time.sleep(0.3) or Reply()
            shop.add(each.url, types=("customer.*",))
        shop.happen("a")
        office = post.PostOffice(shop.core)
        office.look()
        assert len(office._at_work) == 2
        office.wait()
        office.look()
        office.wait()
        assert [len(each.taken) for each in all_of_them] == [1, 1, 1, 1]


def test_one_endpoint_has_so_many_connections_at_most(shop: WebhookWorld, receiver: Receiver) -> None:
    names = [f"r{number}" for number in range(40)]
    shop.records(*names)
    endpoint = shop.add(receiver.url)
    at_once: list[int] = [0, 0]

    def answer(_: object) -> Reply:
        at_once[0] += 1
        at_once[1] = max(at_once)
        time.sleep(0.05)
        at_once[0] -= 1
        return Reply()

    receiver.answering = answer
    shop.happen(*names)
    deliver(shop.core, endpoint.id)
    assert 1 < at_once[1] <= dispatch.MOST_LINES


def test_a_claim_is_won_by_one_and_ends(shop: WebhookWorld, receiver: Receiver) -> None:
    endpoint = shop.add(receiver.url)
    now = shop.clock()
    with shop.database.begin() as conn:
        assert rows.claim(conn, endpoint.id, "a", now=now, until=now + LEASE) is not None
        assert rows.claim(conn, endpoint.id, "b", now=now, until=now + LEASE) is None
        mine = rows.claim(conn, endpoint.id, "a", now=now, until=now + LEASE)
        later = now + LEASE
        theirs = rows.claim(conn, endpoint.id, "b", now=later, until=later + LEASE)
        assert mine is not None
        assert theirs is not None
        assert not rows.advance(conn, mine, after_id=99)
        assert not rows.advance(conn, replace(theirs, epoch=7), after_id=99)
        assert rows.advance(conn, theirs, after_id=99)
