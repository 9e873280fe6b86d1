"""The pages for whoever writes the order system: what they show is typed, run, or compared with what comes."""

import base64
import hashlib
import json
import re
import shlex
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.worlds.reader import Reader, reading, wait_for
from tests.worlds.receiver import receiving

DOCS = Path(__file__).parents[1] / "docs"
SAVED = re.compile(r"Save this as `(\w+\.py)`[^\n]*\n\n```python\n(.*?)^```$", re.M | re.S)
"""Programs of a page, with the names they are saved under."""


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.M | re.S)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who did what the quickstart says, from top to bottom."""
    with reading(tmp_path_factory.mktemp("quickstart")) as made:
        for name, program in SAVED.findall(page("quickstart.md")):
            (made.folder / name).write_text(made.here(program), encoding="utf-8")
        for block in blocks("quickstart.md", "bash"):
            made.follow(block)
        yield made


def asked(reader: Reader, path: str) -> Any:
    """What the API answers the reader."""
    reader.follow(f'qb "$C/{path}"')
    return json.loads(reader.said[-1])


def both_invoices_are_in_quickbooks_as_they_were_meant(reader: Reader) -> None:
    books = json.loads((reader.folder / "books.json").read_text(encoding="utf-8"))
    written = [entry["name"] for entry in books["ledger"] if entry["request"] == "InvoiceAddRq"]
    assert written == ["SO-1042", "SO-1043"]
    assert [asked(reader, f"invoices/SO-{number}")["state"] for number in (1042, 1043)] == ["synced"] * 2


def its_receiver_heard_it(reader: Reader) -> None:
    invoice = asked(reader, "invoices/SO-1042")
    heard = reader.folder / "heard.txt"
    wait_for(lambda: f"invoice.synced SO-1042 {invoice['txn_id']}" in heard.read_text())
    assert "connector.webhook_test" in heard.read_text()


def its_program_showed_what_can_be_decided(reader: Reader) -> None:
    (said,) = (text for text in reader.said if "waiting no more" in text)
    assert "* Choose the item that is meant" in said
    assert "waiting no more: 1" in said


def an_event_has_what_the_pages_show(reader: Reader) -> None:
    found = asked(reader, "events?type=invoice.synced&kind=invoice&external_id=SO-1042")
    event = found["events"][0]
    for name in ("events.md", "webhooks.md"):
        (shown,) = map(json.loads, blocks(name, "json"))
        assert shown.keys() == event.keys(), name
        assert shown["data"].keys() <= event["data"].keys(), name
        assert shown["data"]["what"] == event["data"]["what"], name
    assert found.keys() == set(
        re.findall(r'"(\w+)":', page("events.md").split("GET /api")[1].split("```")[0])
    )


def an_error_has_what_the_page_shows(reader: Reader) -> None:
    (shown,) = map(json.loads, blocks("errors.md", "json"))
    (found,) = asked(reader, "errors?state=all")["errors"]
    error = asked(reader, f"errors/{found['id']}")
    assert shown.keys() <= error.keys()
    document = asked(reader, "../../openapi.json")["components"]["schemas"]
    (choice,) = shown["choices"]
    assert choice.keys() == document["Choice"]["properties"].keys()
    assert choice["candidate"].keys() <= document["Candidate"]["properties"].keys()


def an_error_is_answered_as_its_page_says(reader: Reader) -> None:
    put = """qb -X PUT "$C/customers/c-8" -d '{"name": "Quayside Deli"}' """
    reader.follow(put)
    (found,) = asked(reader, "errors")["errors"]
    error = asked(reader, f"errors/{found['id']}")
    curl, shell = blocks("errors.md", "bash")
    example = json.loads(shlex.split(curl)[-1])
    choice = "dismiss"
    reader.follow(
        curl.replace("errors/12", f"errors/{error['id']}")
        .replace(example["choice"], choice)
        .replace(example["token"], error["token"])
    )
    assert asked(reader, "customers/c-8")["state"] == "cancelled"
    reader.follow(shell.splitlines()[0].replace(" ID", f" {error['id']}"))


def webhooks_are_made_and_tried_as_their_page_says(reader: Reader) -> None:
    commands, curl, listen = blocks("webhooks.md", "bash")
    reader.follow(f"export QBWC=http://localhost:8000\n{curl.replace('curl ', 'curl -sSf ')}")
    made = json.loads(reader.said[-1])
    assert {"id", "url", "types", "secret"} <= made.keys()
    # the connector's first webhook, of which the page speaks
    reader.follow(f"qbwc-server webhook remove {made['id']}\nqbwc-server webhook remove 1")
    with receiving() as receiver:
        own = commands.replace("https://orders.example.com/quickbooks", f"--allow-private {receiver.url}")
        added, *others = own.splitlines()
        reader.follow(f"{added} --json")
        number = json.loads(reader.said[-1])["id"]
        for line in others:
            reader.follow(re.sub(r"1$", str(number), line))
        assert [event["type"] for event in receiver.events] == ["connector.webhook_test"]
        reader.follow(
            listen.replace("http://localhost:5005/quickbooks", receiver.url).rstrip() + " --after 0 --limit 2"
        )
        assert len(receiver.events) == 3


@pytest.mark.slow
def test_whoever_follows_them_sees_what_they_say(reader: Reader) -> None:
    """One test for all they say, as they follow one reader."""
    for claim in (
        both_invoices_are_in_quickbooks_as_they_were_meant,
        its_receiver_heard_it,
        its_program_showed_what_can_be_decided,
        an_event_has_what_the_pages_show,
        an_error_has_what_the_page_shows,
        an_error_is_answered_as_its_page_says,
        webhooks_are_made_and_tried_as_their_page_says,
    ):
        claim(reader)


def test_what_verifies_a_webhook_takes_the_genuine_and_nothing_else() -> None:
    (program,) = blocks("webhooks.md", "python")
    space: dict[str, Any] = {}
    exec(program, space)
    secret = "whsec_" + base64.b64encode(hashlib.sha256(b"a").digest()).decode()
    body, now = '{"id": 1}', datetime.now(UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": "v1,AAAA " + Webhook(secret).sign("evt_1", now, body),
    }
    assert space["is_genuine"](secret, body.encode(), headers)
    assert not space["is_genuine"](secret, b'{"id": 2}', headers)
    late = headers | {"webhook-timestamp": str(int(time.time()) - 301)}
    assert not space["is_genuine"](secret, body.encode(), late)


def test_every_program_of_the_quickstart_is_saved_and_run() -> None:
    typed = "".join(blocks("quickstart.md", "bash"))
    saved = SAVED.findall(page("quickstart.md"))
    assert len(saved) == len(blocks("quickstart.md", "python"))
    for name, _ in saved:
        assert f"python3 {name}" in typed
