"""Iterators of queries: each belongs to the session that started it and dies with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from qbwc_server.simulator.errors import StatusError, missing_element

Found = tuple[Any, dict[str, Any]]
"""A record with its kind, as the queries find it."""


@dataclass(slots=True)
class Iterators:
    """The iterators that are open in one session, by iteratorID."""

    _waiting: dict[str, list[Found]] = field(default_factory=dict)

    def page(
        self, request: etree._Element, found: list[Found], size: int | None
    ) -> tuple[list[Found], dict[str, str]]:
        """The records to answer with, and the iterator attributes of the answer.

        Args:
            request: the query, with ``iterator`` and ``iteratorID`` or without.
            found: everything that matches; ignored when an iterator goes on, which keeps what it found at its
                start.
            size: MaxReturned.

        Raises:
            StatusError: 3150 an iterator without MaxReturned; 3000 an iterator that is not of this session
                (which code QuickBooks gives is not documented).
        """
        step = request.get("iterator")
        if step is None:
            return (found if size is None else found[:size]), {}
        if size is None:
            raise missing_element("MaxReturned")
        if step == "Start":
            iterator_id = f"{{{str(uuid.uuid4()).upper()}}}"
        else:
            iterator_id = request.get("iteratorID", "")
            found = self._taken_up(iterator_id)
        if step == "Stop":
            return [], {"iteratorRemainingCount": "0", "iteratorID": iterator_id}
        page, rest = found[:size], found[size:]
        if rest:
            self._waiting[iterator_id] = rest
        return page, {"iteratorRemainingCount": str(len(rest)), "iteratorID": iterator_id}

    def goes_on(self, request: etree._Element) -> bool:
        """Whether the request continues or stops an iterator, so that nothing needs to be searched."""
        return request.get("iterator") in ("Continue", "Stop")

    def _taken_up(self, iterator_id: str) -> list[Found]:
        try:
            return self._waiting.pop(iterator_id)
        except KeyError:
            raise StatusError(
                3000, f'The given object ID "{iterator_id}" in the field "iteratorID" is invalid.'
            ) from None
