"""Faults as words: what can go wrong between QuickBooks, the Web Connector and a server, and where."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from qbwc_server.simulator.errors import SimulatorError

METHODS: Final = (
    "serverVersion",
    "clientVersion",
    "authenticate",
    "sendRequestXML",
    "receiveResponseXML",
    "connectionError",
    "getLastError",
    "closeConnection",
)
"""Calls that a fault can be placed at."""


class Scope(Enum):
    """What the number of a fault counts."""

    CALL = "calls of one SOAP method"
    SET = "message sets handed to QuickBooks"
    SESSION = "sessions"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: what it counts, what it does, its argument if it takes one, and the only call it fits."""

    scope: Scope
    meaning: str
    argument: str | None = None
    default: str | None = None
    method: str | None = None


_ANSWER = "receiveResponseXML"

KINDS: Final[dict[str, Kind]] = {
    "drop-before": Kind(Scope.CALL, "the connection breaks before the call reaches the server"),
    "drop-after": Kind(Scope.CALL, "the server answers, the answer is lost"),
    "duplicate": Kind(Scope.CALL, "the call reaches the server twice"),
    "late": Kind(Scope.CALL, "the call is lost, and arrives after the next authenticate"),
    "delay": Kind(Scope.CALL, "the call is made only after some time", "seconds", "900"),
    "second": Kind(Scope.CALL, "another Web Connector makes a whole visit just before the call"),
    "truncate": Kind(Scope.CALL, "QuickBooks' answer is cut in the middle", method=_ANSWER),
    "garble": Kind(Scope.CALL, "QuickBooks' answer is not XML", method=_ANSWER),
    "empty": Kind(Scope.CALL, "QuickBooks' answer is empty, without an hresult", method=_ANSWER),
    "kill": Kind(
        Scope.SET, "QuickBooks dies after some requests of the set; they stay done", "requests", "1"
    ),
    "refuse": Kind(Scope.SET, "QuickBooks refuses the set unread", "hresult", "0x80040402"),
    "unstored": Kind(Scope.SET, "QuickBooks executes the set but cannot store its outcome (9005)"),
    "unbegun": Kind(
        Scope.SET, "QuickBooks dies over the set before its first request; the outcome it keeps is empty"
    ),
    "wrong-file": Kind(Scope.SESSION, "another company file is open in QuickBooks"),
    "restore": Kind(Scope.SESSION, "the company file was restored as it was before a session", "session"),
    "clock-jump": Kind(Scope.SESSION, "the clock of the PC jumps", "seconds", "3600"),
}
"""Every kind of fault."""

_SPEC = re.compile(
    r"(?P<kind>[a-z-]+)(?:@(?P<method>\w+))?(?:#(?P<number>\d+|\*))?(?::(?P<argument>[-+\w.]+))?$"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at one place.

    Attributes:
        kind: a key of ``KINDS``.
        method: the SOAP method it is placed at; None for faults of sets and sessions.
        number: at which occurrence it strikes, counted from 1; None at every one.
        argument: seconds, requests, hresult or session number, as the kind wants it.
    """

    kind: str
    method: str | None = None
    number: int | None = 1
    argument: str | None = None

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise SimulatorError(f"fault {self.kind!r}: {problem}")

    def __str__(self) -> str:
        method = f"@{self.method}" if self.method else ""
        number = "#*" if self.number is None else f"#{self.number}"
        argument = f":{self.argument}" if self.argument else ""
        return f"{self.kind}{method}{number}{argument}"

    @property
    def scope(self) -> Scope:
        """What ``number`` counts."""
        return KINDS[self.kind].scope

    @property
    def value(self) -> str:
        """The argument, or the kind's default."""
        return self.argument or KINDS[self.kind].default or ""

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read ``KIND[@METHOD][#NUMBER][:ARGUMENT]``: ``drop-after@sendRequestXML#2``, ``kill#1:3``.

        ``#*`` strikes every time; without a number it is the first.

        Raises:
            SimulatorError: unknown kind or method, or an argument that does not fit.
        """
        found = _SPEC.match(text)
        if found is None:
            raise SimulatorError(f"fault {text!r} is not of the form KIND[@METHOD][#NUMBER][:ARGUMENT]")
        number = None if found["number"] == "*" else int(found["number"] or 1)
        return cls(found["kind"], found["method"], number, found["argument"])


def _problem(fault: Fault) -> str | None:
    kind = KINDS.get(fault.kind)
    if kind is None:
        return f"unknown; known are {', '.join(KINDS)}"
    if kind.scope is Scope.CALL and fault.method not in METHODS:
        return f"needs one of @{', @'.join(METHODS)}"
    if kind.scope is not Scope.CALL and fault.method is not None:
        return f"counts {kind.scope.value} and takes no @METHOD"
    if kind.method not in (None, fault.method):
        return f"only {kind.method} carries QuickBooks' answer"
    if fault.number is not None and fault.number < 1:
        return "occurrences are counted from 1"
    return _argument_problem(kind, fault.argument)


def _argument_problem(kind: Kind, argument: str | None) -> str | None:
    if argument is None:
        return None
    if kind.argument is None:
        return "takes no argument"
    pattern = r"0x[0-9A-Fa-f]{8}" if kind.argument == "hresult" else r"[-+]?\d+(\.\d+)?"
    if kind.argument in ("requests", "session"):
        pattern = r"\d+"
    if not re.fullmatch(pattern, argument):
        return f"{argument!r} is no {kind.argument}"
    return None


def describe() -> str:
    """A line a kind, for a command's help."""
    width = max(len(name) for name in KINDS)
    return "\n".join(f"{name:<{width}}  {kind.meaning}{_wanted(kind)}" for name, kind in KINDS.items())


def _wanted(kind: Kind) -> str:
    parts = [f"@{kind.method}" if kind.method else "", f":{kind.argument}" if kind.argument else ""]
    return f" ({''.join(parts)})" if any(parts) else ""


def random_faults(rng: random.Random, how_many: int, *, up_to: int = 12) -> tuple[Fault, ...]:
    """Faults at random places, the same for the same generator.

    Args:
        rng: a seeded generator.
        how_many: faults to make.
        up_to: highest number of an occurrence.
    """
    return tuple(_random_fault(rng, up_to) for _ in range(how_many))


def _random_fault(rng: random.Random, up_to: int) -> Fault:
    name = rng.choice(list(KINDS))
    kind = KINDS[name]
    method = None
    if kind.scope is Scope.CALL:
        method = kind.method or rng.choice(METHODS[2:5])
    number = rng.randint(1, max(1, up_to // 4) if kind.scope is Scope.SESSION else up_to)
    if name == "restore":
        number = max(2, number)
    argument = str(rng.randint(0, 5)) if kind.argument == "requests" else None
    return Fault(name, method, number, argument)
