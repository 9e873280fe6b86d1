"""One response of QuickBooks: its status, and its records one by one, in constant memory.

Whatever the parser has completed is turned into records and taken out of the tree before it is fed more.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from qbxml.decode import Element, Notes, decode, picked, picks, position_of
from qbxml.errors import Caveat, ParseError
from qbxml.feed import Feed
from qbxml.record import Record
from qbxml.records import DIRECT, RETS
from qbxml.records.common import ErrorRecovery

_MOVED_ON = "the reader has moved on: read the records of a query before the next response"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A child of a response no table describes, as QuickBooks sent it."""

    name: str
    element: Element

    @property
    def xml(self) -> str:
        """The element as text, pure ASCII."""
        return etree.tostring(self.element, encoding="us-ascii", with_tail=False).decode("ascii")


_Item = Record | RawRecord | ParseError
"""What a child is read as; a fault is raised where it is come to."""


class Response:
    """One `*Rs`: its status, and its records as they are parsed.

    `name` ("CustomerQueryRs"), `request_id` (None where QuickBooks sent none), `status_code` (int),
    `status_severity` (Info, Warn, Error), `status_message`, `iterator_id`, `iterator_remaining_count`,
    `ret_count`. `records` is a one-shot iterator. Moving on to the next response skips what was not read of
    a query; asking for it afterwards is a RuntimeError. Other answers are small and stay readable.
    """

    def __init__(self, element: Element, feed: Feed) -> None:
        self.name = str(element.tag)
        self.request_id = element.get("requestID")
        self.status_code = _required_int(element, "statusCode")
        self.status_severity = element.get("statusSeverity", "")
        self.status_message = element.get("statusMessage", "")
        self.iterator_id = element.get("iteratorID")
        self.iterator_remaining_count = whole_number(element, "iteratorRemainingCount")
        self.ret_count = whole_number(element, "retCount")
        self._element = element
        self._feed = feed
        self._notes = Notes()
        self._recovery: ErrorRecovery | None = None
        self._taken = False
        self._written: Record | RawRecord | None = None
        self._whole = False
        self._passed = False
        self._source: Generator[_Item, None, None] | None = None
        if not self.is_query:
            self._complete()

    @property
    def is_query(self) -> bool:
        """Whether it is named as the answer to a query, whose records can be read only until the next response."""
        return self.name.endswith("QueryRs")

    @property
    def warnings(self) -> tuple[Caveat, ...]:
        """What was odd so far; grows while records are read."""
        dropped = self._feed.cleaned.dropped
        if dropped:
            message = f"{dropped} characters XML forbids were dropped from the document so far"
            return (*self._notes.all(), Caveat(self.name, "control", message))
        return self._notes.all()

    @property
    def records(self) -> Records:
        """The records, of which each is read once."""
        # made here: what referred to each other would stay, with tree and text, until garbage is collected
        return Records(self)

    @property
    def written(self) -> Record | RawRecord | None:
        """The record in an answer to a write, however often it is asked for; None where there is none."""
        if not self._taken:
            try:
                self._written = next(self.records, None)
            finally:
                self._let_go()
        return self._written

    @property
    def error_recovery(self) -> ErrorRecovery | None:
        """What a stored outcome says about the record (answers to Add, Mod and Del since 11.0)."""
        if self._recovery is None and self._whole:
            found = self._element.find("ErrorRecovery")
            self._recovery = decode(found, ErrorRecovery, notes=self._notes) if found is not None else None
        return self._recovery

    def picked(self, wanted: tuple[str, ...]) -> Iterator[tuple[str, list[Any]]]:
        """Of each record its kind and the values of some attributes, instead of `records`: what a list of a hundred
        thousand is read for, in a third of the time. What no table describes is passed over.

        Raises ParseError for a value that cannot be read with certainty, RuntimeError once records have been read.
        """
        self._take_all()
        return self._pick(wanted)

    def _pick(self, wanted: tuple[str, ...]) -> Iterator[tuple[str, list[Any]]]:
        steps = picks(wanted)
        while children := self._batch():
            for child in children:
                model = RETS.get(child.tag)
                if model is not None:
                    yield model.kind, picked(child, steps[model])
            del children, child
            del self._element[: self._ready()]

    def whole(self) -> Element:
        """The complete `*Rs` element, instead of its records: the answer to a raw request.

        Raises RuntimeError once records have been read.
        """
        self._take_all()
        self._complete()
        return self._element

    def _take_all(self) -> None:
        if self._taken or self._passed:
            raise RuntimeError("records of this response were read or skipped already")
        self._taken = True

    def skip(self) -> None:
        """Reads past what is left, keeping nothing."""
        while not self._ended():
            self._drop(len(self._element) - 1)
            self._feed.advance()
        if not self._whole:
            self._drop(len(self._element))
            self._let_go()

    def _let_go(self) -> None:
        """Of what has read so far, which refers to this in turn: the next response need not find it in memory."""
        if self._source is not None:
            self._source.close()

    def _drop(self, count: int) -> None:
        if count > 0:
            self._passed = True
            del self._element[:count]

    def _complete(self) -> None:
        while not self._ended() and self._feed.advance():
            pass
        self._whole = True

    def _ended(self) -> bool:
        return self._whole or self._feed.complete(self._element)

    def _batch(self) -> list[Element]:
        """Complete children not taken yet, fed for until there are some; empty at the end."""
        while True:
            if self._passed:
                raise RuntimeError(_MOVED_ON)
            done = self._ended()
            children = list(self._element)
            ready = children if done else children[:-1]
            if ready or done:
                return ready
            self._feed.advance()

    def _read(self) -> Generator[_Item, None, None]:
        direct = DIRECT.get(self.name)
        if direct is not None:
            self._complete()
            for recovery in self._element.findall("ErrorRecovery"):
                self._recovery = decode(recovery, ErrorRecovery, notes=self._notes)
                self._element.remove(recovery)
            if len(self._element):
                yield self._decoded(self._element, direct)
            return
        while children := self._batch():
            for child in children:
                model = RETS.get(child.tag)
                if model is not None:
                    yield self._decoded(child, model)
                elif child.tag == "ErrorRecovery":
                    self._recovery = decode(child, ErrorRecovery, notes=self._notes)
                else:
                    yield self._unknown(child)
            del children, child
            del self._element[: self._ready()]

    def _ready(self) -> int:
        return len(self._element) if self._ended() else len(self._element) - 1

    def _decoded(self, child: Element, model: type[Record]) -> Record | ParseError:
        try:
            return decode(child, model, notes=self._notes)
        except ParseError as error:
            return error

    def _unknown(self, child: Element) -> RawRecord:
        self._notes.add(str(child.tag), "unknown", f"{child.tag} is not described here; kept as it came")
        child.tail = None
        return RawRecord(str(child.tag), child)


class Records:
    """The records of one response, once. A record that cannot be read with certainty raises ParseError;
    the iteration may go on behind it."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def __iter__(self) -> Records:
        return self

    def __next__(self) -> Record | RawRecord:
        response = self._response
        if response._passed:
            raise RuntimeError(_MOVED_ON)
        if response._source is None:
            if response._taken:
                raise StopIteration
            response._taken = True
            response._source = response._read()
        item = next(response._source)
        if isinstance(item, ParseError):
            raise item
        return item


def whole_number(element: Element, name: str) -> int | None:
    """An attribute as a number, None where it is absent. Raises ParseError where it is no number."""
    text = element.get(name)
    if text is None or not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        raise ParseError(f"{name} is no whole number", position_of(element), text) from None


def _required_int(element: Element, name: str) -> int:
    value = whole_number(element, name)
    if value is None:
        place = position_of(element)
        raise ParseError(f"{element.tag} has no {name}", place, str(element.tag))
    return value
