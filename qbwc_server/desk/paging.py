"""Pages of a list that is read from its newest item: back from a place, or on from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from qbwc_server.storage.log_pages import Place

T = TypeVar("T")

__all__ = ["Part", "Place", "cut"]


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A page, the newest item first.

    Attributes:
        newer, older: whether there are any before it, and behind it.
    """

    items: tuple[T, ...]
    newer: bool
    older: bool


def cut(found: Sequence[T], place: Place, size: int) -> Part[T]:
    """A page of what was found, of which one more than `size` was looked for; both have the newest first."""
    is_more = len(found) > size
    if place.after is not None:
        # the one too many is the newest
        return Part(tuple(found[-size:]), newer=is_more, older=True)
    return Part(tuple(found[:size]), newer=place.before is not None, older=is_more)
