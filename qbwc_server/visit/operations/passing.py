"""The records of a list as they go by: what each is to the cache, and what they tell beside that."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, starmap
from typing import Any, Self

from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.lists import ListLoad
from qbwc_server.domain.matching import ListEntry, fold
from qbwc_server.sync import list_cache
from qbwc_server.sync.list_cache import Kept
from qbxml.timestamps import Timestamp


@dataclass(slots=True)
class Passed:
    """What the records of a page tell beside their entries, while they go by.

    Attributes:
        newest: the latest TimeModified, by the clock of QuickBooks' PC.
        last_name: the Name of the last one.
        latest: what is later than this lies ahead of any clock, and is not taken for the newest.
        has_currencies: somebody is kept in a currency that was named, so the company file has several.
        in_order: all names so far came in order; otherwise the load cannot be resumed. Sub-entries are listed
            under their parents, so that their own names are out of order.
    """

    newest: str | None
    last_name: str | None
    latest: str
    in_order: bool = True
    has_currencies: bool = field(default=False, init=False)
    _last_key: str | None = field(default=None, init=False)

    @classmethod
    def of(cls, load: ListLoad, now: datetime) -> Self:
        """At the begin of a page of a load."""
        latest = list_cache.naive(now + list_cache.FURTHEST_AHEAD).isoformat()[:19]
        in_order = load.iterator_id is None or load.resume_after is not None
        return cls(load.newest, load.resume_after, latest, in_order)

    def __post_init__(self) -> None:
        self._last_key = None if self.last_name is None else fold(self.last_name)

    def entries(
        self, list_name: ListName, records: Iterable[tuple[str, Sequence[Any]]]
    ) -> Iterator[ListEntry]:
        """Each record as the cache keeps it. One at a time: hundreds of records at once, which are large, take
        twice as long for leaving the processor's own cache.

        Args:
            records: of each its kind, and its values as `Kept` has them.
        """
        for kind, values in records:
            kept = Kept._make(values)
            if not self._is_no_newer(kept.time_modified):
                self._look_at_the_clock(kept.time_modified)
            if self.in_order:
                self._follow(kept)
            entry = list_cache.entry_of(list_name, kind, kept)
            if entry is not None:
                if entry.currency is not None:
                    self.has_currencies = True
                yield entry

    def _is_no_newer(self, stamp: Timestamp | None) -> bool:
        """Whether that is plain without reading it as a moment: as it is of most, and to read it takes long."""
        return stamp is None or (self.newest is not None and stamp[:19] <= self.newest and stamp.is_usual)

    def _look_at_the_clock(self, stamp: Timestamp | None) -> None:
        moment = list_cache.wall_clock(stamp)
        if moment is not None and (self.newest is None or moment > self.newest) and moment <= self.latest:
            self.newest = moment

    def _follow(self, kept: Kept) -> None:
        name = kept.name or ""
        key = fold(name)
        self.in_order = (kept.full_name or name) == name and (self._last_key is None or key >= self._last_key)
        self.last_name, self._last_key = name, key


def differences(stored: Iterable[tuple[ListEntry | None, ListEntry]]) -> Iterator[str]:
    """What changed of entries, in the words of the report; each as it was (None: it is new) and as it is."""
    return chain.from_iterable(starmap(_difference, stored))


_NEW = ("new",)


def _difference(before: ListEntry | None, after: ListEntry) -> Sequence[str]:
    """What changed of an entry, in the words of the report."""
    if before is None or before.is_deleted:
        return _NEW
    differs = {
        "renamed": before.full_name != after.full_name,
        "reactivated" if after.is_active else "deactivated": before.is_active != after.is_active,
        "sku_changed": before.sku != after.sku,
        "email_changed": before.email != after.email,
    }
    return [word for word, is_so in differs.items() if is_so]
