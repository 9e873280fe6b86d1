"""What QuickBooks' parser accepts: checked before anything is executed, for the whole message set at once."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from lxml import etree

from qbwc_server.simulator.errors import RequestProcessorError, SimulatorError
from qbwc_server.simulator.quickbooks.kinds import LIST_KINDS, TXN_KINDS
from qbwc_server.simulator.quickbooks.shapes import NESTED, Shape, Version, parse_version

_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_INSTRUCTION = re.compile(r"""<\?qbxml\s+version\s*=\s*(["'])(?P<version>[^"']*)\1\s*\?>""")
_SCHEMA_FILE: Final = re.compile(r"qbxml-(?:requests-)?(\d+\.\d+)\.xsd$")
NEWEST: Final[Version] = (13, 0)
"""The version of the schema: nothing in it is newer, so requests in it need no further look."""


@cache
def shipped_schema() -> etree.XMLSchema:
    """The newest qbXML schema of the package data.

    Raises:
        SimulatorError: the package data holds none.
    """
    folder = resources.files("qbwc_server.schemas")
    found = {
        parse_version(match[1]): each for each in folder.iterdir() if (match := _SCHEMA_FILE.match(each.name))
    }
    if not found:
        raise SimulatorError("the package holds no qbXML schema to validate requests with")
    return etree.XMLSchema(etree.fromstring(found[max(found)].read_bytes(), _parser()))


def schema_from(path: Path) -> etree.XMLSchema:
    """A schema of one's own, for instance Intuit's ``qbxmlops130.xsd`` with its neighbours beside it."""
    return etree.XMLSchema(etree.parse(str(path)))


def read_request(
    text: str, schema: etree.XMLSchema, supported: frozenset[Version]
) -> tuple[etree._Element, Version]:
    """The ``QBXMLMsgsRq`` of a request document and the version it asks for.

    Checks what the request processor checks before executing anything: the prolog (exactly one, nothing
        before it,
    with the ``qbxml`` instruction), the characters QuickBooks can keep, order, lengths and names by the
    schema, and elements newer than the declared version.

    Raises:
        RequestProcessorError: 0x80040400 or, for the version, 0x80040423.
    """
    version = _read_prolog(text, supported)
    _check_characters(text)
    root = _parse(text)
    _check_schema(root, schema)
    message_set = root.find("QBXMLMsgsRq")
    if message_set is None:
        raise RequestProcessorError.unreadable("no QBXMLMsgsRq")
    if version < NEWEST:
        for request in message_set:
            _check_query(request, version)
            _check_versions(request, version)
    return message_set, version


def _read_prolog(text: str, supported: frozenset[Version]) -> Version:
    start = text.find("<QBXML")
    prolog = text[:start] if start >= 0 else text
    if not _DECLARATION.match(prolog) or len(re.findall(r"<\?xml\s", text)) != 1:
        raise RequestProcessorError.unreadable("no XML declaration at the very start, or more than one")
    if "<!DOCTYPE" in text:
        raise RequestProcessorError.unreadable("a document type declaration")
    instructions = list(_INSTRUCTION.finditer(prolog))
    if len(instructions) != 1:
        raise RequestProcessorError.unreadable("no qbxml instruction before the root, or more than one")
    try:
        version = parse_version(instructions[0]["version"])
    except ValueError as error:
        raise RequestProcessorError.unknown_version() from error
    if version not in supported:
        raise RequestProcessorError.unknown_version()
    return version


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True
    )


def _parse(text: str) -> etree._Element:
    body = _DECLARATION.sub("", text, count=1)
    try:
        root = etree.fromstring(body.encode("utf-8", "surrogatepass"), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RequestProcessorError.unreadable(str(error)) from error
    return root


def _check_characters(text: str) -> None:
    """QuickBooks keeps Windows-1252; anything else costs the message set (tested by implementers).

    Character references count as the characters they stand for.
    """
    decoded = re.sub(r"&#(?:x([0-9a-fA-F]+)|(\d+));", _character, text)
    try:
        decoded.encode("cp1252")
    except UnicodeEncodeError as error:
        raise RequestProcessorError.unreadable(f"a character QuickBooks cannot keep: {error}") from error


def _character(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(code) if code <= 0x10FFFF else "\uffff"


def _check_schema(root: etree._Element, schema: etree.XMLSchema) -> None:
    try:
        schema.assertValid(root)
    except etree.DocumentInvalid as error:
        raise RequestProcessorError.unreadable(str(error)) from error


_SINCE: Final[dict[str, Version]] = {
    "iterator": (5, 0),
    "iteratorID": (5, 0),
    "TemplateQueryRq": (3, 0),
    "PriceLevelQueryRq": (4, 0),
    "UnitOfMeasureSetQueryRq": (7, 0),
    "CurrencyQueryRq": (8, 0),
    "InventorySiteQueryRq": (10, 0),
    "IncludeRetElement": (4, 0),
    "RefNumberCaseSensitive": (4, 0),
    "CurrencyFilter": (8, 0),
    "ClassFilter": (12, 0),
}
"""The first versions of queries, their attributes and their selectors; what is not here is as old as any."""


def _check_query(request: etree._Element, version: Version) -> None:
    """A query, an attribute or a selector that the declared version does not have."""
    if not request.tag.endswith("QueryRq"):
        return
    for name in (request.tag, *map(str, request.attrib), *(child.tag for child in request)):
        if _SINCE.get(name, version) > version:
            raise RequestProcessorError.unreadable(f"{name} is newer than {version}")


def _check_versions(request: etree._Element, version: Version) -> None:
    """Elements newer than the declared version are as unknown to QuickBooks as misspelt ones."""
    for wrapper in request:
        layout = _layout_of(wrapper.tag)
        if layout is not None:
            _check_level(wrapper, layout, version)


def _layout_of(tag: str) -> Shape | None:
    for ending in ("Add", "Mod"):
        name = tag.removesuffix(ending)
        if name != tag and name in LIST_KINDS:
            return LIST_KINDS[name].shape
        if name != tag and name in TXN_KINDS:
            return TXN_KINDS[name].shape
    return None


def _check_level(element: etree._Element, layout: Shape, version: Version) -> None:
    for child in element:
        known = layout.by_name.get(_answer_name(child.tag))
        if known is None:
            continue
        if known.since > version:
            raise RequestProcessorError.unreadable(f"{child.tag} is newer than {version}")
        if known.shape is not None:
            _check_level(child, NESTED[known.shape], version)


def _answer_name(tag: str) -> str:
    """``InvoiceLineAdd`` and ``InvoiceLineMod`` are ``InvoiceLineRet`` in the tables."""
    for ending in ("LineAdd", "LineMod", "GroupAdd", "GroupMod"):
        if tag.endswith(ending):
            return tag[:-3] + "Ret"
    return tag
