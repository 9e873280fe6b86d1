"""Entries of QuickBooks' lists are found by any word of their names, not only by how these begin.

What the words of a name are is written out here, as it was then: the program may come to do it otherwise.
"""

import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

AT_ONCE = 2_000
LONGEST = 60
PARTS = re.compile(r"[^\w]+|_+")
LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
BARE = str.maketrans(LETTERS)
SPELT_OUT = str.maketrans({**LETTERS, "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_ENTRY = sa.table("list_entry", *map(sa.column, ("connector_id", "list_name", "list_id", "name_key")))


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    word = op.create_table(
        "entry_word",
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("word", text, nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["connector.id"], name="fk_entry_word_connector_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connector_id", "word", "list_name", "list_id", name="pk_entry_word"),
        sqlite_with_rowid=False,
    )
    _tell(word)


def _tell(table: sa.Table) -> None:
    """Write down the words of the entries that are there."""
    bind, behind = op.get_bind(), (0, "", "")
    key = (_ENTRY.c.connector_id, _ENTRY.c.list_name, _ENTRY.c.list_id)
    some = sa.select(*key, _ENTRY.c.name_key).order_by(*key).limit(AT_ONCE)
    while found := list(bind.execute(some.where(sa.tuple_(*key) > sa.tuple_(*map(sa.literal, behind))))):
        behind = tuple(found[-1][:3])
        rows = [
            {"connector_id": whose, "word": each, "list_name": list_name, "list_id": list_id}
            for whose, list_name, list_id, name_key in found
            for each in sorted(words_of(name_key))
        ]
        if rows:
            bind.execute(sa.insert(table), rows)


def words_of(name_key: str) -> set[str]:
    """The words of a folded name, but for what is the whole of it."""
    return set(_words(name_key)) - {name_key}


def _words(text: str) -> Iterator[str]:
    for word in text.split():
        for part in dict.fromkeys((word, *filter(None, PARTS.split(word)))):
            yield part[:LONGEST]
            if not part.isascii():
                both = (_unmarked(part.translate(BARE)), _unmarked(part.translate(SPELT_OUT)))
                yield from (plain[:LONGEST] for plain in both if plain != part)


def _unmarked(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))
