"""The types of events: a closed set, with what each means; hosts choose by them what they want to hear of."""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.near import did_you_mean
from qbwc_server.domain.records import Record, State

CONNECTOR = "connector"
"""What stands before the dot in the types of what happens to a connector; before all others it is a kind."""


class Happening(StrEnum):
    """What may happen to a record."""

    HANDED_OVER = "handed_over"
    REVISED = "revised"
    VOID_REQUESTED = "void_requested"
    BLOCKED = "blocked"
    RELEASED = "released"
    SENT = "sent"
    REQUEUED = "requeued"
    UNCERTAIN = "uncertain"
    SYNCED = "synced"
    VOIDED = "voided"
    LINKED = "linked"
    LINK_CONFIRMED = "link_confirmed"
    UNLINKED = "unlinked"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    CANCELLED = "cancelled"
    REVIVED = "revived"


class ConnectorHappening(StrEnum):
    """What may happen to a connector as a whole."""

    ADDED = "added"
    REMOVED = "removed"
    RESTORED = "restored"
    SETTINGS_CHANGED = "settings_changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    RESYNC_REQUESTED = "resync_requested"
    RESYNC_DONE = "resync_done"
    SESSION_RESET = "session_reset"
    FULL_RESET = "full_reset"
    PASSWORD_ROTATED = "password_rotated"  # noqa: S105 - the name of an event
    KEY_CREATED = "key_created"
    KEY_REVOKED = "key_revoked"
    ONBOARDING_LINK_MADE = "onboarding_link_made"
    ONBOARDING_LINK_REVOKED = "onboarding_link_revoked"
    ONBOARDING_STEP = "onboarding_step"
    SECRETS_REPLACED = "secrets_replaced"
    VISIT_ENDED = "visit_ended"
    COMPANY_FILE_BOUND = "company_file_bound"
    COMPANY_FILE_MOVED = "company_file_moved"
    COMPANY_FILE_CONFIRMED = "company_file_confirmed"
    COMPANY_FILE_RESTORED = "company_file_restored"
    QUARANTINED = "quarantined"
    QUARANTINE_ENDED = "quarantine_ended"
    REQUEST_QUEUED = "request_queued"
    REQUEST_SENT = "request_sent"
    REQUEST_ANSWERED = "request_answered"
    REQUEST_REFUSED = "request_refused"
    REQUEST_UNCERTAIN = "request_uncertain"
    REQUEST_CANCELLED = "request_cancelled"
    ERROR_BEGAN = "error_began"
    ERROR_ENDED = "error_ended"
    ERROR_ANSWERED = "error_answered"
    ERROR_DISMISSED = "error_dismissed"
    ERRORS_ATTENDED = "errors_attended"
    RULING_TAKEN_BACK = "ruling_taken_back"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_REMOVED = "webhook_removed"
    WEBHOOK_SECRET_ROTATED = "webhook_secret_rotated"  # noqa: S105 - the name of an event
    WEBHOOK_DISABLED = "webhook_disabled"
    WEBHOOK_TEST = "webhook_test"
    OTHER = "other"


OF_RECORDS: Mapping[Happening, str] = MappingProxyType(
    {
        Happening.HANDED_OVER: "The host handed it over for the first time.",
        Happening.REVISED: "What QuickBooks holds is out of date: the host handed over a new revision, or a person "
        "has it looked at anew.",
        Happening.VOID_REQUESTED: "QuickBooks holds it, and it is to be voided there (a purchase order: closed).",
        Happening.BLOCKED: "It cannot go on as things stand: `errors` say why, what to do about it, and who must. "
        "From `blocked` to `blocked`: for other reasons than before.",
        Happening.RELEASED: "What was in its way is gone, or a retry was asked for: it is queued again.",
        Happening.SENT: "It is on its way to QuickBooks.",
        Happening.REQUEUED: "It is not in QuickBooks: refused for now, or the answer was lost and QuickBooks does not "
        "have it. It is sent again by itself.",
        Happening.UNCERTAIN: "It was sent, and the answer was lost: QuickBooks is asked before anything is sent again.",
        Happening.SYNCED: "QuickBooks holds it, at `synced_revision`.",
        Happening.VOIDED: "QuickBooks holds it as void (a purchase order: closed), as was asked for.",
        Happening.LINKED: "A person said which document of QuickBooks it is; QuickBooks is asked at the next visit.",
        Happening.LINK_CONFIRMED: "QuickBooks showed the document a person had linked it to.",
        Happening.UNLINKED: "What it is in QuickBooks was forgotten: it is matched anew.",
        Happening.ANSWERED: "A person chose a way out of one of its error records.",
        Happening.DISMISSED: "A person let one of its error records rest, with a note why.",
        Happening.CANCELLED: "The host or a person withdrew it.",
        Happening.REVIVED: "It was cancelled, and was handed over again.",
    }
)
"""What each means, to whoever reads the documentation."""

OF_CONNECTORS: Mapping[ConnectorHappening, str] = MappingProxyType(
    {
        ConnectorHappening.ADDED: "connector added",
        ConnectorHappening.REMOVED: "connector removed",
        ConnectorHappening.RESTORED: "connector restored",
        ConnectorHappening.SETTINGS_CHANGED: "settings changed",
        ConnectorHappening.PAUSED: "paused",
        ConnectorHappening.RESUMED: "resumed",
        ConnectorHappening.RESYNC_REQUESTED: "Resync asked for",
        ConnectorHappening.RESYNC_DONE: "Resync done: its lists have been read",
        ConnectorHappening.SESSION_RESET: "session reset",
        ConnectorHappening.FULL_RESET: "full reset",
        ConnectorHappening.PASSWORD_ROTATED: "password rotated",
        ConnectorHappening.KEY_CREATED: "API key created",
        ConnectorHappening.KEY_REVOKED: "API key revoked",
        ConnectorHappening.ONBOARDING_LINK_MADE: "onboarding link created",
        ConnectorHappening.ONBOARDING_LINK_REVOKED: "onboarding link revoked",
        ConnectorHappening.ONBOARDING_STEP: "step taken by an onboarding link",
        ConnectorHappening.SECRETS_REPLACED: "secrets file replaced: password and API keys are dead",
        ConnectorHappening.VISIT_ENDED: "visit ended",
        ConnectorHappening.COMPANY_FILE_BOUND: "bound to a company file",
        ConnectorHappening.COMPANY_FILE_MOVED: "the same company file under another path or name",
        ConnectorHappening.COMPANY_FILE_CONFIRMED: "company file confirmed",
        ConnectorHappening.COMPANY_FILE_RESTORED: "company file probably restored from a backup",
        ConnectorHappening.QUARANTINED: "another company file is open: nothing is written",
        ConnectorHappening.QUARANTINE_ENDED: "the right company file is open again, or was confirmed",
        ConnectorHappening.REQUEST_QUEUED: "raw request handed over",
        ConnectorHappening.REQUEST_SENT: "raw request sent",
        ConnectorHappening.REQUEST_ANSWERED: "raw request answered",
        ConnectorHappening.REQUEST_REFUSED: "raw request refused",
        ConnectorHappening.REQUEST_UNCERTAIN: "raw request: its answer was lost, it may have been carried out",
        ConnectorHappening.REQUEST_CANCELLED: "raw request cancelled",
        ConnectorHappening.ERROR_BEGAN: "connector error began",
        ConnectorHappening.ERROR_ENDED: "connector error ended",
        ConnectorHappening.ERROR_ANSWERED: "error record answered",
        ConnectorHappening.ERROR_DISMISSED: "error record dismissed",
        ConnectorHappening.ERRORS_ATTENDED: "errors with one cause were snoozed, assigned, or noted on",
        ConnectorHappening.RULING_TAKEN_BACK: "what a person had said for good was taken back",
        ConnectorHappening.WEBHOOK_ADDED: "webhook added",
        ConnectorHappening.WEBHOOK_CHANGED: "webhook changed",
        ConnectorHappening.WEBHOOK_REMOVED: "webhook removed",
        ConnectorHappening.WEBHOOK_SECRET_ROTATED: "new secret for a webhook",
        ConnectorHappening.WEBHOOK_DISABLED: "webhook disabled, as it took nothing any more",
        ConnectorHappening.WEBHOOK_TEST: "test of a webhook (it never stands in the feed)",
        ConnectorHappening.OTHER: "something a former version noted, in its own words",
    }
)
"""What each is called in a log."""

_OF_DOCUMENTS = {
    Happening.VOID_REQUESTED,
    Happening.VOIDED,
    Happening.LINKED,
    Happening.LINK_CONFIRMED,
}
_OF_LIST_RECORDS = {Happening.UNLINKED}


def _may_happen(kind: Kind, happening: Happening) -> bool:
    return happening not in (_OF_LIST_RECORDS if kind.is_document else _OF_DOCUMENTS)


def of_kind(kind: Kind) -> tuple[str, ...]:
    """The types of what may happen to records of a kind."""
    return tuple(type_of(kind, happening) for happening in Happening if _may_happen(kind, happening))


def type_of(kind: Kind, happening: Happening) -> str:
    """The type of what happened to a record of a kind: ``invoice.synced``."""
    return f"{kind}.{happening}"


def type_of_connector(happening: ConnectorHappening) -> str:
    """The type of what happened to a connector: ``connector.paused``."""
    return f"{CONNECTOR}.{happening}"


def _every_type() -> Iterator[tuple[str, str]]:
    for kind in Kind:
        for happening in Happening:
            if _may_happen(kind, happening):
                yield type_of(kind, happening), OF_RECORDS[happening]
    for of_connector, words in OF_CONNECTORS.items():
        yield type_of_connector(of_connector), f"{words[:1].upper()}{words[1:]}."


TYPES: Mapping[str, str] = MappingProxyType(dict(_every_type()))
"""Every type there is, and what it means."""


def of_change(before: State | None, record: Record) -> Happening:
    """What happened to a record that has just come from another state to its own."""
    if record.state is State.QUEUED:
        return _came_to_queue(before, record)
    if record.state is State.SYNCED and record.is_void and record.kind.is_document:
        return Happening.VOIDED if record.synced_revision == record.revision else Happening.SYNCED
    return _BY_STATE[record.state]


_BY_STATE: Mapping[State, Happening] = {
    State.BLOCKED: Happening.BLOCKED,
    State.SENT: Happening.SENT,
    State.UNCERTAIN: Happening.UNCERTAIN,
    State.SYNCED: Happening.SYNCED,
    State.CANCELLED: Happening.CANCELLED,
}


def _came_to_queue(before: State | None, record: Record) -> Happening:
    if before is not State.SYNCED:
        return _BACK_TO_QUEUE[before]
    if record.kind.is_document:
        return Happening.VOID_REQUESTED if record.is_void else Happening.REVISED
    return Happening.UNLINKED if record.link is None else Happening.REVISED


_BACK_TO_QUEUE: Mapping[State | None, Happening] = {
    None: Happening.HANDED_OVER,
    State.BLOCKED: Happening.RELEASED,
    State.SENT: Happening.REQUEUED,
    State.UNCERTAIN: Happening.REQUEUED,
    State.CANCELLED: Happening.REVIVED,
}


# --- choosing ----------------------------------------------------------------------------------------------


def chosen(patterns: Collection[str]) -> frozenset[str]:
    """The types that are meant by these words: types, or ``invoice.*``, ``*.blocked``, ``*``.

    Raises:
        ValueError: with words for whoever wrote one that means none.
    """
    found: set[str] = set()
    for pattern in patterns:
        # several stars in a row mean no more than one, and would take for ever
        meant = re.compile(re.sub(r"(\\\*)+", ".*", re.escape(pattern)))
        is_short = len(pattern) <= _LONGEST_PATTERN
        types = {each for each in TYPES if is_short and meant.fullmatch(each)}
        if not types:
            raise ValueError(_unknown(pattern))
        found |= types
    return frozenset(found)


_LONGEST_PATTERN = 80


def type_pattern() -> str:
    """A regular expression of the types there are, and of the patterns of them that are documented."""
    of_each: dict[str, set[str]] = {}
    for each in TYPES:
        about, _, happening = each.partition(".")
        of_each.setdefault(about, {"*"}).add(happening)
    # those of the same happenings stand together
    alike: dict[str, list[str]] = {}
    for about, happenings in sorted(of_each.items()):
        alike.setdefault("|".join(map(re.escape, sorted(happenings))), []).append(about)
    parts = [rf"({'|'.join(abouts)})\.({happenings})" for happenings, abouts in alike.items()]
    every = sorted(set.union(*of_each.values()) - {"*"})
    return rf"^(\*|\*\.({'|'.join(every)})|{'|'.join(parts)})$"


def _unknown(pattern: str) -> str:
    told = pattern[:_LONGEST_PATTERN]
    near = did_you_mean(told, TYPES) or f"; there are such as invoice.synced, invoice.* and {CONNECTOR}.*"
    return f"there is no type {told}{near}"
