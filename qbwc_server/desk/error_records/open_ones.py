"""What is open of a connector as groups with their sums: all of it, or the longest where that is too much to add up."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.errors import Narrowed, Total
from qbwc_server.storage import Transaction
from qbwc_server.storage import errors as rows
from qbwc_server.storage.errors import Gathered

MOST_ADDED_UP = 5_000
"""Of more open error records it takes too long to read each, and its document, whenever somebody looks."""
LONGEST = 100
"""So many groups of a cause are listed then."""


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
    numbers: Mapping[tuple[str, str], int],
    cared: Collection[tuple[str, str]],
) -> OpenOnes:
    """What is open of a connector, as far as it is asked for.

    Args:
        numbers: how many are open, by cause and who must act.
        cared: causes and keys of the groups that people look after, or have snoozed: they are never left out.
    """
    asked_for = {
        (cause, actor): number
        for (cause, actor), number in numbers.items()
        if narrowed.cause in (None, cause) and narrowed.actor in (None, actor)
    }
    if sum(asked_for.values()) > MOST_ADDED_UP:
        causes = sorted({cause for cause, _ in asked_for})
        also = [each for each in cared if each[0] in causes]
        groups = rows.longest(conn, connector.id, causes, narrowed, also, limit=LONGEST)
        return OpenOnes(groups, rows.counted(conn, connector.id, narrowed), True)
    groups = rows.by_key(conn, connector.id, narrowed)
    in_all = Counter((each.cause, each.sub_reason) for each in groups)
    sums = rows.by_cause(conn, connector.id, narrowed)
    return OpenOnes(groups, {key: (in_all[key], total) for key, total in sums.items()}, False)
