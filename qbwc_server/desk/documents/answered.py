"""What QuickBooks answered when it took a document: its amounts, and what was paid, as far as its answer is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from lxml import etree

from qbwc_server.desk.documents.exchanges import Conversation, root_of


@dataclass(frozen=True, slots=True)
class Applied:
    """A payment or credit that QuickBooks showed with a document."""

    what: str
    number: str | None
    day: str | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a document came to in QuickBooks when it answered.

    Attributes:
        at: when that was; a payment since is not known.
        amounts: what it is called → how much, in the order of a printed document.
    """

    at: datetime | None
    number: str | None
    amounts: Sequence[tuple[str, Decimal]]
    applied: Sequence[Applied]
    is_paid: bool | None

    @property
    def total(self) -> Decimal | None:
        """What it comes to in all."""
        return dict(self.amounts).get("Total")


_AMOUNTS = (
    ("Subtotal", "Subtotal"),
    ("SalesTaxTotal", "Tax"),
    ("TotalAmount", "Total"),
    ("AppliedAmount", "Paid or credited"),
    ("BalanceRemaining", "Balance"),
)


def last_answer(conversations: Sequence[Conversation]) -> Answered | None:
    """What the newest answer that took the document says; None where none is kept.

    Args:
        conversations: the oldest first.
    """
    for each in reversed(conversations):
        if each.exchange.status_code == 0 and each.response:
            root = root_of(each.response)
            found = None if root is None else next((item for item in root if item.tag.endswith("Ret")), None)
            if found is not None and found.find("TxnID") is not None:
                return _read(found, each.exchange.answered_at)
    return None


def _read(found: etree._Element, at: datetime | None) -> Answered:
    amounts = [(words, amount) for name, words in _AMOUNTS if (amount := _decimal(found, name)) is not None]
    told = dict(amounts)
    if "Total" not in told and "Subtotal" in told and "Tax" in told:
        # an invoice does not tell its total: it is what its subtotal and tax come to
        amounts.insert(2, ("Total", told["Subtotal"] + told["Tax"]))
    paid = found.findtext("IsPaid")
    return Answered(
        at=at,
        number=found.findtext("RefNumber"),
        amounts=tuple(amounts),
        applied=tuple(map(_applied, found.iterfind("LinkedTxn"))),
        is_paid=None if paid is None else paid == "true",
    )


def _applied(found: etree._Element) -> Applied:
    return Applied(
        what=found.findtext("TxnType") or "Document",
        number=found.findtext("RefNumber"),
        day=found.findtext("TxnDate"),
        amount=_decimal(found, "Amount"),
    )


def _decimal(found: etree._Element, name: str) -> Decimal | None:
    text = found.findtext(name)
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
