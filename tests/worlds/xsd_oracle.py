"""Reads a qbXML schema into a small content model that tests compare our tables with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
INTUIT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "intuit"


@dataclass(frozen=True)
class Particle:
    """One element, sequence or choice of a content model, with how often it may occur."""

    kind: str
    name: str = ""
    base: str = ""
    length: int | None = None
    bounds: tuple[int | None, int | None] = (None, None)
    values: tuple[str, ...] = ()
    low: int = 1
    high: int | None = 1
    children: tuple[Particle, ...] = field(default=())

    def leaves(self, optional: bool = False) -> list[Particle]:
        """The elements of this model in document order, groups flattened; `low` is 0 where a group around
        the element is optional or a choice."""
        if self.kind == "element":
            return [replace(self, low=0) if optional else self]
        free = optional or self.low == 0 or self.kind == "choice"
        return [leaf for child in self.children for leaf in child.leaves(free)]


class Oracle:
    """The global elements, groups and types of one schema with its includes."""

    def __init__(self, path: Path) -> None:
        self.elements: dict[str, etree._Element] = {}
        self.groups: dict[str, etree._Element] = {}
        self.types: dict[str, etree._Element] = {}
        self._load(path)

    def _load(self, path: Path) -> None:
        for node in etree.parse(str(path)).getroot():
            if node.tag == XSD + "include":
                self._load(path.parent / str(node.get("schemaLocation")))
            elif isinstance(node.tag, str):
                kind = node.tag.removeprefix(XSD)
                target = {"element": self.elements, "group": self.groups}.get(kind, self.types)
                target[node.get("name", "")] = node

    def element(self, name: str) -> Particle:
        """The content model of a global element."""
        return self._element(self.elements[name])

    def type(self, name: str) -> Particle:
        """The content model of a named complex type."""
        return Particle("sequence", name, children=self._content(self.types[name]))

    def _occurs(self, node: etree._Element) -> tuple[int, int | None]:
        high = node.get("maxOccurs", "1")
        return int(node.get("minOccurs", "1")), None if high == "unbounded" else int(high)

    def _element(self, node: etree._Element) -> Particle:
        low, high = self._occurs(node)
        if (ref := node.get("ref")) is not None:
            return replace(self._element(self.elements[ref]), low=low, high=high)
        complex_type = node.find(XSD + "complexType")
        base = node.get("type", "")
        if complex_type is None and base in self.types and self.types[base].tag == XSD + "complexType":
            complex_type = self.types[base]
        children = self._content(complex_type) if complex_type is not None else ()
        simple = self._simple(Particle("element", node.get("name", ""), base), node)
        return replace(simple, low=low, high=high, children=children)

    def _simple(self, particle: Particle, node: etree._Element) -> Particle:
        """The particle with what its simple type says."""
        extended = node.find(
            f"{XSD}complexType/{XSD}simpleContent/{XSD}extension"
        )  # text that may be a macro
        if extended is not None:
            return replace(particle, base=extended.get("base", ""))
        restriction = node.find(f"{XSD}simpleType/{XSD}restriction")
        if restriction is None:
            return particle
        return replace(
            particle,
            base=restriction.get("base", ""),
            length=_facet(restriction, "maxLength"),
            bounds=(_facet(restriction, "minInclusive"), _facet(restriction, "maxInclusive")),
            values=tuple(v.get("value", "") for v in restriction.findall(XSD + "enumeration")),
        )

    def _content(self, node: etree._Element) -> tuple[Particle, ...]:
        return tuple(self._particle(c) for c in node if c.tag in _PARTICLES)

    def _particle(self, node: etree._Element) -> Particle:
        kind = node.tag.removeprefix(XSD)
        if kind == "element":
            return self._element(node)
        low, high = self._occurs(node)
        if kind == "group":
            return Particle(
                "sequence", low=low, high=high, children=self._content(self.groups[str(node.get("ref"))])
            )
        return Particle(kind, low=low, high=high, children=self._content(node))


def _facet(restriction: etree._Element, name: str) -> int | None:
    found = restriction.find(XSD + name)
    return None if found is None else int(found.get("value", ""))


_PARTICLES = {XSD + kind for kind in ("element", "group", "sequence", "choice")}


@cache
def intuit() -> Oracle:
    """Intuit's qbXML 13.0 schema."""
    return Oracle(INTUIT / "qbxmlops130.xsd")
