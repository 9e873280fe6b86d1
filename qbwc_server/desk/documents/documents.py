"""What people recognise records by: number, whose it is, date, amount, and why it does not go on."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, DecimalException
from typing import Any

from qbwc_server.domain import amounts
from qbwc_server.domain.errors import Total
from qbwc_server.domain.findable import WAYS
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import email_keys
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, recognising
from qbwc_server.storage.recognising import Party, Question, Row


@dataclass(frozen=True, slots=True)
class Recognised:
    """A record as people know it. What nobody knows is None.

    Attributes:
        connector: the name of its connector.
        external_id: the order system's, which is the address of its page; nobody else knows it.
        number: of a document; in QuickBooks, when it is there.
        party: whose document it is, by name: QuickBooks' name for it, else the order system's, else an email; of a
            list record its own name.
        party_kind, party_id: the kind and external id of the record the order system has of that, for a link.
        date: of a document.
        amount: of a document before tax: as QuickBooks showed it, else what its lines come to.
        mark: of a customer or vendor an email, of an item its SKU.
        reason: why it does not go on, in words; `error_id` is the error record that says so.
    """

    id: int
    connector: str
    kind: Kind
    external_id: str
    state: State
    number: str | None
    party: str | None
    party_kind: Kind | None
    party_id: str | None
    date: date | None
    amount: Decimal | None
    mark: str | None
    reason: str | None
    error_id: int | None
    updated_at: datetime

    @property
    def words(self) -> str:
        """As a sentence names it: ``Invoice 1042 · Ocean Grill · 2026-11-20 · 440.00``."""
        return f"{self.kind.label[:1].upper()}{self.kind.label[1:]} {' · '.join(self.parts)}"

    @property
    def parts(self) -> tuple[str, ...]:
        """What it is recognised by, the most telling first; never empty."""
        if self.kind.is_document:
            day = self.date.isoformat() if self.date is not None else None
            amount = None if self.amount is None else money(self.amount)
            known = (self.number or self.external_id, self.party, day, amount)
        else:
            known = (self.party or self.external_id, self.mark, None, None)
        return tuple(part for part in known if part)


def money(amount: Decimal) -> str:
    """An amount as people write it: ``1,240.50``."""
    return f"{amount:,.2f}"


def at_stake(total: Total) -> list[str]:
    """What documents come to, as people write it: ``1,240.50``, or in each currency ``1,200.00 USD``, ``300.00 EUR``;
    empty where none of them says."""
    if not total.currencies:
        return [] if total.amount is None else [money(total.amount)]
    return [f"{money(amount)} {code or '(currency not known)'}" for code, amount in total.currencies]


def recognised(conn: Transaction, record_ids: Collection[int]) -> dict[int, Recognised]:
    """These records as people know them, by their ids; of whatever connectors, in two statements.

    What there is no record of is left out.
    """
    rows = recognising.rows(conn, record_ids)
    parties = recognising.parties(conn, {each for row in rows.values() for each in _questions(row)})
    return {each: _recognised(rows[each], parties) for each in record_ids if each in rows}


def _said(row: Row) -> Mapping[str, Any]:
    """How a document names whose it is."""
    said = row.content.get(KINDS[row.kind].party or "")
    return said if isinstance(said, Mapping) else {"full_name": said}


def _questions(row: Row) -> Iterator[Question]:
    """What may tell whose it is, the best first; of a list record, what it is called in QuickBooks by now."""
    if not row.kind.is_document:
        if row.quickbooks_id is not None:
            yield (row.connector_id, row.kind, "list_id", row.quickbooks_id)
        return
    kind, said = Kind(KINDS[row.kind].party_list or "customer"), _said(row)
    for way in WAYS:
        text = said.get(way)
        if not isinstance(text, str) or not text.strip():
            continue
        if way in ("external_id", "list_id"):
            yield (row.connector_id, kind, way, text.strip())
        elif way == "email":
            for address in email_keys(text)[:1]:
                yield (row.connector_id, kind, way, address)


def _recognised(row: Row, parties: Mapping[Question, Party]) -> Recognised:
    name, kind, external_id = _party(row, parties)
    return Recognised(
        id=row.id,
        connector=row.connector,
        kind=row.kind,
        external_id=row.external_id,
        state=row.state,
        number=_number(row),
        party=name,
        party_kind=kind,
        party_id=external_id,
        date=_date(row),
        amount=_amount(row),
        mark=_mark(row),
        reason=None if row.cause is None else row.cause.message(),
        error_id=row.error_id,
        updated_at=row.updated_at,
    )


def _party(row: Row, parties: Mapping[Question, Party]) -> tuple[str | None, Kind | None, str | None]:
    """Whose it is, and the record of that."""
    known = [found for question in _questions(row) if (found := parties.get(question)) is not None]
    if not row.kind.is_document:
        name = known[0].name if known else row.quickbooks_name or row.content.get("name")
        return (name if isinstance(name, str) else None), None, None
    said = _said(row)
    named = [known[0].name] if known else [said.get(way) for way in ("full_name", "email", "external_id")]
    name = next((text for text in named if isinstance(text, str) and text.strip()), None)
    record = next((found.external_id for found in known if found.external_id is not None), None)
    return name, Kind(KINDS[row.kind].party_list or "customer") if record is not None else None, record


def _number(row: Row) -> str | None:
    if not row.kind.is_document:
        return None
    number = row.quickbooks_name or row.content.get("ref_number")
    return str(number) if number else None


def _date(row: Row) -> date | None:
    if not row.kind.is_document:
        return None
    said = row.content.get("txn_date") or row.content.get("ship_date")
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _amount(row: Row) -> Decimal | None:
    total = (row.said or {}).get("total") if row.is_latest else None
    try:
        return Decimal(total) if total else amounts.of_cents(row.amount)
    except DecimalException:
        return amounts.of_cents(row.amount)


def _mark(row: Row) -> str | None:
    """By what a list record is known beside its name."""
    mark = None if row.kind.is_document else row.content.get("sku" if row.kind is Kind.ITEM else "email")
    return mark if isinstance(mark, str) and mark else None
