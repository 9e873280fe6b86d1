"""What the API answers in pages: a part of a longer list, and the cursor of the next one."""

from collections.abc import Callable
from typing import Any, TypeVar

from qbwc_server.desk.handing_over.host import CachedList
from qbwc_server.desk.pages import Page
from qbwc_server.desk.standing.connector_views import ListEntryView
from qbwc_server.domain.cursors import cursor

_Item = TypeVar("_Item")


def page(name: str, found: Page[_Item, Any], shape: Callable[[_Item], Any]) -> dict[str, Any]:
    """A page of a longer list, with the cursor of the next one."""
    return {name: [shape(item) for item in found.items], "next": _next(found)}


def _next(found: Page[Any, Any]) -> str | None:
    return None if found.end is None else cursor(found.end)


def cached_list(found: CachedList) -> dict[str, Any]:
    """A part of a list of QuickBooks, and how old that knowledge is."""
    entries = page("entries", found.page, lambda entry: ListEntryView.of(entry).as_json())
    return {**entries, "loaded_at": found.loaded_at}
