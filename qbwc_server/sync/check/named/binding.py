"""The references of a record beside its main ones, bound to what they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

import qbxml.records as qb
from qbwc_server.domain import host_records as host
from qbwc_server.domain.causes import (
    InvalidField,
)
from qbwc_server.domain.host_records.values import given_of
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import choose, fold
from qbwc_server.domain.records import Record
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.named.names import DEEPEST, record_named
from qbwc_server.sync.check.named.outcomes import Found, Outcome, Place, usable
from qbwc_server.sync.check.named.references import item, party
from qbwc_server.sync.check.verdicts import Blocked, Finding, Waiting

LISTS_OF: Mapping[str, tuple[ListName, ...]] = {
    "parent": (),
    "pref_vendor": (ListName.VENDOR,),
    "customer": (ListName.CUSTOMER,),
    "ship_to_entity": (ListName.CUSTOMER, ListName.VENDOR, ListName.EMPLOYEE, ListName.OTHER_NAME),
}
"""In which lists what a field names may be; a parent is of the record's own."""


_Content = TypeVar("_Content", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Bound:
    """A record's content with its parent, preferred vendor … as QuickBooks calls them.

    Attributes:
        findings: why some of them cannot be told; `waits`: what they wait for.
    """

    content: Any
    findings: tuple[Finding, ...]
    waits: frozenset[int]

    @property
    def verdict(self) -> Blocked | Waiting | None:
        """What keeps the record from being sent, if anything does."""
        if self.findings:
            return Blocked(self.findings)
        return Waiting(self.waits) if self.waits else None


def bind(
    known: Known,
    record: Record,
    content: BaseModel,
    before: BaseModel | None = None,
) -> Bound:
    """Find what a record names beside its customer, vendor and items.

    Args:
        before: what QuickBooks was told; what it names as well need not be looked up again.
    """
    findings: list[Finding] = []
    waits: set[int] = set()

    def found(field: str, ref: host.Reference, words: str) -> host.Reference | None:
        place = Place(record, words, field)
        outcome = looked_for(known, record, field, ref, place)
        if isinstance(outcome, Blocked):
            findings.extend(outcome.findings)
        elif isinstance(outcome, Waiting):
            waits.update(outcome.on)
        else:
            return _bound(ref, outcome)
        return ref

    def all_of(part: _Content, words: str, told: BaseModel | None = None) -> _Content:
        values: dict[str, Any] = {}
        for field in sorted(LISTS_OF.keys() & part.model_fields_set):
            ref = getattr(part, field)
            if isinstance(ref, host.Reference):
                if ref.is_empty:
                    values[field] = None
                elif ref != getattr(told, field, None):
                    values[field] = found(field, ref, words)
        return _with(part, values)

    is_invoice = isinstance(content, host.HostInvoice)
    bound = content if is_invoice else all_of(content, record.label, before)
    if isinstance(bound, host.HostPurchaseOrder):
        lines = tuple(
            all_of(line, f"line {position} of {record.label}")
            for position, line in enumerate(bound.lines, start=1)
        )
        bound = _with(bound, {"lines": lines})
    return Bound(bound, tuple(findings), frozenset(waits))


def _with(part: _Content, values: Mapping[str, Any]) -> _Content:
    if not values:
        return part
    if isinstance(part, qb.Record):
        return type(part).believed({**given_of(part), **values})
    return part.model_copy(update=dict(values))


def _bound(ref: host.Reference, found: Found) -> host.Reference:
    """The reference by ListID, with the name beside it."""
    values = {"list_id": found.list_id}
    if found.full_name is not None:
        values["full_name"] = found.full_name
    return type(ref).model_construct(_fields_set=set(values), **values)


def looked_for(
    known: Known,
    record: Record,
    field: str,
    ref: host.Reference,
    place: Place,
) -> Outcome:
    """What a reference beside the main ones names."""
    own, *others = LISTS_OF[field] or (ListName(record.kind),)
    outcome = _resolved(known, own, ref, place)
    if field == "parent" and not isinstance(outcome, Found):
        above = record_named(known, record, ref)
        if above is not None and _is_below(known, above, record):
            cause = InvalidField(record.label, "parent", "the record would stand below itself")
            return Blocked((Finding(cause, via_record_id=above.id),))
    by_its_name = ref.full_name is not None or ref.list_id is not None
    for list_name in others if by_its_name and isinstance(outcome, Blocked) else ():
        if ref.list_id is not None:
            entries = known.by_ids(list_name, [ref.list_id])
        else:
            entries = known.by_name(list_name, ref.full_name or "")
        if choose(entries):
            return usable(choose(entries)[0], f"{list_name}_name:{fold(entries[0].full_name)}")
    return outcome


def _resolved(known: Known, list_name: ListName, ref: host.Reference, place: Place) -> Outcome:
    if isinstance(ref, host.ItemReference):
        return item(known, ref, place)
    if isinstance(ref, host.PartyReference):
        return party(known, list_name, ref, place)
    raise TypeError(f"{type(ref).__name__} names nothing")


def _is_below(known: Known, target: Record, record: Record) -> bool:
    """Whether a target is, or stands below, a record; as far as QuickBooks does not hold what is above it."""
    for _ in range(DEEPEST):
        if target.id == record.id:
            return True
        parent: host.Reference | None = getattr(known.parsed(target.kind, target.content), "parent", None)
        above = None if parent is None or parent.is_empty else record_named(known, target, parent)
        if above is None or target.link is not None:
            return False
        target = above
    return True
