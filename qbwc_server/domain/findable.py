"""What a record is found by, as it says itself: its number, the words in it, and whose document it is."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import email_keys, fold

LONGEST_WORD = 60
"""Of a longer word so much is kept, and looked for."""
MOST_WORDS = 60
"""A record is found by so many words at most."""
NUMBER, BACKWARDS = "#", "~"
"""Before a number as a whole, and before one that is spelt from its end: people know the last digits."""
MOST_ITEMS = 300
"""So many items of a document are noted at most."""
_ITEM_WAYS = ("external_id", "list_id", "sku", "full_name")
WAYS = ("external_id", "list_id", "full_name", "email")
"""How a document names whose it is, in the order in which that counts."""

_PARTS = re.compile(r"[^\w]+|_+")
_SURROUNDING = ".,;:!?()[]\"'"
_NAMES: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMER: ("name", "company_name"),
    Kind.VENDOR: ("name", "company_name"),
    Kind.ITEM: ("name", "sku"),
}
"""The fields of a list record whose words it is found by, beside its email."""


def party_of(kind: Kind, content: Mapping[str, Any]) -> str | None:
    """Whose document it is, as it says so: ``email:ap@x.example``; None where it does not say."""
    said = content.get(KINDS[kind].party or "")
    if isinstance(said, str):
        said = {"full_name": said}
    if isinstance(said, Mapping):
        for way in WAYS:
            text = _text(said.get(way))
            if text:
                return party_key(way, text)
    return None


def party_key(way: str, text: str) -> str:
    """As `party_of` writes it: ids as they are, names and emails as they are compared."""
    return f"{way}:{fold(text) if way in ('full_name', 'email') else text.strip()}"


def items_of(kind: Kind, content: Mapping[str, Any]) -> frozenset[str]:
    """The words by which a document is found whose lines name an item; nobody can type one of them."""
    lines = content.get("lines") if kind.is_document else None
    if not isinstance(lines, Sequence) or isinstance(lines, str):
        return frozenset()
    found: dict[str, None] = {}
    for said in _items_said(lines):
        named = said if isinstance(said, Mapping) else {"full_name": said}
        for way in _ITEM_WAYS:
            if way in named and len(found) < MOST_ITEMS and (text := _text(named[way])):
                found.setdefault(item_key(way, text))
    return frozenset(found)


def _items_said(lines: Sequence[Any]) -> Iterator[Any]:
    for line in lines:
        if isinstance(line, Mapping):
            yield from (line[field] for field in ("item", "item_group") if field in line)


def item_key(way: str, text: str) -> str:
    """As `items_of` writes it: ids as they are, SKUs and names as they are compared."""
    # no word that is typed has a blank in it
    return f" {way}:{fold(text) if way in ('sku', 'full_name') else text.strip()}"


def number_key(number: str) -> str:
    """The word by which exactly this number is found."""
    return NUMBER + fold(number)[:LONGEST_WORD]


def words_of(kind: Kind, external_id: str, content: Mapping[str, Any]) -> frozenset[str]:
    """All words by which a record is found."""
    words: dict[str, None] = {}
    for word in (*_own_words(kind, content), *_words(external_id)):
        if len(words) < MOST_WORDS:
            words.setdefault(word)
    return frozenset(words)


def words_of_name(kind: Kind, name: str) -> frozenset[str]:
    """The words by which a record is found that QuickBooks calls so: by number or full name."""
    return frozenset(_number_words(name) if kind.is_document else _words(name))


def words_of_entry(name_key: str) -> frozenset[str]:
    """The words by which an entry of a list is found, but for those its name begins with: it is found by that anyhow.

    Args:
        name_key: its full name, folded.
    """
    return frozenset(word for word in _folded_words(name_key) if not name_key.startswith(word))


def _own_words(kind: Kind, content: Mapping[str, Any]) -> Iterator[str]:
    if kind.is_document:
        yield from _number_words(_text(content.get("ref_number")))
        yield from _words(_text(content.get("po_number")))
        said = content.get(KINDS[kind].party or "")
        named = said if isinstance(said, Mapping) else {"full_name": said}
        yield from _email_words(_text(named.get("email")))
        yield from _words(_text(named.get("full_name")))
        return
    yield from _email_words(_text(content.get("email")))
    for field in _NAMES[kind]:
        yield from _words(_text(content.get(field)))


def _text(value: object) -> str:
    """A text or a number as text; "" for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _words(text: str) -> Iterator[str]:
    """Words with blanks between, and the parts of those that have any; also without their marks."""
    return _folded_words(fold(text))


def _folded_words(folded: str) -> Iterator[str]:
    for word in folded.split():
        if word.isascii() and word.isalnum():  # as most are: it has no parts, and no marks
            yield word[:LONGEST_WORD]
            continue
        for part in dict.fromkeys((word, *filter(None, _PARTS.split(word)))):
            yield part[:LONGEST_WORD]
            yield from (plain[:LONGEST_WORD] for plain in plainly(part))


def plainly(word: str) -> tuple[str, ...]:
    """A folded word as those write it who have no umlauts or accents on their keyboard: ``sohne``, ``soehne``."""
    if word.isascii():
        return ()
    bare = _unmarked(word.translate(_BARE))
    return tuple(
        dict.fromkeys(each for each in (bare, _unmarked(word.translate(_SPELT_OUT))) if each != word)
    )


def _unmarked(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
_BARE = str.maketrans(_LETTERS)
_SPELT_OUT = str.maketrans({**_LETTERS, "ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def _number_words(number: str) -> Iterator[str]:
    folded = fold(number)
    if folded:
        yield number_key(number)
        yield BACKWARDS + folded[::-1][:LONGEST_WORD]
        yield from (word for word in _words(number) if word != folded)


def _email_words(text: str) -> Iterator[str]:
    for address in email_keys(text):
        yield address[:LONGEST_WORD]
        yield address.rpartition("@")[2][:LONGEST_WORD]


def beginnings_asked(text: str) -> list[tuple[str, ...]]:
    """How the words of a record may begin that is found by this text: of each word of it one of several."""
    words = [bare for word in fold(text).split() if (bare := word.strip(_SURROUNDING))]
    return [_beginnings(word[:LONGEST_WORD]) for word in dict.fromkeys(words)]


def _beginnings(word: str) -> tuple[str, ...]:
    return (word, NUMBER + word, BACKWARDS + word[::-1], *plainly(word))
