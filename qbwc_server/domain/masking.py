"""Words, numbers and ids in other letters: the same one everywhere alike, so that it may be passed on and still fails.

Length, case, blanks and marks stay as they are, umlauts become umlauts, and what QuickBooks cannot store becomes
something it cannot store. What stands for what is drawn by lot and kept nowhere but in memory.
"""

import random
import re
import secrets
from collections.abc import Callable

SHORTEST_WORD = 3
"""Shorter words tell nobody anything; they are masked too, but may come up by chance."""

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")
_ID = re.compile(
    r"(?<![\w-])(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{1,8}-[0-9]{9,12})(?![\w-])"
)
"""A GUID, a ListID or a TxnID within a text."""
_AMOUNT = re.compile(r"([+-]?)(\d+)(?:\.(\d*))?", re.ASCII)
_ASCII = "abcdefghijklmnopqrstuvwxyz"
_UMLAUTS = "äöüéèêàáçñåøîôûí"
_FOREIGN = "甲乙丙丁戊己庚辛壬癸"
_TRIES = 2_000


class Mask:
    """Masks whatever belongs to one bundle.

    All that is to be masked is learned first, so that no mask is by chance a word that was there.
    """

    def __init__(self) -> None:
        self._lot: random.Random = secrets.SystemRandom()
        self._words: dict[str, str] = {}
        self._taken: set[str] = set()
        self._numbers: dict[str, str] = {}
        self._taken_numbers: set[str] = set()
        self._taken_fractions: set[str] = set()
        self._ids: dict[str, str] = {}
        self._taken_ids: set[str] = set()
        self._originals: set[str] = set()

    def learn(self, text: str, *, but: frozenset[str] = frozenset()) -> None:
        """Note the words of a text that is going to be masked, without those of `but`."""
        for token in _TOKEN.findall(text):
            if not token[0].isdecimal() and _key(token) not in but:
                self._originals.add(_key(token))

    def text(self, text: str) -> str:
        """Free text: every word and every number of it."""
        return self._but_ids(text, lambda part: _TOKEN.sub(lambda found: self._token(found[0]), part))

    def sentence(self, text: str, stays: frozenset[str]) -> str:
        """A sentence: the words of the language stay, unless they are words of somebody's name, too."""

        def masked(found: re.Match[str]) -> str:
            key = _key(found[0])
            is_common = key in stays and key not in self._originals
            return found[0] if is_common else self._token(found[0])

        return self._but_ids(text, lambda part: _TOKEN.sub(masked, part))

    def _but_ids(self, text: str, others: Callable[[str], str]) -> str:
        """A text in which an id is masked as it is wherever it stands alone."""
        made, end = [], 0
        for found in _ID.finditer(text):
            made += [others(text[end : found.start()]), self.identifier(found[0])]
            end = found.end()
        return "".join([*made, others(text[end:])])

    def identifier(self, text: str) -> str:
        """An id: its letters and digits become digits, so that no word can come up in it."""
        if text.startswith("{") and text.endswith("}"):
            return f"{{{self.identifier(text[1:-1])}}}"
        key = text.casefold()
        if not any(character not in "0-" for character in key):
            return text
        if key not in self._ids:
            self._ids[key] = self._drawn(lambda: self._digits_for(key), self._taken_ids)
        return self._ids[key]

    def amount(self, text: str) -> str:
        """An amount: sign and places stay, nothing stays nothing, and what is no number is text."""
        found = _AMOUNT.fullmatch(text.strip())
        if found is None:
            return self.text(text)
        sign, whole, places = found.groups()
        number = whole if places is None else f"{whole}.{places}"
        return text.replace(text.strip(), f"{sign}{self._number(number)}")

    # --- one by one -----------------------------------------------------------------------------------------

    def _token(self, token: str) -> str:
        return self._number(token) if token[0].isdecimal() else self._word(token)

    def _word(self, word: str) -> str:
        key = _key(word)
        if key not in self._words:
            self._words[key] = self._drawn(lambda: self._letters_for(key), self._taken, self._is_fine)
        return "".join(map(_in_case_of, word, self._words[key]))

    def _is_fine(self, mask: str) -> bool:
        """Whether no word that was there stands in it."""
        parts = (
            mask[begin:end]
            for begin in range(len(mask))
            for end in range(begin + SHORTEST_WORD, len(mask) + 1)
        )
        return mask not in self._originals and self._originals.isdisjoint(parts)

    def _number(self, number: str) -> str:
        """A number with the places it has: 9.5 and 9.50 stay equal."""
        whole, point, places = number.partition(".")
        kept = places.rstrip("0")
        # a fraction and a whole number are different things
        fraction = self._run(kept, "." + kept)[: len(kept)] if kept else ""
        return self._run(whole, whole) + point + fraction + "0" * (len(places) - len(kept))

    def _run(self, digits: str, key: str) -> str:
        bare = digits.lstrip("0") if not key.startswith(".") else digits
        if not bare or not bare.isdecimal():
            return digits
        name = key if key.startswith(".") else bare
        if name not in self._numbers:
            fraction = key.startswith(".")
            taken = self._taken_fractions if fraction else self._taken_numbers
            self._numbers[name] = self._drawn(lambda: self._number_for(bare, is_fraction=fraction), taken)
        return digits[: len(digits) - len(bare)] + self._numbers[name]

    def _number_for(self, digits: str, *, is_fraction: bool) -> str:
        drawn = [self._lot.randrange(10) for _ in digits]
        # a zero where there was none would make it shorter: in front of a number, at the end of a fraction
        edge = -1 if is_fraction else 0
        drawn[edge] = drawn[edge] or self._lot.randrange(1, 10)
        return "".join(chr(ord(each) - int(each) + new) for each, new in zip(digits, drawn, strict=True))

    def _digits_for(self, key: str) -> str:
        return "".join(str(self._lot.randrange(1, 10)) if each.isalnum() else each for each in key)

    def _letters_for(self, key: str) -> str:
        return "".join(self._lot.choice(_pool(character)) for character in key)

    def _drawn(
        self, draw: Callable[[], str], taken: set[str], is_fine: Callable[[str], bool] = lambda _: True
    ) -> str:
        """One that nothing else has, as far as there are so many; what must not be in it never is."""
        found = draw()
        for _ in range(_TRIES):
            if is_fine(found) and found not in taken:
                break
            found = draw()
        while not is_fine(found):
            found = self._without(found)
        taken.add(found)
        return found

    def _without(self, mask: str) -> str:
        """Where there are too many words for the lot to find another one: marks instead of letters."""
        place = self._lot.randrange(len(mask))
        return f"{mask[:place]}*{mask[place + 1 :]}"


def _key(word: str) -> str:
    folded = word.casefold()
    return folded if len(folded) == len(word) else word


def _in_case_of(original: str, mask: str) -> str:
    upper = mask.upper()
    return upper if original.isupper() and len(upper) == 1 else mask


def _pool(character: str) -> str:
    if character.isascii():
        return _ASCII
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return _FOREIGN
    return _UMLAUTS
