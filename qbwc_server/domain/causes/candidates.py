"""What might be meant where it cannot be told: an entry of QuickBooks' lists, or one of its documents."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from qbwc_server.domain.kinds import Kind


@dataclass(frozen=True, slots=True)
class LastDocument:
    """The document of a customer or vendor that the order system changed last.

    Attributes:
        number: its number, in QuickBooks where it is there; so `date` and `amount`, as far as they are known.
    """

    kind: Kind
    external_id: str
    number: str | None
    date: str | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry or document of QuickBooks that might be meant.

    Attributes:
        name: its full name; of a document what it is, in words.
        list_id: its ListID or TxnID.
        number: of a document its number, `date`, `amount` (its total) and `party` (whose it is), as far as told.
        email: of an entry, as far as the list cache has it; so `account_number`.
        is_active: False for an entry that is retired in QuickBooks.
        city, phone: of a customer or vendor, as far as the list cache has them; so `balance`, in `currency` where the
            company file has several, as QuickBooks told it at `told_at`.
        last_document: of a customer or vendor.
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
    # what is only told beside it, and changes without its becoming another candidate
    city: str | None = field(default=None, compare=False, repr=False)
    phone: str | None = field(default=None, compare=False, repr=False)
    balance: Decimal | None = field(default=None, compare=False, repr=False)
    currency: str | None = field(default=None, compare=False, repr=False)
    told_at: datetime | None = field(default=None, compare=False, repr=False)
    last_document: LastDocument | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> str:
        """Its ListID or TxnID."""
        return self.list_id
