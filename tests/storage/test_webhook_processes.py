"""Couriers of several processes, and such as are killed: nothing is lost, and each record's events stay in order."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qbwc_server.domain.clock import utc_now
from qbwc_server.storage.database import Database
from tests.worlds import courier_process
from tests.worlds.receiver import Receiver, Reply, receiving
from tests.worlds.webhook_world import WebhookWorld, in_order

Courier = subprocess.Popen[str]
pytestmark = pytest.mark.slow

NAMES = [f"r{number}" for number in range(8)]


@pytest.fixture
def shop(database: Database) -> WebhookWorld:
    made = WebhookWorld(database, utc_now)
    made.records(*NAMES)
    return made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that takes a moment, so that there is a middle to be killed in."""
    with receiving(lambda _: time.sleep(0.003) or Reply()) as made:
        yield made


@pytest.fixture
def courier(url: str) -> Iterator[Callable[[], Courier]]:
    """Starts processes that deliver."""
    started: list[Courier] = []

    def start() -> Courier:
        command = [sys.executable, str(Path(courier_process.__file__)), url]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout is not None
        assert started[-1].stdout.readline() == "ready\n"
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def wait_for(receiver: Receiver, expected: set[int], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not expected <= taken(receiver).keys():
        assert time.monotonic() < until, sorted(expected - taken(receiver).keys())
        time.sleep(0.05)


def taken(receiver: Receiver) -> Counter[int]:
    return Counter(event["id"] for event in list(receiver.events))


def test_a_courier_that_is_killed_again_and_again_loses_nothing_and_keeps_the_order(
    shop: WebhookWorld, receiver: Receiver, courier: Callable[[], Courier]
) -> None:
    shop.add(receiver.url)
    expected = {each for _ in range(40) for each in shop.happen(*NAMES)}
    for kill in range(4):
        process, before = courier(), len(receiver.messages)
        until = time.monotonic() + 30
        while len(receiver.messages) < before + 10 + 7 * kill:
            assert time.monotonic() < until
            time.sleep(0.002)
        process.kill()
        process.wait()
    assert not expected <= taken(receiver).keys(), "it was killed in the middle"
    courier()
    wait_for(receiver, expected)
    assert in_order(receiver)


def test_couriers_of_several_processes_deliver_everything_once_and_in_order(
    shop: WebhookWorld, receiver: Receiver, courier: Callable[[], Courier]
) -> None:
    shop.add(receiver.url)
    for _ in range(3):
        courier()
    expected: set[int] = set()
    for _ in range(30):
        expected |= set(shop.happen(*NAMES))
        time.sleep(0.02)
    wait_for(receiver, expected)
    assert set(taken(receiver).values()) == {1}
    assert in_order(receiver)
