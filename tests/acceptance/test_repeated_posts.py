"""A POST with an Idempotency-Key and a server that is killed over it: QuickBooks is told once, whatever was cut."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.worlds.acceptance_world import Json, World
from tests.worlds.killed_server import HOOK
from tests.worlds.reader import wait_for

pytestmark = pytest.mark.slow

Answer = tuple[int, dict[str, str], Json]


def add(name: str) -> Json:
    """A request that writes."""
    return {"qbxml": f"<CustomerAddRq><CustomerAdd><Name>{name}</Name></CustomerAdd></CustomerAddRq>"}


@pytest.fixture
def world(shared_world: World) -> World:
    """The server goes on from test to test."""
    return shared_world


class Program:
    """A program that wants to know what became of its POST."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.secret = world.command("api-key", "create", "program", "--connector", "seafood")["key"]

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer | None:
        """Status, headers and answer; None: there was none."""
        place = urlsplit(self.world.server.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request(
                method, f"/api/v1/connectors/seafood/{path}", body and json.dumps(body), headers
            )
            answer = connection.getresponse()
            return (
                answer.status,
                {name.lower(): value for name, value in answer.headers.items()},
                json.loads(answer.read()),
            )
        return None

    def names(self) -> str:
        """What was asked of QuickBooks so far, as the server tells it."""
        listed = self.ask("GET", "requests?limit=500")
        assert listed is not None
        shown = [self.ask("GET", f"requests/{each['id']}") for each in listed[2]["requests"]]
        return " ".join(json.dumps(each[2]) for each in shown if each is not None)

    def insist(self, name: str, key: str) -> str:
        """Have a customer added by somebody who heard nothing of the first try; how that went."""
        answer = self.ask("POST", "requests", add(name), key)
        assert answer is not None
        how = "done"
        if answer[0] == 409 and "retry-after" in answer[1]:
            a_minute_passes(self.world.folder)
            answer = self.ask("POST", "requests", add(name), key)
            assert answer is not None
        if answer[0] == 409:
            assert "outcome is not known" in answer[2]["detail"]
            how = "looked and found"
            if name not in self.names():
                how = "looked and sent"
                answer = self.ask("POST", "requests", add(name), f"{key}-new")
                assert answer is not None
                assert answer[0] == 202
        elif "idempotency-replayed" in answer[1]:
            how = "replayed"
        return how


def a_minute_passes(folder: Path) -> None:
    """For the keys of requests that were cut off."""
    say(folder, "UPDATE idempotency_key SET under_way_until = '2020-01-01 00:00:00.000000'")


def say(folder: Path, statement: str) -> None:
    """Something to the database, past the server."""
    with closing(sqlite3.connect(folder / "qbwc.db")) as database, database:
        database.execute(statement)


def times_added(world: World, name: str) -> int:
    """How often QuickBooks was made to add it."""
    return sum(entry.request == "CustomerAddRq" and str(entry.name) == name for entry in world.company.ledger)


CUTS = {
    "before:2": "looked and sent",
    "after:2": "looked and found",
    "before:3": "looked and found",
    "after:3": "replayed",
    "after:4": "replayed",
}
"""Where the server is killed: the first commit is the claim of the key, the second the work, the third its answer."""


def test_a_server_killed_at_any_commit_of_a_post_tells_quickbooks_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.create(tmp_path)
    program = Program(world)
    # that a key is used is noted now and then, by a commit of its own: not here
    say(tmp_path, "UPDATE api_key SET last_used_at = '2099-01-01 00:00:00.000000'")
    ways, heard = {}, []
    for cut in CUTS:
        name = "Killed " + cut.replace(":", " ")
        with monkeypatch.context() as patch:
            patch.setenv("PYTHONPATH", str(HOOK))
            patch.setenv("FAULTS_CRASH_AT", cut)
            world.server.start()
        if program.ask("POST", "requests", add(name), name):
            heard.append(cut)
        world.server.kill()
        with world.server:
            ways[cut] = program.insist(name, name)
            world.visit()
        assert times_added(world, name) == 1, (cut, ways)
    assert heard == ["after:4"]
    assert ways == CUTS


def test_two_at_once_are_one_and_the_second_is_told_to_wait(world: World) -> None:
    program, heard = Program(world), []

    def first() -> None:
        heard.append(program.ask("POST", "requests?wait=25", add("Twice"), "k"))

    sender = threading.Thread(target=first)
    sender.start()
    wait_for(lambda: "Twice" in program.names())
    second = program.ask("POST", "requests?wait=25", add("Twice"), "k")
    assert second is not None
    assert (second[0], second[1]["retry-after"]) == (409, "5")
    world.visit()
    sender.join()
    third = program.ask("POST", "requests?wait=25", add("Twice"), "k")
    assert third is not None
    assert third[1]["idempotency-replayed"] == "true"
    assert heard[0] is not None
    assert heard[0][2] == third[2]
    world.visit()
    assert times_added(world, "Twice") == 1
