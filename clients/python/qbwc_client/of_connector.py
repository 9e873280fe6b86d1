"""What a client does beside records, errors and events: QuickBooks' lists, raw requests, webhooks, the connector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from qbwc_client import connector_calls as calls
from qbwc_client.calls import Call, other
from qbwc_client.connector_models import (
    Connector,
    Counts,
    Delivery,
    Entry,
    ListName,
    RawRequest,
    Retried,
    Webhook,
)

T = TypeVar("T")


class Doing:
    """Whatever carries calls out."""

    def _do(self, call: Call[T]) -> T:
        raise NotImplementedError


class OfConnector(Doing):
    """What concerns a connector as a whole."""

    def connector(self) -> Connector:
        """How it is doing: its `mood` in a word, its `headline` in a sentence."""
        return self._do(calls.connector())

    def counts(self) -> Counts:
        """How many records there are of each kind in each state, and how many open errors of each cause."""
        return self._do(calls.counts())

    def pause(self) -> Connector:
        """Let its Web Connector find nothing to do until `resume`."""
        return self._do(calls.have_it("pause"))

    def resume(self) -> Connector:
        """End `pause`."""
        return self._do(calls.have_it("resume"))

    def resync(self) -> Connector:
        """Have QuickBooks' lists read anew at the next visit, and everything that is blocked looked at."""
        return self._do(calls.have_it("resync"))

    def quickbooks(self, list_name: ListName, **found_by: Any) -> Iterator[Entry]:
        """Entries of a list of QuickBooks, as it was read last, page after page.

        Args:
            found_by: as the API takes it: ``q`` (what somebody types, at most 50 are found), or ``name``, ``email``,
                ``sku``; nothing: all of it.
        """
        cursor: str | None = None
        while True:
            page, cursor = self._do(calls.entries(list_name, cursor, found_by))
            yield from page
            if cursor is None:
                return

    def retry_errors(self, cause_key: str | None = None, *, ids: Sequence[int] | None = None) -> Retried:
        """Try again what waits behind a cause key, or behind these error records."""
        return self._do(calls.retry_errors(cause_key, ids))

    def request(self, qbxml: str, *, wait: int | None = None, follow: bool = False) -> RawRequest:
        """Ask or tell QuickBooks something in its own language; the answer comes with the Web Connector's next visit.

        Args:
            wait: so many seconds, at most 60, for the answer.
            follow: go on with its iterator to the end.
        """
        return self._do(calls.request(qbxml, wait, follow))

    def raw_request(self, request_id: int, *, wait: int | None = None) -> RawRequest:
        """What became of a request in QuickBooks' own language, with its answer."""
        return self._do(calls.raw_request(request_id, wait))

    def cancel_request(self, request_id: int) -> RawRequest:
        """Take one back that is still queued."""
        return self._do(calls.cancel_request(request_id))

    def call(self, method: str, path: str = "", body: object = None, **query: Any) -> Any:
        """Any other address of the connector, as `/api/docs` shows them: ``call("GET", "queue")``."""
        return self._do(other(method, path, query, body))

    @property
    def webhooks(self) -> Webhooks:
        """Where events are sent to."""
        return Webhooks(self)


class Webhooks:
    """The webhooks of a connector: ``client.webhooks.add("https://…")``."""

    def __init__(self, client: Doing) -> None:
        self._do = client._do

    def all(self) -> list[Webhook]:
        """All of them."""
        return self._do(calls.webhooks())

    def get(self, webhook_id: int) -> Webhook:
        """One of them, and how far it has come."""
        return self._do(calls.webhook("GET", webhook_id))

    def add(self, url: str, types: Sequence[str] = ("*",), *, allow_private: bool = False) -> Webhook:
        """Have events sent to an address; its `secret` is told this once.

        Args:
            types: of events, or patterns of them: ``invoice.*``, ``*.blocked``.
            allow_private: the address may lie in a private network.
        """
        return self._do(calls.add_webhook(url, types, allow_private))

    def change(self, webhook_id: int, **changes: Any) -> Webhook:
        """Change one: its ``url``, ``types``, ``allow_private``, or whether it is ``enabled``."""
        return self._do(calls.webhook("PATCH", webhook_id, changes))

    def remove(self, webhook_id: int) -> Webhook:
        """Send nothing there any more; what it was is answered."""
        return self._do(calls.webhook("DELETE", webhook_id))

    def rotate_secret(self, webhook_id: int, *, old_valid_hours: int = 24) -> Webhook:
        """Give it a new `secret`; the old one signs beside it for so many hours."""
        return self._do(calls.rotate_secret(webhook_id, old_valid_hours))

    def test(self, webhook_id: int) -> Delivery:
        """Send it an event that stands in no feed."""
        return self._do(calls.test_webhook(webhook_id))

    def replay(self, webhook_id: int, after: int) -> Webhook:
        """Send it everything after an event once more; 0: from the first."""
        return self._do(calls.replay(webhook_id, after))

    def deliveries(self, webhook_id: int) -> Iterator[Delivery]:
        """What was sent to it, the newest first, page after page."""
        cursor: str | None = None
        while True:
            page, cursor = self._do(calls.deliveries(webhook_id, cursor))
            yield from page
            if cursor is None:
                return

    def resend(self, webhook_id: int, delivery_id: int) -> Delivery:
        """Send the event of a delivery once more."""
        return self._do(calls.resend(webhook_id, delivery_id))
