"""Causes of documents: a number that is taken, a document that was deleted."""

from dataclasses import dataclass

from .base import Actor, Cause


@dataclass(frozen=True, slots=True)
class NumberConflict(Cause):
    """The document's number is already used by another document in QuickBooks.

    Attributes:
        document: ``invoice`` or ``purchase order``.
        party: the customer or vendor of the document found; `date` its date, `total` its total.
    """

    document: str
    number: str
    txn_id: str
    party: str | None = None
    date: str | None = None
    total: str | None = None

    name = "number_conflict"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"number:{self.number}"

    def message(self) -> str:
        details = [
            f"for {self.party}" if self.party else "",
            f"dated {self.date}" if self.date else "",
            f"over {self.total}" if self.total else "",
        ]
        found = " ".join(filter(None, details))
        return (
            f"QuickBooks already has another {self.document} with the number {self.number}"
            f"{', ' + found if found else ''} (TxnID {self.txn_id})."
        )

    def remedy(self) -> str:
        return (
            f"Look at the {self.document} in QuickBooks (Edit > Find, number {self.number}). If it was entered by "
            f"hand for the same order, delete or renumber it there (the record follows with the next refresh of the "
            f"lists, or at once when you retry it); otherwise give the record another number in the order system."
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
                f"The {self.document} of {self.record} is no longer in QuickBooks (TxnID {self.txn_id}), which does "
                f"not list it as deleted: the company file was probably restored from a backup."
            )
        return f"The {self.document} of {self.record} was deleted in QuickBooks (TxnID {self.txn_id})."

    def remedy(self) -> str:
        if self.vanished:
            return (
                "Ask whether a backup was restored. If the document is wanted, have it posted as a new one; "
                "if not, cancel the record. It is not posted again by itself."
            )
        return (
            "Ask who deleted it and why. It is not posted again by itself: "
            "cancel the record, or have it posted as a new document."
        )
