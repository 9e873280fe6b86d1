"""When is it tried again? One table for whatever QuickBooks refused for now, would not tell, or never answered.

Every row comes to an end that a person sees: after so many tries a person is asked, and a row that never asks
one belongs to a trouble that has an open error record of its own all the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class Do(StrEnum):
    """What comes next."""

    SEND_AGAIN = "send again"
    READ_FIRST = "read it first"
    ASK_QUICKBOOKS = "ask QuickBooks"
    ASK_A_PERSON = "ask a person"


class Trouble(StrEnum):
    """Why something did not come to its end."""

    IN_USE = "in use"
    """QuickBooks refused a write because somebody else works with the record or its list."""
    OUT_OF_DATE = "out of date"
    """QuickBooks refused a change because the record, or what it refers to, is not as it was last read."""
    OUTCOME_UNTOLD = "outcome untold"
    """QuickBooks answered a write without saying whether it was carried out."""
    NAME_UNTOLD = "name untold"
    """QuickBooks carried a write out without saying what it is called there."""
    QUESTION_REFUSED = "question refused"
    """QuickBooks refused to tell what had to be known about a record before it is sent, or sent again."""
    SET_REFUSED = "set refused"
    """QuickBooks refused a whole message set unread, whatever is in it; the connector has an error record."""
    NEVER_TAKEN = "never taken"
    """A message set was sent twice, its answer was lost twice, and QuickBooks holds nothing of it."""
    LIST_REFUSED = "list refused"
    """QuickBooks refused to give a list; the connector's health says so."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows a trouble.

    Attributes:
        first: how long to wait after the first time; twice as long after each further one.
        longest: but never longer.
        most: after so many times a person is asked; None when the trouble has an error record anyway.
    """

    do: Do
    first: timedelta = timedelta(0)
    longest: timedelta = timedelta(hours=1)
    most: int | None = None


MOST_ATTEMPTS = 6
"""How often a record is sent that QuickBooks refuses for now, before a person is asked."""

MOST_QUESTIONS = 4
"""How often QuickBooks is asked about a record that it refuses to tell about, before a person is asked."""

_MINUTE = timedelta(minutes=1)

RULES: Mapping[Trouble, Rule] = MappingProxyType(
    {
        Trouble.IN_USE: Rule(Do.SEND_AGAIN, _MINUTE, most=MOST_ATTEMPTS),
        Trouble.OUT_OF_DATE: Rule(Do.READ_FIRST, most=2),
        Trouble.OUTCOME_UNTOLD: Rule(Do.ASK_QUICKBOOKS, _MINUTE, most=MOST_ATTEMPTS),
        Trouble.NAME_UNTOLD: Rule(Do.ASK_QUICKBOOKS, most=MOST_ATTEMPTS),
        Trouble.QUESTION_REFUSED: Rule(Do.ASK_QUICKBOOKS, 5 * _MINUTE, most=MOST_QUESTIONS),
        Trouble.SET_REFUSED: Rule(Do.SEND_AGAIN, 5 * _MINUTE),
        Trouble.NEVER_TAKEN: Rule(Do.ASK_QUICKBOOKS, most=2),
        Trouble.LIST_REFUSED: Rule(Do.SEND_AGAIN, _MINUTE, 10 * _MINUTE),
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next, and how long to wait with it."""

    do: Do
    pause: timedelta = timedelta(0)

    def after(self, now: datetime) -> datetime | None:
        """The moment before which nothing is to be done; None when it may be done at once."""
        return now + self.pause if self.pause else None


def next_step(trouble: Trouble, attempts: int, *, linked: bool = True) -> Step:
    """What follows when a trouble has come up `attempts` times before.

    Args:
        linked: QuickBooks holds the record, so that it can be read.
    """
    rule = RULES[trouble]
    if rule.most is not None and attempts >= rule.most:
        return Step(Do.ASK_A_PERSON)
    if rule.do is Do.READ_FIRST and not linked:
        return Step(Do.ASK_A_PERSON)
    # 2 ** 30 minutes are more than any longest
    return Step(rule.do, min(rule.first * 2 ** min(attempts, 30), rule.longest))
