"""How much a key may do in a minute, and how it is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from qbwc_server.access.budgets import Budgets


class Tick:
    """Seconds that pass when they are told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def tick():
    return Tick()


@pytest.fixture
def budget(api, tick):
    """Gives every key so many requests a minute."""

    usual = api.extensions["qbwc-budgets"]

    def set_to(per_minute):
        api.extensions["qbwc-budgets"] = Budgets(per_minute, tick)

    yield set_to
    api.extensions["qbwc-budgets"] = usual


@pytest.fixture
def place(lab):
    return f"/connectors/{lab.CONNECTOR}"


def test_a_key_is_told_what_it_has_left_and_then_to_wait(host, budget, tick, place):
    budget(3)
    left = [host.get(place).headers["RateLimit"] for _ in range(3)]
    assert left == ['"key";r=2;t=60', '"key";r=1;t=60', '"key";r=0;t=60']
    tick.now += 17.5
    answer = host.get(place)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "43"
    assert answer.headers["RateLimit"] == '"key";r=0;t=43'
    assert answer.headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert "wait 43 s" in answer.json["detail"]
    tick.now += 42.4
    assert host.get(place).status_code == 429
    tick.now += 0.1
    assert host.get(place).status_code == 200


def test_nothing_is_done_beyond_the_budget(host, head_office, budget, place):
    budget(1)
    host.get(place)
    assert host.put(f"{place}/customers/new", {"name": "New Co"}).status_code == 429
    assert head_office.get(f"{place}/customers/new").status_code == 404


def test_one_key_leaves_the_others_their_own(host, rival, budget, place, lab):
    budget(2)
    for _ in range(5):
        host.get(place)
    assert host.get(place).status_code == 429
    assert rival.get(f"/connectors/{lab.FRESH}").status_code == 200


@pytest.mark.parametrize(("lines", "cost"), [(1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_batch_costs_a_request_for_each_50_lines_begun(host, budget, place, lab, lines, cost):
    budget(100)
    answers = host.batch(
        lab.CONNECTOR, *[{"kind": "customer", "external_id": f"b-{n}"} for n in range(lines)]
    )
    assert len(answers) == lines
    assert host.get(place).headers["RateLimit"].startswith(f'"key";r={100 - cost - 1};')


def test_a_batch_is_never_broken_off_but_waited_for_afterwards(host, budget, tick, place, lab):
    budget(2)
    answers = host.batch(lab.CONNECTOR, *[{"kind": "customer", "external_id": f"b-{n}"} for n in range(500)])
    assert len(answers) == 500
    assert host.get(place).status_code == 429
    tick.now += 60
    assert host.get(place).status_code == 200


def test_whoever_has_no_key_is_neither_counted_nor_told(host, nobody, budget, place):
    budget(1)
    for _ in range(3):
        answer = nobody.get(place)
        assert answer.status_code == 401
        assert "RateLimit" not in answer.headers
    assert host.get(place).status_code == 200


def test_without_a_limit_nothing_is_said(host, budget, place):
    budget(0)
    for _ in range(5):
        answer = host.get(place)
        assert answer.status_code == 200
        assert "RateLimit" not in answer.headers


def test_the_usual_budget_is_generous(host, place):
    assert host.get(place).headers["RateLimit-Policy"] == '"key";q=6000;w=60'


def test_requests_at_the_same_moment_are_all_counted():
    budgets = Budgets(500)
    with ThreadPoolExecutor(8) as pool:
        over = [standing.is_over for standing in pool.map(lambda _: budgets.admit(1), range(1000))]
    assert over.count(False) == 500
