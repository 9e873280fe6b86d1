"""Raw: a request that somebody else has written."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from qbxml.encode import Element, Encoder
from qbxml.errors import FieldError, InvalidRecord
from qbxml.guard import parse_one
from qbxml.requests.base import Request


@dataclass(frozen=True, slots=True)
class Raw(Request):
    """Any other request, as an lxml element or its bytes: one `*Rq` element, content as the caller wrote it.

    Well-formedness, the envelope and the requestID are ours; a requestID in the source is replaced.
    """

    source: Element | bytes
    request_id: str = ""
    parsed: Element = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = parse_one(self.source) if isinstance(self.source, bytes) else copy.deepcopy(self.source)
        if not isinstance(given.tag, str) or not given.tag.endswith("Rq") or not given.tag.isalnum():
            problem = "one request element is needed, its name ending in Rq"
            raise InvalidRecord([FieldError("source", problem, str(given.tag), None, "name")], "raw request")
        object.__setattr__(self, "parsed", given)

    @property
    def name(self) -> str:
        """The name of the element given."""
        return str(self.parsed.tag)

    @property
    def writes(self) -> bool:  # type: ignore[override]  # a class variable elsewhere, here it depends
        """False for queries and reports, which change nothing."""
        return not self.name.endswith(("QueryRq", "ReportQueryRq"))

    def _fill(self, element: Element, encoder: Encoder) -> None:
        element.text = self.parsed.text
        for name, value in self.parsed.attrib.items():
            if name != "requestID":
                element.set(name, value)
        for child in self.parsed:
            element.append(copy.deepcopy(child))
