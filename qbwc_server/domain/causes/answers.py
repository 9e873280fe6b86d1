"""Which cause is this code? What QuickBooks refuses a write with, as the cause a person can act on.

What the codes mean in general, and whether to try again, is `qbxml.status`; here is what they mean for the record.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from qbwc_server.domain.causes.base import Cause
from qbwc_server.domain.causes.lists import NameInUse
from qbwc_server.domain.causes.refusals import (
    ClosedPeriod,
    InvalidField,
    NotPermitted,
    ReferenceMissing,
    Refused,
)
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.records import Record

CAUSES: Mapping[int, type[Cause]] = MappingProxyType(
    {
        540: Refused,
        1010: Refused,
        1030: Refused,
        1060: Refused,
        3000: InvalidField,
        3010: InvalidField,
        3020: InvalidField,
        3030: InvalidField,
        3031: InvalidField,
        3035: InvalidField,
        3040: InvalidField,
        3045: InvalidField,
        3050: InvalidField,
        3060: InvalidField,
        3065: InvalidField,
        3070: InvalidField,
        3080: InvalidField,
        3085: InvalidField,
        3090: InvalidField,
        3100: NameInUse,
        3101: InvalidField,
        3110: InvalidField,
        3120: ReferenceMissing,
        3121: ReferenceMissing,
        3130: ReferenceMissing,
        3140: ReferenceMissing,
        3150: InvalidField,
        # an element that does not go with another one: which of them is wrong only QuickBooks' sentence can say
        3151: Refused,
        3152: Refused,
        3153: Refused,
        3160: Refused,
        3161: ClosedPeriod,
        3170: Refused,
        3171: ClosedPeriod,
        3175: Refused,
        3176: Refused,
        3177: Refused,
        3180: Refused,
        3185: Refused,
        3190: Refused,
        3200: Refused,
        3205: InvalidField,
        3210: Refused,
        3220: NotPermitted,
        3230: Refused,
        3231: Refused,
        3240: Refused,
        3250: Refused,
        3260: NotPermitted,
        3261: NotPermitted,
        3263: NotPermitted,
        3270: InvalidField,
        3290: Refused,
    }
)
"""Every code QuickBooks is known to refuse a write with. `Refused` shows QuickBooks' own sentence and what to do about
the code; a code that passes comes to a person when it has come too often."""

RANGES: Mapping[range, type[Cause]] = MappingProxyType(
    {
        range(2000, 3000): Refused,  # a sign-on, which QuickBooks Desktop does not have
        range(3000, 3100): InvalidField,  # the form of a value
        range(9100, 9200): Refused,  # a macro, which is never used
    }
)
"""What is known of whole ranges, also of the codes in them that nobody described."""

_ABOUT_OTHERS = frozenset({3000, 3120, 3140, 3177, 3210})
"""Codes by which QuickBooks refuses a document for another transaction that it names."""

_WORDS_OF_TXN_IDS = {
    "link_to_txn_id": "sales order",
    "link_to_txn": "sales order",
    "set_credit": "credit",
}


def cause_of_code(code: int) -> type[Cause]:
    """The cause of a code, as far as the code alone tells."""
    found = CAUSES.get(code)
    return found or next((cause for codes, cause in RANGES.items() if code in codes), Refused)


def cause_of(
    record: Record, told: Mapping[str, Any], name: str, code: int, sentence: str, remedy: str
) -> Cause:
    """Why QuickBooks refused to write a record.

    Args:
        told: the record's content as QuickBooks was told it, in the host's words.
        name: the name that was to be given to a list record.
        sentence: QuickBooks' own.
        remedy: what is to be done about the code in general.
    """
    if code in _ABOUT_OTHERS and record.kind.is_document:
        other = _other_transaction(record, told, sentence)
        if other is not None:
            return other
    cause = cause_of_code(code)
    if cause is NameInUse and not record.kind.is_document:
        return NameInUse(record.kind.value, name)
    of_record = _OF_RECORD.get(cause)
    return Refused(record.label, remedy) if of_record is None else of_record(record.label)


_OF_RECORD: Mapping[type[Cause], Callable[[str], Cause]] = {
    InvalidField: InvalidField,
    ReferenceMissing: ReferenceMissing,
    NotPermitted: NotPermitted,
    ClosedPeriod: ClosedPeriod,
}
"""The causes of which there is nothing to say but which record it is: QuickBooks' own sentence says the rest."""


def _other_transaction(record: Record, told: Mapping[str, Any], sentence: str) -> Cause | None:
    """The cause when QuickBooks' sentence is about a transaction or a unit that the document names: neither is in
    the list cache."""
    for what, txn_id in _transactions_named(told):
        if f'"{txn_id}"' in sentence:
            return ReferenceMissing(record.label, what, txn_id)
    for line in told.get("lines", ()):
        unit = line.get("unit_of_measure")
        if unit and f'"{unit}"' in sentence:
            return ReferenceMissing(record.label, "unit of measure", unit, ListName.UNIT_OF_MEASURE_SET)
    return None


def _transactions_named(value: Any, what: str | None = None) -> Iterator[tuple[str, str]]:
    """The TxnIDs (and TxnLineIDs) by which a document names others: what each is, and the id."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            about = what or _WORDS_OF_TXN_IDS.get(name)
            if not isinstance(inner, str) or name.endswith("_id"):
                yield from _transactions_named(inner, about)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _transactions_named(inner, what)
    elif what is not None and isinstance(value, str):
        yield what, value
