"""This server's public address as the Web Connector will judge it, told before anything is made with it."""

from urllib.parse import urlsplit

from flask import request

from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.qwc import check_public_url
from qbwc_server.web.context import core


def address_faults() -> list[str]:
    """Why the Web Connector would refuse it; nothing when it would not."""
    try:
        check_public_url(core().public_url)
    except InvalidInput as error:
        return [fault.message for fault in error.faults]
    return []


def address_facts() -> dict[str, object]:
    """What a page tells of it: `address`, `address_faults`, and in `address_hint` what may still be wrong with it."""
    return {"address": core().public_url, "address_faults": address_faults(), "address_hint": _hint()}


def _hint() -> str | None:
    host = urlsplit(core().public_url).hostname or ""
    if host == "localhost":
        return "It works only if QuickBooks runs on this very machine: the Web Connector looks for “localhost” there."
    here = urlsplit(f"//{request.host}").hostname
    if here and here != host:
        return f"You have opened this page at {here}. The QuickBooks PC must reach the server at {host}."
    return None
