"""Rows of error records: opened with a cause, closed when it went away."""

from qbwc_server.storage.errors.afterwards import (
    Elsewhere,
    Ending,
    elsewhere,
    endings,
    last_closed,
    resync_before,
    whereabouts,
)
from qbwc_server.storage.errors.gathered import Gathered, by_cause, by_key, causes
from qbwc_server.storage.errors.longest import Family, longest, since_and_last
from qbwc_server.storage.errors.of_records import (
    causes_of,
    find,
    of_connectors,
    of_record,
    open_of,
    read_ahead,
)
from qbwc_server.storage.errors.open_ones import LookedAt, OpenError, looks, note_looks, open_ones
from qbwc_server.storage.errors.pages import (
    OpenGroup,
    closed,
    count_open,
    group_of,
    groups_since,
    longest_groups,
    members,
    of_groups,
    page,
)
from qbwc_server.storage.errors.waiting import (
    any_in_cache,
    blocked_via,
    found_by_its_key,
    records_behind,
    told_by_a_look,
    waiting_behind,
)
from qbwc_server.storage.errors.writing import close, close_of_record, count_again, open_error

__all__ = [
    "Elsewhere",
    "Ending",
    "Family",
    "Gathered",
    "LookedAt",
    "OpenError",
    "OpenGroup",
    "any_in_cache",
    "blocked_via",
    "by_cause",
    "by_key",
    "causes",
    "causes_of",
    "close",
    "close_of_record",
    "closed",
    "count_again",
    "count_open",
    "elsewhere",
    "endings",
    "find",
    "found_by_its_key",
    "group_of",
    "groups_since",
    "last_closed",
    "longest",
    "longest_groups",
    "looks",
    "members",
    "note_looks",
    "of_connectors",
    "of_groups",
    "of_record",
    "open_error",
    "open_of",
    "open_ones",
    "page",
    "read_ahead",
    "records_behind",
    "resync_before",
    "since_and_last",
    "told_by_a_look",
    "waiting_behind",
    "whereabouts",
]
