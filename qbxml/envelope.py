"""Puts requests into one message set: the text QuickBooks is given, pure ASCII."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from qbxml.errors import Caveat, EnvelopeError
from qbxml.requests import Built, Request
from qbxml.versions import LATEST, Country, Version

MESSAGE_SET_ID_LIMIT = 24
"""QuickBooks answers 9004 to a longer id, although the schema would allow one: a GUID does not fit."""

OnError = Literal["continueOnError", "stopOnError"]

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


@dataclass(frozen=True, slots=True)
class MessageSet:
    """A message set ready to be sent. `warnings` holds what each request lost or had mapped, by requestID."""

    text: str
    warnings: Mapping[str, tuple[Caveat, ...]]


def build(
    requests: Sequence[Request],
    *,
    version: Version = LATEST,
    country: Country = "US",
    on_error: OnError = "continueOnError",
    new_message_set_id: str | None = None,
    old_message_set_id: str | None = None,
    built: Mapping[str, Built] | None = None,
) -> MessageSet:
    """The message set of these requests, in this order; QuickBooks processes and answers in the same.

    An empty set is legal: together with the ids it asks for, or clears, a stored outcome. Raises
    EnvelopeError for ids that do not fit or do not tell the requests apart, InvalidRecord for a request that
    must not be sent.

    Args:
        built: what requests came to in this version and country, by requestID, so that they are not built again; their
            elements become part of the message set.
    """
    if on_error not in ("continueOnError", "stopOnError"):
        raise EnvelopeError(f"onError={on_error!r}: QuickBooks takes continueOnError or stopOnError")
    _check_ids(requests)
    root = etree.Element("QBXML")
    root.addprevious(etree.ProcessingInstruction("qbxml", f'version="{version}"'))
    body = etree.SubElement(root, "QBXMLMsgsRq", onError=on_error)
    _message_set_id(body, "newMessageSetID", new_message_set_id)
    _message_set_id(body, "oldMessageSetID", old_message_set_id)
    warnings = {}
    for request in requests:
        before = built.get(request.request_id) if built and request.request_id else None
        element, caveats = before if before is not None else request.to_element(version, country)
        body.append(element)
        if caveats:
            warnings[request.request_id] = caveats
    # us-ascii makes lxml write every other character as a decimal reference, which QBWC cannot garble.
    text = etree.tostring(root.getroottree(), encoding="us-ascii", xml_declaration=False).decode("ascii")
    return MessageSet(_DECLARATION + text, warnings)


def _check_ids(requests: Sequence[Request]) -> None:
    ids = [request.request_id for request in requests]
    if len(ids) > 1 and "" in ids:
        raise EnvelopeError(f"request {ids.index('') + 1} of {len(ids)} has no request_id")
    if len(set(ids)) < len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise EnvelopeError(f"request_id {twice!r} is used twice: the answers could not be told apart")


def _message_set_id(body: etree._Element, name: str, value: str | None) -> None:
    if value is None:
        return
    if not 0 < len(value) <= MESSAGE_SET_ID_LIMIT or not value.isascii() or not value.isprintable():
        raise EnvelopeError(f"{name} {value!r}: 1 to {MESSAGE_SET_ID_LIMIT} printable ASCII characters")
    body.set(name, value)
