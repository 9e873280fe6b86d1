"""What QuickBooks must be told to get from one version of a record to the next, and what a person changed there.

Only what differs is sent, so that whatever a person entered in QuickBooks beside it stays.
"""

from .fields import Changes, between
from .lines import LineChange, LinePlan, line_change, plan_lines, unplanned
from .persons import is_applied, line_words, lines_differ, overwritten, unfulfilled
from .unsaid import Unsaid, held
from .values import Spelling, as_sent, in_words, is_empty, is_same, value_at

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
