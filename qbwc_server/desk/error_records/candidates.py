"""What may be meant, with what the list cache has of it by now and the document of each that was changed last."""

from collections.abc import Iterable, Mapping, Sequence

from qbwc_server.desk.documents.finding import ways_of_entry
from qbwc_server.domain import amounts
from qbwc_server.domain.causes import Candidate, LastDocument
from qbwc_server.domain.findable import party_key
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry, email_keys, fold
from qbwc_server.storage import Transaction, currencies, lists, of_party, recognising, records
from qbwc_server.storage.recognising import Row


def of_entries(
    conn: Transaction, connector_id: int, list_name: ListName, entries: Sequence[ListEntry]
) -> dict[str, Candidate]:
    """Entries that may be meant, by their ListIDs: in four statements at most, however many there are."""
    latest = _latest(conn, connector_id, list_name, entries)
    named = currencies.codes(conn, {(connector_id, entry.currency) for entry in entries if entry.currency})
    return {
        entry.list_id: _of(entry, named.get((connector_id, entry.currency or "")), latest.get(entry.list_id))
        for entry in entries
    }


MOST_LEFT = 20
"""Of so many entries at most it is asked whether a deleted one was merged into them."""


def left_of(
    conn: Transaction, connector_id: int, list_name: ListName, list_id: str, own: Iterable[str]
) -> list[ListEntry]:
    """The entries that a deleted one may have been merged into: what has an email, part number, account number or
    name in common with it. QuickBooks itself does not tell into which.

    Args:
        own: by what others find the record of the order system that it was, as `host_records.keys_of`.
    """
    marks = {*own}
    for gone in lists.by_ids(conn, connector_id, list_name, [list_id]):
        marks |= {f"email:{key}" for key in email_keys(gone.email)}
        told = {"sku": gone.sku, "account_number": gone.account_number, "name": gone.full_name}
        marks |= {f"{way}:{fold(value)}" for way, value in told.items() if value}
    found: dict[str, ListEntry] = {}
    for way, values in _by_way(marks).items():
        for entries in _alike(conn, connector_id, list_name, way, values).values():
            found |= {entry.list_id: entry for entry in entries if not entry.is_deleted}
    return list(found.values())[:MOST_LEFT]


def _by_way(marks: Iterable[str]) -> dict[str, list[str]]:
    """What to look up by each way, the surest first."""
    ways: dict[str, list[str]] = {way: [] for way in ("email", "sku", "account_number", "name")}
    for mark in sorted(marks):
        way, _, value = mark.partition(":")
        ways[way].append(value)
    return {way: values for way, values in ways.items() if values}


def _alike(
    conn: Transaction, connector_id: int, list_name: ListName, way: str, values: Sequence[str]
) -> Mapping[str, Sequence[ListEntry]]:
    match way:
        case "email":
            return lists.by_emails(conn, connector_id, list_name, values)
        case "sku":
            return lists.by_skus(conn, connector_id, values)
        case "account_number":
            return lists.by_account_numbers(conn, connector_id, list_name, values)
        case _:
            return lists.by_names(conn, connector_id, list_name, values)


def _of(entry: ListEntry, currency: str | None, last: LastDocument | None) -> Candidate:
    return Candidate(
        entry.full_name,
        entry.list_id,
        email=entry.email,
        account_number=entry.account_number,
        is_active=entry.is_active,
        city=entry.city,
        phone=entry.phone,
        balance=entry.balance,
        currency=currency,
        told_at=entry.told_at,
        last_document=last,
    )


def _latest(
    conn: Transaction, connector_id: int, list_name: ListName, entries: Sequence[ListEntry]
) -> dict[str, LastDocument]:
    """The document that was changed last of each customer or vendor, however it names it."""
    kinds = [kind for kind, row in KINDS.items() if row.party_list is list_name]
    if not kinds or not entries:
        return {}
    ways = {entry.list_id: set(ways_of_entry(entry)) for entry in entries}
    for record in records.linked_to(conn, connector_id, Kind(list_name), list(ways)):
        if record.link is not None:
            ways[record.link.quickbooks_id].add(party_key("external_id", record.external_id))
    newest = of_party.newest_of_each(conn, connector_id, kinds, ways)
    rows = recognising.rows(conn, newest.values())
    return {list_id: _told(rows[record_id]) for list_id, record_id in newest.items() if record_id in rows}


def _told(row: Row) -> LastDocument:
    number = row.quickbooks_name or row.content.get("ref_number")
    day = row.content.get("txn_date") or row.content.get("ship_date")
    return LastDocument(
        row.kind,
        row.external_id,
        number=str(number) if number else None,
        date=day if isinstance(day, str) else None,
        amount=amounts.of_cents(row.amount),
    )
