"""What may be chosen of an error record as it stands, and the token that says what somebody was shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import starmap

from qbwc_server.desk.error_records import candidates
from qbwc_server.desk.views.error_views import ErrorRecord, shown
from qbwc_server.domain import host_records
from qbwc_server.domain.causes import (
    AlreadyLinked,
    Candidate,
    Cause,
    CustomerNotMatched,
    ItemNotMatched,
    NameInUse,
    RecordDeleted,
    RecordInactive,
    ReferenceMissing,
    Uncertain,
    VendorNotMatched,
)
from qbwc_server.domain.choices import Action, Choice, Situation, choices_of, quoted
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.decisions import Decision, objection
from qbwc_server.domain.errors import StoredError
from qbwc_server.domain.faults import Conflict, NotFound
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import fold
from qbwc_server.domain.records import Record, State
from qbwc_server.storage import Transaction, answers, errors, lists, records
from qbwc_server.storage.answers import Given
from qbwc_server.sync.core import Core
from qbwc_server.sync.look import look


@dataclass(frozen=True, slots=True)
class Offer:
    """An error record with what may be chosen of it.

    Attributes:
        stored: the error record; `error` the same with its sentences.
        about: the record that is to blame, which may be another than the one that waits.
        together: how many wait for the same cause behind the same key.
        newest: the newest error record behind the key.
        answered: what was answered last.
    """

    stored: StoredError
    error: ErrorRecord
    situation: Situation
    about: Record | None
    choices: tuple[Choice, ...]
    together: int
    newest: int
    answered: Given | None
    token: str


class Stale(Conflict):
    """What somebody chose from is not what may be chosen any more; `offer` is what may be."""

    def __init__(self, reason: str, offer: Offer) -> None:
        super().__init__(reason)
        self.offer = offer


def of_error(core: Core, connector_name: str, error_id: int) -> Offer:
    """One error record, open or closed, with what may be chosen of it; nothing, once it is closed.

    Raises:
        NotFound: there is no such connector, or it has no such error record.
    """
    with look(core, connector_name) as (conn, connector):
        return offer_of(conn, connector, error_id)


def offer_of(conn: Transaction, connector: Connector, error_id: int) -> Offer:
    """The same within a transaction."""
    found = errors.find(conn, connector.id, open_only=False, ids=[error_id])
    if not found:
        raise NotFound(f"the connector {connector.name} has no error record {error_id}")
    stored, answered = found[0], answers.of(conn, error_id)
    own = records.get(conn, stored.record_id) if stored.record_id is not None else None
    group = errors.group_of(conn, connector.id, stored.cause.name, stored.cause_key)
    together = group.number if group is not None else 0
    about, situation = own, Situation(stored.cause)
    choices: tuple[Choice, ...] = ()
    newest = 0
    if stored.closed_at is None:
        about, situation = _situation(conn, connector, stored, own, together)
        choices = choices_of(situation)
        newest = answers.newest_behind(conn, connector.id, stored.cause.name, stored.cause_key)
    parts = _digests(stored, answered, [own, about], choices)
    token = ".".join((*parts, str(newest)))
    return Offer(stored, shown(stored), situation, about, choices, together, newest, answered, token)


# --- what it is about ---------------------------------------------------------------------------------------


def _situation(
    conn: Transaction, connector: Connector, stored: StoredError, own: Record | None, together: int
) -> tuple[Record | None, Situation]:
    cause = stored.cause
    if own is None:
        return None, Situation(cause, together=together)
    about = _about(conn, connector, stored, own)
    list_name = _list_of(cause, about)
    is_own = list_name is not None and _is_own(cause, about, list_name)
    causes = [item.cause for item in errors.find(conn, connector.id, record_id=about.id)]
    situation = Situation(
        cause,
        record=own.label,
        about=about.label,
        kind=about.kind,
        external_id=about.external_id,
        list_name=list_name,
        is_own=is_own,
        is_linked=about.link is not None,
        is_void=about.is_void,
        is_name_free=list_name is None or _is_name_free(conn, connector, about, list_name),
        together=together,
        may=frozenset(each for each in Decision if objection(about, each, causes) is None),
    )
    return about, replace(situation, candidates=_candidates(conn, connector, situation, about))


def _about(conn: Transaction, connector: Connector, stored: StoredError, own: Record) -> Record:
    """The record that is to blame: the one that others refer to, by their waiting or by its external id."""
    kind, _, external_id = stored.cause_key.partition(":")
    if kind in set(Kind):
        named = records.find(conn, connector.id, Kind(kind), external_id)
        if named is not None and named.state is not State.CANCELLED:
            return named
    root = answers.root_of(conn, stored.id)
    return own if root in (None, own.id) else records.get(conn, root)


def _list_of(cause: Cause, about: Record) -> ListName | None:
    """The list in which it would be an entry what could not be told."""
    match cause:
        case CustomerNotMatched():
            return ListName.CUSTOMER
        case VendorNotMatched():
            return ListName.VENDOR
        case ItemNotMatched():
            return ListName.ITEM
        case RecordInactive() | RecordDeleted() | NameInUse():
            return ListName(cause.list_name)
        case ReferenceMissing(list_name=str(name)):
            return ListName(name)
        case AlreadyLinked() | Uncertain() if not about.kind.is_document:
            return ListName(about.kind)
    return None


_OF_ITSELF = frozenset({"email_missing", "number_missing", "creation_off"})
"""Sub-reasons of customers and vendors that are those of a record itself, never of what it names."""


def _is_own(cause: Cause, about: Record, list_name: ListName) -> bool:
    """Whether the record itself could not be told, not something that it names."""
    if about.kind.is_document or ListName(about.kind) is not list_name:
        return False
    match cause:
        case CustomerNotMatched() | VendorNotMatched():
            return cause.why in _OF_ITSELF or (cause.why == "several" and cause.by is not None)
        case ItemNotMatched():
            return cause.place == about.label
        case RecordInactive() | RecordDeleted():
            return _is_entry_of(cause, about)
        case ReferenceMissing():
            return False
    return True


def _is_entry_of(cause: RecordInactive | RecordDeleted, about: Record) -> bool:
    """Whether an entry that is gone is what a record is, or would be."""
    if about.link is not None:
        return about.link.quickbooks_id == cause.list_id
    own = _keys_of(about)
    value = cause.key.partition(":")[2]
    return fold(cause.key) in own or f"name:{fold(value.rpartition(':')[2])}" in own


def _keys_of(about: Record) -> frozenset[str]:
    """By what others find a record."""
    return host_records.keys_of(host_records.parse(about.kind, about.content))


def _is_name_free(conn: Transaction, connector: Connector, about: Record, list_name: ListName) -> bool:
    """Whether nothing in QuickBooks has the name of a record at the head of its family, as far as is known."""
    name = about.content.get("name")
    if about.kind.is_document or about.content.get("parent") or not isinstance(name, str):
        return True
    found = (entry for each in list_name.sharing for entry in lists.by_name(conn, connector.id, each, name))
    return all(entry.is_deleted for entry in found)


def _candidates(
    conn: Transaction, connector: Connector, situation: Situation, about: Record
) -> tuple[Candidate, ...]:
    """What may be meant, as the list cache knows it by now; what another record is already, is not."""
    found: Sequence[Candidate] = getattr(situation.cause, "candidates", ())
    list_name = situation.list_name
    if list_name is not None and list_name.is_matched:
        if isinstance(situation.cause, RecordDeleted):
            own = _keys_of(about) if situation.is_own else ()
            living = candidates.left_of(conn, connector.id, list_name, situation.cause.list_id, own)
        else:
            entries = lists.by_ids(conn, connector.id, list_name, [each.id for each in found])
            living = [entry for entry in entries if not entry.is_deleted]
        found = list(candidates.of_entries(conn, connector.id, list_name, living).values())
    if not found:
        return ()
    if situation.kind is None or not (situation.is_own or situation.kind.is_document):
        return tuple(found)
    if situation.list_name is not None and not situation.is_own:
        return tuple(found)
    taken = records.linked_to(conn, connector.id, situation.kind, [each.id for each in found])
    others = {
        record.link.quickbooks_id
        for record in taken
        if record.link is not None and not record.is_surplus and record.external_id != situation.external_id
    }
    return tuple(each for each in found if each.id not in others)


# --- tokens -------------------------------------------------------------------------------------------------


def _digests(
    stored: StoredError, answered: Given | None, about: Iterable[Record | None], choices: Iterable[Choice]
) -> tuple[str, str, str]:
    """What a choice is made from: the error record, the records, what may be chosen."""
    offered = [(each.id, each.candidate) for each in choices if each.action is not Action.DISMISS]
    told = [_told(record) for record in about if record is not None]
    return (
        _digest(stored.id, stored.closed_at, answered),
        _digest(*told),
        _digest(*starmap(_said, offered)),
    )


def _told(record: Record) -> tuple[object, ...]:
    link = record.link.quickbooks_id if record.link is not None else None
    return (record.id, record.revision, record.state.value, link, record.generation, record.is_void)


def _said(choice_id: str, candidate: Candidate | None) -> tuple[str, str]:
    return (choice_id, repr(candidate))


def _digest(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:12]


def check_token(offer: Offer, token: str) -> int:
    """The newest error record that stood behind the key when the token was given.

    Raises:
        Stale: something else may be chosen by now, or nothing any more; it says why.
    """
    given, now = token.split("."), offer.token.split(".")
    if len(given) == len(now) and given[:-1] == now[:-1] and given[-1].isdecimal():
        return int(given[-1]) if len(given[-1]) < 12 else offer.newest
    raise Stale(_why_stale(offer, given, now), offer)


def _why_stale(offer: Offer, given: Sequence[str], now: Sequence[str]) -> str:
    number = f"error record {offer.stored.id}"
    if offer.stored.closed_at is not None or (offer.answered and given[0] != now[0]):
        return f"{number} {_what_became(offer)}; this answer changed nothing"
    if len(given) != len(now) or given[0] != now[0]:
        return f"this is no token of {number} as it stands; choose from what is shown now"
    if given[1] != now[1]:
        about = offer.about.label if offer.about is not None else "its record"
        return f"{about} was changed since {number} was shown; choose from what is shown now"
    return f"what may be chosen of {number} has changed since it was shown; choose from what is shown now"


def _what_became(offer: Offer) -> str:
    """What was decided meanwhile, by whom."""
    if offer.answered is not None:
        said = offer.answered
        return f"was answered by {said.actor} at {said.at:%Y-%m-%d %H:%M} UTC: {quoted(said.label)}"
    closed = offer.stored.closed_at
    at = f" since {closed:%Y-%m-%d %H:%M} UTC" if closed is not None else ""
    return f"is closed{at}: {offer.stored.close_reason or 'it went away'}"
