"""Reads qbXML elements as records, by the same tables that write them.

Tolerant where QuickBooks is odd (order, unknown elements, empty elements, decimal commas), strict where a
mistake costs money: a number, date or flag that cannot be read with certainty is a ParseError, not a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from qbxml import datatypes as dt
from qbxml.datatypes import Problem
from qbxml.errors import Caveat, ParseError, Position
from qbxml.record import Record, Ref
from qbxml.table import Shape

Element = etree._Element
Decoder = Callable[[str], Any]


class Entry(NamedTuple):
    """How one element is read: as plain text (`decode` and `model` None), a leaf or an aggregate."""

    attribute: str
    decode: Decoder | None
    model: type[Record] | None
    many: bool


@lru_cache(maxsize=1024)
def _entries(model: type[Record], shape: Shape) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for attribute, spec in model.table.ordered(shape):
        if spec.ref:
            entries[spec.tags[shape]] = Entry(attribute, None, Ref, spec.many)
        elif spec.type is not None:
            plain = isinstance(spec.type, dt.Text)
            entries[spec.tags[shape]] = Entry(attribute, None if plain else spec.type.decode, None, spec.many)
        for block in spec.blocks:
            entries[block.tags[shape]] = Entry(attribute, None, block.model, spec.many)
    return entries


class Notes:
    """Caveats met while reading, each path once however often it occurs, at most `most` of them."""

    def __init__(self, most: int = 200) -> None:
        self._seen: dict[tuple[str, str], Caveat] = {}
        self._most = most

    def add(self, path: str, code: str, message: str) -> None:
        """Keeps a caveat unless its path and code are known already."""
        if (path, code) not in self._seen and len(self._seen) < self._most:
            self._seen[path, code] = Caveat(path, code, message)

    def all(self) -> tuple[Caveat, ...]:
        """What was kept, in order of first sight."""
        return tuple(self._seen.values())


def decode(
    element: Element, model: type[Record], shape: Shape = Shape.RET, notes: Notes | None = None
) -> Record:
    """The record an element holds. Raises ParseError where a value cannot be read with certainty."""
    return _decode(element, model, shape, notes or Notes())


def _decode(element: Element, model: type[Record], shape: Shape, notes: Notes) -> Record:
    entries = _entries(model, shape)
    values: dict[str, Any] = {}
    repeated: list[str] = []
    for child in element:
        tag = child.tag
        entry = entries.get(tag)
        if entry is None:
            _unknown(element, child, notes)
            continue
        attribute, convert, inner, many = entry
        if inner is not None:
            value: Any = _decode(child, inner, shape, notes)
        elif convert is None:
            value = child.text or ""
        else:
            try:
                value = convert(child.text or "")
            except Problem as problem:
                raise _unreadable(child, problem) from None
        if many:
            if attribute not in values:
                values[attribute] = []
                repeated.append(attribute)
            values[attribute].append(value)
        elif attribute in values:
            notes.add(_path(child), "unknown", f"{tag} occurs twice; the first one counts")
        else:
            values[attribute] = value
    for attribute in repeated:
        values[attribute] = tuple(values[attribute])
    return model.believed(values)


def _unknown(element: Element, child: Element, notes: Notes) -> None:
    # Comments and processing instructions have no string as tag; they mean nothing here.
    if isinstance(child.tag, str):
        notes.add(_path(child), "unknown", f"{child.tag} is not known in {element.tag}; it was skipped")


def _unreadable(child: Element, problem: Problem) -> ParseError:
    return ParseError(f"{_path(child)}: {problem.message}", position_of(child), child.text or "")


def position_of(element: Element) -> Position:
    """Where an element stands; lxml knows the line only."""
    line = element.sourceline
    return Position(line if isinstance(line, int) else 0, 1)


def _path(child: Element) -> str:
    """Element names from the *Ret down, dotted."""
    names = [child.tag]
    for parent in child.iterancestors():
        if parent.tag.endswith(("Rs", "Rq")):
            break
        names.append(parent.tag)
    return ".".join(reversed([str(name) for name in names]))
