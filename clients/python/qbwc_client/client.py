"""The client for programs that wait for each answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from qbwc_client import calls
from qbwc_client import connector_calls as more_calls
from qbwc_client.calls import Call
from qbwc_client.connector_models import Preview
from qbwc_client.errors import NotFound, QbwcError, StillWaiting
from qbwc_client.models import Answered, Error, ErrorInFull, Event, EventPage, Kind, Line, Record
from qbwc_client.of_connector import OfConnector
from qbwc_client.retries import Retries
from qbwc_client.transport import Target, not_reached, read

T = TypeVar("T")

LONGEST_WAIT = 60
"""Seconds; the server lets no request wait longer."""


class Client(OfConnector):
    """One connector of a server, over HTTP. May be shared by threads; close it, or use it as a context.

    Args:
        url: of the server (``https://quickbooks.example.com``).
        key: an API key.
        connector: its name.
        timeout: seconds an answer may take, beside what is asked to be waited for.
        retries: how often what may be repeated is tried.
        http: an httpx client of yours, with your proxies and certificates; you close it.

    Every method raises `Problem`, by its classes, when the server refuses or fails, and `NotReached` when no answer
    came. What may safely be repeated was then tried several times.
    """

    def __init__(
        self,
        url: str,
        key: str,
        connector: str,
        *,
        timeout: float = 30.0,
        retries: Retries | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._target = Target(url, key, connector, timeout)
        self._retries = retries or Retries()
        self._http, self._is_ours = http or httpx.Client(), http is None
        self._sleep: Callable[[float], None] = time.sleep

    def close(self) -> None:
        """Drop the connections that were kept alive."""
        if self._is_ours:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- records --------------------------------------------------------------------------------------------

    def put(
        self,
        kind: Kind,
        external_id: str,
        content: Mapping[str, Any],
        *,
        wait: int | None = None,
        priority: int | None = None,
        revive: bool = False,
        if_match: str | None = None,
    ) -> Record:
        """Hand a record over, new or changed; the same again changes nothing.

        Args:
            content: its fields; `Decimal` and `date` are understood. ``version``, if you count your changes.
            wait: so many seconds, at most 60, for it to be synced or blocked.
            priority: 0 to 1000, lower is sent earlier among its kind.
            revive: take a cancelled record up again.
            if_match: the ETag the record must have.

        Raises:
            InvalidInput: every fault is listed in `faults`; nothing was stored.
        """
        return self._do(calls.put(kind, external_id, content, wait, priority, revive, if_match))

    def put_all(
        self,
        records: Iterable[tuple[Kind, str, Mapping[str, Any]]],
        *,
        revive: bool = False,
        at_once: int = 500,
    ) -> Iterator[Line]:
        """Hand many records over, so many in one request; tells what became of each, in their order."""
        for lines in parts(records, at_once):
            yield from self._do(calls.batch(lines, revive))

    def get(self, kind: Kind, external_id: str) -> Record:
        """A record as it stands.

        Raises:
            NotFound: there is none.
        """
        return self._do(calls.get(kind, external_id))

    def find(self, kind: Kind, external_id: str) -> Record | None:
        """A record as it stands; None when there is none."""
        try:
            return self.get(kind, external_id)
        except NotFound:
            return None

    def wait(self, kind: Kind, external_id: str, *, seconds: float = 300) -> Record:
        """A record as soon as it is synced, blocked or cancelled.

        Raises:
            StillWaiting: the time is up.
        """
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            asked = max(0, min(LONGEST_WAIT, int(left)))
            began = time.monotonic()
            record = self._do(calls.get(kind, external_id, asked))
            if record.is_settled:
                return record
            if time.monotonic() >= until - 1:
                raise StillWaiting(record)
            if (
                time.monotonic() - began < asked / 2
            ):  # too many wait already, so that this one was not waited for
                self._sleep(min(5.0, until - time.monotonic()))

    def records(self, kind: Kind, **found_by: Any) -> Iterator[Record]:
        """Records of a kind, page after page.

        Args:
            found_by: as the API takes it: ``state``, ``ref_number``, ``customer``, ``updated_after``, ``q`` …
                Several states are a list; moments are aware datetimes.
        """
        cursor: str | None = None
        while True:
            page, cursor = self._do(calls.records(kind, cursor, found_by))
            yield from page
            if cursor is None:
                return

    def cancel(self, kind: Kind, external_id: str) -> Record:
        """Withdraw a record that QuickBooks cannot hold."""
        return self._do(calls.cancel(kind, external_id))

    def void(self, kind: Kind, external_id: str) -> Record:
        """Have a document voided in QuickBooks (a purchase order: closed)."""
        return self._do(calls.decide(kind, external_id, "void"))

    def retry(self, kind: Kind, external_id: str) -> Record:
        """Try a blocked record again."""
        return self._do(calls.decide(kind, external_id, "retry"))

    def post_as_new(self, kind: Kind, external_id: str) -> Record:
        """Have a document posted anew whose first one was deleted in QuickBooks."""
        return self._do(calls.decide(kind, external_id, "post-as-new"))

    def link(self, kind: Kind, external_id: str, quickbooks_id: str) -> Record:
        """Say which entry (by its ListID) or document (by its TxnID) of QuickBooks a record is.

        A document is looked at in QuickBooks at the next visit; nothing is posted.
        """
        return self._do(more_calls.link(kind, external_id, quickbooks_id))

    def unlink(self, kind: Kind, external_id: str) -> Record:
        """Forget what a customer, vendor or item is in QuickBooks: it is matched anew."""
        return self._do(more_calls.unlink(kind, external_id))

    def preview(self, kind: Kind, external_id: str, content: Mapping[str, Any]) -> Preview:
        """What would become of a record: what it matches, what would be sent, what would stop it. Nothing is stored."""
        (told,) = self.previews([(kind, external_id, content)])
        return told

    def previews(
        self, records: Iterable[tuple[Kind, str, Mapping[str, Any]]], *, revive: bool = False
    ) -> list[Preview]:
        """The same of several, each looked at as if those before it had been handed over."""
        lines = [
            {**content, "kind": kind, "external_id": external_id} for kind, external_id, content in records
        ]
        return self._do(more_calls.preview(lines, revive))

    # --- errors and events ----------------------------------------------------------------------------------

    def errors(self, **found_by: Any) -> Iterator[Error]:
        """What stands in the way, the oldest first, page after page.

        Args:
            found_by: as the API takes it: ``cause``, ``actor``, ``kind``, ``external_id``, ``state`` …
        """
        cursor: str | None = None
        while True:
            page, cursor = self._do(calls.errors(cursor, found_by))
            yield from page
            if cursor is None:
                return

    def error(self, error_id: int) -> ErrorInFull:
        """An error with its choices and their token."""
        return self._do(calls.error(error_id))

    def answer(
        self,
        error: ErrorInFull,
        choice: str,
        *,
        value: str | None = None,
        note: str | None = None,
    ) -> Answered:
        """Carry out one of the choices, for everything that waits for the same cause.

        Args:
            error: as it was shown to whoever chose.
            choice: its id.
            value: what the choice needs, if it needs anything.

        Raises:
            Stale: something else may be chosen by now; `error` of it is how it stands.
        """
        return self._do(calls.answer(error.id, choice, error.token, value, note))

    def dismiss(self, error_id: int, note: str) -> ErrorInFull:
        """Let an error rest, with a note why."""
        return self._do(calls.dismiss(error_id, note))

    def event_page(
        self,
        after: int = 0,
        mark: str | None = None,
        *,
        wait: int | None = None,
        limit: int | None = None,
        **wanted: Any,
    ) -> EventPage:
        """A part of the events, with the place to go on from.

        Args:
            after, mark: `next` and `mark` of the part before.
            wait: so many seconds, at most 60, for something to happen.
            wanted: ``type`` (a list of types and patterns), ``kind``, ``external_id``.

        Raises:
            Gone: no event of this connector is there: its database is another one, or was restored.
        """
        return self._do(calls.events(after, mark, wait, limit, wanted))

    def events(self, after: int = 0, mark: str | None = None, **wanted: Any) -> Iterator[Event]:
        """What happened after an event, until now."""
        while True:
            page = self.event_page(after, mark, **wanted)
            yield from page.events
            if not page.more:
                return
            after, mark = page.next, page.mark

    def _do(self, call: Call[T]) -> T:
        tried = 0
        while True:
            tried += 1
            try:
                return self._once(call)
            except QbwcError as error:
                pause = self._retries.pause(error, tried, is_repeatable=call.is_repeatable)
                if pause is None:
                    raise
            self._sleep(pause)

    def _once(self, call: Call[T]) -> T:
        request = self._target.request(self._http, call)
        try:
            answer = self._http.send(request)
        except httpx.TransportError as error:
            raise not_reached(error, request) from error
        return read(call, answer)


def parts(
    records: Iterable[tuple[Kind, str, Mapping[str, Any]]], size: int
) -> Iterator[list[Mapping[str, Any]]]:
    """Records as the lines of a batch, so many at a time."""
    part: list[Mapping[str, Any]] = []
    for kind, external_id, content in records:
        part.append({"kind": kind, "external_id": external_id, **content})
        if len(part) >= size:
            yield part
            part = []
    if part:
        yield part
