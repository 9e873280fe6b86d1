"""When lists are loaded in full: on schedule, and ahead of it, which is a Resync."""

from datetime import datetime, timedelta
from typing import Any

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import ConnectorHappening
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.storage import Transaction, events, lists

FULL_LOADS = ((5_000, timedelta(days=1)), (None, timedelta(days=7)))
"""How often a list of at most so many entries is loaded in full all the same: what changed while the PC's clock was
days slow, and nothing was written that would have shown it, is seen then at the latest."""


def is_due(load: ListLoad, now: datetime) -> bool:
    """Whether what changed is not enough: never loaded, empty so far, a small list (no iterator), or a while ago."""
    if not load.list_name.is_matched or load.loaded_at is None or load.read_from is None or not load.expected:
        return True
    (pause,) = [pause for most, pause in FULL_LOADS if most is None or load.expected <= most][:1]
    return load.fully_loaded_at is None or load.fully_loaded_at + pause <= now


def request(
    conn: Transaction, connector: Connector, *, now: datetime, by_person: bool = False
) -> tuple[ListName, ...]:
    """Have every list that is kept loaded in full, from its beginning and ahead of schedule; returns those.

    What has been read of one so far, in this visit or one that was cut off, was read before: it is not gone on with.

    Args:
        by_person: somebody put something right: when all are loaded, every blocked record is looked at again, and
            not only those whose entries differ.
    """
    values: dict[str, Any] = {
        "resync_requested_at": now,
        "not_before": None,
        "attempts": 0,
        "resume_after": None,
    }
    if by_person:
        values["is_persons"] = True
    wanted = tuple(
        load.list_name for load in lists.loads(conn, connector.id, tuple(ListName)) if load.is_wanted
    )
    lists.drop_iterators(conn, connector.id)
    for list_name in wanted:
        lists.change_load(conn, connector.id, list_name, **values)
    return wanted


def was_last(conn: Transaction, connector: Connector, load: ListLoad, *, now: datetime) -> bool:
    """Whether a list that need not be waited for any more was the last of a person's Resync, which is done then."""
    if not load.is_persons:
        return False
    lists.change_load(conn, connector.id, load.list_name, is_persons=False)
    if any(other.is_persons for other in lists.loads(conn, connector.id, tuple(ListName))):
        return False
    events.add(conn, connector.id, ConnectorHappening.RESYNC_DONE, at=now, actor="server")
    return True
