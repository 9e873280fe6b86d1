"""Carrying out verdicts: blocking, releasing by cause key, retrying, and linking what QuickBooks already holds.

What follows for others from what became of a set is looked at once the whole set has been decided (`settle`), again
and again, until nothing follows any more: every round has released or blocked somebody, and a record is released but
once for one cause.
"""

from qbwc_server.sync.resolve.blocking import foresee_errors, give_up, put_off, put_off_all
from qbwc_server.sync.resolve.freeing import free, free_all_dependants, free_dependants, free_entry
from qbwc_server.sync.resolve.keys import entry_keys, link_key, reference_keys, revision_found
from qbwc_server.sync.resolve.linking import Arrival, link_all, link_to, withdrawn
from qbwc_server.sync.resolve.releasing import (
    has_noted,
    release,
    release_all,
    release_behind,
    review,
    take_up,
)
from qbwc_server.sync.resolve.retrying import retry
from qbwc_server.sync.resolve.sets import can_check, meet, settle, working
from qbwc_server.sync.resolve.single import become_synced, block, decide, let_go, withdraw
from qbwc_server.sync.resolve.verdicts import carry_out, decide_all

__all__ = [
    "Arrival",
    "become_synced",
    "block",
    "can_check",
    "carry_out",
    "decide",
    "decide_all",
    "entry_keys",
    "foresee_errors",
    "free",
    "free_all_dependants",
    "free_dependants",
    "free_entry",
    "give_up",
    "has_noted",
    "let_go",
    "link_all",
    "link_key",
    "link_to",
    "meet",
    "put_off",
    "put_off_all",
    "reference_keys",
    "release",
    "release_all",
    "release_behind",
    "retry",
    "review",
    "revision_found",
    "settle",
    "take_up",
    "withdraw",
    "withdrawn",
    "working",
]
