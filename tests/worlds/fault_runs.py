"""Playing histories one after the other, judging them, and keeping the balance."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable

from qbwc_server.simulator.faults import Fault
from qbwc_server.storage.database import Database
from tests.worlds.fault_acts import plan_of
from tests.worlds.fault_judge import duplicates, judge
from tests.worlds.fault_script import Size, change, hand_over, prepare, whole_run
from tests.worlds.fault_world import History, NeverAtRest

Note = Callable[[str, object], None]


class Balance:
    """What the histories of one test came to; told to pytest by ``record_property``."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def take(self, name: str, history: History) -> None:
        """Judge a history that came to its end."""
        verdict = judge(history)
        self.counts["histories"] += 1
        self.counts["cuts"] += len(history.plan.fired)
        self.counts["duplicates"] += len(verdict.duplicates)
        self.counts["lost"] += len(verdict.lost)
        self.counts["false states"] += len(verdict.false_states)
        self.wrong += [f"{name}: {fault}" for fault in verdict.faults]

    def fail(self, name: str, error: Exception) -> None:
        """A history that did not come to its end: every record of it counts as one lost."""
        self.counts["histories"] += 1
        self.counts["lost"] += 1
        self.wrong.append(f"{name}: " + "".join(traceback.format_exception(error)[-3:]))

    def close(self, note: Note) -> None:
        """Hand the figures over, then insist that nothing is wrong."""
        for name, value in self.counts.items():
            note(name, value)
        assert not self.wrong, "\n".join(self.wrong)


def play(database: Database, faults: Iterable[Fault], size: Size, balance: Balance) -> History | None:
    """The whole run with these faults; None when it did not come to its end."""
    history = History(database, faults)
    name = " ".join(map(str, history.plan.faults))
    try:
        whole_run(history, size)
    except Exception as error:  # whatever it is, the other histories are to be played too
        balance.fail(name, error)
        return None
    balance.take(name, history)
    return history


def play_seed(database: Database, seed: int, balance: Balance) -> None:
    """A random history: its faults, its size and what host and persons do follow from the seed."""
    plan = plan_of(seed)
    name = f"seed {seed} ({' '.join(map(str, plan.faults))}; {len(plan.during)} acts)"
    history = History(
        database, plan.faults, batch_size=plan.batch_size, host_wins=plan.host_wins, during=plan.during
    )
    try:
        prepare(history)
        hand_over(history, plan.size)
        history.settle()
        change(history)
        history.settle()
        history.an_hour_later()
        while history.decide_what_is_uncertain():
            history.settle()
    except Exception as error:  # as above
        balance.fail(name, error)
        return
    balance.take(name, history)
    _retry_all(history, name, balance)


def _retry_all(history: History, name: str, balance: Balance) -> None:
    """A person retries every error record that is left: even that posts nothing twice."""
    history.retry_everything()
    try:
        history.settle()
    except NeverAtRest as error:
        balance.wrong.append(f"{name}: after a retry {error}")
    twice = [f"{name}: after a retry {each}" for each in duplicates(history)]
    balance.counts["duplicates"] += len(twice)
    balance.wrong += twice
