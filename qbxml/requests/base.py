"""What every request offers: its name, its requestID, and to become one `*Rq` element."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from lxml import etree

from qbxml.encode import Element, Encoder
from qbxml.errors import Caveat, FieldError
from qbxml.versions import LATEST, Country, Version

REQUEST_ID_LIMIT = 50
"""QuickBooks answers 1060 to a longer requestID."""

_ATTRIBUTES = {"requestID": "request_id", "iteratorID": "iterator_id"}


class Built(NamedTuple):
    """A request element and what was left out or mapped while it was written."""

    element: Element
    warnings: tuple[Caveat, ...]


class Request(ABC):
    """What every request offers; subclasses are frozen dataclasses."""

    __slots__ = ()

    request_id: str
    writes: ClassVar[bool] = True

    @property
    @abstractmethod
    def name(self) -> str:
        """The element name, `CustomerAddRq`."""

    @abstractmethod
    def _fill(self, element: Element, encoder: Encoder) -> None:
        """Appends the content of the request."""

    def to_element(self, version: Version = LATEST, country: Country = "US") -> Built:
        """The request as one element. Raises InvalidRecord with every fault."""
        encoder = Encoder(version, country)
        element = etree.Element(self.name)
        if self.request_id:
            attribute(element, encoder, "requestID", self.request_id)
        self._fill(element, encoder)
        return Built(element, encoder.finish(self.name))


def attribute(element: Element, encoder: Encoder, name: str, value: str) -> None:
    """Gives the element its requestID or iteratorID; one that QuickBooks would refuse becomes a fault."""
    if len(value) > REQUEST_ID_LIMIT or not value.isascii() or not value.isprintable():
        problem = f"{name} must be 1 to {REQUEST_ID_LIMIT} printable ASCII characters"
        path = _ATTRIBUTES[name]
        encoder.faults.append(FieldError(path, problem, value, REQUEST_ID_LIMIT, path))
        return
    element.set(name, value)
