"""The qbXML language: typed records, requests and responses. Usable alone, without server or database.

from qbxml import build, read
from qbxml.records import Customer
from qbxml.requests import Add

message_set = build([Add(Customer(name="Harbour Fish Co"), request_id="1")])
for response in read(answer_bytes):
    print(response.request_id, response.status_code, list(response.records))
"""

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
from qbxml.responses import RawRecord, Reader, Response, read
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
