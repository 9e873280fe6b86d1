"""Very many error records: groups of many causes with invoices behind them, written straight into the tables."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, text

from qbwc_server.domain.causes import (
    Candidate,
    Cause,
    ClosedPeriod,
    CustomerNotMatched,
    ItemNotMatched,
    NumberConflict,
    RecordInactive,
    ReferenceMissing,
    Refused,
)
from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, connectors, errors, records
from qbwc_server.storage.records import NewRecord
from qbwc_server.storage.schema import error

from .site_world import CONNECTOR, World

LONG_NAME = "Käse-, Öl- und Fischgroßhandel Überlingen"
"""More than 40 letters, as people have them."""
PARTIES = (
    "Ocean Grill",
    LONG_NAME,
    "Sjömat & Söner AB",
    "Trattoria da Nicolò",
    "Harbour Fish Co",
    "Restaurant Zum Äußersten Ende",
)


def forty_groups(world: World, number: int = 3_000) -> None:
    """`number` invoices that are blocked, behind 40 keys of 7 causes; as after a move to a new order system."""
    groups: list[tuple[Cause, int]] = [
        *((_sku(f"A-{each + 1:02}"), 1 + each % 3) for each in range(25)),
        *((_email(f"ap{each}@käsehaus.example"), 1) for each in range(5)),
        (ClosedPeriod("invoice re-1"), 2),
        *((_number(f"10{each}"), 0) for each in range(5)),
        (RecordInactive("customer", LONG_NAME, "80000001-1", "email:x@x.example"), 2),
        (ReferenceMissing("invoice re-1", "terms", "Netto 14 Tage", "terms"), 2),
        (ReferenceMissing("invoice re-1", "terms", "Sofort", "terms"), 1),
        (Refused("invoice re-refused"), 0),
    ]
    weight = sum(each for _, each in groups)
    alone = sum(not each for _, each in groups)
    sizes = [1 if not each else (number - alone) * each // weight for _, each in groups]
    sizes[0] += number - sum(sizes)
    causes = [cause for (cause, _), size in zip(groups, sizes, strict=True) for _ in range(size)]
    _very_many(world, causes)


def _very_many(world: World, causes: Sequence[Cause]) -> None:
    """An invoice behind each, in a few statements."""
    numbers = {f"re-2026-{number:06}": number for number in range(1, len(causes) + 1)}
    new = [NewRecord(Kind.INVOICE, name, _content(number)) for name, number in numbers.items()]
    with world.core.database.begin() as conn:
        row = connectors.by_name(conn, CONNECTOR).id
        made = records.add_all(conn, row, new, now=world.clock(), actor="host")
        ids = {"first": made[0].id, "last": made[-1].id}
        conn.execute(text("UPDATE record SET state = 'blocked' WHERE id BETWEEN :first AND :last"), ids)
        rows = [_row(world, record, cause) for record, cause in zip(made, causes, strict=True)]
        conn.execute(insert(error), rows)


def _row(world: World, record: Record, cause: Cause) -> dict[str, Any]:
    number = int(record.external_id.rpartition("-")[2])
    by_quickbooks = isinstance(cause, Refused | ClosedPeriod)
    return {
        "connector_id": record.connector_id,
        "record_id": record.id,
        "kind": record.kind,
        "opened_at": world.clock() - timedelta(minutes=number),
        "cause": cause.name,
        "sub_reason": cause.sub_reason,
        "cause_key": cause.key,
        "folded_key": fold(cause.key),
        "data": cause.data(),
        "actor": cause.actor,
        "quickbooks_code": "3170" if by_quickbooks else None,
        "quickbooks_severity": "Error" if by_quickbooks else None,
        "quickbooks_message": "There was an error when saving a Invoice." if by_quickbooks else None,
    }


def _content(number: int, rate: str | None = None, party: str | None = None) -> dict[str, Any]:
    """An invoice as an order system hands it over."""
    return {
        "ref_number": f"{20_000 + number}",
        "txn_date": (date(2026, 11, 1) + timedelta(days=number % 20)).isoformat(),
        "customer": {"full_name": party or PARTIES[number % len(PARTIES)]},
        "lines": [{"item": {"sku": "A-77"}, "quantity": "4", "rate": rate or f"{10 + number % 90}.50"}],
    }


def alone(world: World, number: int) -> None:
    """`number` groups of one member each."""
    with world.core.database.begin() as conn:
        row = connectors.by_name(conn, CONNECTOR).id
        for each in range(number):
            _blocked(world, conn, row, each, _number(f"N{each}"))


def behind_one(
    world: World,
    number: int,
    cause: Cause,
    *,
    first: int = 0,
    rate: str | None = None,
    party: str | None = None,
    ago: timedelta = timedelta(0),
) -> None:
    """`number` invoices behind one key; those that are there already wait for it, too."""
    with world.core.database.begin() as conn:
        row = connectors.by_name(conn, CONNECTOR).id
        for each in range(first, first + number):
            _blocked(world, conn, row, each, cause, rate=rate, party=party, ago=ago)


def _blocked(
    world: World,
    conn: Transaction,
    connector_id: int,
    number: int,
    cause: Cause,
    *,
    rate: str | None = None,
    party: str | None = None,
    ago: timedelta = timedelta(0),
) -> None:
    name = f"re-2026-{number:06}"
    now = world.clock() - timedelta(minutes=number % 4_000) - ago
    made = records.find(conn, connector_id, Kind.INVOICE, name)
    if made is None:
        made = records.add(
            conn, connector_id, Kind.INVOICE, name, _content(number, rate, party), now=now, actor="host"
        )
        made = records.move(conn, made, State.BLOCKED, now=now, actor="server")
    answer = None
    if isinstance(cause, Refused | ClosedPeriod):
        answer = QuickBooksAnswer("3170", "Error", "There was an error when saving a Invoice.")
    errors.open_error(conn, connector_id, made.id, cause, now=now, answer=answer)


def _sku(sku: str) -> ItemNotMatched:
    return ItemNotMatched("sku_unknown", "invoice re-1", "line 2 of invoice re-1", sku)


def _email(email: str) -> CustomerNotMatched:
    two = (Candidate("Käsehaus", "80000011-1"), Candidate("Käsehaus (alt)", "80000012-1"))
    return CustomerNotMatched("several", "invoice re-1", email, two)


def _number(number: str) -> NumberConflict:
    return NumberConflict("invoice", number, f"1A-{number}", "Ocean Grill", "2026-11-20", "440.00")
