"""What stands in the way of a connector as a list: a line a group, groups of one cause under one heading."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from qbwc_server.desk.documents import documents
from qbwc_server.desk.documents.documents import Recognised
from qbwc_server.desk.error_records import open_ones
from qbwc_server.desk.error_records.open_ones import OpenOnes
from qbwc_server.domain.care import NOBODY, Care
from qbwc_server.domain.causes import Actor, Cause
from qbwc_server.domain.causes.together import WayOn, heading, remedy, subject, title, way_on
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed, QuickBooksAnswer, Total
from qbwc_server.storage import Transaction, care, kept_counts
from qbwc_server.storage import errors as rows
from qbwc_server.storage.errors import Gathered
from qbwc_server.storage.kept_counts import Word


class Sorting(StrEnum):
    """What comes first."""

    DOCUMENTS = "documents"
    MONEY = "money"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Line:
    """One group.

    Attributes:
        title: what is wrong, for all that wait; no member is quoted.
        subject: what it is about, where a heading says already what is wrong.
        record: the one that waits, where one waits alone.
        sleeps: it was snoozed, and nothing has woken it.
    """

    cause: str
    sub_reason: str | None
    cause_key: str
    title: str
    subject: str
    record: Recognised | None
    sum: Total
    care: Care
    sleeps: bool


@dataclass(frozen=True, slots=True)
class Family:
    """All groups of one cause and finer word.

    Attributes:
        heading: what is wrong with all of them; that of the one group where there is one.
        remedy: what to do, said once.
        way_on: what is pressed then.
        groups: how many groups there are; `lines` the first of them.
        sum: each record counted once.
    """

    cause: str
    sub_reason: str | None
    heading: str
    remedy: str
    actor: Actor
    way_on: WayOn
    groups: int
    sum: Total
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands in the way, as far as it was asked for.

    Attributes:
        families: the first in the order asked for.
        asleep: the groups that were snoozed; they are in no family.
        numbers: how many error records are open, by cause and who must act, whatever was asked for.
        awake: how many of those asked for are in `families`.
        pages: how many there are of the groups of one family; 1 where several families are shown.
        assigned: how many groups each person looks after, by name.
        is_too_much: more is open than is added up: only the longest groups are listed, without what is at stake.
    """

    connector: Connector
    families: tuple[Family, ...]
    asleep: tuple[Line, ...]
    numbers: Mapping[tuple[str, str], int]
    awake: int
    page: int
    pages: int
    assigned: Mapping[str, int]
    is_too_much: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What of it is asked for.

    Attributes:
        assignee: only what this one looks after.
        page: of the groups, where those of one family are asked for: `page_size` each.
        lines: so many of each family otherwise, by how many families there are.
    """

    narrowed: Narrowed
    sorting: Sorting = Sorting.DOCUMENTS
    assignee: str | None = None
    page: int = 1
    page_size: int = 50
    lines: Callable[[int], int] = lambda families: 5

    def reach(self, families: int) -> int:
        """So many of the longest groups of each family are needed, where so many families are to be shown."""
        if self.sorting is not Sorting.DOCUMENTS:
            return open_ones.LONGEST
        one = self.page * self.page_size if self.narrowed.cause is not None else 0
        # one more may be shown, and one more tells that there are more
        return max(one, self.lines(families) + 2)


_Found = tuple[Gathered, Care]


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said of the groups that are shown: a cause by the id of an error record, and lonely records by theirs."""

    causes: Mapping[int, tuple[Cause, QuickBooksAnswer | None]]
    records: Mapping[int, Recognised]
    now: datetime


def listed(
    conn: Transaction, connector: Connector, asked: Asked, words_open: Sequence[Word], now: datetime
) -> Listing:
    """What stands in the way of a connector, of the snapshot somebody looks at; a constant number of statements.

    Args:
        words_open: how many are open, by cause, finer word and who must act.
    """
    cared = care.every(conn, connector.id)
    found_open = open_ones.of(conn, connector, asked.narrowed, words_open, cared, asked.reach)
    found = [(each, cared.get((each.cause, each.cause_key), NOBODY)) for each in found_open.groups]
    wanted = [each for each in found if asked.assignee in (None, each[1].assignee)]
    asleep = [each for each in wanted if sleeps(*each, now)]
    awake = [each for each in wanted if not sleeps(*each, now)]
    made = _families(found, awake, found_open, asked)
    parts = _listed(asked, [each.groups for each in made])
    shown = [*(one for part in parts for one in part), *asleep[: asked.page_size]]
    words = _words_of(conn, shown, now)
    families = tuple(_family(each, part, words) for each, part in zip(made, parts, strict=True) if part)
    is_paged = asked.narrowed.cause is not None and len(made) == 1
    return Listing(
        connector,
        families,
        tuple(_line(one, words) for one in asleep[: asked.page_size]),
        kept_counts.by_cause(words_open),
        sum(each.total.number for each in made),
        asked.page,
        -(-made[0].reachable // asked.page_size) if is_paged else 1,
        Counter(cared.assignee for _, cared in found if cared.assignee is not None),
        found_open.is_too_much,
    )


def sleeps(group: Gathered, cared: Care, now: datetime) -> bool:
    """Whether a group was snoozed, and nothing has woken it."""
    return cared.snooze is not None and cared.snooze.lasts(group.sum.number, group.sum.kinds, now)


_ORDER: Mapping[Sorting, Callable[[Total], Any]] = {
    Sorting.DOCUMENTS: lambda each: (-each.number, each.since),
    Sorting.MONEY: lambda each: (-each.size, -each.number, each.since),
    Sorting.OLDEST: lambda each: (each.since, -each.number),
}


@dataclass(frozen=True, slots=True)
class _Made:
    """A family: its first groups in order, how many of it can be listed, how many it has, and what all come to."""

    groups: list[_Found]
    reachable: int
    number: int
    total: Total


def _families(
    found: Sequence[_Found], awake: Sequence[_Found], found_open: OpenOnes, asked: Asked
) -> list[_Made]:
    """The families with their groups, each in order."""
    in_all, by_cause = _by_family(found), _by_family(awake)
    order = _ORDER[asked.sorting]
    made = []
    for key, groups in by_cause.items():
        groups.sort(key=lambda one: (order(one[0].sum), one[0].first_id))
        number, total = found_open.sums[key]
        if len(groups) < len(in_all[key]):
            number, total = _left(number, total, in_all[key], groups, found_open, asked)
        reachable = min(number, open_ones.LONGEST) if found_open.is_too_much else len(groups)
        made.append(_Made(groups, reachable, number, total))
    return sorted(made, key=lambda each: (order(each.total), each.groups[0][0].first_id))


def _by_family(found: Sequence[_Found]) -> dict[tuple[str, str | None], list[_Found]]:
    families: dict[tuple[str, str | None], list[_Found]] = {}
    for one in found:
        families.setdefault((one[0].cause, one[0].sub_reason), []).append(one)
    return families


def _left(
    number: int,
    total: Total,
    every: Sequence[_Found],
    awake: Sequence[_Found],
    found_open: OpenOnes,
    asked: Asked,
) -> tuple[int, Total]:
    """What is left of a family where some sleep, or are another's: how many groups, and what they come to."""
    if not found_open.is_too_much or asked.assignee is not None:
        return len(awake), _added(awake)
    # not all that is left was read
    gone = _added(every).number - _added(awake).number
    return number - (len(every) - len(awake)), replace(total, number=total.number - gone)


def _added(groups: Sequence[_Found]) -> Total:
    return Total.added([one[0].sum for one in groups])


def _listed(asked: Asked, families: Sequence[list[_Found]]) -> list[list[_Found]]:
    """Those groups of each family that are shown."""
    if asked.narrowed.cause is not None and len(families) == 1:
        begin = (asked.page - 1) * asked.page_size
        return [groups[begin : begin + asked.page_size] for groups in families]
    most = asked.lines(len(families))
    # one that is left over alone takes no more room than the words that it is there
    return [groups[: most if len(groups) > most + 1 else most + 1] for groups in families]


def _words_of(conn: Transaction, found: Sequence[_Found], now: datetime) -> _Words:
    alone = [group.record_id for group, _ in found if group.sum.number == 1 and group.record_id is not None]
    causes = rows.causes(conn, [group.first_id for group, _ in found])
    return _Words(causes, documents.recognised(conn, alone), now)


def _line(one: _Found, words: _Words) -> Line:
    group, cared = one
    cause, _ = words.causes[group.first_id]
    return Line(
        cause=group.cause,
        sub_reason=group.sub_reason,
        cause_key=group.cause_key,
        title=title(cause),
        subject=subject(cause),
        record=words.records.get(group.record_id) if group.record_id is not None else None,
        sum=group.sum,
        care=cared,
        sleeps=sleeps(group, cared, words.now),
    )


def _family(made: _Made, part: Sequence[_Found], words: _Words) -> Family:
    first, _ = words.causes[part[0][0].first_id]
    return Family(
        cause=part[0][0].cause,
        sub_reason=part[0][0].sub_reason,
        heading=title(first) if made.number == 1 else heading(first, made.number),
        remedy=remedy(first, made.number),
        actor=Actor(first.actor),
        way_on=way_on(first),
        groups=made.number,
        sum=made.total,
        lines=tuple(_line(one, words) for one in part),
    )
