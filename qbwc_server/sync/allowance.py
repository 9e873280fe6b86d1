"""How many records one transaction looks at; what goes beyond is noted, and the transactions that follow take it up.

So nobody holds the lock of a writer for long, however many records wait for one thing. A process that dies in
between loses nothing: what is noted was committed together with what caused it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from qbwc_server.domain.kinds import ListName
from qbwc_server.storage import Transaction, looks
from qbwc_server.storage.of_transactions import Kept, by_transaction

AT_ONCE = 200
"""How many records one transaction looks at: well below a second."""


@dataclass(slots=True)
class _Account:
    """What one transaction has looked at, and whether it had to leave anything."""

    spent: int = 0
    has_left: bool = False


_accounts: Kept[_Account] = by_transaction()


def _of(conn: Transaction) -> _Account:
    return _accounts.setdefault(conn, _Account())


def left(conn: Transaction) -> int:
    """How many records this transaction may still look at."""
    return max(0, AT_ONCE - _of(conn).spent)


def spend(conn: Transaction, number: int) -> None:
    """So many are looked at."""
    _of(conn).spent += number


def share(
    conn: Transaction,
    connector_id: int,
    record_ids: Collection[int],
    *,
    actor: str,
    list_name: ListName | None = None,
) -> list[int]:
    """Those of these records that this transaction is to look at; the others are noted."""
    wanted = sorted(record_ids)
    room = left(conn)
    if wanted[room:]:
        looks.note(conn, connector_id, wanted[room:], actor=actor, list_name=list_name)
        _of(conn).has_left = True
    spend(conn, len(wanted[:room]))
    return wanted[:room]


def has_left(conn: Transaction) -> bool:
    """Whether this transaction had to leave anything for others."""
    return _of(conn).has_left
