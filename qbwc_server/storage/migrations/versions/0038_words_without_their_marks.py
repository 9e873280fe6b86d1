"""Records are found by words typed without umlauts and accents, and entries of lists by how their names begin.

How marks are left out is written out here, as it was when this was written: the program may come to do it otherwise.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
LONGEST = 60
LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
BARE = str.maketrans(LETTERS)
SPELT_OUT = str.maketrans({**LETTERS, "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_WORD = sa.table("record_word", *map(sa.column, ("connector_id", "word", "record_id")))


def upgrade() -> None:
    is_postgres = op.get_bind().dialect.name == "postgresql"
    if is_postgres:
        # in the order of a language, which is the database's, an index does not find what begins so
        op.execute('ALTER TABLE list_entry ALTER COLUMN name_key TYPE TEXT COLLATE "C"')
    has_marks = "word ~ '[^ -~]'" if is_postgres else "word GLOB '*[^ -~]*'"
    _tell(sa.text(has_marks), "OR IGNORE" if not is_postgres else None)


def _tell(has_marks: sa.TextClause, prefix: str | None) -> None:
    """Write down the words that have marks without them, too."""
    bind, behind = op.get_bind(), (0, "", 0)
    key = (_WORD.c.connector_id, _WORD.c.word, _WORD.c.record_id)
    some = sa.select(*key).where(has_marks).order_by(*key).limit(AT_ONCE)
    conflict = "" if prefix else " ON CONFLICT DO NOTHING"
    added = sa.text(
        f"INSERT {prefix or ''} INTO record_word (connector_id, word, record_id) VALUES (:whose, :word, :id){conflict}"
    )
    while found := list(bind.execute(some.where(sa.tuple_(*key) > sa.tuple_(*map(sa.literal, behind))))):
        behind = tuple(found[-1])
        rows = [
            {"whose": whose, "word": plain[:LONGEST], "id": record_id}
            for whose, word, record_id in found
            if word[:1] not in "#~"
            for plain in plainly(word)
        ]
        if rows:
            bind.execute(added, rows)


def plainly(word: str) -> tuple[str, ...]:
    both = (_unmarked(word.translate(BARE)), _unmarked(word.translate(SPELT_OUT)))
    return tuple(dict.fromkeys(each for each in both if each != word))


def _unmarked(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))
