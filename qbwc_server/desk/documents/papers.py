"""A record as one would hold it in one's hand: whose it is, by name, its lines with what they come to, its fields."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from qbwc_server.desk.documents.documents import money
from qbwc_server.desk.documents.named import Named, names_of
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import Record
from qbwc_server.storage import Transaction
from qbwc_server.sync.check.known import Known
from qbwc_server.sync.check.naming import references_of
from qbwc_server.sync.work import asked

_CENT = Decimal("0.01")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document; what it does not say is None.

    Attributes:
        number: from 1.
        amount: as it says, or what quantity and rate come to.
        more: what else it says, as it was handed over.
    """

    number: int
    item: Named | None
    desc: str | None
    quantity: str | None
    rate: str | None
    amount: Decimal | None
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """A record with what it names.

    Attributes:
        title: by what people recognise it, the most telling first: number, party, date, total.
        party: whose document it is.
        total: what its lines come to before tax; None where a line leaves that to QuickBooks.
        addresses: each with its lines as they are printed.
        fields: everything else that was handed over.
        names: of the fields that name something else than `party`, what.
    """

    kind: Kind
    number: str | None
    party: Named | None
    day: str | None
    total: Decimal | None
    memo: str | None
    addresses: Mapping[str, Sequence[str]]
    fields: Mapping[str, Any]
    names: Mapping[str, Named]
    lines: Sequence[Line]
    title: Sequence[str]
    entry: ListEntry | None = None


def day(text: Any) -> str | None:
    """A date as people write it: ``20 Nov 2026``; None where it is none."""
    if isinstance(text, str) and _DAY.fullmatch(text):
        try:
            found = date.fromisoformat(text)
        except ValueError:
            return None
        return f"{found.day} {found:%b %Y}"
    return None


def paper(conn: Transaction, known: Known, record: Record) -> Paper:
    """A record with what it names, in as many statements for a thousand lines as for one."""
    content = record.content
    found = asked(conn, known, lambda: references_of(known, record, None))
    names = asked(conn, known, lambda: names_of(known, found))
    party_field = KINDS[record.kind].party
    party = names.get(party_field or "") if record.kind.is_document else None
    lines = tuple(_lines(record, names)) if record.kind.is_document else ()
    number = _number(record)
    its_day = day(content.get("txn_date") or content.get("ship_date")) if record.kind.is_document else None
    total = _total(lines)
    entry = _entry(conn, known, record)
    return Paper(
        kind=record.kind,
        number=number,
        party=party,
        day=its_day,
        total=total,
        memo=content.get("memo") if isinstance(content.get("memo"), str) else None,
        addresses={name: _printed(value) for name, value in content.items() if _is_address(name, value)},
        fields={
            name: value for name, value in content.items() if not _has_its_place(record.kind, name, value)
        },
        names={path: name for path, name in names.items() if path != party_field},
        lines=lines,
        title=tuple(_title(record, number, party, its_day, total, entry)),
        entry=entry,
    )


def _title(
    record: Record,
    number: str | None,
    party: Named | None,
    its_day: str | None,
    total: Decimal | None,
    entry: ListEntry | None,
) -> Iterable[str]:
    if record.kind.is_document:
        yield number or "without a number"
        if party is not None:
            yield party.name
        if its_day is not None:
            yield its_day
        if total is not None:
            yield money(total)
        return
    called = entry.full_name if entry is not None else record.link.name if record.link is not None else None
    name, mark = (
        record.content.get("name"),
        record.content.get("sku" if record.kind is Kind.ITEM else "email"),
    )
    told = [called or name, mark]
    yield from dict.fromkeys(each for each in told if isinstance(each, str) and each)
    if not any(told):
        yield record.external_id


def _number(record: Record) -> str | None:
    if not record.kind.is_document:
        return None
    return (record.link.name if record.link is not None else None) or record.content.get("ref_number") or None


def _entry(conn: Transaction, known: Known, record: Record) -> ListEntry | None:
    """What QuickBooks' list has of a linked list record, as far as it has been read."""
    if record.kind.is_document or record.link is None:
        return None
    link = record.link
    entries = asked(conn, known, lambda: known.by_ids(ListName(record.kind), [link.quickbooks_id]))
    return entries[0] if entries else None


def _is_address(name: str, value: Any) -> bool:
    return name.endswith("address") and isinstance(value, Mapping)


def _has_its_place(kind: Kind, name: str, value: Any) -> bool:
    """Whether a field is drawn as a part of the document, and not in the list of the others."""
    if _is_address(name, value):
        return True
    own = ("ref_number", "txn_date", "lines", KINDS[kind].party) if kind.is_document else ()
    return name in own or (name == "memo" and isinstance(value, str))


def _printed(address: Mapping[str, Any]) -> list[str]:
    """An address as it is printed on an envelope."""
    streets = [text for name, text in address.items() if name.startswith("addr") and text]
    place = " ".join(str(address[name]) for name in ("city", "state", "postal_code") if address.get(name))
    rest = [text for name, text in address.items() if not name.startswith("addr") and name not in _PLACE]
    return [str(text) for text in (*streets, place, address.get("country"), *rest) if text]


_PLACE = frozenset({"city", "state", "postal_code", "country"})


# --- lines --------------------------------------------------------------------------------------------------


def _lines(record: Record, names: Mapping[str, Named]) -> Iterable[Line]:
    found = record.content.get("lines")
    for position, line in enumerate(found if isinstance(found, list) else ()):
        if isinstance(line, Mapping):
            yield Line(
                number=position + 1,
                item=names.get(f"lines.{position}.item"),
                desc=line.get("desc"),
                quantity=line.get("quantity"),
                rate=line.get("rate") or (f"{line['rate_percent']} %" if line.get("rate_percent") else None),
                amount=_amount(line),
                more={name: value for name, value in line.items() if name not in _OF_A_LINE},
            )


_OF_A_LINE = frozenset({"item", "desc", "quantity", "rate", "rate_percent", "amount"})


def _amount(line: Mapping[str, Any]) -> Decimal | None:
    """As QuickBooks will work it out; None where the line leaves that to QuickBooks."""
    amount, rate, quantity = (_decimal(line.get(name)) for name in ("amount", "rate", "quantity"))
    if amount is not None or rate is None:
        return amount
    return (rate * (Decimal(1) if quantity is None else quantity)).quantize(_CENT, ROUND_HALF_UP)


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value is None or isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None


def _total(lines: Sequence[Line]) -> Decimal | None:
    """What the lines come to, where each of them that sells something says so."""
    selling = [
        line
        for line in lines
        if line.item is not None or line.quantity is not None or line.amount is not None
    ]
    amounts = [line.amount for line in selling if line.amount is not None]
    return sum(amounts, Decimal(0)) if selling and len(amounts) == len(selling) else None
