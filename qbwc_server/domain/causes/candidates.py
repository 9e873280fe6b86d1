"""What might be meant where it cannot be told: an entry of QuickBooks' lists, or one of its documents."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry or document of QuickBooks that might be meant.

    Attributes:
        name: its full name; of a document what it is, in words.
        list_id: its ListID or TxnID.
        number: of a document its number, `date`, `amount` (its total) and `party` (whose it is), as far as told.
        email: of an entry, as far as the list cache has it; so `account_number`.
        is_active: False for an entry that is retired in QuickBooks.
    """

    name: str
    list_id: str
    number: str | None = None
    date: str | None = None
    amount: str | None = None
    party: str | None = None
    email: str | None = None
    account_number: str | None = None
    is_active: bool = True

    @property
    def id(self) -> str:
        """Its ListID or TxnID."""
        return self.list_id
