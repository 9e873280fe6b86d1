"""What a reference names: an entry of QuickBooks' lists, or a record of the host that is on its way there."""

from qbwc_server.sync.check.named.binding import LISTS_OF, Bound, bind, looked_for
from qbwc_server.sync.check.named.names import full_names
from qbwc_server.sync.check.named.outcomes import (
    NOT_MATCHED,
    Found,
    Outcome,
    Place,
    as_candidates,
    behind,
    of_record,
    usable,
)
from qbwc_server.sync.check.named.references import is_exact, item, party, sku_of, stands_at_the_head

__all__ = [
    "LISTS_OF",
    "NOT_MATCHED",
    "Bound",
    "Found",
    "Outcome",
    "Place",
    "as_candidates",
    "behind",
    "bind",
    "full_names",
    "is_exact",
    "item",
    "looked_for",
    "of_record",
    "party",
    "sku_of",
    "stands_at_the_head",
    "usable",
]
