"""Webhooks through the API: the secret is shown once, what is refused is told in full, and a key sees its own alone."""

import json

import pytest

from qbwc_server.courier.post import PostOffice
from qbwc_server.domain.webhooks import MOST_ENDPOINTS
from tests.worlds.receiver import Reply, receiving

URL = "https://orders.example.com/quickbooks"


@pytest.fixture
def hooks(lab):
    return f"/connectors/{lab.CONNECTOR}/webhooks"


@pytest.fixture
def receiver():
    with receiving() as made:
        yield made


@pytest.fixture
def deliver(world):
    def look():
        office = PostOffice(world.core)
        office.look()
        office.wait()

    return look


def faults(answer):
    assert answer.status_code == 422, answer.text
    return [fault["pointer"] for fault in answer.json["faults"]]


def test_the_secret_is_shown_when_it_is_made_and_never_again(host, hooks, database_text):
    made = host.post(hooks, {"url": URL, "types": ["invoice.*", "*.blocked"], "allow_private": False})
    assert made.status_code == 201
    secret = made.json["secret"]
    assert secret.startswith("whsec_")
    assert (made.json["url"], made.json["types"]) == (URL, ["invoice.*", "*.blocked"])
    one = f"{hooks}/{made.json['id']}"
    rotated = host.post(f"{one}/rotate-secret").json
    assert rotated["secret"] not in (secret, None)
    assert rotated["old_secret_until"] is not None
    for path in (hooks, one):
        shown = host.get(path).text
        assert secret not in shown
        assert rotated["secret"] not in shown
    for told in (secret, rotated["secret"]):
        assert told.removeprefix("whsec_").encode() not in database_text()


@pytest.fixture
def database_text(tmp_path, lab):
    def text():
        files = [path for path in tmp_path.iterdir() if path.name.startswith(lab.FILE)]
        assert files
        return b"".join(path.read_bytes() for path in files)

    return text


def test_what_happens_is_sent_and_the_log_tells_it(host, hooks, lab, receiver, deliver):
    made = host.post(hooks, {"url": receiver.url, "allow_private": True}).json
    receiver.answering = lambda message: Reply(500 if message.event["external_id"] == "w-2" else 200)
    for name in ("w-1", "w-2"):
        place = f"/connectors/{lab.CONNECTOR}/customers/{name}"
        assert host.put(place, {"name": f"Name {name}"}).status_code == 201
    deliver()
    feed = host.get(f"/connectors/{lab.CONNECTOR}/events?after={made['newest_event']}").json["events"]
    refused = [event["id"] for event in feed if event["external_id"] == "w-2"][1:]
    assert refused, "it was blocked, which waits for the event before"
    feed = [event for event in feed if event["id"] not in refused]
    assert sorted((message.event for message in receiver.messages), key=lambda event: event["id"]) == feed
    log = host.get(f"{hooks}/{made['id']}/deliveries").json
    (failed,) = (item for item in log["deliveries"] if item["state"] == "failed")
    delivered = log["deliveries"][-1]
    assert (delivered["state"], delivered["status"], delivered["answer"]) == ("delivered", 200, "ok")
    assert (failed["state"], failed["failure"]) == ("failed", "it answered 500")
    assert failed["next_try_at"] > failed["at"]
    assert json.loads(delivered["request"]["body"]) == feed[0]
    assert host.get(f"{hooks}/{made['id']}").json["behind"] == 1
    page = host.get(f"{hooks}/{made['id']}/deliveries?limit=1").json
    assert page["deliveries"] == log["deliveries"][:1]
    rest = host.get(f"{hooks}/{made['id']}/deliveries?cursor={page['next']}").json
    assert (rest["deliveries"], rest["next"]) == (log["deliveries"][1:], None)
    again = host.post(f"{hooks}/{made['id']}/deliveries/{delivered['id']}/resend")
    assert (again.status_code, again.json["state"]) == (202, "waiting")
    tested = host.post(f"{hooks}/{made['id']}/test")
    assert tested.status_code == 202
    deliver()
    assert [
        host.get(f"{hooks}/{made['id']}/deliveries/{each.json['id']}").json["state"]
        for each in (again, tested)
    ] == [
        "delivered",
        "delivered",
    ]
    resent, test = receiver.messages[len(feed) : len(feed) + 2]
    assert (resent.id, resent.text) == (receiver.messages[0].id, receiver.messages[0].text)
    assert test.event["type"] == "connector.webhook_test"


def test_it_is_changed_switched_off_and_on_replayed_and_removed(host, hooks):
    made = host.post(hooks, {"url": URL}).json
    one = f"{hooks}/{made['id']}"
    assert made["types"] == ["*"]
    off = host.ask("PATCH", one, {"enabled": False, "types": ["invoice.synced"]}).json
    assert (off["enabled"], off["types"]) == (False, ["invoice.synced"])
    assert off["disabled_reason"].startswith("switched off by host")
    on = host.ask("PATCH", one, {"enabled": True}).json
    assert (on["enabled"], on["disabled_at"]) == (True, None)
    assert host.post(f"{one}/replay", {"after": 0}).json["delivered_to"] == 0
    assert faults(host.post(f"{one}/replay", {"after": on["newest_event"] + 100})) == ["/after"]
    assert host.delete(one).status_code == 200
    assert host.get(one).status_code == 404
    assert host.get(hooks).json == {"webhooks": []}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/url"]),
        (
            {"url": 7, "types": "*", "allow_private": "yes", "secret": "whsec_AAAA"},
            ["/secret", "/url", "/allow_private", "/types"],
        ),
        ({"url": "http://orders.example.com/"}, ["/url"]),
        ({"url": "https://127.0.0.1/"}, ["/url"]),
        ({"url": "https://user:word@orders.example.com/"}, ["/url"]),
        ({"url": URL, "types": []}, ["/types"]),
        ({"url": URL, "types": ["invoice.synced", "invoice.sunk", 7]}, ["/types/2", "/types/1"]),
        ({"url": URL, "types": ["invoice.synced", "invoice.sunk", "nothing.*"]}, ["/types/1", "/types/2"]),
        ({"url": URL, "types": ["*"] * 101}, ["/types"]),
        ({"url": None}, ["/url"]),
        ({"url": URL, "enabled": True}, ["/enabled"]),
    ],
)
def test_every_fault_is_told_with_its_place_and_nothing_is_made(host, hooks, body, expected):
    assert faults(host.post(hooks, body)) == expected
    assert host.get(hooks).json == {"webhooks": []}


@pytest.mark.parametrize("after", [None, "7", -1, 1.5, True, 10**30, [], {}])
def test_a_replay_wants_the_id_of_an_event(host, hooks, after):
    host.post(hooks, {"url": URL})
    assert faults(host.post(f"{hooks}/1/replay", {"after": after})) == ["/after"]
    assert faults(host.post(f"{hooks}/1/rotate-secret?old_valid_hours=169")) == ["/old_valid_hours"]


def test_there_is_one_to_an_address_and_only_so_many(host, hooks):
    for number in range(MOST_ENDPOINTS):
        assert host.post(hooks, {"url": f"{URL}/{number}"}).status_code == 201
    same, more = host.post(hooks, {"url": f"{URL}/3"}), host.post(hooks, {"url": f"{URL}/x"})
    assert (same.status_code, more.status_code) == (409, 409)
    assert same.json["detail"].startswith("Webhook 4 has this address already")
    assert f"may have {MOST_ENDPOINTS}" in more.json["detail"]
    assert host.ask("PATCH", f"{hooks}/1", {"url": f"{URL}/3"}).status_code == 409
    assert host.ask("PATCH", f"{hooks}/1", {"url": f"{URL}/new"}).status_code == 200


def test_another_connectors_webhooks_are_not_there(host, rival, hooks, lab):
    made = host.post(hooks, {"url": URL}).json
    asked = host.post(f"{hooks}/{made['id']}/test").json
    foreign = f"/connectors/{lab.FRESH}/webhooks"
    assert rival.get(foreign).json == {"webhooks": []}
    for method, path in (
        ("GET", f"{foreign}/{made['id']}"),
        ("DELETE", f"{foreign}/{made['id']}"),
        ("POST", f"{foreign}/{made['id']}/test"),
        ("POST", f"{foreign}/{made['id']}/deliveries/{asked['id']}/resend"),
    ):
        assert rival.ask(method, path).status_code == 404, path
    assert host.get(f"{hooks}/{made['id']}").status_code == 200
