"""An error record with its sentences, as people and hosts see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qbwc_server.domain.causes import CONNECTOR_WIDE, Candidate, Cause, WrongCompanyFile
from qbwc_server.domain.connectors import Binding
from qbwc_server.domain.errors import QuickBooksAnswer, StoredError
from qbwc_server.domain.faults import Fault
from qbwc_server.domain.kinds import Kind


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """One error record with its sentences. `kind` and `external_id` None: it concerns the connector as a whole.

    Attributes:
        has_record: there is a record of that kind and id; what was refused when it was handed over may have none.
        faults: what was wrong with what was handed over.
        seen_file: the company file that was open in place of the connector's own.
    """

    id: int
    connector: str
    cause: str
    sub_reason: str | None
    cause_key: str
    kind: Kind | None
    external_id: str | None
    has_record: bool
    message: str
    remedy: str
    actor: str
    retryable: bool
    quickbooks: QuickBooksAnswer | None
    opened_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    record: str | None
    """The record that is to blame (``customer c-9``), which may be another than the one that waits."""
    candidates: tuple[Candidate, ...]
    """The entries of QuickBooks' list that may be meant."""
    differences: Mapping[str, tuple[str | None, str | None]]
    """What differs → our value, and the one found in QuickBooks."""
    times: int
    """How often it happened since it was opened; for one of a connector as a whole."""
    last_at: datetime
    address: str | None
    """Where the Web Connector called from when it happened last."""
    occurrences: str
    """The three, and since when, in words."""
    faults: tuple[Fault, ...] = ()
    seen_file: Binding | None = None
    request_id: int | None = None
    """The raw request it asks about."""

    @property
    def is_of_connector(self) -> bool:
        """Whether nothing goes out while it is open."""
        return self.cause in CONNECTOR_WIDE


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Error records with the same cause behind the same key: one fix releases them all.

    Attributes:
        number: how many there are.
        errors: the oldest of them, perhaps not all.
        linkable: the one whose own record can be linked with one of its candidates.
    """

    cause: str
    cause_key: str
    message: str
    remedy: str
    actor: str
    retryable: bool
    number: int
    errors: tuple[ErrorRecord, ...]
    linkable: ErrorRecord | None = None


def shown(item: StoredError) -> ErrorRecord:
    """A stored error record with its sentences."""
    cause, message, remedy = item.cause, item.cause.message(), item.cause.remedy()
    if item.refusal is not None:
        message, remedy = _refused_one(item, item.refusal)
    return ErrorRecord(
        id=item.id,
        connector=item.connector_name,
        cause=cause.name,
        sub_reason=cause.sub_reason,
        cause_key=item.cause_key,
        kind=item.kind,
        external_id=item.external_id,
        has_record=item.about_id is not None,
        message=message,
        remedy=remedy,
        actor=cause.actor,
        retryable=cause.retryable,
        quickbooks=item.quickbooks,
        opened_at=item.opened_at,
        closed_at=item.closed_at,
        close_reason=item.close_reason,
        record=getattr(cause, "record", None),
        candidates=tuple(map(candidate_of, getattr(cause, "candidates", ()))),
        differences={
            what: (ours, theirs) for what, (ours, theirs) in getattr(cause, "differences", {}).items()
        },
        times=item.times,
        last_at=item.last_at,
        address=item.address,
        occurrences=item.occurrences,
        faults=tuple(Fault(*pair) for pair in getattr(cause, "faults", ())),
        seen_file=seen_file(cause),
        request_id=getattr(cause, "request_id", None),
    )


def seen_file(cause: Cause) -> Binding | None:
    """The company file that was open in place of the connector's own, as far as a cause tells one."""
    if not isinstance(cause, WrongCompanyFile) or cause.seen is None:
        return None
    return Binding(cause.seen["file_id"], cause.seen["company_name"], cause.seen["path"])


def _refused_one(item: StoredError, why: str) -> tuple[str, str]:
    """The sentences of one that waits for a record which was handed over, and refused."""
    kind, _, external_id = item.cause_key.partition(":")
    label = f"{Kind(kind).label} {external_id}"
    return (
        f"The {label} was handed over and not accepted: {why.rstrip('.')}.",
        f"Correct the {label} in the order system and hand it over again; everything that waits goes on by itself.",
    )


def candidate_of(found: Candidate | Mapping[str, Any]) -> Candidate:
    """A candidate; one that comes back from the database is a mapping."""
    return Candidate(**found) if isinstance(found, Mapping) else found
