"""What a reference came to: an entry that QuickBooks can follow, a record to wait for, or why it cannot be told."""

from collections.abc import Iterable
from dataclasses import dataclass

from qbwc_server.domain.causes import Candidate, RecordDeleted, RecordInactive
from qbwc_server.domain.matching import ListEntry

from .verdicts import Blocked, Waiting, blocked


@dataclass(frozen=True, slots=True)
class Found:
    """A reference that QuickBooks can follow.

    Attributes:
        entry: what the list cache knows of it; None when the cache has not seen it yet.
        full_name: what it is called there, as far as known.
    """

    list_id: str
    entry: ListEntry | None
    full_name: str | None = None


Outcome = Found | Waiting | Blocked


def as_candidates(entries: Iterable[ListEntry]) -> tuple[Candidate, ...]:
    """Entries that might be meant, for a cause."""
    return tuple(Candidate(entry.full_name, entry.list_id) for entry in entries)


def usable(entry: ListEntry, looked_up: str) -> Outcome:
    """The outcome of a reference to an entry: it may be gone, or have been retired."""
    if entry.is_deleted:
        return blocked(RecordDeleted(entry.list_name, entry.full_name, entry.list_id, looked_up))
    if not entry.is_active:
        return blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return Found(entry.list_id, entry, entry.full_name)
