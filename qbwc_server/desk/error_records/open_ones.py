"""What is open of a connector as groups with their sums: all of it, or the longest where that is too much to add up."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed, Total
from qbwc_server.storage import Transaction
from qbwc_server.storage import errors as rows
from qbwc_server.storage.errors import Family, Gathered
from qbwc_server.storage.kept_counts import Word

MOST_ADDED_UP = 5_000
"""Of more open error records it takes too long to read each, and its document, whenever somebody looks."""
LONGEST = 100
"""So many groups of a cause and finer word can be reached then."""


@dataclass(frozen=True, slots=True)
class OpenOnes:
    """What is open: its groups, and how many of them there are and what they come to, by cause and finer word.

    Attributes:
        is_too_much: the groups are the longest only, and the sums tell numbers only.
    """

    groups: Sequence[Gathered]
    sums: Mapping[tuple[str, str | None], tuple[int, Total]]
    is_too_much: bool


def of(
    conn: Transaction,
    connector: Connector,
    narrowed: Narrowed,
    words: Iterable[Word],
    cared: Collection[tuple[str, str]],
    reach: Callable[[int], int],
) -> OpenOnes:
    """What is open of a connector, as far as it is asked for.

    Args:
        words: how many are open, by cause, finer word and who must act.
        cared: causes and keys of the groups that people look after, or have snoozed: they are never left out.
        reach: so many of the longest of each cause and finer word are needed, by how many of these there are.
    """
    asked_for = [each for each in words if _is_asked_for(each, narrowed)]
    if not asked_for:
        return OpenOnes((), {}, False)
    if sum(each.number for each in asked_for) > MOST_ADDED_UP:
        return _longest(conn, connector, narrowed, asked_for, cared, reach)
    finer = {each.sub_reason or "" for each in asked_for}
    if len(finer) == 1:
        # found by its index: what one actor must put right may be a small part of all that has the cause
        narrowed = replace(narrowed, sub_reason=finer.pop())
    groups = rows.by_key(conn, connector.id, narrowed)
    in_all = Counter((each.cause, each.sub_reason) for each in groups)
    sums = rows.by_cause(conn, connector.id, narrowed)
    return OpenOnes(groups, {key: (in_all[key], total) for key, total in sums.items()}, False)


def _is_asked_for(word: Word, narrowed: Narrowed) -> bool:
    # an empty finer word: those that have none
    is_the_word = narrowed.sub_reason is None or narrowed.sub_reason == (word.sub_reason or "")
    return is_the_word and narrowed.cause in (None, word.cause) and narrowed.actor in (None, word.actor)


def _longest(
    conn: Transaction,
    connector: Connector,
    narrowed: Narrowed,
    words: Sequence[Word],
    cared: Collection[tuple[str, str]],
    reach: Callable[[int], int],
) -> OpenOnes:
    """The longest groups, and how many there are by the numbers that are kept."""
    actor = narrowed.actor or ""
    families = list(dict.fromkeys((each.cause, each.sub_reason) for each in words))
    causes = {cause for cause, _ in families}
    also = [each for each in cared if each[0] in causes]
    most = min(LONGEST, reach(len(families)) + len(also))
    found = rows.longest(conn, connector.id, families, actor, also, limit=most)
    groups = [each for each in found if (each.cause, each.sub_reason) in families]
    listed = Counter((each.cause, each.sub_reason) for each in groups)
    moments = rows.since_and_last(conn, connector.id, families, actor)
    sums = {
        family: (
            max(listed[family], sum(each.groups for each in words if _is_of(each, family))),
            Total(sum(each.number for each in words if _is_of(each, family)), None, *moments[family], ()),
        )
        for family in families
    }
    return OpenOnes(groups, sums, True)


def _is_of(word: Word, family: Family) -> bool:
    return (word.cause, word.sub_reason) == family
