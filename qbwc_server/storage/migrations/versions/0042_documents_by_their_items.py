"""Documents are found by the items that their lines name.

How these are written is written out here, as it was when this was written: the program may come to do it otherwise.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from qbxml.text import plain_text

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
MOST = 300
DOCUMENTS = ("invoice", "purchase_order")
_RECORD = sa.table("record", *map(sa.column, ("id", "connector_id", "kind")), sa.column("content", sa.JSON()))
_WORD = sa.table("record_word", *map(sa.column, ("connector_id", "word", "record_id")))


def upgrade() -> None:
    bind, last = op.get_bind(), 0
    documents = sa.select(_RECORD).where(_RECORD.c.kind.in_(DOCUMENTS)).order_by(_RECORD.c.id).limit(AT_ONCE)
    while found := list(bind.execute(documents.where(_RECORD.c.id > last))):
        last = found[-1].id
        words = [
            {"connector_id": row.connector_id, "word": word, "record_id": row.id}
            for row in found
            for word in list(dict.fromkeys(items_of(row.content)))[:MOST]
        ]
        if words:
            bind.execute(sa.insert(_WORD), words)


def items_of(content: Mapping[str, Any]) -> Iterator[str]:
    lines = content.get("lines")
    for line in lines if isinstance(lines, list) else ():
        for field in ("item", "item_group"):
            said = line.get(field) if isinstance(line, Mapping) else None
            named = said if isinstance(said, Mapping) else {"full_name": said}
            for way in ("external_id", "list_id", "sku", "full_name"):
                value = named.get(way)
                if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
                    text = str(value)
                    yield f" {way}:{_fold(text) if way in ('sku', 'full_name') else text.strip()}"


def _fold(text: str) -> str:
    return " ".join(plain_text(text).casefold().split())
