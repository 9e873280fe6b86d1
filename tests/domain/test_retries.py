"""When it is tried again: the table, and that every row of it comes to an end that a person sees."""

from datetime import UTC, datetime, timedelta

import pytest

from qbwc_server.domain.retries import RULES, Do, Step, Trouble, next_step

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SHOWN_BY_ITSELF = {Trouble.SET_REFUSED, Trouble.LIST_REFUSED}
"""Those for which the connector has an error record as long as they last."""


def test_there_is_a_rule_for_every_trouble() -> None:
    assert set(RULES) == set(Trouble)


@pytest.mark.parametrize("trouble", sorted(set(Trouble) - SHOWN_BY_ITSELF))
def test_whatever_is_tried_again_ends_with_a_person_within_a_day(trouble: Trouble) -> None:
    waited = timedelta(0)
    for attempts in range(10):
        step = next_step(trouble, attempts)
        if step.do is Do.ASK_A_PERSON:
            break
        waited += step.pause
    assert step.do is Do.ASK_A_PERSON
    assert waited < timedelta(days=1)


@pytest.mark.parametrize("trouble", sorted(SHOWN_BY_ITSELF))
def test_what_the_connector_is_to_blame_for_never_waits_longer_than_an_hour(trouble: Trouble) -> None:
    pauses = [next_step(trouble, attempts).pause for attempts in range(1000)]
    assert pauses == sorted(pauses)
    assert max(pauses) <= timedelta(hours=1)


def test_every_pause_is_twice_the_one_before() -> None:
    minutes = [next_step(Trouble.IN_USE, attempts).pause / timedelta(minutes=1) for attempts in range(6)]
    assert minutes == [1, 2, 4, 8, 16, 32]


def test_what_quickbooks_does_not_hold_cannot_be_read_first() -> None:
    assert next_step(Trouble.OUT_OF_DATE, 0).do is Do.READ_FIRST
    assert next_step(Trouble.OUT_OF_DATE, 0, linked=False).do is Do.ASK_A_PERSON


def test_a_step_without_a_pause_may_be_taken_at_once() -> None:
    assert Step(Do.READ_FIRST).after(NOW) is None
    assert Step(Do.SEND_AGAIN, timedelta(minutes=2)).after(NOW) == NOW + timedelta(minutes=2)
