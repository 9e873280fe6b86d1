"""What somebody types to find a record: a number, a name, an amount, an id, each as people write it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from qbwc_server.domain.findable import beginnings_asked
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.matching import fold

MOST_WORDS = 8
LONGEST = 200
"""Of a longer text so much is looked for."""

_KINDS = {
    "inv": Kind.INVOICE,
    "invoice": Kind.INVOICE,
    "invoices": Kind.INVOICE,
    "customer": Kind.CUSTOMER,
    "customers": Kind.CUSTOMER,
    "vendor": Kind.VENDOR,
    "vendors": Kind.VENDOR,
    "supplier": Kind.VENDOR,
    "item": Kind.ITEM,
    "items": Kind.ITEM,
    "sku": Kind.ITEM,
    "purchase": Kind.PURCHASE_ORDER,
}
"""What people say before a number or name."""
_FILLING = frozenset(
    {"no", "no.", "nr", "nr.", "number", "num", "id", "po", "p.o.", "order", "for", "over", "usd"}
)
"""Words that name nothing by themselves; an invoice may have a PO number, so these tell no kind."""
_AMOUNT = re.compile(r"[-+]?[$€£]?\s?[-+]?\d[\d.,' ]*")
_CENTS = re.compile(r"[.,](\d{1,2})\Z")
_BIG = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+|\d+")
_LARGEST = 10**12
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_AROUND = " \t\r\n\"'“”„‚‘’<>,;:"


@dataclass(frozen=True, slots=True)
class Try:
    """One way to understand what was typed.

    Attributes:
        words: how the words of what is meant begin, each in one of several ways.
        kinds: what it may be.
    """

    words: Sequence[Sequence[str]]
    kinds: Sequence[Kind] = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed.

    Attributes:
        text: that, without what surrounds it; `words` the words of it.
        number: as a whole, if it is a document's number.
        ids: as a whole, if it is a TxnID or ListID, or a GUID, in the ways these are spelt.
        cents: as a whole, if it is an amount.
        tries: the words of it, the closest understanding first.
        parts: its words that have digits, where there are others beside them: a number with a name and an amount.
    """

    text: str
    words: tuple[str, ...]
    number: str
    ids: tuple[str, ...]
    cents: int | None
    tries: tuple[Try, ...]
    parts: tuple[str, ...]

    @property
    def is_guid(self) -> bool:
        """Whether it looks like one; QuickBooks' own ids do not."""
        return _GUID.fullmatch(self.text) is not None


def read(text: str) -> Typed:
    """What somebody may mean by a text."""
    plain = " ".join(text[:LONGEST].split()).strip(_AROUND)
    number = plain.lstrip("#№ ").strip()
    words = [word for each in plain.split() if (word := each.lstrip("#№").strip(_AROUND))]
    bare = [word for word in words if fold(word) not in _KINDS and fold(word) not in _FILLING]
    named = [kind for word in words if (kind := _KINDS.get(fold(word))) is not None]
    tries = [Try(_beginnings(words))]
    if bare and len(bare) < len(words):
        tries.append(Try(_beginnings(bare), tuple(dict.fromkeys(named)) or tuple(Kind)))
        number = " ".join(bare)
    parts = [word for word in bare if any(map(str.isdigit, word))] if len(bare) > 1 else []
    return Typed(
        text=plain,
        words=tuple(words),
        number=number,
        ids=tuple(dict.fromkeys((plain, plain.upper(), plain.strip("{}").upper()))) if plain else (),
        cents=cents(number),
        tries=tuple(each for each in tries if each.words),
        parts=tuple(dict.fromkeys(parts[:MOST_WORDS])),
    )


def _beginnings(words: Sequence[str]) -> Sequence[Sequence[str]]:
    return beginnings_asked(" ".join(words))[:MOST_WORDS]


def cents(text: str) -> int | None:
    """An amount in whole cents, as people of any country write it; None: it is none.

    ``440``, ``440.00``, ``$1,240.50``, ``1.240,50``, ``1 240.5``.
    """
    plain = text.strip()
    if not _AMOUNT.fullmatch(plain):
        return None
    sign = -1 if "-" in plain else 1
    digits = plain.lstrip("-+$€£ ").strip()
    found = _CENTS.search(digits)
    whole, part = (digits[: found.start()], found[1]) if found else (digits, "")
    if not _BIG.fullmatch(whole):
        return None
    amount = int(re.sub(r"\D", "", whole)) * 100 + int(part.ljust(2, "0"))
    return sign * amount if amount < _LARGEST else None


def amounts_in(words: Sequence[str]) -> Iterator[Decimal]:
    """The amounts among words."""
    for word in words:
        found = cents(word)
        if found is not None:
            yield Decimal(found).scaleb(-2)
