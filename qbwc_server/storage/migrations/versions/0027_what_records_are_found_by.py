"""Records are found by number, by the words in them and by whose document they are, without reading their contents.

What a record is found by is written out here, as it was when this was written: the program may come to do it otherwise.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
LONGEST, MOST = 60, 60
PARTIES = {"invoice": "customer", "purchase_order": "vendor"}
_PARTS = re.compile(r"[^\w]+|_+")
_SEPARATORS = re.compile(r"[\s,;<>]+")
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
_WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_RECORD = sa.table(
    "record",
    *map(sa.column, ("id", "connector_id", "kind", "external_id", "quickbooks_name", "party")),
    sa.column("content", sa.JSON()),
)
_RECORD_WORD = sa.table("record_word", *map(sa.column, ("connector_id", "word", "record_id")))


def upgrade() -> None:
    op.add_column("record", sa.Column("party", sa.Text(), nullable=True))
    op.create_table(
        "record_word",
        sa.Column("connector_id", sa.Integer(), nullable=False),
        sa.Column("word", _WORD, nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["connector.id"],
            name=op.f("fk_record_word_connector_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_word_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connector_id", "word", "record_id", name=op.f("pk_record_word")),
        sqlite_with_rowid=False,
    )
    _tell()
    op.create_index("ix_record_word_record", "record_word", ["record_id", "word"])
    op.create_index("ix_record_created", "record", ["connector_id", "kind", "state", "created_at", "id"])
    has_one = sa.text("party IS NOT NULL")
    op.create_index(
        "ix_record_party",
        "record",
        ["connector_id", "party", "kind", "state", "updated_at", "id"],
        sqlite_where=has_one,
        postgresql_where=has_one,
    )


def _tell() -> None:
    """Write down what the records there are found by."""
    bind, last = op.get_bind(), 0
    its_party = (
        sa.update(_RECORD).where(_RECORD.c.id == sa.bindparam("which")).values(party=sa.bindparam("whose"))
    )
    part = sa.select(_RECORD).order_by(_RECORD.c.id).limit(AT_ONCE)
    while found := list(bind.execute(part.where(_RECORD.c.id > last))):
        last = found[-1].id
        parties = [
            {"which": row.id, "whose": whose}
            for row in found
            if (whose := party_of(row.kind, row.content)) is not None
        ]
        words = [
            {"connector_id": row.connector_id, "word": word, "record_id": row.id}
            for row in found
            for word in words_of(row.kind, row.external_id, row.content, row.quickbooks_name)
        ]
        if parties:
            bind.execute(its_party, parties)
        bind.execute(sa.insert(_RECORD_WORD), words)


def party_of(kind: str, content: Mapping[str, Any]) -> str | None:
    said = content.get(PARTIES.get(kind, ""))
    if isinstance(said, str):
        said = {"full_name": said}
    if isinstance(said, Mapping):
        for way in ("external_id", "list_id", "full_name", "email"):
            text = _text(said.get(way))
            if text:
                return f"{way}:{_fold(text) if way in ('full_name', 'email') else text.strip()}"
    return None


def words_of(kind: str, external_id: str, content: Mapping[str, Any], name: str | None) -> set[str]:
    own: dict[str, None] = {}
    for word in (*_own(kind, content), *_words(external_id)):
        if len(own) < MOST:
            own.setdefault(word)
    return {*own, *((_numbers(name) if kind in PARTIES else _words(name)) if name else ())}


def _own(kind: str, content: Mapping[str, Any]) -> Iterator[str]:
    if kind not in PARTIES:
        yield from _emails(_text(content.get("email")))
        for field in ("name", "sku") if kind == "item" else ("name", "company_name"):
            yield from _words(_text(content.get(field)))
        return
    yield from _numbers(_text(content.get("ref_number")))
    yield from _words(_text(content.get("po_number")))
    said = content.get(PARTIES[kind])
    named = said if isinstance(said, Mapping) else {"full_name": said}
    yield from _emails(_text(named.get("email")))
    yield from _words(_text(named.get("full_name")))


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _fold(text: str) -> str:
    return " ".join(text.translate(_PLAIN).casefold().split())


def _words(text: str) -> Iterator[str]:
    for word in _fold(text).split():
        yield word[:LONGEST]
        yield from (part[:LONGEST] for part in _PARTS.split(word) if part and part != word)


def _numbers(number: str) -> Iterator[str]:
    folded = _fold(number)
    if folded:
        yield "#" + folded[:LONGEST]
        yield "~" + folded[::-1][:LONGEST]
        yield from (word for word in _words(number) if word != folded)


def _emails(text: str) -> Iterator[str]:
    for address in dict.fromkeys(_fold(part) for part in _SEPARATORS.split(text) if "@" in part):
        yield address[:LONGEST]
        yield address.rpartition("@")[2][:LONGEST]
