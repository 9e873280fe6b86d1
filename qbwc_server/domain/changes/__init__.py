"""What QuickBooks must be told to get from one version of a record to the next, and what a person changed there.

Only what differs is sent, so that whatever a person entered in QuickBooks beside it stays.
"""

from qbwc_server.domain.changes.fields import Changes, between
from qbwc_server.domain.changes.lines import LineChange, LinePlan, line_change, plan_lines, unplanned
from qbwc_server.domain.changes.persons import is_applied, line_words, lines_differ, overwritten, unfulfilled
from qbwc_server.domain.changes.unsaid import Unsaid, held
from qbwc_server.domain.changes.values import Spelling, as_sent, in_words, is_empty, is_same, value_at

__all__ = [
    "Changes",
    "LineChange",
    "LinePlan",
    "Spelling",
    "Unsaid",
    "as_sent",
    "between",
    "held",
    "in_words",
    "is_applied",
    "is_empty",
    "is_same",
    "line_change",
    "line_words",
    "lines_differ",
    "overwritten",
    "plan_lines",
    "unfulfilled",
    "unplanned",
    "value_at",
]
