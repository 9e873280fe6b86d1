"""The lists of QuickBooks that are kept: how far loading each of them has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from qbwc_server.domain.kinds import ListName


@dataclass(frozen=True, slots=True)
class ListLoad:
    """How far loading a list has come.

    Attributes:
        number: counts the full loads.
        running: a full load or a load of changes is going on; None when not.
        iterator_id: QuickBooks' iterator, good only in the session `session_id`.
        loaded_at: when the last load was finished; None: never, so nothing can be matched yet.
        not_before: not to be tried again before (after QuickBooks refused).
        attempts: how often QuickBooks refused it since it gave it last; `refusal` is what it said.
        resume_after: the Name a full load that was cut off had come to; the next one goes on there. None when
            QuickBooks did not give the names in order, or no load was cut off.
        is_resumed: the load goes on where another was cut off, so what it does not see may well exist.
        expected: how many entries the list had when the full load began.
        left_to_tell: how many of them QuickBooks had yet to tell behind the latest page; None before the first one.
        high_water: latest TimeModified a finished load has seen: QuickBooks' wall clock, no offset, as
            ``2026-11-20T08:15:00``.
        changes: what the last load changed: ``{"new": 3, "renamed": 1, "deleted": 0, "released": 2}``.
        is_persons: a person asked for it: when the last such list has been loaded, all that is blocked is looked at.
        fields: the elements the latest full load asked for; None when that was not noted yet.
        began_at: when the load that is running began, by our clock; one that goes on keeps its begin.
        read_from: when the last load that was finished began: what changed since has to be asked for.
        fully_loaded_at: when the last full load that was finished began.
        newest: latest TimeModified that the running load has seen.
        entries: how many living entries the list has.
    """

    list_name: ListName
    number: int
    running: Literal["full", "changes"] | None
    iterator_id: str | None
    session_id: int | None
    loaded_at: datetime | None
    not_before: datetime | None
    resync_requested_at: datetime | None
    high_water: str | None
    resume_after: str | None
    is_resumed: bool
    expected: int | None
    changes: dict[str, int]
    attempts: int = 0
    refusal: str | None = None
    fields: list[str] | None = None
    is_persons: bool = False
    began_at: datetime | None = None
    read_from: datetime | None = None
    fully_loaded_at: datetime | None = None
    newest: str | None = None
    entries: int = 0
    left_to_tell: int | None = None

    @classmethod
    def never(cls, name: ListName) -> "ListLoad":
        """One that was never asked for."""
        return cls(name, 0, None, None, None, None, None, None, None, None, False, None, {})

    @property
    def read_so_far(self) -> int:
        """How many entries the full load that is running has been told."""
        if self.expected is None or self.left_to_tell is None:
            return 0
        return max(self.expected - self.left_to_tell, 0)

    @property
    def is_wanted(self) -> bool:
        """Whether it is kept at all: of the lists that are asked for on demand, those something referred to."""
        began = self.loaded_at or self.running or self.resync_requested_at or self.refusal
        return not self.list_name.is_on_demand or bool(began)
