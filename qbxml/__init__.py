"""The qbXML language: typed records, requests and responses. Usable alone, without server or database.

from qbxml import build, read
from qbxml.records import Customer
from qbxml.requests import Add

message_set = build([Add(Customer(name="Harbour Fish Co"), request_id="1")])
for response in read(answer_bytes):
    print(response.request_id, response.status_code, list(response.records))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qbxml.envelope import MessageSet, build
    from qbxml.errors import (
        Caveat,
        EnvelopeError,
        FieldError,
        InvalidRecord,
        NotQbxml,
        ParseError,
        QbxmlError,
        ReadError,
        TooDeep,
        TooLarge,
        UnsupportedVersion,
    )
    from qbxml.response import RawRecord, Response
    from qbxml.responses import Reader, read
    from qbxml.versions import LATEST, Country, Version, negotiate

__all__ = [
    "LATEST",
    "Caveat",
    "Country",
    "EnvelopeError",
    "FieldError",
    "InvalidRecord",
    "MessageSet",
    "NotQbxml",
    "ParseError",
    "QbxmlError",
    "RawRecord",
    "ReadError",
    "Reader",
    "Response",
    "TooDeep",
    "TooLarge",
    "UnsupportedVersion",
    "Version",
    "build",
    "negotiate",
    "read",
]

_HOMES = {
    "Caveat": "qbxml.errors",
    "Country": "qbxml.versions",
    "EnvelopeError": "qbxml.errors",
    "FieldError": "qbxml.errors",
    "InvalidRecord": "qbxml.errors",
    "LATEST": "qbxml.versions",
    "MessageSet": "qbxml.envelope",
    "NotQbxml": "qbxml.errors",
    "ParseError": "qbxml.errors",
    "QbxmlError": "qbxml.errors",
    "RawRecord": "qbxml.response",
    "ReadError": "qbxml.errors",
    "Reader": "qbxml.responses",
    "Response": "qbxml.response",
    "TooDeep": "qbxml.errors",
    "TooLarge": "qbxml.errors",
    "UnsupportedVersion": "qbxml.errors",
    "Version": "qbxml.versions",
    "build": "qbxml.envelope",
    "negotiate": "qbxml.versions",
    "read": "qbxml.responses",
}
"""Where each name of this face is made: whoever wants status texts or findings in words needs none of the records."""


def __getattr__(name: str) -> Any:
    """A name of the face, looked up when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
