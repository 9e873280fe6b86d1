"""Folded keys are made anew: a dash, a quote or a blank is compared in its plain form.

What is stored folded was folded less until now, so that folding the keys themselves once more makes them right. How
they are folded is written out here, as it was when this was written: the program may come to do it otherwise.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2044\u2215", "/"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"),
        **{code: None for code in (*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)) if code != 0x85},
        "\u2026": "...",
    }
)

_ENTRY = sa.table(
    "list_entry",
    *map(sa.column, ("connector_id", "list_name", "list_id", "name_key", "sku_key")),
)
_EMAIL = sa.table("list_email", *map(sa.column, ("connector_id", "list_name", "list_id", "email_key")))
_RECORD = sa.table("record", *map(sa.column, ("id", "match_key")))
_ERROR = sa.table("error", *map(sa.column, ("id", "folded_key")))


def _refolded(key: str) -> str:
    return " ".join(key.translate(_PLAIN).split())


def upgrade() -> None:
    bind = op.get_bind()
    ids = ("connector_id", "list_name", "list_id")
    for table, names, column in (
        (_ENTRY, ids, "name_key"),
        (_ENTRY, ids, "sku_key"),
        (_RECORD, ("id",), "match_key"),
        (_ERROR, ("id",), "folded_key"),
    ):
        change = (
            sa.update(table)
            .where(*(table.c[name] == sa.bindparam(f"its_{name}") for name in names))
            .values({column: sa.bindparam("key")})
        )
        for found in list(_concerned(bind, table, names, column)):
            bind.execute(change, found)
    _refold_emails(bind)


def _concerned(
    bind: sa.Connection, table: sa.TableClause, names: tuple[str, ...], column: str
) -> Iterator[dict[str, object]]:
    """The rows whose key changes, with it."""
    query = sa.select(*(table.c[name] for name in names), table.c[column]).where(table.c[column].is_not(None))
    for row in bind.execute(query):
        *its, key = row
        if _refolded(key) != key:
            yield {
                **{f"its_{name}": value for name, value in zip(names, its, strict=True)},
                "key": _refolded(key),
            }


def _refold_emails(bind: sa.Connection) -> None:
    """The key is a part of what identifies the row, and two of one entry may become the same."""
    rows = {tuple(row) for row in bind.execute(sa.select(*_EMAIL.c))}
    changed = [row for row in rows if _refolded(row[3]) != row[3]]
    for row in changed:
        these = [column == value for column, value in zip(_EMAIL.c, row, strict=True)]
        bind.execute(sa.delete(_EMAIL).where(*these))
        new = (*row[:3], _refolded(row[3]))
        if new not in rows:
            rows.add(new)
            bind.execute(sa.insert(_EMAIL).values(dict(zip(_EMAIL.c.keys(), new, strict=True))))
