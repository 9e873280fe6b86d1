"""What may be decided of a record as it stands: one rule a decision, the same at every door."""

from collections.abc import Collection
from enum import StrEnum

from qbwc_server.domain.causes import Cause, DocumentDeleted, Uncertain
from qbwc_server.domain.records import Record, State


class Decision(StrEnum):
    """What hosts and staff may decide of one record."""

    CANCEL = "cancel"
    """It is not to be sent to QuickBooks any more."""
    VOID = "void"
    """The document QuickBooks has of it is to be voided there (a purchase order: closed)."""
    RETRY = "retry"
    """It is to be tried again, as its cause is gone."""
    LINK = "link"
    """A person names what it is in QuickBooks."""
    UNLINK = "unlink"
    """What it is in QuickBooks is forgotten."""
    POST_AS_NEW = "post-as-new"
    """Its document was deleted in QuickBooks and has to be there again."""


def objection(record: Record, decision: Decision, causes: Collection[Cause]) -> str | None:
    """Why this may not be decided as the record stands, in a sentence without a full stop; None when it may.

    Args:
        causes: those of its open error records.
    """
    return _RULES[decision](record, causes)


def _not_cancelled(record: Record, causes: Collection[Cause]) -> str | None:
    """Only what QuickBooks cannot hold is cancelled."""
    deleted = _deletion(causes)
    if record.state is State.CANCELLED:
        return f"{record.label} is cancelled already"
    if _is_on_its_way(record):
        return _on_its_way(record)
    if deleted is not None and deleted.vanished:
        return f"{record.label} may be in QuickBooks' company file yet; dismiss its error record, or post it as new"
    if record.claim is not None:
        return f"{record.label} was linked by hand, and QuickBooks is yet to be asked; try again after the next visit"
    if deleted is not None or record.is_surplus:
        return None  # of what a surplus one is linked to another record takes care
    if record.link is not None and record.is_void:
        return f"{record.label} is in QuickBooks and is void, or will be at the next visit"
    if record.link is not None and record.kind.is_document:
        return f"{record.label} is in QuickBooks; void it instead"
    if record.link is not None:
        return f"{record.label} is in QuickBooks and stays there; to retire it, set is_active to false"
    if _may_be_there(causes):
        return f"nobody knows whether {record.label} is in QuickBooks; link it or dismiss its error"
    return None


def _not_voided(record: Record, causes: Collection[Cause]) -> str | None:
    if not record.kind.is_document:
        return f"a {record.kind.label} cannot be voided"
    if record.state is State.CANCELLED:
        return f"{record.label} was cancelled before QuickBooks had it" if record.link is None else None
    if record.is_void:
        return f"{record.label} is void already, or will be at the next visit"
    if _deletion(causes) is not None:
        return f"{record.label} is not in QuickBooks any more, so there is nothing to void"
    is_there = record.link is not None or record.claim is not None
    if not is_there and not _is_on_its_way(record) and not _may_be_there(causes):
        return f"{record.label} was never sent to QuickBooks; cancel it instead"
    return None


def _not_retried(record: Record, causes: Collection[Cause]) -> str | None:
    if record.state in (State.BLOCKED, State.QUEUED):
        return None
    return f"{record.label} is {record.state}: there is nothing to retry"


def _not_linked(record: Record, causes: Collection[Cause]) -> str | None:
    if record.state is State.CANCELLED:
        return f"{record.label} is cancelled; hand it over again before it is linked"
    return _on_its_way(record) if _is_on_its_way(record) else None


def _not_unlinked(record: Record, causes: Collection[Cause]) -> str | None:
    if record.kind.is_document:
        return "a document is not matched anew; post it as new, or link another document"
    if _is_on_its_way(record):
        return _on_its_way(record)
    return f"{record.label} is not linked" if record.link is None else None


def _not_posted_as_new(record: Record, causes: Collection[Cause]) -> str | None:
    if _is_on_its_way(record):
        return _on_its_way(record)
    if not record.kind.is_document or _deletion(causes) is None:
        return f"{record.label} was not deleted in QuickBooks, so it cannot be posted as new"
    return None


_RULES = {
    Decision.CANCEL: _not_cancelled,
    Decision.VOID: _not_voided,
    Decision.RETRY: _not_retried,
    Decision.LINK: _not_linked,
    Decision.UNLINK: _not_unlinked,
    Decision.POST_AS_NEW: _not_posted_as_new,
}


def _is_on_its_way(record: Record) -> bool:
    """Whether QuickBooks' answer is awaited or lost: nothing can be decided until it is known."""
    return record.state in (State.SENT, State.UNCERTAIN)


def _on_its_way(record: Record) -> str:
    return f"{record.label} is on its way to QuickBooks; try again when it has arrived"


def _may_be_there(causes: Collection[Cause]) -> bool:
    """Whether only a person can tell if QuickBooks holds it."""
    return any(isinstance(cause, Uncertain) for cause in causes)


def _deletion(causes: Collection[Cause]) -> DocumentDeleted | None:
    return next((cause for cause in causes if isinstance(cause, DocumentDeleted)), None)
