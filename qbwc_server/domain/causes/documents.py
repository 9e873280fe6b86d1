"""Causes of documents: a number that is taken, a document that was deleted."""

from dataclasses import dataclass

from qbwc_server.domain.causes.base import Actor, Cause, at_the_start
from qbwc_server.domain.causes.candidates import Candidate


@dataclass(frozen=True, slots=True)
class NumberConflict(Cause):
    """The document's number is already used by another document in QuickBooks.

    Attributes:
        document: ``invoice`` or ``purchase order``.
        party: the customer or vendor of the document found; `date` its date, `total` its total.
        taken_by: the record of the order system that this document is, or None.
    """

    document: str
    number: str
    txn_id: str
    party: str | None = None
    date: str | None = None
    total: str | None = None
    taken_by: str | None = None

    name = "number_conflict"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"number:{self.number}"

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The document that has the number, which may be the one that is meant."""
        words = f"{self.document} {self.number}{self.details}"
        return (Candidate(words, self.txn_id, self.number, self.date, self.total, self.party),)

    @property
    def details(self) -> str:
        """Whose document has the number, from when, for how much; as the end of a sentence."""
        details = [
            f", for {self.party}" if self.party else "",
            f", dated {self.date}" if self.date else "",
            f", total {self.total}" if self.total else "",
        ]
        return "".join(details)

    def message(self) -> str:
        return (
            f"QuickBooks already has another {self.document} with the number {self.number}{self.details} "
            f"(TxnID {self.txn_id})"
            + (f": it is {self.taken_by} of the order system." if self.taken_by else ".")
        )

    def remedy(self) -> str:
        if self.taken_by:
            return (
                f"Give one of the two another number in the order system. If both are the same order, let this record "
                f"be and go on with {self.taken_by}. When the number was given up in QuickBooks, the record goes on "
                f"with the next refresh of the lists, or at once when you retry it."
            )
        return (
            f"If it is the same order, link the record to it; if not, give one of the two another number. "
            f"Look at it in QuickBooks (Edit > Find, number {self.number}). After a change there, or when it was "
            f"deleted there, the record goes on with the next refresh of the lists, or at once when you retry it."
        )


@dataclass(frozen=True, slots=True)
class LinkRefused(Cause):
    """A person linked a record to a document that QuickBooks does not have, or that is something else.

    Attributes:
        found: the other kind of document that QuickBooks has under this TxnID, or None.
        taken_by: the record that is this document already, or None.
    """

    document: str
    record: str
    txn_id: str
    found: str | None = None
    taken_by: str | None = None

    name = "link_refused"
    usual_actor = Actor.STAFF
    retry_decides = True

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    @property
    def sub_reason(self) -> str | None:
        if self.taken_by:
            return "taken"
        return "other_kind" if self.found else "not_there"

    def message(self) -> str:
        if self.taken_by:
            return f"The {self.document} that {self.record} was linked to is {self.taken_by} (TxnID {self.txn_id})."
        if self.found:
            article = "an" if self.found[0] in "aeiou" else "a"
            return (
                f"What {self.record} was linked to (TxnID {self.txn_id}) is {article} {self.found} in QuickBooks, "
                f"no {self.document}."
            )
        return f"QuickBooks has no such {self.document}: {self.record} was linked to TxnID {self.txn_id}."

    def remedy(self) -> str:
        return (
            f"Find the {self.document} in QuickBooks (Edit > Find) and link the record to it. A retry goes on as if "
            "it had never been linked: what QuickBooks does not have yet is posted then."
        )


@dataclass(frozen=True, slots=True)
class DocumentDeleted(Cause):
    """The document was deleted in QuickBooks; it is never created again by itself.

    Attributes:
        vanished: QuickBooks does not list it as deleted, so its company file was probably restored.
    """

    document: str
    record: str
    txn_id: str
    vanished: bool = False

    name = "document_deleted"
    usual_actor = Actor.STAFF
    retryable = False

    @property
    def key(self) -> str:
        return f"txn_id:{self.txn_id}"

    @property
    def sub_reason(self) -> str | None:
        return "vanished" if self.vanished else None

    def message(self) -> str:
        if self.vanished:
            return (
                f"{at_the_start(self.record)} is no longer in QuickBooks (TxnID {self.txn_id}), which does "
                f"not list it as deleted: the company file was probably restored from a backup."
            )
        return f"{at_the_start(self.record)} was deleted in QuickBooks (TxnID {self.txn_id})."

    def remedy(self) -> str:
        if self.vanished:
            return (
                "Post it as new if it is still wanted; if not, dismiss this error. Whoever may not post it as new asks "
                "an admin. Ask whether a backup was restored: it is not posted again by itself."
            )
        return (
            "Post it as new if it is still wanted; if not, dismiss this error. Whoever may not post it as new asks an "
            "admin. Ask who deleted it, and why: it is not posted again by itself."
        )
