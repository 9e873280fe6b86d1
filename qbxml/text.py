"""The text rule: which characters QuickBooks can hold, which are mapped for it, and which are refused.

QuickBooks Desktop stores Windows-1252, and what that holds goes out as it is. Control characters are dropped, other
typographic forms with a plain equivalent are mapped (and either is reported), everything else is refused with its
name and position, because QuickBooks would store a question mark.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_CONTROLS = [
    chr(code)
    for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0))
]

SAFE_MAPPINGS: dict[str, str] = {
    "\u201b": "'", "\u2032": "'", "\u02bc": "'", "\u201f": '"', "\u2033": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2015": "-", "\u2212": "-",
    "\u2044": "/", "\u2215": "/", "\u00ad": "",
    "\u2002": " ", "\u2003": " ", "\u2004": " ", "\u2005": " ", "\u2006": " ", "\u2007": " ",
    "\u2008": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ", "\u205f": " ", "\u3000": " ", "\t": " ",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u200e": "", "\u200f": "",
    "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    **dict.fromkeys(_CONTROLS, ""),
}  # fmt: skip
"""Character to replacement: quotes, dashes, fraction slashes, spaces, zero-width marks, ligatures, control characters.

The soft hyphen is the one character of Windows-1252 among them: a Windows program shows it as a hyphen.
"""

_LOOKALIKES: dict[str, str] = SAFE_MAPPINGS | {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"',
    "\u2013": "-", "\u2014": "-", "\u2026": "...", "\u00a0": " ",
}  # fmt: skip

_WINDOWS_EXTRAS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MAPPED = re.compile("[" + "".join(map(re.escape, SAFE_MAPPINGS)) + "]")
_PLAIN = str.maketrans(_LOOKALIKES)
_BLANKS_AT_THE_END = re.compile(" +$", re.MULTILINE)
_FOREIGN = re.compile(f"[^\n\x20-\x7e\xa0-\xff{_WINDOWS_EXTRAS}]")


@dataclass(frozen=True, slots=True)
class ForeignCharacter:
    """A character QuickBooks cannot hold and its 1-based position in the cleaned text."""

    character: str
    position: int

    @property
    def sentence(self) -> str:
        """What to tell a person."""
        name = unicodedata.name(self.character, "unnamed")
        return (
            f"{self.character!r} (U+{ord(self.character):04X} {name}) at position {self.position}"
            " cannot be stored by QuickBooks"
        )


def clean_text(value: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """`value` in NFC, safe mappings applied; and the (character, replacement) pairs used.

    CR LF becomes LF. Every pair is named once, in order of appearance.
    """
    if value.isascii() and value.isprintable():
        return value, ()
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n")
    used = dict.fromkeys(_MAPPED.findall(text))
    if not used:
        return text, ()
    return _MAPPED.sub(lambda hit: SAFE_MAPPINGS[hit[0]], text), tuple((c, SAFE_MAPPINGS[c]) for c in used)


def one_line_fault(value: str) -> str | None:
    """What is wrong with a text that has to stand in one line, or None; what is trimmed at its ends does no harm."""
    text = clean_text(value)[0].rstrip()
    position = text.find("\n", len(text) - len(text.lstrip()))
    return (
        None
        if position < 0
        else f"a line break at position {position + 1}: what a record is found by stands in one line"
    )


def stored_text(value: str) -> str:
    """`value` as QuickBooks is expected to hold it once it was sent: cleaned, and without the blanks around it
    and at the end of its lines, which QuickBooks trims. What was sent and what came back are compared so."""
    return _BLANKS_AT_THE_END.sub("", clean_text(value)[0]).strip()


def plain_text(value: str) -> str:
    """`stored_text` with every dash, quote and blank in its plain form: equal for texts that look alike."""
    if value.isascii() and value.isprintable():
        return value.strip()
    return _BLANKS_AT_THE_END.sub("", stored_text(value).translate(_PLAIN)).strip()


def character_ranges() -> str:
    r"""Every character but NUL that a text may hold, one by one, as a regular expression has it between brackets.

    Combining marks are not among them, though those that melt into a letter of Windows-1252 are taken, too.
    """
    taken = {code for code in range(1, 0x10000) if check_repertoire(clean_text(chr(code))[0]) is None}
    starts = (code for code in sorted(taken) if code - 1 not in taken)
    ends = (code for code in sorted(taken) if code + 1 not in taken)
    return "".join(rf"\u{start:04x}-\u{end:04x}" for start, end in zip(starts, ends, strict=True))


def check_repertoire(text: str) -> ForeignCharacter | None:
    """The first character of a cleaned text that QuickBooks cannot hold, or None."""
    hit = _FOREIGN.search(text)
    return None if hit is None else ForeignCharacter(hit[0], hit.start() + 1)
