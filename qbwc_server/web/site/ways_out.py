"""The ways out of an error record, as its page and its group's show them."""

from dataclasses import dataclass
from typing import Any

from flask import request

from qbwc_server.desk.deciding.overwriting import Side
from qbwc_server.desk.error_records.choices import Offer
from qbwc_server.desk.lists import search
from qbwc_server.desk.records import lives
from qbwc_server.domain.causes import CATALOGUE, ChangedInQuickbooks
from qbwc_server.domain.choices import DONE_ELSEWHERE, Action, Choice
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.rights import Right
from qbwc_server.web.context import core, is_admin, may

MOST_FOUND = 10
"""So many entries are offered to choose from at once."""

_HAS_ITS_BUTTON = frozenset({Action.RESYNC, Action.DISMISS, Action.CONFIRM})
_FOR_ADMINS = frozenset({Action.SET_DEFAULT})
_BY_RIGHT = {Action.POST_AS_NEW: Right.POST_AS_NEW}
"""What support answers only if it may do so at all."""
_TYPED = frozenset({Action.OVERWRITE, Action.POST_AS_NEW})
"""What nobody can take back: what it is about is typed first."""


@dataclass(frozen=True, slots=True)
class Way:
    """A choice as a page shows it.

    Attributes:
        entries: those found by what was searched for, one of which it needs.
        typed: what has to be typed before it is done; "" where one press is enough.
    """

    choice: Choice
    entries: tuple[ListEntry, ...]
    typed: str


def shown(name: str, offer: Offer | None) -> dict[str, Any]:
    """What a page needs to show the ways out: those with candidates side by side, the others, what was searched for."""
    wanted = request.args.get("q", "").strip()
    open_ways = offered(offer) if offer is not None else []
    return {
        "candidates": [choice for choice in open_ways if choice.candidate is not None],
        "ways": [
            Way(choice, _found_for(name, choice, wanted), typed_for(offer, choice))
            for choice in open_ways
            if choice.candidate is None and offer is not None
        ],
        "dismiss_typed": dismiss_typed(offer) if offer is not None else "",
        "dismissal": offer is not None and any(each.action is Action.DISMISS for each in offer.choices),
        "wanted": wanted,
        "sides": _sides(name, offer),
    }


def _sides(name: str, offer: Offer | None) -> tuple[Side, ...]:
    """What would be written over what somebody changed in QuickBooks, where that is what has to be decided."""
    if (
        offer is None
        or offer.about is None
        or offer.error.cause != ChangedInQuickbooks.name
        or not offer.choices
    ):
        return ()
    return lives.sides_of(core(), name, offer.about.kind, offer.about.external_id)


def offered(offer: Offer, *, is_linked_above: bool = False) -> list[Choice]:
    """What may be answered on a page, beside what it has buttons for anyhow.

    Args:
        is_linked_above: its candidates are offered already.
    """
    taken = _HAS_ITS_BUTTON | DONE_ELSEWHERE
    if not CATALOGUE[offer.error.cause].retry_decides:
        taken |= {Action.RETRY}
    return [
        choice
        for choice in offer.choices
        if choice.action not in taken
        and not (is_linked_above and choice.candidate is not None)
        and is_mine(choice.action)
    ]


def is_mine(action: Action) -> bool:
    """Whether the viewer may answer so."""
    if action in _FOR_ADMINS:
        return is_admin()
    return action not in _BY_RIGHT or may(_BY_RIGHT[action])


def _found_for(name: str, choice: Choice, text: str) -> tuple[ListEntry, ...]:
    """The entries of QuickBooks' list, found by some words, one of which a choice needs; none where it needs none."""
    if choice.needs is None or choice.needs.look_up is None:
        return ()
    return search.find(core(), name, choice.needs.look_up, text, limit=MOST_FOUND)


def typed_for(offer: Offer, choice: Choice) -> str:
    """What has to be typed before a choice is carried out: the number of the document; "" where one press is enough."""
    if choice.action not in _TYPED or offer.about is None:
        return ""
    return str(offer.about.content.get("ref_number") or offer.about.external_id)


def dismiss_typed(offer: Offer) -> str:
    """The same before all that wait are let be: how many they are."""
    return str(offer.together) if offer.together > 1 else ""


def must_be_typed(offer: Offer, choice_id: str) -> str:
    """What has to be typed with an answer; "" for one that is not offered, which is refused anyhow."""
    choice = next((each for each in offer.choices if each.id == choice_id), None)
    if choice is None:
        return ""
    return dismiss_typed(offer) if choice.id == Action.DISMISS else typed_for(offer, choice)
