"""What happened to a record, in a sentence for people: one place for its page, the log and whatever else tells it.

What is stored with an event are words for programs and for the feed; they stay as they are. Here they are said as one
would say them, from the type of the event and what was true then.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.causes import CATALOGUE
from qbwc_server.domain.event_types import Happening
from qbwc_server.domain.events import Event
from qbwc_server.domain.in_quickbooks import KINDS
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State

HOW_FOUND: Mapping[str, str] = {
    "created": "this server created it there",
    "email": "by its billing email",
    "sku": "by its SKU",
    "name": "by its name",
    "account_number": "by its account number",
    "barcode": "by its barcode",
    "number": "by its number",
    "hand": "a person said which one it is",
}
"""How a record came to its entry or document in QuickBooks, by `Link.matched_by`."""

HOW_KNOWN: Mapping[str, str] = {
    "answer": "QuickBooks said so when it took it",
    "probe": "QuickBooks was asked again after its answer was lost",
    "message_set": "QuickBooks repeated the answer that was lost",
    "cache": "it is in the list read from QuickBooks",
    "person": "a person said so",
    "claim": "a person said so; QuickBooks is asked at the next visit",
    "query": "QuickBooks was asked and showed it",
}
"""How that is known, by `Link.proof`."""

DOERS: Mapping[str, str] = {
    "host": "the order system",
    "quickbooks": "QuickBooks",
    "server": "this server",
    "cli": "the command line",
    "guest": "the person with the onboarding link",
    "sign-in page": "somebody at the sign-in page",
}
"""Who did what an event tells; anybody else is a person, by name."""


def doer(actor: str) -> str:
    """Who did it, in words; of several order systems each says by which key it came."""
    who, paren, key = actor.partition(" (")
    return DOERS.get(who, who) + paren + key


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words.

    Attributes:
        text: a sentence without a full stop, beginning with a capital letter.
        detail: what else was noted, where the sentence does not say it already: a note, QuickBooks' own words.
    """

    text: str
    detail: str | None = None


def told(event: Event) -> Told:
    """What happened, in words; of a connector as a whole, and of what a former version noted, what was noted."""
    prefix, _, happening = event.type.partition(".")
    if event.record_id is None or prefix not in _KINDS or happening not in _HAPPENINGS:
        return Told(_begun(event.what), _causes_in_words(event.detail))
    kind, what = Kind(prefix), Happening(happening)
    return _SENTENCES[what](event, kind)


def closing(reason: str | None, cause: str | None = None) -> str:
    """Why an error record of a cause was closed, in words: a clause without a full stop, with a capital letter first.
    That the cause is gone is said of a retry only where our lists and settings tell."""
    if reason is None:
        return "It went away"
    verb, by, rest = reason.partition(" by ")
    if by and verb in _CLOSED_BY:
        who, colon, note = rest.partition(": ")
        alone, by_somebody = _CLOSED_BY[verb]
        if verb == "released" and cause is not None and not CATALOGUE[cause].seen_in_cache:
            by_somebody = _CLOSED_BY["retried"][1]
        return (alone if _is_nobody(who) else by_somebody.format(who=doer(who))) + colon + note
    return _CLOSED.get(reason, _begun(reason))


_CLOSED_BY = {
    "released": ("The cause is gone", "Checked again by {who}: the cause is gone"),
    "dismissed": ("Dismissed", "Dismissed by {who}"),
    "linked": ("Linked by hand", "Linked by hand by {who}"),
    "retried": ("Tried again", "Tried again by {who}"),
}
"""What closed it, where nobody did, and where somebody did."""
_CLOSED = {
    "went away": "The cause is gone",
    "synced": "It is in QuickBooks",
    "cancelled": "The record was cancelled",
    "voided": "The document is to be voided",
}


# --- each happening -----------------------------------------------------------------------------------------


def _handed_over(event: Event, kind: Kind) -> Told:
    return Told("Handed over", event.detail)


def _revised(event: Event, kind: Kind) -> Told:
    if _is_host(event):
        return Told("Changed in the order system", event.detail)
    if _is_nobody(event.actor):
        return Told("To be compared with QuickBooks again", event.detail)
    return Told("To be sent to QuickBooks again", event.detail)


def _void_requested(event: Event, kind: Kind) -> Told:
    return Told(f"To be {_voided_word(kind)} in QuickBooks", event.detail)


def _blocked(event: Event, kind: Kind) -> Told:
    why = _causes_in_words(event.detail)
    match event.from_state:
        case State.SENT:
            return Told("QuickBooks refused it", why)
        case State.UNCERTAIN:
            return Told(
                "The answer was lost, and QuickBooks cannot tell for certain: a person has to decide", why
            )
        case State.SYNCED:
            return Told("It cannot stay as it is: something changed in QuickBooks", why)
        case State.BLOCKED:
            return Told("Still stopped, for another reason", why)
    return Told("Stopped before it was sent", why)


def _released(event: Event, kind: Kind) -> Told:
    if _is_host(event):
        return Told("Handed over again: it goes with the next visit", event.detail)
    if _is_nobody(event.actor):
        return Told("What was in its way is gone: it goes with the next visit", event.detail)
    return Told("Checked again: it goes with the next visit", event.detail)


def _sent(event: Event, kind: Kind) -> Told:
    if event.from_state is State.UNCERTAIN:
        return Told(
            "Sent once more, word for word: QuickBooks repeats its answer if it has it already", event.detail
        )
    return Told("Sent to QuickBooks", event.detail)


def _requeued(event: Event, kind: Kind) -> Told:
    if event.from_state is State.UNCERTAIN:
        return Told("QuickBooks does not have it: it is sent again", event.detail)
    return Told("QuickBooks could not take it just now: it is tried again", event.detail)


def _uncertain(event: Event, kind: Kind) -> Told:
    return Told("The answer was lost: QuickBooks is asked before anything is sent again", event.detail)


def _synced(event: Event, kind: Kind) -> Told:
    matched_by, proof = _link_of(event)
    name = _name_there(event, kind)
    if event.from_state is State.SENT:
        return Told(f"QuickBooks took it{name}")
    if event.from_state is State.UNCERTAIN:
        if proof == "message_set":
            return Told(f"QuickBooks repeated the lost answer: it has it{name}")
        return Told(f"Found in QuickBooks after the answer was lost{name}")
    if proof == "query":
        return Told(f"QuickBooks showed the {kind.label} it was linked to{name}")
    if matched_by == "hand":
        return Told(f"Linked by hand{name}")
    if matched_by is None or matched_by == "created" or matched_by not in HOW_FOUND:
        return Told(f"QuickBooks has it already{name}")
    return Told(f"Found in QuickBooks {HOW_FOUND[matched_by]}{name}")


def _voided(event: Event, kind: Kind) -> Told:
    return Told(f"{_voided_word(kind).capitalize()} in QuickBooks")


def _linked(event: Event, kind: Kind) -> Told:
    return Told(f"Linked by hand to {_article(kind)} in QuickBooks, which is asked for it at the next visit")


def _link_confirmed(event: Event, kind: Kind) -> Told:
    return Told(f"QuickBooks showed the {kind.label} it was linked to", event.detail)


def _unlinked(event: Event, kind: Kind) -> Told:
    return Told("The link was forgotten: it is looked for in QuickBooks as if it were new", event.detail)


def _answered(event: Event, kind: Kind) -> Told:
    noted = _ANSWER.fullmatch(event.detail or "")
    if noted is None:
        return Told("Decided", event.detail)
    return Told(f"Decided: {noted['label']}", noted["note"])


_ANSWER = re.compile(r"(?P<label>.+?) \([^()\s]+\)(?:: (?P<note>.*))?", re.DOTALL)
"""What was chosen, its id in brackets, which is for programs, and what was noted with it."""


def _dismissed(event: Event, kind: Kind) -> Told:
    return Told("Error record dismissed", event.detail)


def _cancelled(event: Event, kind: Kind) -> Told:
    return Told("Cancelled: it is not sent to QuickBooks", event.detail)


def _revived(event: Event, kind: Kind) -> Told:
    return Told("Handed over again after it was cancelled", event.detail)


_SENTENCES = {
    Happening.HANDED_OVER: _handed_over,
    Happening.REVISED: _revised,
    Happening.VOID_REQUESTED: _void_requested,
    Happening.BLOCKED: _blocked,
    Happening.RELEASED: _released,
    Happening.SENT: _sent,
    Happening.REQUEUED: _requeued,
    Happening.UNCERTAIN: _uncertain,
    Happening.SYNCED: _synced,
    Happening.VOIDED: _voided,
    Happening.LINKED: _linked,
    Happening.LINK_CONFIRMED: _link_confirmed,
    Happening.UNLINKED: _unlinked,
    Happening.ANSWERED: _answered,
    Happening.DISMISSED: _dismissed,
    Happening.CANCELLED: _cancelled,
    Happening.REVIVED: _revived,
}
_KINDS = frozenset(Kind)
_HAPPENINGS = frozenset(Happening)


def _is_nobody(actor: str) -> bool:
    return actor in ("server", "quickbooks")


def _is_host(event: Event) -> bool:
    """Whether the order system did it; of several each says by which key it came."""
    return event.actor.partition(" (")[0] == "host"


def _link_of(event: Event) -> tuple[str | None, str | None]:
    """How it was found and how that is known: as noted with the event, or in the words of a former version."""
    known: Mapping[str, Any] = event.data or {}
    found, _, shown = (event.detail or "").partition(", shown by ")
    return known.get("matched_by") or found or None, known.get("proof") or shown or None


def _name_there(event: Event, kind: Kind) -> str:
    """`, as number 1042`, `, as “Ocean Grill”`; "" where it was not noted."""
    known: Mapping[str, Any] = event.data or {}
    if kind.is_document:
        return f", as number {known['number']}" if known.get("number") else ""
    return f", as “{known['full_name']}”" if known.get("full_name") else ""


def _voided_word(kind: Kind) -> str:
    return "voided" if KINDS[kind].is_voidable else "closed"


def _article(kind: Kind) -> str:
    return f"an {kind.label}" if kind.label[0] in "aeiou" else f"a {kind.label}"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _causes_in_words(text: str | None) -> str | None:
    """The names of causes in a detail become words; anything else stays as it is."""
    if not text:
        return None
    parts = [_cause_in_words(part) if part in CATALOGUE else part for part in text.split("; ")]
    return "; ".join(dict.fromkeys(parts))


def _cause_in_words(name: str) -> str:
    words = name.replace("_", " ").replace("quickbooks", "QuickBooks")
    return _begun(words)
