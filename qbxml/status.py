"""What QuickBooks' codes mean, what to do about them, and who does it.

Three layers that never mix: `statuses` are the statusCode of one response, `message_set_statuses` the
messageSetStatusCode of a set (error recovery only), `hresults` the failure of a whole set or session.
Beside them `qbwc_codes`, the numbers a user reads in the Web Connector's window (QBWC1012).
Codes and ranges follow the qbXML SDK and what implementers report; the sentences are ours. Texts of
QuickBooks itself are localised and quote user data, so decisions rest on severity and code; but for the codes
that say everything from "in use" to "this account cannot be", of which known sentences are taken for passing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from qbxml.failure_text import HRESULTS, QBWC
from qbxml.status_text import MESSAGE_SET, PASSING, RANGES, REFUSED_FOR_GOOD, STATUSES

Who = Literal["host", "staff", "quickbooks_user"]


class Retry(Enum):
    """Whether and how the same request may be tried again."""

    OK = "ok"
    """Not a failure."""
    TRANSIENT = "transient"
    """The same request may work later."""
    REREAD = "reread"
    """Read the record again, rebuild the request, send it once more."""
    HUMAN = "human"
    """Somebody has to change something in QuickBooks or Windows; then the same request works."""
    PERMANENT = "permanent"
    """It will be refused until the record itself changes."""
    UNKNOWN = "unknown"
    """It may have been executed: find out before anything is sent again."""


_CLASS = {
    "OK": Retry.OK,
    "T": Retry.TRANSIENT,
    "R": Retry.REREAD,
    "H": Retry.HUMAN,
    "P": Retry.PERMANENT,
    "U": Retry.UNKNOWN,
}
_WHO: dict[str, Who] = {"host": "host", "staff": "staff", "user": "quickbooks_user"}


@dataclass(frozen=True, slots=True)
class Status:
    """One code. `meaning` says what happened, `remedy` what to do ("" where nothing is), `who` does it.

    `documented` is False for codes nobody described; then the severity decided. `executed` tells what the
    code proves about the request: True it was carried out, False it was not, None nothing.
    """

    code: int | str
    retry: Retry
    meaning: str
    remedy: str
    who: Who
    executed: bool | None = None
    documented: bool = True


class Statuses:
    """Lookup of statusCode; never fails."""

    def __init__(self, known: Mapping[int, Status]) -> None:
        self._known = dict(known)

    def __getitem__(self, code: int) -> Status:
        return self.get(code)

    def __contains__(self, code: object) -> bool:
        return code in self._known

    def __iter__(self) -> Iterator[Status]:
        return iter(self._known.values())

    def judge(self, code: int, severity: str, sentence: str | None) -> Status:
        """The status of a code that came with a sentence of QuickBooks, which a few codes need to be told apart."""
        passing = PASSING.get(code)
        if passing is None or any(part in (sentence or "").casefold() for part in passing):
            return self.get(code, severity)
        return _status(code, REFUSED_FOR_GOOD)

    def get(self, code: int, severity: str = "") -> Status:
        """The status of a code; an unknown one is judged by severity ("Info", "Warn", "Error") or range."""
        known = self._known.get(code)
        return known if known is not None else _unlisted(code, severity)


def _unlisted(code: int, severity: str) -> Status:
    level = severity.lower() or ("info" if code < 500 else "warn" if code < 1000 else "error")
    if level == "info":
        return Status(code, Retry.OK, "QuickBooks carried out the request.", "", "staff", True, False)
    if level == "warn":
        meaning = "QuickBooks carried out the request and adds a warning."
        return Status(code, Retry.OK, meaning, "Read QuickBooks' own sentence.", "staff", True, False)
    if 2000 <= code <= 2999:
        meaning = "QuickBooks Online refused a sign-on, which QuickBooks Desktop does not have."
        return Status(code, Retry.PERMANENT, meaning, "Tell us this code.", "host", False, False)
    if 3000 <= code <= 3099:
        meaning = "QuickBooks does not accept the form of a value."
        remedy = "Correct the value named in the message."
        return Status(code, Retry.PERMANENT, meaning, remedy, "host", False, False)
    meaning = "QuickBooks refused the request for a reason we have no description of."
    remedy = "Read QuickBooks' own sentence, correct what it names and try once more."
    return Status(code, Retry.PERMANENT, meaning, remedy, "staff", False, False)


class Hresults:
    """Lookup of hresult by its hexadecimal text in any spelling (`0x80040400`, `80040400`); never fails."""

    def __init__(self, known: Mapping[str, Status]) -> None:
        self._known = dict(known)

    def __getitem__(self, code: str) -> Status:
        return self.get(code)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and _hex(code) in self._known

    def __iter__(self) -> Iterator[Status]:
        return iter(self._known.values())

    def get(self, code: str) -> Status:
        """The status of an hresult; an unknown one leaves the outcome unknown."""
        key = _hex(code)
        known = self._known.get(key)
        if known is not None:
            return known
        meaning = "The Web Connector could not hand the request over or bring the answer back."
        remedy = "Run the Web Connector again. If it happens again, send us this code and the message."
        return Status(key or code, Retry.UNKNOWN, meaning, remedy, "quickbooks_user", None, False)

    def nothing_executed(self, code: str) -> bool:
        """Whether this hresult proves that no request of the set was carried out.

        Only refusals before processing do: the set could not be parsed, or its version is unknown.
        """
        return self.get(code).executed is False


def _hex(code: str) -> str:
    digits = code.strip().lower().removeprefix("0x")
    return f"0x{digits.upper().rjust(8, '0')}" if digits else ""


def _status(code: int | str, row: tuple[str, str, str, str, str]) -> Status:
    retry, executed, who, meaning, remedy = row
    proof = {"yes": True, "no": False, "": None}[executed]
    return Status(code, _CLASS[retry], meaning, remedy, _WHO[who], proof)


statuses = Statuses(
    {
        **{code: _status(code, row) for codes, row in RANGES.items() for code in codes},
        **{code: _status(code, row) for code, row in STATUSES.items()},
    }
)
"""statusCode of one response."""

message_set_statuses = Statuses({code: _status(code, row) for code, row in MESSAGE_SET.items()})
"""messageSetStatusCode; present only where message-set ids are used. Absent means 0."""

hresults = Hresults({_hex(code): _status(_hex(code), row) for code, row in HRESULTS.items()})
"""hresult of connectionError and receiveResponseXML."""

qbwc_codes: Mapping[int, Status] = {code: _status(code, row) for codes, row in QBWC.items() for code in codes}
"""The Web Connector's own codes, by number: QBWC1012 is 1012."""
