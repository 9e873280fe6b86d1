"""What can be asked of the server beside records, errors and events, each as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qbwc_client.calls import LINES, XML, Call, as_query, in_address, once, plural
from qbwc_client.connector_models import (
    Connector,
    Counts,
    Delivery,
    Entry,
    Preview,
    RawRequest,
    Retried,
    Webhook,
)
from qbwc_client.models import Record
from qbwc_client.values import dumps

# --- records ------------------------------------------------------------------------------------------------

ID_NAMES = {"customer": "list_id", "vendor": "list_id", "item": "list_id"}


def link(kind: str, external_id: str, quickbooks_id: str) -> Call[Record]:
    """Say what a record is in QuickBooks; said twice it is as good as once."""
    body = dumps({ID_NAMES.get(kind, "txn_id"): quickbooks_id})
    return Call("PUT", _link(kind, external_id), Record.of, body=body, is_repeatable=True)


def unlink(kind: str, external_id: str) -> Call[Record]:
    """Forget what a record is in QuickBooks."""
    return Call("DELETE", _link(kind, external_id), Record.of, is_repeatable=True)


def _link(kind: str, external_id: str) -> str:
    return f"/links/{plural(kind)}/{in_address(external_id)}"


def preview(lines: Sequence[Mapping[str, Any]], revive: bool) -> Call[list[Preview]]:
    """What would become of records; nothing is stored."""
    return Call(
        "POST",
        "/preview",
        lambda told: [Preview.of(each) for each in told],
        as_query(revive=revive or None),
        b"\n".join(map(dumps, lines)),
        LINES,
        is_repeatable=True,
        seconds=60,
    )


def retry_errors(cause_key: str | None, ids: Sequence[int] | None) -> Call[Retried]:
    """Try again what waits behind a cause key, or behind some error records."""
    chosen = {"cause_key": cause_key} if ids is None else {"ids": list(ids)}
    return once("/errors/retry", Retried.of, body=dumps(chosen))


# --- the connector ------------------------------------------------------------------------------------------


def connector() -> Call[Connector]:
    """How it is doing."""
    return Call("GET", "", Connector.of, is_repeatable=True)


def counts() -> Call[Counts]:
    """How many records and errors there are."""
    return Call("GET", "/counts", Counts.of, is_repeatable=True)


def have_it(deed: str) -> Call[Connector]:
    """``pause``, ``resume`` or ``resync``: each twice is as good as once."""
    return Call("POST", f"/{deed}", Connector.of, is_repeatable=True)


def entries(
    list_name: str, cursor: str | None, found_by: Mapping[str, Any]
) -> Call[tuple[list[Entry], str | None]]:
    """A page of a list of QuickBooks."""

    def read(told: Any) -> tuple[list[Entry], str | None]:
        return [Entry.of(each) for each in told["entries"]], told["next"]

    path = f"/quickbooks/{in_address(list_name)}"
    return Call("GET", path, read, as_query(cursor=cursor, **found_by), is_repeatable=True)


# --- raw requests -------------------------------------------------------------------------------------------


def request(qbxml: str, wait: int | None, follow: bool) -> Call[RawRequest]:
    """Ask QuickBooks something in its own language: it may write, and is handed over once."""
    query = as_query(wait=wait, follow=follow or None)
    return once("/requests", RawRequest.of, query, qbxml.encode(), XML, seconds=wait or 0)


def raw_request(request_id: int, wait: int | None) -> Call[RawRequest]:
    """What became of one."""
    query = as_query(wait=wait)
    return Call("GET", f"/requests/{request_id}", RawRequest.of, query, is_repeatable=True, seconds=wait or 0)


def cancel_request(request_id: int) -> Call[RawRequest]:
    """Take one back."""
    return Call("DELETE", f"/requests/{request_id}", RawRequest.of, is_repeatable=True)


# --- webhooks -----------------------------------------------------------------------------------------------


def webhooks() -> Call[list[Webhook]]:
    """All of them."""
    return Call(
        "GET", "/webhooks", lambda told: [Webhook.of(each) for each in told["webhooks"]], is_repeatable=True
    )


def webhook(method: str, webhook_id: int, changes: Mapping[str, Any] | None = None) -> Call[Webhook]:
    """One of them looked at (GET), changed (PATCH) or removed (DELETE)."""
    body = None if changes is None else dumps(changes)
    return Call(method, f"/webhooks/{webhook_id}", Webhook.of, body=body, is_repeatable=True)


def add_webhook(url: str, types: Sequence[str], allow_private: bool) -> Call[Webhook]:
    """Have events sent to an address."""
    body = dumps({"url": url, "types": list(types), "allow_private": allow_private})
    return once("/webhooks", Webhook.of, body=body)


def rotate_secret(webhook_id: int, old_valid_hours: int) -> Call[Webhook]:
    """Give it a new secret: it is told once, and a repetition is told that it was made."""
    query = as_query(old_valid_hours=old_valid_hours)
    return once(f"/webhooks/{webhook_id}/rotate-secret", Webhook.of, query)


def replay(webhook_id: int, after: int) -> Call[Webhook]:
    """Send it everything after an event once more."""
    return once(f"/webhooks/{webhook_id}/replay", Webhook.of, body=dumps({"after": after}))


def test_webhook(webhook_id: int) -> Call[Delivery]:
    """Send it an event that stands in no feed."""
    return once(f"/webhooks/{webhook_id}/test", Delivery.of)


def deliveries(webhook_id: int, cursor: str | None) -> Call[tuple[list[Delivery], str | None]]:
    """A page of what was sent to it, newest first."""

    def read(told: Any) -> tuple[list[Delivery], str | None]:
        return [Delivery.of(each) for each in told["deliveries"]], told["next"]

    return Call(
        "GET", f"/webhooks/{webhook_id}/deliveries", read, as_query(cursor=cursor), is_repeatable=True
    )


def resend(webhook_id: int, delivery_id: int) -> Call[Delivery]:
    """Send the event of a delivery once more."""
    return once(f"/webhooks/{webhook_id}/deliveries/{delivery_id}/resend", Delivery.of)
