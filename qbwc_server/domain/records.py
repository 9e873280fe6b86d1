"""A record: what the host wants in QuickBooks, the states of its life, and the transitions between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid5

from qbwc_server.domain.kinds import Kind


class State(StrEnum):
    """Where a record is in its life."""

    QUEUED = "queued"
    """Waiting to be sent, or for a record it refers to."""
    BLOCKED = "blocked"
    """Cannot go on as things stand: an open error record says why."""
    SENT = "sent"
    """In a message set whose answer is awaited."""
    UNCERTAIN = "uncertain"
    """Sent, but the answer was lost: QuickBooks is asked before anything is sent again."""
    SYNCED = "synced"
    """QuickBooks holds it at its latest revision."""
    CANCELLED = "cancelled"
    """Withdrawn by the host or by staff."""


TRANSITIONS: Mapping[tuple[State | None, State], str] = MappingProxyType(
    {
        (None, State.QUEUED): "handed over by the host",
        (State.QUEUED, State.BLOCKED): "cannot be sent as things stand",
        (State.BLOCKED, State.QUEUED): "the cause went away, or a retry was asked for",
        (State.QUEUED, State.SENT): "picked into a message set",
        (State.QUEUED, State.SYNCED): "QuickBooks already holds it",
        (State.BLOCKED, State.SYNCED): "QuickBooks already holds it",
        (State.SENT, State.SYNCED): "QuickBooks confirmed it",
        (State.SENT, State.BLOCKED): "QuickBooks refused it",
        (State.SENT, State.QUEUED): "refused for now, to be sent again",
        (State.SENT, State.UNCERTAIN): "the answer was lost",
        (State.UNCERTAIN, State.SENT): "the identical message set was sent again under its own ID",
        (State.UNCERTAIN, State.SYNCED): "found in QuickBooks",
        (State.UNCERTAIN, State.QUEUED): "proven absent from QuickBooks",
        (State.UNCERTAIN, State.BLOCKED): "only a person can decide",
        (State.SYNCED, State.QUEUED): "a new revision was handed over",
        (State.SYNCED, State.BLOCKED): "gone or inactive in QuickBooks",
        (State.QUEUED, State.CANCELLED): "withdrawn",
        (State.BLOCKED, State.CANCELLED): "withdrawn",
        (State.SYNCED, State.CANCELLED): "withdrawn",
        (State.CANCELLED, State.QUEUED): "handed over again",
    }
)
"""Every allowed change of state, with its one-line meaning. What is not here cannot happen."""


class ForbiddenTransition(Exception):
    """A change of state that `TRANSITIONS` does not have."""

    def __init__(self, before: State | None, after: State) -> None:
        super().__init__(f"a record cannot go from {before or 'nothing'} to {after}")
        self.before = before
        self.after = after


def meaning(before: State | None, after: State) -> str:
    """Why a record goes from `before` to `after`, in a few words.

    Raises:
        ForbiddenTransition: there is no such transition.
    """
    try:
        return TRANSITIONS[before, after]
    except KeyError:
        raise ForbiddenTransition(before, after) from None


class Link(NamedTuple):
    """What QuickBooks calls our record.

    Attributes:
        quickbooks_id: its ListID or TxnID, verbatim.
        edit_sequence: its EditSequence when last seen; compared for equality only.
        name: its FullName (list record) or RefNumber (document).
        matched_by: how it was found: ``created``, ``email``, ``sku``, ``name``, ``account_number``, ``barcode``,
            ``number``, ``hand``.
        proof: what settled it: ``answer``, ``probe``, ``message_set`` (the stored outcome), ``cache``, ``query`` (shown
            by QuickBooks when asked for its id) or ``person``.
    """

    quickbooks_id: str
    edit_sequence: str | None
    name: str | None
    matched_by: str
    proof: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A person's word that a document of QuickBooks is our record, which QuickBooks has not been asked about yet.

    Attributes:
        revision: the record's revision it was said of, and `content` that revision's content.
        found_as: the other kind of document that QuickBooks has shown under this id, if it has.
    """

    quickbooks_id: str
    revision: int
    content: Mapping[str, Any]
    found_as: Kind | None = None


class PostedLine(NamedTuple):
    """One line of a document in QuickBooks.

    Attributes:
        txn_line_id: None for a line of the host's that a person deleted.
        is_group: it is an item group opened into lines, which a Mod names in a form of its own.
        is_foreign: no line of the host's, but taken over from the sales order the invoice was made from.
    """

    txn_line_id: str | None
    is_group: bool = False
    is_foreign: bool = False


class Record(NamedTuple):
    """One record as it stands in the database: a tuple, as of thousands each is read, and changed, several times.

    Attributes:
        content: the host's JSON, as it was accepted (decimals as strings).
        revision: counts the host's changes from 1; `synced_revision` is the one QuickBooks holds.
        is_surplus: another record has what it is linked to, so that it is blocked until one of the two lets go.
        priority: lower goes first.
        waiting: how many records it waits for.
        synced_content: the content of `synced_revision`; what differs from it is what QuickBooks must be told.
        posted_lines: the lines of `synced_content` in QuickBooks, in their order; none when not known.
        needs_reading: QuickBooks' copy must be read again before it can be changed.
        is_void: the host wants the document voided (a purchase order: closed).
        generation: counts the times it was posted as a new document, from 0; part of its ExternalGUID.
        claim: what a person says it is in QuickBooks, until that is proven; nothing is sent of it meanwhile.
        linked_document: number, party, date and total of the document it was linked to by hand.
        isolation: the refused message set this record was in, while the culprit of a whole-set refusal is
            being looked for among its records.
        probed_session_id: the session in which its number was last found to be free.
        not_before: not to be sent, or asked for, before this moment; `pause_reason` says why, in words for people.
        version: the host's own, if it counts its changes.
        revised_at: when the present revision was handed over; None: before this was kept.
        seen_at: when QuickBooks itself showed or confirmed it last; None: never, or before this was kept.
    """

    id: int
    connector_id: int
    kind: Kind
    external_id: str
    state: State
    revision: int
    synced_revision: int | None
    content: Mapping[str, Any]
    priority: int
    waiting: int
    link: Link | None
    is_surplus: bool
    synced_content: Mapping[str, Any] | None
    posted_lines: tuple[PostedLine, ...]
    needs_reading: bool
    is_void: bool
    generation: int
    warnings: tuple[str, ...]
    attempts: int
    not_before: datetime | None
    pause_reason: str | None
    isolation: str | None
    probed_session_id: int | None
    created_at: datetime
    updated_at: datetime
    claim: Claim | None = None
    linked_document: Mapping[str, str | None] | None = None
    version: int | None = None
    revised_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def label(self) -> str:
        """How a person calls it: ``invoice SO-1042``."""
        return f"{self.kind.label} {self.external_id}"


RecordField = Literal["external_id", "key", "quickbooks_id"]
"""What a record is looked up by: the host's own id, one of its keys, or what QuickBooks calls it."""


def external_guid(connector_uuid: UUID, record: Record) -> str:
    """The ExternalGUID of a record, with the braces QuickBooks demands: the same for every sending.

    It is a tag by which our own records are recognised when they come back, not a guard against
    duplicates: QuickBooks is not known to enforce its uniqueness.
    """
    again = f"#{record.generation}" if record.generation else ""
    return "{" + str(uuid5(connector_uuid, f"{record.kind}/{record.external_id}{again}")) + "}"
