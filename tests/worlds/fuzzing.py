"""Bad input by the thousand, made from good input; the same seed makes the same input."""

import gc
import logging
import os
import random
import re
from collections.abc import Callable
from pathlib import Path

NASTY = (
    "",
    " ",
    "\x00",
    "\x0b\x1f",
    "\ufffe\uffff",
    "￿",
    "é" * 300,
    "𝄞" * 50,
    "\u202eabc",
    "a" * 5_000,
    "9" * 400,
    "-1",
    "0",
    "1e400",
    "NaN",
    "0x80040400",
    "0x8004040",
    "-2147220480",
    "../../etc/passwd",
    "..%2f..%2f",
    "C:\\..\\con",
    "\\\\host\\share",
    "'; DROP TABLE record; --",
    '" OR ""="',
    "%s%n%x",
    "{{7*7}}",
    "{0.__class__}",
    "${jndi:ldap://192.0.2.1/a}",
    "<script>alert(1)</script>",
    "]]>",
    "&#xB;&#0;&#xFFFE;",
    "a\r\nSet-Cookie: a=b",
    "2026-13-45",
    "0001-01-01T00:00:00+99:99",
    "9999-12-31T23:59:59Z",
    "true",
    "null",
    "[]",
    "{}",
)

XML_BITS = (
    b"<a>",
    b"</a>",
    b"<!-- -->",
    b"<![CDATA[",
    b"]]>",
    b"<?pi x?>",
    b"&amp;",
    b"&x;",
    b"&#0;",
    b"&#x110000;",
    b'<!DOCTYPE a [<!ENTITY x "y">]>',
    b'<?xml version="1.1" encoding="utf-7"?>',
    b' xmlns="urn:x"',
    b' xsi:nil="true"',
    b' href="#1"',
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\x00",
    b'<QBXML><QBXMLMsgsRs><CustomerQueryRs requestID="1" statusCode="0" statusSeverity="Info"/></QBXMLMsgsRs></QBXML>',
)

Mutation = Callable[[random.Random, bytes], bytes]


def _flip(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut_out(chance: random.Random, data: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in "ab")
    return data[:start] + data[end:]


def _end_early(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _repeat(chance: random.Random, data: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in "ab")
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _put_in(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(XML_BITS) * chance.choice((1, 1, 3, 200)) + data[at:]


def _other_text(chance: random.Random, data: bytes) -> bytes:
    """Another text between two tags, escaped or not."""
    found = list(re.finditer(rb">([^<]*)<", data))
    if not found:
        return data
    place = chance.choice(found)
    text = chance.choice(NASTY)
    if chance.random() < 0.7:
        text = text.replace("&", "&amp;").replace("<", "&lt;")
    return data[: place.start(1)] + text.encode("utf-8", "surrogatepass") + data[place.end(1) :]


def _other_name(chance: random.Random, data: bytes) -> bytes:
    """A tag's name changed everywhere, or in one place."""
    names = re.findall(rb"</?([A-Za-z:]+)", data)
    if not names:
        return data
    old, new = chance.choice(names), chance.choice(names)
    return data.replace(old, new, chance.choice((1, -1)))


def _attributes(chance: random.Random, data: bytes) -> bytes:
    return re.sub(rb'="[^"]*"', lambda match: _maybe(chance, match[0]), data)


def _maybe(chance: random.Random, attribute: bytes) -> bytes:
    if chance.random() < 0.8:
        return attribute
    value = chance.choice(NASTY).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'="{value}"'.encode("utf-8", "surrogatepass")


def _noise(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.randrange(400))


def _recoded(chance: random.Random, data: bytes) -> bytes:
    codec = chance.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7"))
    return data.decode("utf-8", "replace").encode(codec, "replace")


MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _cut_out,
    _end_early,
    _repeat,
    _put_in,
    _other_text,
    _other_text,
    _other_text,
    _other_name,
    _attributes,
    _noise,
    _recoded,
)


def mutated(chance: random.Random, data: bytes) -> bytes:
    """One to three mutations of `data`, none too large to be made by the ten thousand."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if data:
            data = chance.choice(MUTATIONS)(chance, data)
    return data[:200_000]


def wanted(variable: str, usual: int) -> int:
    """How many inputs: a quick subset, unless the environment says otherwise (``make fuzz`` does)."""
    return int(os.environ.get(variable, usual))


class Errors(logging.Handler):
    """What the server logs as an error: it answered, but something in it broke."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))

    def __enter__(self) -> "Errors":
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


def resident_mb() -> float:
    """This process' memory, garbage collected."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Growth:
    """How much memory a long run takes once it has warmed up."""

    def __init__(self, total: int) -> None:
        self._warm = total // 3
        self.before = 0.0

    def at(self, number: int) -> None:
        """Look, when the first third is over."""
        if number == self._warm:
            self.before = resident_mb()

    def mb(self) -> float:
        """Megabytes since then."""
        return resident_mb() - self.before
