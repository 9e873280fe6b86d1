"""What writing a record class amounts to in one shape, version and country, worked out once and kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from qbxml import datatypes as dt
from qbxml.record import Record
from qbxml.table import NOWHERE, Shape, Spec
from qbxml.versions import Country, Version


class Step(NamedTuple):
    """What to do with one field; `bar` says why it cannot be written ("" where it can).

    `leaf` writes a leaf's text, `name` the FullName of a reference; an aggregate has neither.
    """

    attribute: str
    bar: str
    many: bool
    leaf: Callable[[Any], str] | None
    is_text: bool
    tag: str
    path: str
    name: dt.Text | None
    spec: Spec


class Group(NamedTuple):
    """One choice: its fields as (attribute, branch, path), and whether one branch has to be given."""

    options: tuple[tuple[str, str, str], ...]
    needed: bool


class Plan(NamedTuple):
    """All steps of one record class, how to pick their values out of a record, what must not be missing, and
    fields this shape does not have."""

    pick: Callable[[dict[str, Any]], tuple[Any, ...]]
    steps: tuple[Step, ...]
    required: tuple[Step, ...]
    groups: tuple[Group, ...]
    elsewhere: tuple[tuple[str, str, str], ...]


@lru_cache(maxsize=2048)
def plan(model: type[Record], shape: Shape, version: Version, country: Country) -> Plan:
    """The plan of this class. Kept, because the tables never change while a program runs."""
    steps = tuple(
        _step(model, a, s, shape, bar(s, shape, version, country)) for a, s in model.table.ordered(shape)
    )
    writable = [step for step in steps if not step.bar]
    return Plan(
        _picker([step.attribute for step in steps]),
        steps,
        tuple(s for s in writable if shape in s.spec.required and s.spec.in_mod is None),
        _groups(writable, shape),
        _elsewhere(model, shape),
    )


def bar(spec: Spec, shape: Shape, version: Version, country: Country) -> str:
    """Why a field cannot be written: "unusable", "country", "version", or "" where it can."""
    if shape is Shape.RET:  # what QuickBooks holds, in the version it was asked in
        return "version" if version < spec.since[shape] else ""
    if spec.not_in >= NOWHERE:
        return "unusable"
    if country in spec.not_in:
        return "country"
    return "version" if version < spec.since[shape] else ""


def json_name(model: type[Record], attribute: str) -> str:
    """What the field is called in JSON, and in the path of a fault."""
    return model.model_fields[attribute].alias or attribute


def _picker(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Takes the values of all steps out of a record at once: most are None, and asking one by one is slow."""
    if len(names) < 2:
        return lambda values: tuple(values[name] for name in names)
    return itemgetter(*names)


def _step(model: type[Record], attribute: str, spec: Spec, shape: Shape, why_not: str) -> Step:
    return Step(
        attribute,
        why_not,
        spec.many,
        None if spec.type is None else spec.type.encode,
        isinstance(spec.type, dt.Text),
        spec.tags[shape],
        json_name(model, attribute),
        dt.Text(spec.limit) if spec.ref else None,
        spec,
    )


def _groups(steps: list[Step], shape: Shape) -> tuple[Group, ...]:
    """The choices that hold in this shape. A Ret is what QuickBooks says; nothing is demanded of it."""
    if shape is Shape.RET:
        return ()
    options: dict[str, list[tuple[str, str, str]]] = {}
    needed: set[str] = set()
    for step in steps:
        for choice in () if step.spec.choice is None else step.spec.choice.chain():
            if shape in choice.shapes:
                field = (step.attribute, choice.branch or step.attribute, step.path)
                options.setdefault(choice.group, []).append(field)
                needed |= {choice.group} if shape in choice.needed else set()
    return tuple(Group(tuple(fields), group in needed) for group, fields in options.items())


def _elsewhere(model: type[Record], shape: Shape) -> tuple[tuple[str, str, str], ...]:
    """(attribute, path, when) of fields that exist in the other request only. What a Ret has as well is no
    news: it is QuickBooks' own value on its way back."""
    return tuple(
        (attribute, json_name(model, attribute), "created" if Shape.ADD in spec.uses else "changed")
        for attribute, spec in model.table.fields.items()
        if shape not in spec.uses and Shape.RET not in spec.uses
    )
