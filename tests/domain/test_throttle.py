"""How long to wait after failed tries to sign in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbwc_server.domain.throttle import ADDRESSES, PEOPLE, WEB_CONNECTORS, Tries, source_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def wait(failures: int, patience=PEOPLE) -> timedelta | None:
    return patience.wait(Tries(failures, NOON), NOON)


def test_the_first_failures_cost_nothing():
    assert PEOPLE.wait(Tries(0, None), NOON) is None
    assert [wait(number) for number in range(1, 5)] == [None] * 4


def test_every_further_failure_doubles_the_wait_up_to_a_limit():
    seconds = [wait(number).total_seconds() for number in range(5, 18)]
    assert seconds == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]


def test_a_wait_is_over_when_its_time_has_passed():
    tries = Tries(7, NOON)
    assert PEOPLE.wait(tries, NOON + timedelta(seconds=7)) == timedelta(seconds=1)
    assert PEOPLE.wait(tries, NOON + timedelta(seconds=8)) is None


@pytest.mark.parametrize("patience", [PEOPLE, WEB_CONNECTORS, ADDRESSES])
@given(failures=st.integers(0, 10**9))
def test_no_number_of_failures_makes_anybody_wait_longer_than_the_limit(patience, failures):
    found = wait(failures, patience)
    assert found is None or timedelta(0) < found <= patience.longest


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:" + "x" * 100, "unix:" + "x" * 59),
    ],
)
def test_one_machine_is_one_source(address, source):
    assert source_of(address) == source
