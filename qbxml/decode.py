"""Reads qbXML elements as records, by the same tables that write them.

Tolerant where QuickBooks is odd (order, unknown elements, empty elements, decimal commas), strict where a
mistake costs money: a number, date or flag that cannot be read with certainty is a ParseError, not a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from lxml import etree

from qbxml import datatypes as dt
from qbxml.datatypes import Problem
from qbxml.errors import Caveat, ParseError, Position
from qbxml.record import Record, Ref
from qbxml.table import Shape

Element = etree._Element
Decoder = Callable[[str], Any]
R = TypeVar("R", bound=Record)


class How(IntEnum):
    """What to do with an element that is more than one value."""

    LEAF = 0
    REF = 1
    BLOCK = 2


class Entry(NamedTuple):
    """How one element is read: into which attribute, as what, by which decoder or record class."""

    attribute: str
    how: int
    many: bool
    decode: Decoder | None
    model: type[Record]


class Plan(NamedTuple):
    """How the elements of one record class are read, by name: most hold one value, and are found first.

    The decoder of `simple` is None where the text is the value.
    """

    simple: dict[str, tuple[str, Decoder | None]]
    others: dict[str, Entry]


class _Plans(dict[type[Record], Plan]):
    """The plans of all record classes in one shape, each worked out when it is first needed."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape

    def __missing__(self, model: type[Record]) -> Plan:
        plan = self[model] = _plan(model, self._shape)
        return plan


_PLANS = {shape: _Plans(shape) for shape in Shape}


class Pick(NamedTuple):
    """How some attributes of one record class are read, by the names of their elements: in which place each stands."""

    nothing: tuple[None, ...]
    simple: dict[str, tuple[int, Decoder | None]]
    others: dict[str, tuple[int, Entry]]


class Picks(dict[type[Record], Pick]):
    """How some attributes are read of all record classes, each worked out when it is first needed."""

    def __init__(self, wanted: Sequence[str]) -> None:
        super().__init__()
        self._wanted = wanted

    def __missing__(self, model: type[Record]) -> Pick:
        place = self._wanted.index
        simple, others = _plan(model, Shape.RET, self._wanted)
        pick = self[model] = Pick(
            (None,) * len(self._wanted),
            {tag: (place(attribute), convert) for tag, (attribute, convert) in simple.items()},
            {tag: (place(entry.attribute), entry) for tag, entry in others.items()},
        )
        return pick


picks = lru_cache(maxsize=64)(Picks)


def _plan(model: type[Record], shape: Shape, wanted: Container[str] | None = None) -> Plan:
    entries: dict[str, Entry] = {}
    for attribute, spec in model.table.ordered(shape):
        if wanted is not None and attribute not in wanted:
            continue
        if spec.ref:
            entries[spec.tags[shape]] = Entry(attribute, int(How.REF), spec.many, None, Ref)
        elif spec.type is not None:
            convert = None if isinstance(spec.type, dt.Text) else spec.type.decode
            if wanted is not None and isinstance(spec.type, dt.Amount):
                convert = _amount_picked
            entries[spec.tags[shape]] = Entry(attribute, int(How.LEAF), spec.many, convert, Ref)
        for block in spec.blocks:
            entries[block.tags[shape]] = Entry(attribute, int(How.BLOCK), spec.many, None, block.model)
    simple = {tag: entry for tag, entry in entries.items() if entry.how == How.LEAF and not entry.many}
    return Plan(
        {tag: (entry.attribute, entry.decode) for tag, entry in simple.items()},
        {tag: entry for tag, entry in entries.items() if tag not in simple},
    )


def _amount_picked(text: str) -> Any:
    """An amount, None for one that cannot be read: it is picked to be shown, and a hundred thousand others wait."""
    try:
        return _AMOUNT.decode(text)
    except Problem:
        return None


_AMOUNT = dt.Amount()


class Notes:
    """Caveats met while reading, each path once however often it occurs, at most `most` of them."""

    def __init__(self, most: int = 200) -> None:
        self._seen: dict[tuple[str, str], Caveat] = {}
        self._strangers: set[tuple[str, str]] = set()
        self._most = most
        self._more = False

    def is_new(self, parent: str, child: str) -> bool:
        """Whether this element was not met in this one before; spares working out the path each time."""
        pair = (parent, child)
        if pair in self._strangers:
            return False
        if len(self._strangers) >= self._most:
            self._more = True
            return False
        self._strangers.add(pair)
        return True

    def add(self, path: str, code: str, message: str) -> None:
        """Keeps a caveat unless its path and code are known already."""
        if (path, code) not in self._seen and len(self._seen) < self._most:
            self._seen[path, code] = Caveat(path, code, message)

    def all(self) -> tuple[Caveat, ...]:
        """What was kept, in order of first sight."""
        rest = Caveat("", "unknown", f"more than {self._most} unknown elements; the others are not listed")
        return (*self._seen.values(), rest) if self._more else tuple(self._seen.values())


def decode(element: Element, model: type[R], shape: Shape = Shape.RET, notes: Notes | None = None) -> R:
    """The record an element holds. Raises ParseError where a value cannot be read with certainty."""
    return _decode(element, model, _PLANS[shape], notes or Notes())


def picked(element: Element, pick: Pick) -> list[Any]:
    """What an element of QuickBooks holds of some attributes of a record, in their order; the others are not looked at.

    None stands for what it does not hold, and for an amount that cannot be read with certainty. Raises ParseError where
    another value of those cannot.
    """
    nothing, simple, others = pick
    values: list[Any] = list(nothing)
    try:
        for child in element:
            step = simple.get(child.tag)
            if step is not None:
                place, convert = step
                if values[place] is None:  # of two the first one counts
                    text = child.text or ""
                    values[place] = text if convert is None else convert(text)
            elif child.tag in others:
                place, entry = others[child.tag]
                if values[place] is None:
                    values[place] = _more(child, entry, _PLANS[Shape.RET], None)
    except Problem as problem:
        raise _unreadable(child, problem) from None
    return values


def _decode(element: Element, model: type[R], plans: _Plans, notes: Notes | None) -> R:
    return model.believed(_values(element, plans[model], plans, notes))


def _values(element: Element, plan: Plan, plans: _Plans, notes: Notes | None) -> dict[str, Any]:
    # The hot loop: 50,000 items have two million elements, so nothing is called that need not be.
    simple, others = plan
    values: dict[str, Any] = {}
    repeated: dict[str, list[Any]] = {}
    try:
        for child in element:
            step = simple.get(child.tag)
            if step is None:
                entry = others.get(child.tag)
                if entry is None:
                    if notes is not None:
                        _unknown(element, child, notes)
                    continue
                attribute = entry.attribute
                value = _more(child, entry, plans, notes)
                if entry.many:
                    if value is not None:
                        repeated.setdefault(attribute, []).append(value)
                    continue
            else:
                attribute, convert = step
                value = child.text or ""
                if convert is not None:
                    value = convert(value)
            if attribute not in values:
                values[attribute] = value
            elif notes is not None:
                notes.add(_path(child), "unknown", f"{child.tag} occurs twice; the first one counts")
    except Problem as problem:
        raise _unreadable(child, problem) from None
    for attribute, items in repeated.items():
        values[attribute] = tuple(items)
    return values


def _more(child: Element, entry: Entry, plans: _Plans, notes: Notes | None) -> Any:
    """What an element holds that is more than one value, or one of several. Raises Problem."""
    if entry.how == How.BLOCK:
        return _decode(child, entry.model, plans, notes)
    if entry.how == How.REF:
        return _ref(child, notes)
    text = child.text or ""
    return text if entry.decode is None else entry.decode(text)


def _ref(element: Element, notes: Notes | None) -> Ref | None:
    """A reference; None where QuickBooks sent an empty one."""
    values: dict[str, Any] = {}
    for child in element:
        tag = child.tag
        if tag == "ListID":
            values["list_id"] = (child.text or "").strip() or None
        elif tag == "FullName":
            values["full_name"] = child.text or ""
        elif notes is not None:
            _unknown(element, child, notes)
    return Ref.believed(values) if values else None


def _unknown(element: Element, child: Element, notes: Notes) -> None:
    # Comments and processing instructions have no string as tag; they mean nothing here.
    if isinstance(child.tag, str) and notes.is_new(element.tag, child.tag):
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
