"""Writes a record as qbXML: in schema order, for one version and country, or says everything that forbids it.

What QuickBooks cannot parse is never built. Fields the version or the country does not have are left out
with a caveat, or refused where leaving them out would change the meaning (`vital` in the table).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lxml import etree

from qbxml import datatypes as dt
from qbxml.datatypes import Problem
from qbxml.errors import Caveat, FieldError, InvalidRecord
from qbxml.plan import Group, Step, plan
from qbxml.record import Record, Ref
from qbxml.table import Shape, Spec
from qbxml.text import clean_text
from qbxml.versions import LATEST, Country, Version

Element = etree._Element
Rules = tuple[tuple[Step, ...], tuple[Group, ...], tuple[tuple[str, str, str], ...]]
_sub = etree.SubElement
_ID = dt.Id()


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
        """Appends the fields of `record` to `element`; those named in `clear` as empty elements (Mod).

        A name with dots reaches into aggregates: ``lines.0.service_date``.
        """
        pick, steps, required, groups, elsewhere = plan(type(record), shape, self.version, self.country)
        values = record.__dict__
        changing = shape is Shape.MOD
        for step, value in zip(steps, pick(values), strict=True):
            if value is None or (not value and value == ()):  # a model takes long to say that it is no tuple
                if changing:
                    self._absent_in_mod(element, step, path, clear)
                continue
            _, bar, many, leaf, is_text, tag, name, _, _ = step
            if bar:
                self._barred(step, value, shape, path)
            elif leaf is None or many:
                self._nested(element, step, value, shape, path + name, _inside(step.attribute, clear))
            else:
                # Written out here, not in `leaf`: nearly every field passes this way.
                try:
                    text = leaf(value)
                except Problem as problem:
                    self._fault(path + name, problem.message, value, problem.limit, problem.code)
                    continue
                _sub(element, tag).text = text
                if is_text and text is not value:
                    self._mapped(value, path + name)
        if required or groups or elsewhere:
            self._judge((required, groups, elsewhere), values, path, clear)

    def leaf(self, element: Element, tag: str, kind: dt.DataType, value: Any, where: str) -> None:
        """Appends one leaf element, or notes the fault."""
        try:
            text = kind.encode(value)
        except Problem as problem:
            self._fault(where, problem.message, value, problem.limit, problem.code)
            return
        _sub(element, tag).text = text
        if isinstance(kind, dt.Text) and text is not value:
            self._mapped(value, where)

    def _nested(
        self, element: Element, step: Step, value: Any, shape: Shape, where: str, clear: Collection[str]
    ) -> None:
        spec = step.spec
        if not step.many:
            self._one(element, step, value, shape, where, clear)
            return
        if spec.most is not None and len(value) > spec.most:
            problem = f"{len(value)} given, QuickBooks takes {spec.most}"
            self._fault(where, problem, len(value), spec.most, "too_many")
        for index, item in enumerate(value):
            self._one(element, step, item, shape, f"{where}.{index}", _inside(str(index), clear))

    def _one(
        self, element: Element, step: Step, value: Any, shape: Shape, where: str, clear: Collection[str]
    ) -> None:
        if step.name is not None:
            self._ref(element, step.tag, value, step.name, shape, where)
        elif step.spec.type is not None:
            self.leaf(element, step.tag, step.spec.type, value, where)
        else:
            self._block(element, step.spec, value, shape, where, clear)

    def _mapped(self, value: str, where: str) -> None:
        for character, replacement in clean_text(value)[1]:
            sent = f"sent as {replacement!r}" if replacement else "left out"
            message = f"{character!r} (U+{ord(character):04X}) is {sent}"
            self.caveats.append(Caveat(where, "mapped", message))

    def _ref(self, element: Element, tag: str, value: Any, kind: dt.Text, shape: Shape, where: str) -> None:
        """A reference by id where there is one, else by name; a Ret holds both."""
        if not isinstance(value, Ref):
            self._fault(where, f"a reference expected, not {type(value).__name__}", value, None, "type")
            return
        list_id, full_name = value.list_id, value.full_name
        if list_id is None and full_name is None:
            self._fault(where, "list_id or full_name is needed", None, None, "missing")
            return
        target = _sub(element, tag)
        if list_id is not None:
            self.leaf(target, "ListID", _ID, list_id, where + ".list_id")
        if full_name is not None and (list_id is None or shape is Shape.RET):
            self.leaf(target, "FullName", kind, full_name, where + ".full_name")

    def _block(
        self, element: Element, spec: Spec, value: Any, shape: Shape, where: str, clear: Collection[str]
    ) -> None:
        for candidate in spec.blocks:
            if isinstance(value, candidate.model) and candidate.tags[shape]:
                self.write(_sub(element, candidate.tags[shape]), value, shape, where + ".", clear)
                return
        names = " or ".join(candidate.model.__name__ for candidate in spec.blocks)
        self._fault(where, f"{names} expected, not {type(value).__name__}", value, None, "type")

    def _absent_in_mod(self, element: Element, step: Step, path: str, clear: Collection[str]) -> None:
        spec = step.spec
        if spec.in_mod is not None:
            _sub(element, step.tag).text = spec.in_mod
        elif step.attribute in clear or step.path in clear:
            if step.bar:
                self._barred(step, "", Shape.MOD, path)
            elif spec.ref:
                _sub(_sub(element, step.tag), "FullName").text = ""
            elif spec.type is not None and spec.type.clearable:
                _sub(element, step.tag).text = ""
            else:
                self._fault(path + step.path, "QuickBooks cannot clear this field", None, None, "clear")

    def _barred(self, step: Step, value: Any, shape: Shape, path: str) -> None:
        reason = {
            "unusable": "QuickBooks Desktop does not have this field",
            "country": f"the {self.country} edition of QuickBooks does not have this field",
            "version": f"needs qbXML {step.spec.since[shape]}, QuickBooks speaks {self.version}",
        }[step.bar]
        if step.spec.vital and (step.spec.idle is None or value != step.spec.idle):
            problem = f"{reason}, and leaving it out would change the record"
            self._fault(path + step.path, problem, value, None, step.bar)
        else:
            self.caveats.append(Caveat(path + step.path, step.bar, f"left out: {reason}"))

    def _judge(self, rules: Rules, values: dict[str, Any], path: str, clear: Collection[str]) -> None:
        """What is missing, what excludes each other, and what belongs to the other request."""
        required, groups, elsewhere = rules
        for step in required:
            value = values[step.attribute]
            if value is None or (step.many and not value):
                self._fault(path + step.path, "QuickBooks needs this field", None, None, "missing")
        for attribute, name, when in elsewhere:
            value = values[attribute]
            if value is not None and (value or value != ()):
                message = f"left out: only used when a record is {when}"
                self.caveats.append(Caveat(path + name, "not_here", message))
        for group in groups:
            self._choose(group, values, path, clear)

    def _choose(self, group: Group, values: dict[str, Any], path: str, clear: Collection[str]) -> None:
        taken: dict[str, str] = {}
        for attribute, branch, name in group.options:
            value = values[attribute]
            if (value is not None and (value or value != ())) or attribute in clear:
                taken.setdefault(branch, name)
        if len(taken) > 1:
            first, *_ = names = list(taken.values())
            self._fault(path + first, f"{' and '.join(names)} exclude each other", None, None, "choice")
        elif group.needed and not taken:
            names = [name for _, _, name in group.options]
            self._fault(path + names[0], f"QuickBooks needs {' or '.join(names)}", None, None, "missing")

    def _fault(self, path: str, problem: str, value: object, limit: int | None, code: str) -> None:
        self.faults.append(FieldError(path, problem, value, limit, code))


def _inside(name: str, clear: Collection[str]) -> tuple[str, ...]:
    """What of `clear` lies inside a field, or inside one of several, as it is called there."""
    if not clear:
        return ()
    return tuple(each[len(name) + 1 :] for each in clear if each.startswith(name + "."))


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
