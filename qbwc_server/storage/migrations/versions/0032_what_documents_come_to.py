"""What a document comes to, in whole cents, so that amounts are found and summed without reading contents.

What that is, is written out here, as it was when this was written: the program may come to do it otherwise.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
LARGEST = 2**63 - 1
DOCUMENTS = ("invoice", "purchase_order")
_RECORD = sa.table("record", *map(sa.column, ("id", "kind", "amount")), sa.column("content", sa.JSON()))


def upgrade() -> None:
    op.add_column("record", sa.Column("amount", sa.BigInteger(), nullable=True))
    _tell()
    is_known = sa.text("amount IS NOT NULL")
    op.create_index(
        "ix_record_amount",
        "record",
        ["connector_id", "amount", "updated_at", "id"],
        sqlite_where=is_known,
        postgresql_where=is_known,
    )


def _tell() -> None:
    """Write down what the documents there come to."""
    bind, last = op.get_bind(), 0
    its_amount = (
        sa.update(_RECORD).where(_RECORD.c.id == sa.bindparam("which")).values(amount=sa.bindparam("cents"))
    )
    part = sa.select(_RECORD.c.id, _RECORD.c.kind, _RECORD.c.content).order_by(_RECORD.c.id).limit(AT_ONCE)
    while found := list(bind.execute(part.where(_RECORD.c.id > last))):
        last = found[-1].id
        amounts = [
            {"which": row.id, "cents": cents}
            for row in found
            if (cents := cents_of(row.kind, row.content)) is not None
        ]
        if amounts:
            bind.execute(its_amount, amounts)


def cents_of(kind: str, content: Mapping[str, Any]) -> int | None:
    lines = [line for line in content.get("lines") or () if isinstance(line, Mapping)]
    if kind not in DOCUMENTS or not lines or content.get("link_to_txn_id"):
        return None
    try:
        amounts = [_amount(line) for line in lines]
        if any(amount is None for amount in amounts):
            return None
        cents = int(sum(filter(None, amounts), Decimal(0)).scaleb(2))
    except DecimalException:
        return None
    return cents if abs(cents) <= LARGEST else None


def _amount(line: Mapping[str, Any]) -> Decimal | None:
    amount, rate, quantity = (_number(line.get(name)) for name in ("amount", "rate", "quantity"))
    if line.get("link_to_txn"):
        return None
    if amount is None and rate is None:
        sells = ("item", "item_group", "quantity", "rate_percent")
        return None if any(line.get(name) is not None for name in sells) else Decimal(0)
    if amount is None and rate is not None:
        amount = rate if quantity is None else rate * quantity
    return None if amount is None else amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _number(value: object) -> Decimal | None:
    if value is None:
        return None
    found = Decimal(str(value))
    if not found.is_finite():
        raise DecimalException
    return found
