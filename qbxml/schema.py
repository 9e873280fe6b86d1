"""Generates our own XSD of every request the tables can express: `python -m qbxml.schema [--check] [FILE]`.

The schema is stricter than QuickBooks' own: only what we would send, so no fields of QuickBooks Online and
one of ListID and FullName in a reference. Raw requests are the caller's and not described.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from lxml import etree

from qbxml import datatypes as dt
from qbxml.encode import Element
from qbxml.queries import QUERIES, QueryTable
from qbxml.record import Record
from qbxml.records import KINDS
from qbxml.records.data_ext import DataExtTarget, DataExtValue
from qbxml.requests import REQUEST_ID_LIMIT, ListDel, TxnDel, TxnVoid, supports
from qbxml.table import NOWHERE, Choice, Shape, Spec

NAMESPACE = "http://www.w3.org/2001/XMLSchema"
DEFAULT_FILE = Path(__file__).resolve().parent.parent / "schemas" / "qbxml-requests-13.0.xsd"

_SIMPLE = {
    "STRTYPE": ".*",
    "IDTYPE": "[!-~]{0,36}",
    "GUIDTYPE": r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}",
    "BOOLTYPE": "(true|false)?",
    "INTTYPE": "-?[0-9]{1,10}",
    "AMTTYPE": r"(-?[0-9]{1,13}\.[0-9]{2})?",
    "PRICETYPE": r"(-?[0-9]{1,10}(\.[0-9]{1,5})?)?",
    "QUANTYPE": r"(-?[0-9]{1,10}(\.[0-9]{1,5})?)?",
    "PERCENTTYPE": r"(-?[0-9]{1,10}(\.[0-9]{1,5})?)?",
    "FLOATTYPE": r"(-?[0-9]+(\.[0-9]+)?)?",
    "DATETYPE": "([0-9]{4}-[0-9]{2}-[0-9]{2})?",
    "DATETIMETYPE": r"([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(T[0-9]{1,2}(:[0-9]{1,2}(:[0-9]{1,2}"
    r"([+\-][0-9]{1,2}:[0-9]{1,2})?)?)?)?)?",
    "TIMEINTERVALTYPE": r"([+\-]?PT([0-9]+H)?([0-9]+M)?([0-9]+S)?)?",
}
"""What we write of each type; the empty text clears a field in a Mod."""

Fields = Sequence[tuple[str, Spec]]


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: Element, kind: str, **attributes: str) -> Element:
    return etree.SubElement(parent, _tag(kind), attributes)


class _Writer:
    """Builds one schema; complex types are written once a record class and shape."""

    def __init__(self) -> None:
        self.root = etree.Element(_tag("schema"), nsmap={"xsd": NAMESPACE})
        self._types: set[str] = set()

    def simple_types(self) -> None:
        for name, pattern in _SIMPLE.items():
            restriction = _add(_add(self.root, "simpleType", name=name), "restriction", base="xsd:string")
            if name != "STRTYPE":
                _add(restriction, "pattern", value=pattern)

    def complex_type(self, model: type[Record], shape: Shape) -> str:
        """The name of the type of this class in this shape, written if it is new."""
        name = model.__name__ + ("" if issubclass(model, QueryTable) else ("Add", "Mod", "Ret")[shape])
        if name not in self._types:
            self._types.add(name)
            sequence = _add(etree.Element(_tag("complexType"), name=name), "sequence")
            self.particles(sequence, _usable(model, shape), shape, 0)
            owner = sequence.getparent()
            if owner is not None:
                self.root.append(owner)
        return name

    def particles(self, parent: Element, fields: Fields, shape: Shape, level: int) -> None:
        """Elements in order; runs of fields of one choice become an xsd:choice."""
        for group, run in groupby(fields, lambda field: _group(field[1], shape, level)):
            members = list(run)
            if not group:
                for _, spec in members:
                    self.element(parent, spec, shape)
                continue
            choice = _chain(members[0][1], shape)[level]
            low = "1" if shape in choice.needed else "0"
            options = _add(parent, "choice", minOccurs=low)
            for _, branch in groupby(members, lambda field: _branch(field, shape, level)):
                self.branch(options, list(branch), shape, level + 1)

    def branch(self, options: Element, fields: Fields, shape: Shape, level: int) -> None:
        """One alternative; a lone field is required in it, otherwise taking it would mean nothing."""
        if len(fields) == 1 and not _group(fields[0][1], shape, level):
            self.element(options, fields[0][1], shape, least="1")
        else:
            self.particles(_add(options, "sequence"), fields, shape, level)

    def element(self, parent: Element, spec: Spec, shape: Shape, least: str = "0") -> None:
        low = "1" if shape in spec.required else least
        high = "unbounded" if spec.most is None else str(spec.most)
        if len(spec.blocks) > 1:
            parent = _add(parent, "choice", minOccurs=low, maxOccurs=high)
            low, high = "1", "1"
        occurs = {"minOccurs": low, "maxOccurs": high}
        for block in spec.blocks:
            name = self.complex_type(block.model, shape)
            _add(parent, "element", name=block.tags[shape], type=name, **occurs)
        if not spec.blocks:
            self.leaf(_add(parent, "element", name=spec.tags[shape], **occurs), spec)

    def leaf(self, element: Element, spec: Spec) -> None:
        if spec.ref:
            choice = _add(_add(element, "complexType"), "choice")
            self.leaf(_add(choice, "element", name="ListID"), Spec(("", "", ""), frozenset(), type=dt.Id()))
            name = Spec(("", "", ""), frozenset(), type=dt.Text(spec.limit))
            self.leaf(_add(choice, "element", name="FullName"), name)
        elif isinstance(spec.type, dt.Enum):
            words(element, spec.type.values)
        elif isinstance(spec.type, dt.Int) and spec.type != dt.Int():
            digits = restricted(element, "xsd:integer", "minInclusive", str(spec.type.low))
            _add(digits, "maxInclusive", value=str(spec.type.high))
        elif isinstance(spec.type, dt.Text) and spec.type.limit is not None:
            restricted(element, "STRTYPE", "maxLength", str(spec.type.limit))
        elif spec.type is not None:
            element.set("type", spec.type.xsd)

    def request(self, message_set: Element, name: str) -> Element:
        """An empty request type with its sequence, listed in the message set."""
        _add(message_set, "element", name=name, type=f"{name}Type")
        kind = _add(self.root, "complexType", name=f"{name}Type")
        sequence = _add(kind, "sequence")
        attribute = _add(kind, "attribute", name="requestID")
        restricted(attribute, "STRTYPE", "maxLength", str(REQUEST_ID_LIMIT))
        return sequence


def restricted(element: Element, base: str, facet: str, value: str) -> Element:
    """An inline restriction with one facet, to which more may be added."""
    restriction = _add(_add(element, "simpleType"), "restriction", base=base)
    _add(restriction, facet, value=value)
    return restriction


def words(element: Element, values: Sequence[str]) -> None:
    """An inline enumeration."""
    restriction = _add(_add(element, "simpleType"), "restriction", base="STRTYPE")
    for value in values:
        _add(restriction, "enumeration", value=value)


def _usable(model: type[Record], shape: Shape) -> Fields:
    return [(a, s) for a, s in model.table.ordered(shape) if not s.not_in >= NOWHERE]


def _chain(spec: Spec, shape: Shape) -> list[Choice]:
    """The choices a field lies in, outermost first."""
    if spec.choice is None:
        return []
    return [c for c in reversed(spec.choice.chain()) if shape in c.shapes]


def _group(spec: Spec, shape: Shape, level: int) -> str:
    chain = _chain(spec, shape)
    return chain[level].group if level < len(chain) else ""


def _branch(field: tuple[str, Spec], shape: Shape, level: int) -> str:
    return _chain(field[1], shape)[level].branch or field[0]


def _envelope(writer: _Writer) -> Element:
    """QBXML and its message set; returns the choice the requests are listed in."""
    _add(_add(_add(writer.root, "element", name="QBXML"), "complexType"), "sequence").append(
        etree.Element(_tag("element"), ref="QBXMLMsgsRq")
    )
    kind = _add(_add(writer.root, "element", name="QBXMLMsgsRq"), "complexType")
    choice = _add(kind, "choice", minOccurs="0", maxOccurs="unbounded")
    on_error = _add(kind, "attribute", name="onError", use="required")
    restriction = _add(_add(on_error, "simpleType"), "restriction", base="STRTYPE")
    for value in ("stopOnError", "continueOnError"):
        _add(restriction, "enumeration", value=value)
    for name in ("newMessageSetID", "oldMessageSetID"):
        restricted(_add(kind, "attribute", name=name), "STRTYPE", "maxLength", "24")
    return choice


def _verbs() -> Iterator[tuple[str, type[Record], Shape, bool]]:
    """(element inside the request, class, shape, whether IncludeRetElement may follow)."""
    for kind, model in KINDS.items():
        for shape, verb in ((Shape.ADD, "Add"), (Shape.MOD, "Mod")):
            if kind != "DataExt" and supports(model, shape):
                yield f"{kind}{verb}", model, shape, True
    yield "DataExtAdd", DataExtValue, Shape.ADD, False
    yield "DataExtMod", DataExtValue, Shape.MOD, False
    yield "DataExtDel", DataExtTarget, Shape.ADD, False


def _queries(writer: _Writer, message_set: Element) -> None:
    for kind, model in QUERIES.items():
        sequence = writer.request(message_set, f"{kind}QueryRq")
        writer.particles(sequence, _usable(model, Shape.ADD), Shape.ADD, 0)
        owner = sequence.getparent()
        if owner is None:
            continue
        words(
            _add(owner, "attribute", name="metaData"),
            ("NoMetaData", "MetaDataOnly", "MetaDataAndResponseData"),
        )
        if model.iterates:
            words(_add(owner, "attribute", name="iterator"), ("Start", "Continue", "Stop"))
            _add(owner, "attribute", name="iteratorID", type="GUIDTYPE")


def schema() -> Element:
    """The schema of every request in qbXML 13.0, as an element. Raises nothing: the tables are static."""
    writer = _Writer()
    writer.simple_types()
    message_set = _envelope(writer)
    for name, model, shape, retold in _verbs():
        sequence = writer.request(message_set, f"{name}Rq")
        _add(sequence, "element", name=name, type=writer.complex_type(model, shape))
        if retold:
            more = _add(sequence, "element", name="IncludeRetElement", minOccurs="0", maxOccurs="unbounded")
            restricted(more, "STRTYPE", "maxLength", "50")
    _queries(writer, message_set)
    for request in (TxnVoid, TxnDel, ListDel):
        sequence = writer.request(message_set, f"{request.stem}Rq")
        words(_add(sequence, "element", name=f"{request.stem}Type"), request.words.split())
        _add(sequence, "element", name=request.id_tag, type="IDTYPE")
    return writer.root


def schema_text() -> bytes:
    """The schema as the file that is shipped."""
    root = schema()
    etree.indent(root, "  ")
    note = etree.Comment(
        " Requests of qbXML 13.0 as we send them. Generated by `python -m qbxml.schema`; do not edit. "
    )
    note.tail = "\n"
    root.addprevious(note)
    return etree.tostring(root.getroottree(), encoding="utf-8", xml_declaration=True) + b"\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the file, or with --check tells whether it is what the tables say (0 yes, 1 no)."""
    parser = argparse.ArgumentParser(prog="python -m qbxml.schema", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when the file is out of date"
    )
    options = parser.parse_args(arguments)
    if not options.check:
        options.file.write_bytes(schema_text())
        return 0
    if options.file.read_bytes() == schema_text():
        return 0
    sys.stderr.write(f"{options.file} is not what the tables say; run python -m qbxml.schema\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
