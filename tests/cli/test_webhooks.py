"""Webhooks on the command line: made and seen to, tested without a server, and forwarded to a developer's program."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from tests.worlds.cli_world import Cli
from tests.worlds.receiver import Receiver, Reply, receiving

URL = "https://orders.example.com/quickbooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def shop(cli: Cli) -> Cli:
    cli.json("connector", "add", "harbour")
    return cli


def put(shop: Cli, *names: str) -> None:
    for name in names:
        shop.json("put", "customer", name, "-", text=json.dumps({"name": f"Customer {name}"}))


def test_one_is_made_shown_changed_and_removed(shop: Cli) -> None:
    made = shop.json("webhook", "add", URL, "--type", "invoice.*", "--type", "*.blocked")
    assert made["types"] == ["invoice.*", "*.blocked"]
    listed = shop.json("webhook", "list")
    assert [each["url"] for each in listed] == [URL]
    assert made["secret"] not in json.dumps([listed, shop.json("webhook", "show", "1")])
    assert shop.json("webhook", "change", "1", "--disable")["disabled_reason"] == "switched off by cli"
    changed = shop.json("webhook", "change", "1", "--enable", "--type", "*")
    assert (changed["enabled"], changed["types"]) == (True, ["*"])
    rotated = shop.json("webhook", "rotate-secret", "1", "--old-valid-hours", "0")
    assert rotated["secret"] != made["secret"]
    assert shop.json("webhook", "replay", "1", "--after", "0")["delivered_to"] == 0
    assert shop.json("webhook", "remove", "1")["url"] == URL
    assert shop.json("webhook", "list") == []


def test_people_are_told_in_words(shop: Cli, receiver: Receiver) -> None:
    assert "There is no webhook yet" in shop.words("webhook", "list")
    made = shop.words("webhook", "add", receiver.url, "--allow-private")
    assert "whsec_" in made
    assert "It is not shown again" in made
    assert "Nothing was sent yet" in shop.words("webhook", "deliveries", "1")
    assert "Delivered in" in shop.words("webhook", "test", "1")
    assert "delivered, 200" in shop.words("webhook", "deliveries", "1")
    assert "good" in shop.words("webhook", "list")
    assert "Come to: event" in shop.words("webhook", "show", "1")
    assert "The old one signs as well until" in shop.words("webhook", "rotate-secret", "1")


def test_a_test_is_sent_without_a_server_and_its_failure_is_the_commands(
    shop: Cli, receiver: Receiver
) -> None:
    secret = shop.json("webhook", "add", receiver.url, "--allow-private")["secret"]
    assert shop.json("webhook", "test", "1")["state"] == "delivered"
    (message,) = receiver.messages
    assert Webhook(secret).verify(message.text, dict(message.headers))["type"] == "connector.webhook_test"
    receiver.answering = lambda _: Reply(500, b"no such table")
    failed = shop.run("webhook", "test", "1", "--json")
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)["answer"] == "no such table"
    receiver.answering = lambda _: Reply()
    assert shop.json("webhook", "resend", "1", "1")["state"] == "delivered"
    assert receiver.messages[-1].id == message.id
    # what happened is left to the server
    put(shop, "c-1")
    assert len(receiver.messages) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "http://orders.example.com/"], "needs allow_private"),
        (["add", "https://10.0.0.1/"], "private network"),
        (["add", URL, "--type", "invoice.sunk"], "invoice.sunk"),
        (["show", "7"], "has no webhook 7"),
        (["test", "7"], "has no webhook 7"),
        (["resend", "1", "7"], "has no webhook 1"),
    ],
)
def test_what_does_not_fit_is_told(shop: Cli, words: list[str], told: str) -> None:
    failed = shop.run("webhook", *words)
    assert failed.exit_code == 1
    assert told in failed.output


def test_what_is_to_change_has_to_be_said(shop: Cli) -> None:
    shop.json("webhook", "add", URL)
    assert shop.run("webhook", "change", "1").exit_code == 2


# --- listen ------------------------------------------------------------------------------------------------


def test_listen_sends_what_happens_to_the_developers_program(shop: Cli, receiver: Receiver) -> None:
    put(shop, "c-1", "c-2")
    lines = shop.words(
        "listen",
        "--forward-to",
        receiver.url,
        "--after",
        "0",
        "--type",
        "customer.handed_over",
        "--limit",
        "2",
    ).splitlines()
    secret = next(line.strip() for line in lines if line.strip().startswith("whsec_"))
    assert [message.event["external_id"] for message in receiver.messages] == ["c-1", "c-2"]
    for message in receiver.messages:
        assert Webhook(secret).verify(message.text, dict(message.headers)) == message.event
    told = [line for line in lines if "customer.handed_over" in line]
    assert len(told) == 2
    assert "c-1: 200 in" in told[0]


def test_listen_has_the_same_secret_again_and_tells_what_was_not_taken(shop: Cli, receiver: Receiver) -> None:
    put(shop, "c-1")
    receiver.answering = lambda _: Reply(500)
    runs = [
        [
            json.loads(line)
            for line in shop.words(
                "listen", "--forward-to", receiver.url, "--after", "0", "--limit", "1", "--json"
            ).splitlines()
        ]
        for _ in range(2)
    ]
    assert runs[0][0] == runs[1][0]
    assert runs[0][1]["failure"] == "it answered 500"
    refused = shop.run("listen", "--forward-to", "localhost:5000")
    assert refused.exit_code == 1
    assert "must begin with https://" in refused.output
