"""Blocked records looked at again because something changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, errors, lists, looks, records
from qbwc_server.sync import allowance
from qbwc_server.sync.resolve.keys import entry_keys
from qbwc_server.sync.resolve.sets import can_check, look_at, look_at_all, working


def release(
    conn: Transaction,
    connector: Connector,
    keys: set[str],
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look again at the records blocked behind these cause keys, where a look at the cache can tell.

    Args:
        list_name: the list whose refresh it was, to count what is released later.

    Returns:
        Those that are no longer blocked. What goes beyond the transaction's `allowance` is noted, to be looked at
        later.
    """
    waiting = errors.waiting_behind(conn, connector.id, keys)
    return _look_at_each(conn, connector, waiting, now=now, actor=actor, list_name=list_name)


def release_behind(
    conn: Transaction,
    connector: Connector,
    entries: Sequence[ListEntry],
    *,
    now: datetime,
    list_name: ListName | None = None,
) -> list[Record]:
    """`release` what may wait for these entries of the list cache."""
    # mostly nothing waits at all, and the keys of a long list are many
    if not entries or not errors.any_in_cache(conn, connector.id):
        return []
    return release(conn, connector, entry_keys(entries), now=now, actor="server", list_name=list_name)


def release_all(
    conn: Transaction,
    connector: Connector,
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look again at every blocked record whose cause a look at cache and settings can tell."""
    waiting = errors.told_by_a_look(conn, connector.id)
    return _look_at_each(conn, connector, waiting, now=now, actor=actor, list_name=list_name)


def review(conn: Transaction, connector: Connector, entries: Iterable[ListEntry], *, now: datetime) -> None:
    """Block the synced records whose entries in QuickBooks' lists were deleted or made inactive there."""
    gone: dict[ListName, list[str]] = {}
    for entry in entries:
        if (entry.is_deleted or not entry.is_active) and entry.list_name.is_matched:
            gone.setdefault(entry.list_name, []).append(entry.list_id)
    linked = {
        record.id
        for list_name, list_ids in gone.items()
        for record in records.linked_to(conn, connector.id, Kind(list_name), list_ids)
        if record.state is State.SYNCED
    }
    _look_at_each(conn, connector, linked, now=now, actor="quickbooks")


def has_noted(conn: Transaction, connector: Connector) -> bool:
    """Whether former transactions noted records that can be looked at now."""
    return looks.any_noted(conn, connector.id) and can_check(conn, connector)


def take_up(conn: Transaction, connector: Connector, *, now: datetime) -> list[Record]:
    """Look at what former transactions noted, as far as the `allowance` of this one goes.

    Returns:
        Those that are no longer blocked.
    """
    room = allowance.left(conn)
    if not room or not has_noted(conn, connector):
        return []
    noted = looks.take(conn, connector.id, limit=room)
    allowance.spend(conn, len(noted))
    released: list[Record] = []
    with working(conn, connector, now=now) as work:
        for actor, list_name in sorted({(look.actor, look.list_name) for look in noted}, key=str):
            ids = [look.record_id for look in noted if (look.actor, look.list_name) == (actor, list_name)]
            found = look_at(work, dict.fromkeys(ids, actor))
            if list_name is not None and found:
                lists.count_changes(conn, connector.id, list_name, "released", len(found))
            released += found
    return released


def _look_at_each(
    conn: Transaction,
    connector: Connector,
    record_ids: Iterable[int],
    *,
    now: datetime,
    actor: str,
    list_name: ListName | None = None,
) -> list[Record]:
    """Look at these records, and at what waits behind those that are released; the returned are released."""
    with working(conn, connector, now=now) as work:
        return look_at_all(work, dict.fromkeys(record_ids, actor), list_name)
