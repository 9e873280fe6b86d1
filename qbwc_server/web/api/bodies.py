"""Reading what a request carries: one JSON object, or one a line; bounded, exact, and faithful to every character."""

import json
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import IO, Any

from flask import Response, after_this_request, request
from werkzeug.wsgi import get_input_stream

from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.json_values import impossible
from qbwc_server.domain.reading_json import read_json
from qbwc_server.web.api import unpacking
from qbwc_server.web.api.failures import PROBLEMS, Refusal

OBJECT = ("application/json",)
PATCH = ("application/json", "application/merge-patch+json")
QBXML = ("application/json", "application/xml", "text/xml")
"""A JSON object with the text in it, or the text itself."""
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
SOME = (*LINES, *OBJECT)
"""One JSON object, an array of them, or one a line; it is answered in the same form."""

LARGEST_OBJECT = 1024 * 1024
"""Bytes of one record: an invoice of 5,000 lines has half of it."""
LARGEST_BATCH = 32 * 1024 * 1024
"""Bytes of one batch: about 50,000 invoices."""
LARGEST_ARRAY = 8 * 1024 * 1024
"""Bytes of one batch that is a JSON array: it is held in memory as a whole, and so is its answer."""
_KEPT_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """What a route takes: the schema of the object (or of each line), and how it may be called."""

    schema: str
    media_types: tuple[str, ...] = OBJECT
    is_record: bool = False
    """It is a record, whose values are checked when it is taken in: what is refused of one is kept."""

    @property
    def is_lines(self) -> bool:
        """Whether it is one object a line."""
        return self.media_types is LINES or self.may_be_one

    @property
    def may_be_one(self) -> bool:
        """Whether a single object is taken as well, and answered by one."""
        return self.media_types is SOME

    @property
    def most_bytes(self) -> int:
        """How large the whole of it may be."""
        if is_array(self):
            return LARGEST_ARRAY
        return LARGEST_BATCH if self.is_lines else LARGEST_OBJECT


def is_array(body: Body) -> bool:
    """Whether what may come one a line comes as a JSON array (or a single object), and is to be answered so."""
    return body.is_lines and request.mimetype == OBJECT[0]


def read(body: Body) -> bytes:
    """What the request carries, unpacked.

    Raises:
        Refusal: 400 it was cut off; 413 too large; 415 another media type.
    """
    return b"".join(_received(body))


def as_object(body: Body, data: bytes) -> dict[str, Any]:
    """The JSON object in what was read.

    Raises:
        Refusal: 400 not JSON, or not an object.
        InvalidInput: a value in it no field can hold.
    """
    try:
        if body.media_types is QBXML and request.mimetype.endswith("/xml"):
            return {"qbxml": data.decode("utf-8-sig")}
        return parse(data, checked=not body.is_record)
    except UnicodeDecodeError as error:
        raise Refusal(400, f"the body is not UTF-8 text (byte {error.start})") from None
    except NotJson as error:
        raise Refusal(400, str(error)) from None


class Form(Enum):
    """How several objects were sent, and are answered."""

    ONE = "one"
    ARRAY = "array"
    LINES = "lines"


def read_lines(body: Body) -> tuple[Form, Iterator[bytes]]:
    """In which form the lines of the request were sent, and each, blank ones included; of an array each member is one.

    All of it is taken in before the first line is given out: what was cut off on its way is refused as a whole, and
    a client that reads nothing before it has written everything does not block itself and us.

    Raises:
        Refusal: 400 no JSON array; 413 too large; 415 another media type; 507 no room to put it aside.
    """
    if is_array(body):
        data = b"".join(_received(body))
        if body.may_be_one and not data.removeprefix(BOM_UTF8).lstrip().startswith(b"["):
            return Form.ONE, iter((_checked(data),))
        return Form.ARRAY, iter(_members(data))
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY)  # noqa: SIM115 - closed with the answer
    _close_with_the_answer(kept)
    try:
        kept.writelines(_received(body))
        kept.seek(0)
    except OSError:
        raise Refusal(507, PROBLEMS[507].detail) from None
    return Form.LINES, _lines_of(kept)


def _close_with_the_answer(kept: IO[bytes]) -> None:
    """Close what was put aside once it is answered, also where no line of it is ever asked for."""

    @after_this_request
    def close(response: Response) -> Response:
        if response.is_streamed:
            response.call_on_close(kept.close)
        else:
            kept.close()
        return response


def _checked(data: bytes) -> bytes:
    """A single object, as it was sent."""
    try:
        parse(data, checked=False)
    except NotJson as error:
        raise Refusal(400, str(error)) from None
    return data


def _members(data: bytes) -> list[bytes]:
    """Each member of a JSON array as a line."""
    try:
        members = read_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refusal(400, f"the body is not UTF-8 text (byte {error.start})") from None
    except InvalidInput as error:
        raise Refusal(400, error.faults[0].message) from None
    if not isinstance(members, list):
        raise Refusal(400, f"the body must be a JSON array; send single objects a line as {LINES[0]}")
    return [json.dumps(member, default=_plain).encode() for member in members]


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _lines_of(kept: IO[bytes]) -> Iterator[bytes]:
    """Each line; of one that is too long only as much as shows that it is."""
    with kept:
        while line := kept.readline(LARGEST_OBJECT + 1):
            yield line
            while len(line) > LARGEST_OBJECT and not line.endswith(b"\n"):
                line = kept.readline(LARGEST_OBJECT + 1)


def _received(body: Body) -> Iterator[bytes]:
    """What the request carries, piece by piece, refused as soon as it is known to be too large or cut off."""
    _check_headers(body)
    pieces = _sent(body)
    if not unpacking.is_compressed():
        yield from pieces
        return
    unpacked = 0
    for piece in unpacking.unpacked(pieces):
        unpacked += len(piece)
        if unpacked > body.most_bytes:
            raise Refusal(413, f"the body may have {body.most_bytes} bytes once it is unpacked")
        yield piece


def _sent(body: Body) -> Iterator[bytes]:
    """The body as it was sent."""
    declared, received = request.content_length, 0
    if declared is None or declared <= body.most_bytes:
        # the server in front ends the stream; werkzeug's own limit would cut off what is too long instead of telling
        stream = get_input_stream(request.environ)
        while received <= body.most_bytes and (piece := _piece(stream)):
            received += len(piece)
            yield piece
    if max(received, declared or 0) > body.most_bytes:
        raise Refusal(413, f"the body may have {body.most_bytes} bytes")
    if declared not in (None, received):
        raise Refusal(400, "the body was cut off on its way")


def _piece(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_PIECE)
    except OSError:
        raise Refusal(400, "the body was cut off on its way") from None


def _check_headers(body: Body) -> None:
    if request.mimetype not in body.media_types and not is_array(body):
        raise Refusal(415, f"send the body as {body.media_types[0]}")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal(415, "send the body as UTF-8")
    unpacking.is_compressed()


class NotJson(ValueError):
    """What was sent is not a JSON object at all."""


def parse(data: bytes, *, checked: bool = True) -> dict[str, Any]:
    """One JSON object, its numbers exact.

    Args:
        checked: its values are looked at, as nobody does so later.

    Raises:
        NotJson: it is something else.
        InvalidInput: a value in it no field can hold.
    """
    try:
        value = read_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotJson(f"the body is not UTF-8 text (byte {error.start})") from None
    except InvalidInput as error:
        raise NotJson(error.faults[0].message) from None
    except RecursionError:
        raise NotJson("the body is nested too deeply") from None
    if not isinstance(value, dict):
        raise NotJson("the body must be a JSON object")
    faults = list(impossible(value)) if checked else []
    if faults:
        raise InvalidInput(faults)
    return value
