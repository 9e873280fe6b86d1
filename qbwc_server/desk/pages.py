"""A part of a longer list, and where the next one begins."""

from dataclasses import dataclass
from typing import Generic, TypeVar

_Item = TypeVar("_Item")
_Place = TypeVar("_Place")


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item, _Place]):
    """A part of a longer list; `end` is where the next one begins, None when this is the last."""

    items: tuple[_Item, ...]
    end: _Place | None
