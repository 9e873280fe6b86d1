"""Writes a record as qbXML: in schema order, for one version and country, or says everything that forbids it.

What QuickBooks cannot parse is never built. Fields the version or the country does not have are left out
with a caveat, or refused where leaving them out would change the meaning (`vital` in the table).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from qbxml import datatypes as dt
from qbxml.datatypes import Problem
from qbxml.errors import Caveat, FieldError, InvalidRecord
from qbxml.record import Record, Ref
from qbxml.table import NOWHERE, Choice, Shape, Spec
from qbxml.text import clean_text
from qbxml.versions import LATEST, Country, Version

Element = etree._Element
_sub = etree.SubElement


class Step(NamedTuple):
    """What to do with one field in one shape, version and country; `bar` says why it cannot be written."""

    attribute: str
    path: str
    tag: str
    spec: Spec
    bar: str


class Plan(NamedTuple):
    """All steps of one record class, and its fields that do not exist in this shape."""

    steps: tuple[Step, ...]
    required: tuple[Step, ...]
    choices: tuple[Step, ...]
    elsewhere: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1024)
def _plan(model: type[Record], shape: Shape, version: Version, country: Country) -> Plan:
    steps = []
    for attribute, spec in model.table.ordered(shape):
        path = model.model_fields[attribute].alias or attribute
        steps.append(Step(attribute, path, spec.tags[shape], spec, _bar(spec, shape, version, country)))
    writable = [step for step in steps if not step.bar]
    return Plan(
        steps=tuple(steps),
        required=tuple(s for s in writable if shape in s.spec.required and s.spec.in_mod is None),
        choices=tuple(s for s in writable if s.spec.choice is not None),
        elsewhere=tuple(
            (attribute, _where(spec))
            for attribute, spec in model.table.fields.items()
            if shape not in spec.uses and Shape.RET not in spec.uses
        ),
    )


def _bar(spec: Spec, shape: Shape, version: Version, country: Country) -> str:
    if shape is Shape.RET:  # what QuickBooks holds, in the version it was asked in
        return "version" if version < spec.since[shape] else ""
    if spec.not_in >= NOWHERE:
        return "unusable"
    if country in spec.not_in:
        return "country"
    return "version" if version < spec.since[shape] else ""


def _where(spec: Spec) -> str:
    return "when a record is created" if Shape.ADD in spec.uses else "when a record is changed"


class Encoder:
    """Writes records for one version and country; gathers faults and caveats on the way.

    Faults do not stop the writing, so that all of them are known; `finish` raises them.
    """

    def __init__(self, version: Version = LATEST, country: Country = "US") -> None:
        self.version = version
        self.country = country
        self.faults: list[FieldError] = []
        self.caveats: list[Caveat] = []

    def finish(self, what: str) -> tuple[Caveat, ...]:
        """The caveats of what was written. Raises InvalidRecord where there were faults."""
        if self.faults:
            raise InvalidRecord(self.faults, what)
        return tuple(self.caveats)

    def write(
        self, element: Element, record: Record, shape: Shape, path: str = "", clear: Collection[str] = ()
    ) -> None:
        """Appends the fields of `record` to `element`; those named in `clear` as empty elements (Mod)."""
        plan = _plan(type(record), shape, self.version, self.country)
        values = record.__dict__
        for step in plan.steps:
            value = values[step.attribute]
            if value is None or value == ():
                if shape is Shape.MOD:
                    self._absent_in_mod(element, step, path, clear)
            elif step.bar:
                self._barred(step, value, path)
            else:
                self._field(element, step, value, shape, path)
        self._judge(plan, values, shape, path, clear)

    def _field(self, element: Element, step: Step, value: Any, shape: Shape, path: str) -> None:
        spec = step.spec
        where = path + step.path
        if not spec.many:
            self._one(element, step, value, shape, where)
            return
        if spec.most is not None and len(value) > spec.most:
            self._fault(
                where, f"{len(value)} given, QuickBooks takes {spec.most}", len(value), spec.most, "too_many"
            )
        for index, item in enumerate(value):
            self._one(element, step, item, shape, f"{where}.{index}")

    def _one(self, element: Element, step: Step, value: Any, shape: Shape, where: str) -> None:
        spec = step.spec
        if spec.type is not None:
            self.leaf(element, step.tag, spec.type, value, where)
        elif spec.ref:
            self._ref(element, step.tag, value, spec.limit, shape, where)
        else:
            self._block(element, spec, value, shape, where)

    def leaf(self, element: Element, tag: str, kind: dt.DataType, value: Any, where: str) -> None:
        try:
            text = kind.encode(value)
        except Problem as problem:
            self._fault(where, problem.message, value, problem.limit, problem.code)
            return
        _sub(element, tag).text = text
        if isinstance(kind, dt.Text) and text != value:
            self._mapped(value, where)

    def _mapped(self, value: str, where: str) -> None:
        for character, replacement in clean_text(value)[1]:
            message = f"{character!r} (U+{ord(character):04X}) is sent as {replacement!r}"
            self.caveats.append(Caveat(where, "mapped", message))

    def _ref(
        self, element: Element, tag: str, value: Any, limit: int | None, shape: Shape, where: str
    ) -> None:
        if not isinstance(value, Ref):
            self._fault(where, f"a reference expected, not {type(value).__name__}", value, None, "type")
            return
        target = _sub(element, tag)
        by_id = value.list_id is not None
        if by_id:
            self.leaf(target, "ListID", dt.Id(), value.list_id, f"{where}.list_id")
        if value.full_name is not None and (shape is Shape.RET or not by_id):
            self.leaf(target, "FullName", dt.Text(limit), value.full_name, f"{where}.full_name")
        if not by_id and value.full_name is None:
            self._fault(where, "list_id or full_name is needed", None, None, "missing")

    def _block(self, element: Element, spec: Spec, value: Any, shape: Shape, where: str) -> None:
        for candidate in spec.blocks:
            if isinstance(value, candidate.model) and candidate.tags[shape]:
                self.write(_sub(element, candidate.tags[shape]), value, shape, where + ".")
                return
        names = " or ".join(candidate.model.__name__ for candidate in spec.blocks)
        self._fault(where, f"{names} expected, not {type(value).__name__}", value, None, "type")

    def _absent_in_mod(self, element: Element, step: Step, path: str, clear: Collection[str]) -> None:
        spec = step.spec
        if spec.in_mod is not None:
            _sub(element, step.tag).text = spec.in_mod
        elif step.attribute in clear or step.path in clear:
            if step.bar:
                self._barred(step, "", path)
            elif spec.ref:
                _sub(_sub(element, step.tag), "FullName").text = ""
            elif spec.type is not None and not isinstance(spec.type, dt.Int | dt.Guid | dt.Name):
                _sub(element, step.tag).text = ""
            else:
                self._fault(path + step.path, "QuickBooks cannot clear this field", None, None, "clear")

    def _barred(self, step: Step, value: Any, path: str) -> None:
        reason = {
            "unusable": "QuickBooks Desktop does not have this field",
            "country": f"the {self.country} edition of QuickBooks does not have this field",
            "version": f"needs qbXML {step.spec.since[0]}, QuickBooks speaks {self.version}",
        }[step.bar]
        if step.spec.vital and (step.spec.idle is None or value != step.spec.idle):
            self._fault(
                path + step.path,
                f"{reason}, and leaving it out would change the record",
                value,
                None,
                step.bar,
            )
        else:
            self.caveats.append(Caveat(path + step.path, step.bar, f"left out: {reason}"))

    def _judge(
        self, plan: Plan, values: dict[str, Any], shape: Shape, path: str, clear: Collection[str]
    ) -> None:
        for step in plan.required:
            if values[step.attribute] is None or values[step.attribute] == ():
                self._fault(path + step.path, "QuickBooks needs this field", None, None, "missing")
        for attribute, when in plan.elsewhere:
            if values[attribute] not in (None, ()):
                self.caveats.append(Caveat(path + attribute, "not_here", f"left out: only used {when}"))
        if plan.choices:
            self._choose(plan.choices, values, shape, path, clear)

    def _choose(
        self, steps: Sequence[Step], values: dict[str, Any], shape: Shape, path: str, clear: Collection[str]
    ) -> None:
        """Reports choices with two branches taken, and needed ones with none."""
        taken: dict[str, dict[str, str]] = {}
        groups: dict[str, list[str]] = {}
        for step in steps:
            given = values[step.attribute] not in (None, ()) or step.attribute in clear
            for choice in _live(step.spec.choice, shape):
                groups.setdefault(choice.group, []).append(step.path)
                if given:
                    taken.setdefault(choice.group, {}).setdefault(choice.branch or step.attribute, step.path)
        for group, branches in taken.items():
            if len(branches) > 1 and shape is not Shape.RET:
                both = " and ".join(branches.values())
                first = next(iter(branches.values()))
                self._fault(path + first, f"{both} exclude each other", None, None, "choice")
            del group
        for group in _needed(steps, shape) - taken.keys():
            options = " or ".join(groups[group])
            self._fault(path + groups[group][0], f"QuickBooks needs {options}", None, None, "missing")

    def _fault(self, path: str, problem: str, value: object, limit: int | None, code: str) -> None:
        self.faults.append(FieldError(path, problem, value, limit, code))


def _live(choice: Choice | None, shape: Shape) -> Iterable[Choice]:
    return () if choice is None else (c for c in choice.chain() if shape in c.shapes)


def _needed(steps: Sequence[Step], shape: Shape) -> set[str]:
    return {c.group for s in steps for c in _live(s.spec.choice, shape) if shape in c.needed}


def encode(
    record: Record,
    tag: str,
    shape: Shape,
    *,
    version: Version = LATEST,
    country: Country = "US",
    clear: Collection[str] = (),
) -> tuple[Element, tuple[Caveat, ...]]:
    """`record` as one element named `tag`, and what was left out or mapped. Raises InvalidRecord."""
    encoder = Encoder(version, country)
    element = etree.Element(tag)
    encoder.write(element, record, shape, clear=clear)
    return element, encoder.finish(record.kind or type(record).__name__)


def faults(
    record: Record, shape: Shape, version: Version = LATEST, country: Country = "US"
) -> tuple[FieldError, ...]:
    """Everything that forbids sending this record in this shape; empty where nothing does."""
    encoder = Encoder(version, country)
    encoder.write(etree.Element("check"), record, shape)
    return tuple(encoder.faults)
