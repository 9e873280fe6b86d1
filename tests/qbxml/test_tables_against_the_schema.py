"""Every declared field against Intuit's qbXML 13.0 schema: none missing, none extra, order, type, length."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qbxml.datatypes import Enum, Int, Text
from qbxml.queries import QUERIES
from qbxml.record import Record
from qbxml.records import DIRECT, KINDS
from qbxml.records.common import ErrorRecovery
from qbxml.records.data_ext import DataExtDeleted, DataExtTarget, DataExtValue
from qbxml.requests import supports
from qbxml.table import Shape, Spec
from tests.worlds.xsd_oracle import Particle, intuit

pytestmark = pytest.mark.intuit

# The same field has a length in its other shapes.
LENGTH_MISSING_IN_SCHEMA = {
    "ItemSubtotalRet.ItemDesc",
    "InvoiceAdd.InvoiceLineGroupAdd.Desc",
    "PurchaseOrderAdd.PurchaseOrderLineGroupAdd.Desc",
}

# QuickBooks needs them to know which contact is meant (annotated schema); the plain schema lets them go.
STRICTER_THAN_SCHEMA = {
    f"{kind}Mod.ContactsMod.{name}" for kind in ("Customer", "Vendor") for name in ("ListID", "EditSequence")
}


def cases() -> Iterator[tuple[str, str, type[Record], Shape]]:
    """(label, schema name, record class, shape) of everything we declare."""
    for kind, model in KINDS.items():
        yield f"{kind}Ret", "element", model, Shape.RET
        for shape, verb in ((Shape.ADD, "Add"), (Shape.MOD, "Mod")):
            if supports(model, shape) and kind != "DataExt":
                yield f"{kind}{verb}", "element", model, shape
    for name, model in DIRECT.items():
        yield f"{name}Type", "type", model, Shape.RET
    for kind, query in QUERIES.items():
        yield f"{kind}QueryRqType", "type", query, Shape.ADD
    yield "DataExtAdd", "element", DataExtValue, Shape.ADD
    yield "DataExtMod", "element", DataExtValue, Shape.MOD
    yield "DataExtDel", "element", DataExtTarget, Shape.ADD
    yield "DataExtDelRet", "element", DataExtDeleted, Shape.RET
    yield "ErrorRecovery", "element", ErrorRecovery, Shape.RET


def particles(name: str, how: str) -> list[Particle]:
    """The children the schema gives an element or type, in order."""
    oracle = intuit()
    model = oracle.element(name) if how == "element" else oracle.type(name)
    return [leaf for child in model.children for leaf in child.leaves()]


def declared(model: type[Record], shape: Shape) -> list[tuple[str, Spec, type[Record] | None]]:
    """Our elements of a shape in order: (tag, spec, record class of an aggregate)."""
    found: list[tuple[str, Spec, type[Record] | None]] = []
    for _, spec in model.table.ordered(shape):
        for block in spec.blocks:
            found.append((block.tags[shape], spec, block.model))
        if not spec.blocks:
            found.append((spec.tags[shape], spec, None))
    return found


def differences(path: str, schema: list[Particle], model: type[Record], shape: Shape) -> Iterator[str]:
    """Sentences about everything that is not as the schema has it."""
    ours = declared(model, shape)
    names, theirs = [tag for tag, _, _ in ours], [p.name for p in schema if p.name != "ErrorRecovery"]
    if names != theirs:
        missing = [n for n in theirs if n not in names]
        extra = [n for n in names if n not in theirs]
        yield f"{path}: missing {missing}, extra {extra}, ours {names}, schema {theirs}"
        return
    for (tag, spec, inner), particle in zip(
        ours, (p for p in schema if p.name != "ErrorRecovery"), strict=True
    ):
        yield from leaf_differences(f"{path}.{tag}", spec, particle)
        yield from requirement_differences(f"{path}.{tag}", spec, particle, shape)
        if inner is not None:
            children = [leaf for child in particle.children for leaf in child.leaves()]
            yield from differences(f"{path}.{tag}", children, inner, shape)


def requirement_differences(path: str, spec: Spec, particle: Particle, shape: Shape) -> Iterator[str]:
    """Fields we demand although the schema does not, and the other way round; a Ret demands nothing."""
    mixed = len(spec.blocks) > 1
    if shape is Shape.RET or mixed or path in STRICTER_THAN_SCHEMA:
        return
    if (shape in spec.required) != (particle.low > 0):
        yield f"{path}: required {shape in spec.required}, schema {particle.low}"


def leaf_differences(path: str, spec: Spec, particle: Particle) -> Iterator[str]:
    """Type, words, length and how often."""
    most = None if spec.blocks and len(spec.blocks) > 1 else particle.high
    if spec.most != most:
        yield f"{path}: occurs {spec.most}, schema {particle.high}"
    if spec.ref:
        children = [leaf for child in particle.children for leaf in child.leaves()]
        names = [c.name for c in children]
        if names != ["ListID", "FullName"]:
            yield f"{path}: a reference, schema has {names}"
        elif children[1].length != spec.limit:
            yield f"{path}: FullName {spec.limit}, schema {children[1].length}"
    elif spec.type is not None:
        if particle.base != spec.type.xsd:
            yield f"{path}: {spec.type.xsd}, schema {particle.base}"
        shown = path not in LENGTH_MISSING_IN_SCHEMA
        if shown and isinstance(spec.type, Text) and spec.type.limit != particle.length:
            yield f"{path}: length {spec.type.limit}, schema {particle.length}"
        if isinstance(spec.type, Int):
            ours = (spec.type.low, spec.type.high)
            theirs = tuple(t or o for t, o in zip(particle.bounds, (Int.LEAST, Int.MOST), strict=True))
            if ours != theirs:
                yield f"{path}: {ours}, schema {theirs}"
        if isinstance(spec.type, Enum) and spec.type.values != particle.values:
            yield f"{path}: words {spec.type.values}, schema {particle.values}"


@pytest.mark.parametrize(("name", "how", "model", "shape"), list(cases()), ids=lambda value: str(value))
def test_every_declared_field_is_as_the_schema_has_it(
    name: str, how: str, model: type[Record], shape: Shape
) -> None:
    assert list(differences(name, particles(name, how), model, shape)) == []
