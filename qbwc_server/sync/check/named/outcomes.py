"""What looking for a reference comes to."""

from collections.abc import Iterable
from dataclasses import dataclass

from qbwc_server.domain.causes import (
    Candidate,
    Cause,
    CustomerNotMatched,
    ItemNotMatched,
    RecordDeleted,
    RecordInactive,
    ReferenceMissing,
    VendorNotMatched,
)
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record, State
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.verdicts import Blocked, Finding, Waiting, blocked

NOT_MATCHED = {ListName.CUSTOMER: CustomerNotMatched, ListName.VENDOR: VendorNotMatched}


@dataclass(frozen=True, slots=True)
class Found:
    """A reference that QuickBooks can follow.

    Attributes:
        entry: what the list cache knows of it; None when the cache has not seen it yet.
        full_name: what it is called there, as far as known.
        rule: the connector's rule that found it, where one did.
    """

    list_id: str
    entry: ListEntry | None
    full_name: str | None = None
    rule: str | None = None


Outcome = Found | Waiting | Blocked


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reference stands: in which record, in words, and in which field if that is not its main one."""

    record: Record
    words: str
    field: str | None = None

    def trouble(
        self,
        list_name: ListName,
        why: str,
        value: str | None = None,
        candidates: tuple[Candidate, ...] = (),
        by: str | None = None,
    ) -> Cause:
        """The cause why what it names cannot be told."""
        if self.field is not None and why == "name_unknown":
            field = self.field.strip("_").replace("_", " ")
            return ReferenceMissing(self.record.label, field, value, list_name)
        if list_name is ListName.ITEM:
            return ItemNotMatched(why, self.record.label, self.words, value, candidates, by)
        return NOT_MATCHED.get(list_name, CustomerNotMatched)(why, self.record.label, value, candidates, by)


def as_candidates(entries: Iterable[ListEntry]) -> tuple[Candidate, ...]:
    """Entries that might be meant, for a cause."""
    return tuple(Candidate(entry.full_name, entry.list_id) for entry in entries)


def usable(entry: ListEntry, looked_up: str, rule: str | None = None) -> Outcome:
    """The outcome of a reference to an entry: it may be gone, or have been retired."""
    if entry.is_deleted:
        return blocked(RecordDeleted(entry.list_name, entry.full_name, entry.list_id, looked_up))
    if not entry.is_active:
        return blocked(RecordInactive(entry.list_name, entry.full_name, entry.list_id, looked_up))
    return Found(entry.list_id, entry, entry.full_name, rule)


def of_record(known: Known, target: Record) -> Outcome:
    """The outcome of a reference to another record of the host, which is not cancelled."""
    if target.link is None or target.is_surplus:
        return behind(known, target)
    entries = known.by_ids(ListName(target.kind), [target.link.quickbooks_id])
    if not entries:
        return Found(target.link.quickbooks_id, None, target.link.name)
    return usable(entries[0], f"{target.kind}:{target.external_id}")


def behind(known: Known, target: Record) -> Waiting | Blocked:
    """Wait for a record that QuickBooks does not hold yet.

    What blocks that one blocks this one too, behind the same key: one fix releases both.
    """
    if target.state is not State.BLOCKED:
        return Waiting(frozenset({target.id}))
    causes = known.errors_of(target.id)
    if not causes:
        return Waiting(frozenset({target.id}))  # why it is blocked is yet to be read
    return Blocked(tuple(Finding(item.cause, item.quickbooks, target.id) for item in causes))


def instead(known: Known, list_name: ListName, outcome: Outcome) -> Outcome:
    """The outcome of a reference; where it cannot be told, the entry that a person said is meant by it."""
    if not isinstance(outcome, Blocked):
        return outcome
    for finding in outcome.findings:
        # what blocks the record that is meant is settled there
        ruling = known.ruling(list_name, finding.cause.key) if finding.via_record_id is None else None
        for entry in known.by_ids(list_name, [ruling.list_id]) if ruling and ruling.list_id else ():
            return usable(entry, finding.cause.key)
    return outcome
