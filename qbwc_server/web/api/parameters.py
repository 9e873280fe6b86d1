"""The parameters of queries: each declared once, and documented from the same declaration."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from qbwc_server.desk.feeds.waits import LONGEST
from qbwc_server.domain import cursors
from qbwc_server.domain.causes import CATALOGUE, Actor
from qbwc_server.domain.clock import read_moment
from qbwc_server.domain.cursors import CHANGE, ENTRY, LARGEST_ID, ROW, read_change, read_list_id, read_row
from qbwc_server.domain.event_types import CONNECTOR, chosen, type_pattern
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.web.api.queries import (
    MOST_AT_ONCE,
    TEXT,
    Parameter,
    form_of,
    one_of,
    one_or_several,
    read_text,
    whole_number,
    words_of,
)

_CURSOR_WORDS = "`next` of the page before; the other parameters must be the same."


def _of_several(words: type[StrEnum]) -> Mapping[str, Any]:
    return {"type": "array", "items": {"type": "string", "enum": list(words)}, "minItems": 1}


STATE = Parameter(
    "state",
    "Only records in one of these states.",
    one_or_several(words_of(State)),
    _of_several(State),
    is_list=True,
    component="RecordState",
)


def _bound(name: str, words: str) -> Parameter:
    form = {"type": "string", "format": "date-time"}
    return Parameter(name, words, read_moment, form, component=name.title().replace("_", ""))


UPDATED_AFTER = _bound("updated_after", "Only records that changed later than this moment.")
BOUNDS = (
    UPDATED_AFTER,
    _bound("updated_before", "Only records whose last change was before this moment."),
    _bound(
        "created_after",
        "Only records first handed over after this moment. Bounds of creation alone give the order of creation.",
    ),
    _bound("created_before", "Only records first handed over before this moment."),
)
REF_NUMBER = Parameter(
    "ref_number",
    "Only documents with this number, yours or the one in QuickBooks, in any case.",
    read_text,
    TEXT,
    component="RefNumber",
)
TXN_ID, LIST_ID = (
    Parameter(name, "Only what this is in QuickBooks.", read_text, TEXT, component=component)
    for name, component in (("txn_id", "TxnID"), ("list_id", "ListID"))
)
_PARTY_WORDS = "by external id, full name, email or ListID, whichever way the document names it."
PARTIES = {
    name: Parameter(name, f"Only documents of this {name}: {_PARTY_WORDS}", read_text, TEXT)
    for name in ("customer", "vendor")
}
Q = Parameter(
    "q",
    "Only records with such words: each word of this text begins a number, a name, an email, a SKU, a PO number or an "
    "external id of theirs, or ends the number; or it is the TxnID or ListID. Documents are also found by the name, "
    "email or external id of their customer or vendor.",
    read_text,
    {**TEXT, "minLength": 2},
    component="Words",
)
BY_CHANGE = Parameter("cursor", _CURSOR_WORDS, read_change, form_of(CHANGE), component="RecordCursor")
BY_ROW = Parameter("cursor", _CURSOR_WORDS, read_row, form_of(ROW))
BY_CONNECTOR = Parameter("cursor", _CURSOR_WORDS, cursors.read_connector, form_of(cursors.CONNECTOR))
BY_LIST_ID = Parameter("cursor", _CURSOR_WORDS, read_list_id, form_of(ENTRY))
LIMIT = Parameter(
    "limit",
    "How many at most are answered at once.",
    whole_number(1, MOST_AT_ONCE),
    {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": 100},
    component="Limit",
)
ERROR_STATE = Parameter(
    "state",
    "Open error records (the default), closed ones, or all.",
    one_of({"open": True, "closed": False, "all": None}),
    {"type": "string", "enum": ["open", "closed", "all"], "default": "open"},
)
CAUSE = Parameter(
    "cause",
    "Only error records with this cause.",
    one_of({name: name for name in CATALOGUE}),
    {"type": "string", "enum": list(CATALOGUE)},
)
ERRORS_BY = (
    CAUSE,
    Parameter("sub_reason", "Only error records with this finer word for their cause.", read_text, TEXT),
    Parameter(
        "actor",
        "Only what they must put right.",
        one_of(words_of(Actor)),
        {"type": "string", "enum": list(Actor)},
    ),
    Parameter("cause_key", "Only error records behind this cause key, in any case.", read_text, TEXT),
    Parameter(
        "kind",
        "Only error records of records of this kind.",
        one_of(words_of(Kind)),
        {"type": "string", "enum": list(Kind)},
    ),
    Parameter("external_id", "Only error records of the records you call so.", read_text, TEXT),
)
GROUP_BY = Parameter(
    "group_by",
    "One entry a cause key: one fix releases everything behind it.",
    one_of({"cause_key": "cause_key"}),
    {"type": "string", "enum": ["cause_key"]},
)
REVIVE = Parameter(
    "revive",
    "Take a cancelled record up again; without it 409 says when it was cancelled.",
    one_of({"true": True, "false": False}),
    {"type": "string", "enum": ["true", "false"], "default": "false"},
)
EMAIL = Parameter("email", "Customers and vendors one of whose addresses this is.", read_text, TEXT)
SKU = Parameter("sku", "Items with this Manufacturer's Part Number.", read_text, TEXT)
DRY_RUN = Parameter(
    "dry_run",
    "`true`: only tell what would become of each line.",
    one_of({"true": True, "false": False}),
    {"type": "boolean", "default": False},
)
PICK = Parameter(
    "q",
    "What somebody types to choose an entry (2 characters or more): those that begin with it (name, email, part "
    "number, account number, ListID), then those that hold it; at most 50, without any other parameter but `limit`.",
    read_text,
    TEXT,
)
NAME = Parameter("name", "Entries with this full name.", read_text, TEXT)
OLD_VALID_HOURS = Parameter(
    "old_valid_hours",
    "So many hours the old secret signs as well; 0: it is worthless at once.",
    whole_number(0, 168),
    {"type": "integer", "minimum": 0, "maximum": 168, "default": 24},
)
AFTER = Parameter(
    "after",
    "Only events after the one with this id: `next` of the answer before, or the id of any event; 0: from the first.",
    whole_number(0, LARGEST_ID),
    {"type": "integer", "minimum": 0, "maximum": LARGEST_ID, "default": 0},
)
MARK = Parameter(
    "mark",
    "The `mark` that was answered together with the `next` you give as `after`. With it, a feed that went back when a "
    "backup was restored, and has grown since, is noticed as well (410).",
    read_text,
    TEXT,
)
_MOST_PATTERNS = 200


def _types(text: str) -> frozenset[str]:
    patterns = [pattern.strip() for pattern in text.split(",")]
    if len(patterns) > _MOST_PATTERNS:
        raise ValueError(f"may name {_MOST_PATTERNS} types")
    return chosen(patterns)


TYPE_PATTERN = type_pattern()
"""A type of event, or a pattern of some."""
EVENT_TYPE = Parameter(
    "type",
    f"Only events of these types: `invoice.synced`, `invoice.*`, `*.blocked`, `{CONNECTOR}.*`. Several with commas "
    "between them, or given several times.",
    _types,
    {
        "type": "array",
        "items": {"type": "string", "pattern": TYPE_PATTERN},
        "minItems": 1,
        "maxItems": _MOST_PATTERNS,
    },
    is_list=True,
)
EVENT_KIND = Parameter(
    "kind",
    "Only what concerns records of this kind.",
    one_of(words_of(Kind)),
    {"type": "string", "enum": list(Kind)},
)
EVENTS_OF = Parameter("external_id", "Only events of the record with this id of yours.", read_text, TEXT)
PRIORITY = Parameter(
    "priority",
    "Lower is sent earlier among its kind; 100 when it was never said. It is no new revision.",
    whole_number(0, 1000),
    {"type": "integer", "minimum": 0, "maximum": 1000},
    component="Priority",
)
QUEUE_LIMIT = Parameter(
    "limit",
    "Of each part so many at most.",
    whole_number(1, MOST_AT_ONCE),
    {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": 20},
)
WAIT = Parameter(
    "wait",
    f"So many seconds, at most {LONGEST}, the answer waits: for a record until it is synced, blocked or cancelled, for "
    "a raw request until it is over, for events until there is one. When time is up, it is answered as it stands. Have "
    "your client wait longer than that. "
    "With `Retry-After` in the answer too many wait already, so that this one was not waited for.",
    whole_number(0, LONGEST),
    {"type": "integer", "minimum": 0, "maximum": LONGEST, "default": 0},
    component="Wait",
)
