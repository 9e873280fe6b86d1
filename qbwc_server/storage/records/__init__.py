"""Rows of records: their states and transitions, what they wait for, and what may be sent next."""

from qbwc_server.storage.records.adding import NewRecord, add, add_all, as_added
from qbwc_server.storage.records.belonging import claimed, claimed_as, holder, linked_to, surplus
from qbwc_server.storage.records.changing import change, change_all, end_pauses, move, move_all, seen
from qbwc_server.storage.records.looking_up import Question, by_keys, look_up, set_keys, set_keys_of_all
from qbwc_server.storage.records.meeting import Met, meet, undisturbed
from qbwc_server.storage.records.pages import page
from qbwc_server.storage.records.reading import (
    by_external_ids,
    called,
    counts,
    find,
    get,
    get_all,
    in_states,
    last_change,
    names,
    read_ahead,
    state_of,
    synced_last,
)
from qbwc_server.storage.records.rows import DEFAULT_PRIORITY, claim_columns, found_by, link_columns, remember
from qbwc_server.storage.records.sending import (
    count_sendable,
    end_isolation,
    goes_last,
    isolated,
    on_their_way,
    perhaps_asked_first,
    sendable,
    suspicion,
)
from qbwc_server.storage.records.waiting import end_waits, set_waits, waiting_only_for, waits_of, waits_of_all
from qbwc_server.storage.records.worst_first import WORST_FIRST, worst_first

__all__ = [
    "DEFAULT_PRIORITY",
    "WORST_FIRST",
    "Met",
    "NewRecord",
    "Question",
    "add",
    "add_all",
    "as_added",
    "by_external_ids",
    "by_keys",
    "called",
    "change",
    "change_all",
    "claim_columns",
    "claimed",
    "claimed_as",
    "count_sendable",
    "counts",
    "end_isolation",
    "end_pauses",
    "end_waits",
    "find",
    "found_by",
    "get",
    "get_all",
    "goes_last",
    "holder",
    "in_states",
    "isolated",
    "last_change",
    "link_columns",
    "linked_to",
    "look_up",
    "meet",
    "move",
    "move_all",
    "names",
    "on_their_way",
    "page",
    "perhaps_asked_first",
    "read_ahead",
    "remember",
    "seen",
    "sendable",
    "set_keys",
    "set_keys_of_all",
    "set_waits",
    "state_of",
    "surplus",
    "suspicion",
    "synced_last",
    "undisturbed",
    "waiting_only_for",
    "waits_of",
    "waits_of_all",
    "worst_first",
]
