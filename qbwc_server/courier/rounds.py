"""Errands and their rounds: each is run when its time has come, by whichever process claims it first."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from qbwc_server.courier import stocktaking, tidying
from qbwc_server.storage import errands
from qbwc_server.sync.core import Core

log = logging.getLogger(__name__)

FIRST_ROUND = timedelta(seconds=2)
"""How long after its start a process goes on its first round: what is due then has waited while none ran."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Work that is done again and again.

    Attributes:
        name: under which it is claimed.
        every: the time between two runs, whichever processes do them.
        run: does it, in transactions of its own. One that fails, or whose process ends over it, is run again when
            its time has come next.
    """

    name: str
    every: timedelta
    run: Callable[[Core], object]


ERRANDS: Sequence[Errand] = (
    Errand("tidying", timedelta(hours=1), tidying.tidy),
    Errand("stocktaking", timedelta(hours=1), stocktaking.take),
)


def make_round(core: Core, errands_due: Sequence[Errand] = ERRANDS) -> list[str]:
    """Run what is due and no other process has claimed; the names of what was run, also where it failed."""
    run = []
    for errand in errands_due:
        with core.database.begin() as conn:
            is_ours = errands.claim(conn, errand.name, errand.every, now=core.clock())
        if is_ours:
            run.append(errand.name)
            _run(core, errand)
    return run


def _run(core: Core, errand: Errand) -> None:
    try:
        errand.run(core)
    except Exception:
        log.exception("%s failed; it is tried again in %s", errand.name, errand.every)


def start(core: Core) -> None:
    """Go on rounds for as long as this process lives.

    On the core of the requests, so that its writes come in their turn with theirs.
    """
    threading.Thread(target=_go_for_ever, args=[core], name="courier", daemon=True).start()


def _go_for_ever(core: Core) -> None:
    pause = threading.Event()
    pause.wait(FIRST_ROUND.total_seconds())
    while True:
        try:
            make_round(core)
        except Exception:
            log.exception("the round could not be made; the next one is in its time")
        pause.wait(min(errand.every for errand in ERRANDS).total_seconds())
