"""What somebody wants to see of a log, as it stands in the address: who, what kind, which words, which days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request

from qbwc_server.desk.logs.log_kinds import LogKind
from qbwc_server.desk.paging import Place
from qbwc_server.domain.cursors import LARGEST_ID

LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """The form above a log.

    Attributes:
        typed: what stands in the address, by the names of the fields; only what narrows something.
        faults: what cannot be, in words, by field.
        since, until: the moments the days begin and end at.
    """

    typed: Mapping[str, str]
    faults: Mapping[str, str]
    since: datetime | None = None
    until: datetime | None = None
    types: frozenset[str] | None = None
    kind: LogKind | None = None
    place: Place = field(default_factory=Place)

    @property
    def by(self) -> str | None:
        """Who did it."""
        return self.typed.get("by")

    @property
    def words(self) -> str | None:
        """What stands in it."""
        return self.typed.get("q")


def read(kinds: Mapping[str, LogKind], zone: str) -> Filters:
    """The filters in the address of this request.

    Args:
        kinds: those there are, by the word in the address.
        zone: in which the days are meant.
    """
    typed = {name: value for name in _FIELDS if (value := request.args.get(name, "").strip())}
    faults: dict[str, str] = {}
    kind = kinds.get(typed["kind"]) if "kind" in typed else None
    if "kind" in typed and kind is None:
        faults["kind"] = "There is no such kind. Choose one from the list."
    if len(typed.get("q", "")) > LONGEST_WORDS:
        faults["q"] = f"That is too long: at most {LONGEST_WORDS} characters."
    since, until = _day(typed, "from", zone, faults), _day(typed, "to", zone, faults)
    if since is not None and until is not None and until < since:
        faults["to"] = "This day is before the first one."
    # the day is meant whole, and not every one has 24 hours
    end = None if until is None else _begin(until.astimezone(ZoneInfo(zone)).date() + timedelta(days=1), zone)
    return Filters(typed, faults, since, end, kind.types if kind else None, kind, place())


_FIELDS = ("by", "kind", "q", "from", "to")
_EARLIEST, _LATEST = date(1990, 1, 1), date(9998, 12, 30)


def _day(typed: Mapping[str, str], name: str, zone: str, faults: dict[str, str]) -> datetime | None:
    if name not in typed:
        return None
    try:
        day = date.fromisoformat(typed[name])
    except ValueError:
        faults[name] = "Type a day as 2026-11-20."
        return None
    if not _EARLIEST <= day <= _LATEST:
        faults[name] = "There is nothing from such a day."
        return None
    return _begin(day, zone)


def _begin(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def place() -> Place:
    """Where the page begins."""
    return Place(number("before"), number("after"))


def number(name: str) -> int | None:
    """An id in the address; None where there is none that can be."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found <= LARGEST_ID else None
