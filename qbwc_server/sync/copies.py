"""What QuickBooks answers of our records: whose a copy is, what it comes to, and by what one is recognised."""

from decimal import Decimal
from typing import Any

import qbxml.records as qb
from qbwc_server.domain import amounts, in_quickbooks
from qbwc_server.domain.causes import Candidate, NumberConflict, Uncertain
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.operations import Adding
from qbwc_server.domain.records import Link, Record

# --- before it is sent --------------------------------------------------------------------------------------


def addition(payload: qb.Record, **values: Any) -> Adding:
    """What a record that is to be created can be recognised by if its answer is lost; kept with the attempt."""
    if in_quickbooks.is_document(payload):
        party = in_quickbooks.party_of(payload)
        day = getattr(payload, "txn_date", None)
        return Adding(
            number=getattr(payload, "ref_number", None),
            party=party.list_id if party is not None else None,
            date=day.isoformat() if day is not None else None,
            total=_total_of_lines(payload),
            **values,
        )
    parent = getattr(payload, "parent", None)
    name = str(getattr(payload, "name", ""))
    full_name = f"{parent.full_name}:{name}" if parent is not None and parent.full_name else name
    return Adding(name=full_name, **values)


def _total_of_lines(document: Any) -> str | None:
    """The sum of the lines as QuickBooks will compute it; None when a line leaves it to QuickBooks."""
    lines = [vars(line) for line in document.lines]
    total = amounts.of_lines({"link_to_txn_id": getattr(document, "link_to_txn_id", ()), "lines": lines})
    return None if total is None else str(total)


# --- as QuickBooks answers it -------------------------------------------------------------------------------


def id_of(item: Any) -> str | None:
    """The TxnID or ListID of a record as QuickBooks answered it."""
    return getattr(item, "txn_id", None) or getattr(item, "list_id", None)


def is_ours(item: Any, guid: str) -> bool:
    """Whether a record of QuickBooks carries our ExternalGUID; compared without regard to case."""
    return (getattr(item, "external_guid", None) or "").upper() == guid.upper()


def could_be(item: Any, written: Adding) -> bool:
    """Whether a record without a GUID may still be ours: for a document the same party, date and total."""
    if getattr(item, "external_guid", None):
        return False
    if not in_quickbooks.is_document(item):
        return True
    party = in_quickbooks.party_of(item)
    same_party = party is not None and party.list_id == written.party
    same_date = written.date in (None, item.txn_date.isoformat() if item.txn_date else None)
    total = in_quickbooks.total_of(item)
    same_total = written.total is None or (total is not None and total == Decimal(written.total))
    return same_party and same_date and same_total


def link_of(item: Any, proof: str, matched_by: str = "created") -> Link:
    """The link to a record as QuickBooks answered it."""
    quickbooks_id = id_of(item)
    if not quickbooks_id:
        raise ValueError("QuickBooks answered a record without its ListID or TxnID")
    return Link(quickbooks_id, getattr(item, "edit_sequence", None), name_of(item) or None, matched_by, proof)


def number_conflict(kind: Kind, number: str, item: Any, owner: Record | None = None) -> NumberConflict:
    """The cause that names the document that holds the number, and the record whose it is, if that is one of ours."""
    party = getattr(item, "customer", None) or getattr(item, "vendor", None)
    total = in_quickbooks.total_of(item)
    return NumberConflict(
        document=kind.label,
        number=number,
        txn_id=item.txn_id or "",
        party=party.full_name if party is not None else None,
        date=item.txn_date.isoformat() if item.txn_date is not None else None,
        total=str(total) if total is not None else None,
        taken_by=owner.label if owner is not None else None,
    )


def uncertain(record: Record, item: Any) -> Uncertain:
    """The cause that names what QuickBooks holds that may be a record whose answer was lost."""
    words = f"{record.kind.label} {name_of(item)}"
    found = Candidate(words, id_of(item) or "")
    if record.kind.is_document:
        found = number_conflict(record.kind, name_of(item), item).candidates[0]
    return Uncertain(record.label, words, (found,))


def name_of(item: Any) -> str:
    """The RefNumber, FullName or Name of a record as QuickBooks answered it; "" when it has none."""
    return (
        getattr(item, "ref_number", None)
        or getattr(item, "full_name", None)
        or getattr(item, "name", None)
        or ""
    )
