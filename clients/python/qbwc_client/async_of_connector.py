"""`of_connector`, to be awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
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


class AsyncDoing:
    """Whatever carries calls out."""

    async def _do(self, call: Call[T]) -> T:
        raise NotImplementedError


class AsyncOfConnector(AsyncDoing):
    """What concerns a connector as a whole."""

    async def connector(self) -> Connector:
        """How it is doing: its `mood` in a word, its `headline` in a sentence."""
        return await self._do(calls.connector())

    async def counts(self) -> Counts:
        """How many records there are of each kind in each state, and how many open errors of each cause."""
        return await self._do(calls.counts())

    async def pause(self) -> Connector:
        """Let its Web Connector find nothing to do until `resume`."""
        return await self._do(calls.have_it("pause"))

    async def resume(self) -> Connector:
        """End `pause`."""
        return await self._do(calls.have_it("resume"))

    async def resync(self) -> Connector:
        """Have QuickBooks' lists read anew at the next visit, and everything that is blocked looked at."""
        return await self._do(calls.have_it("resync"))

    async def quickbooks(self, list_name: ListName, **found_by: Any) -> AsyncIterator[Entry]:
        """Entries of a list of QuickBooks, as it was read last, page after page.

        Args:
            found_by: as the API takes it: ``q`` (what somebody types, at most 50 are found), or ``name``, ``email``,
                ``sku``; nothing: all of it.
        """
        cursor: str | None = None
        while True:
            page, cursor = await self._do(calls.entries(list_name, cursor, found_by))
            for each in page:
                yield each
            if cursor is None:
                return

    async def retry_errors(
        self, cause_key: str | None = None, *, ids: Sequence[int] | None = None
    ) -> Retried:
        """Try again what waits behind a cause key, or behind these error records."""
        return await self._do(calls.retry_errors(cause_key, ids))

    async def request(self, qbxml: str, *, wait: int | None = None, follow: bool = False) -> RawRequest:
        """Ask or tell QuickBooks something in its own language; the answer comes with the Web Connector's next visit.

        Args:
            wait: so many seconds, at most 60, for the answer.
            follow: go on with its iterator to the end.
        """
        return await self._do(calls.request(qbxml, wait, follow))

    async def raw_request(self, request_id: int, *, wait: int | None = None) -> RawRequest:
        """What became of a request in QuickBooks' own language, with its answer."""
        return await self._do(calls.raw_request(request_id, wait))

    async def cancel_request(self, request_id: int) -> RawRequest:
        """Take one back that is still queued."""
        return await self._do(calls.cancel_request(request_id))

    async def call(self, method: str, path: str = "", body: object = None, **query: Any) -> Any:
        """Any other address of the connector, as `/api/docs` shows them: ``call("GET", "queue")``."""
        return await self._do(other(method, path, query, body))

    @property
    def webhooks(self) -> AsyncWebhooks:
        """Where events are sent to."""
        return AsyncWebhooks(self)


class AsyncWebhooks:
    """The webhooks of a connector: ``await client.webhooks.add("https://…")``."""

    def __init__(self, client: AsyncDoing) -> None:
        self._do = client._do

    async def all(self) -> list[Webhook]:
        """All of them."""
        return await self._do(calls.webhooks())

    async def get(self, webhook_id: int) -> Webhook:
        """One of them, and how far it has come."""
        return await self._do(calls.webhook("GET", webhook_id))

    async def add(self, url: str, types: Sequence[str] = ("*",), *, allow_private: bool = False) -> Webhook:
        """Have events sent to an address; its `secret` is told this once.

        Args:
            types: of events, or patterns of them: ``invoice.*``, ``*.blocked``.
            allow_private: the address may lie in a private network.
        """
        return await self._do(calls.add_webhook(url, types, allow_private))

    async def change(self, webhook_id: int, **changes: Any) -> Webhook:
        """Change one: its ``url``, ``types``, ``allow_private``, or whether it is ``enabled``."""
        return await self._do(calls.webhook("PATCH", webhook_id, changes))

    async def remove(self, webhook_id: int) -> Webhook:
        """Send nothing there any more; what it was is answered."""
        return await self._do(calls.webhook("DELETE", webhook_id))

    async def rotate_secret(self, webhook_id: int, *, old_valid_hours: int = 24) -> Webhook:
        """Give it a new `secret`; the old one signs beside it for so many hours."""
        return await self._do(calls.rotate_secret(webhook_id, old_valid_hours))

    async def test(self, webhook_id: int) -> Delivery:
        """Send it an event that stands in no feed."""
        return await self._do(calls.test_webhook(webhook_id))

    async def replay(self, webhook_id: int, after: int) -> Webhook:
        """Send it everything after an event once more; 0: from the first."""
        return await self._do(calls.replay(webhook_id, after))

    async def deliveries(self, webhook_id: int) -> AsyncIterator[Delivery]:
        """What was sent to it, the newest first, page after page."""
        cursor: str | None = None
        while True:
            page, cursor = await self._do(calls.deliveries(webhook_id, cursor))
            for each in page:
                yield each
            if cursor is None:
                return

    async def resend(self, webhook_id: int, delivery_id: int) -> Delivery:
        """Send the event of a delivery once more."""
        return await self._do(calls.resend(webhook_id, delivery_id))
