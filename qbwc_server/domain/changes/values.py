"""Values compared and told in words."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

import qbxml.records as qb
from qbwc_server.domain.matching import fold
from qbxml.record import Record
from qbxml.text import stored_text

Spelling = Callable[[str], str]
"""How exactly texts are compared: `plain_text` overlooks a quote that looks like another, `stored_text` nothing
that QuickBooks would show.

What a person changed is asked with the former: whoever turns a dash into another says nothing new, and what was
sent by versions that knew plain dashes only stands there so.
"""


NOT_COMPARED = frozenset({"lines", "external_guid", "list_id", "txn_id", "edit_sequence"})


def is_same_sent(before: Any, after: Any) -> bool:
    """Whether two versions of a field are sent alike; None and no members are both nothing."""
    return as_sent(before) == as_sent(after) or (is_empty(before) and is_empty(after))


def as_sent(value: Any) -> Any:
    """A value as QuickBooks holds it once it was sent, to be compared: what differs only in writing is equal."""
    if isinstance(value, str):
        return stored_text(value)
    if isinstance(value, tuple):
        return tuple(as_sent(item) for item in value)
    if isinstance(value, BaseModel):
        given = {name: as_sent(getattr(value, name)) for name in type(value).model_fields}
        return (type(value), *((name, item) for name, item in given.items() if not is_empty(item)))
    return value


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: absent, or no members."""
    return value is None or value == ()


def value_at(record: Any, path: str) -> Any:
    """What stands in a record at a dotted path of attributes; None where nothing does."""
    for part in path.split("."):
        if isinstance(record, tuple):
            record = record[int(part)] if int(part) < len(record) else None
        else:
            record = getattr(record, part, None)
    return record


def is_same(ours: Any, theirs: Any, spelt: Spelling = stored_text) -> bool:
    """Whether QuickBooks' value is the one we wrote; it fills in what we left open, and drops what is empty."""
    if isinstance(ours, qb.Ref) and isinstance(theirs, qb.Ref):
        if ours.list_id is not None:
            return ours.list_id == theirs.list_id
        return fold(ours.full_name or "") == fold(theirs.full_name or "")
    if isinstance(ours, Record) and (theirs is None or isinstance(theirs, Record)):
        return all(
            is_same(getattr(ours, name), getattr(theirs, name, None), spelt)
            for name in type(ours).table.fields
            if getattr(ours, name) is not None
        )
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return len(ours) == len(theirs) and all(
            is_same(mine, its, spelt) for mine, its in zip(ours, theirs, strict=True)
        )
    if isinstance(ours, str) or isinstance(theirs, str):
        return spelt(str(ours or "")) == spelt(str(theirs or ""))
    if isinstance(ours, Decimal) and isinstance(theirs, Decimal):
        return ours == theirs
    return (ours or None) == (theirs or None) if not isinstance(ours, bool) else bool(ours) == bool(theirs)


def in_words(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return "nothing"
    if isinstance(value, qb.Ref):
        return value.full_name or value.list_id or "nothing"
    if isinstance(value, tuple):
        return "; ".join(map(in_words, value)) or "nothing"
    if isinstance(value, Record):
        parts = (getattr(value, name) for name in type(value).table.fields)
        return ", ".join(str(part) for part in parts if part not in (None, "", ())) or "nothing"
    return str(value)
