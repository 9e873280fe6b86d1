"""The kinds of deeds and happenings that people look for in a log: each a handful of types of events."""

from collections.abc import Mapping
from dataclasses import dataclass

from qbwc_server.domain.event_types import (
    CONNECTOR,
    OF_CONNECTORS,
    OF_RECORDS,
    ConnectorHappening,
    Happening,
    chosen,
)

OTHER = "other"


@dataclass(frozen=True, slots=True)
class LogKind:
    """A kind of happenings.

    Attributes:
        label: what a person calls it.
        of_records, of_connectors: what happens to records, and to a connector as a whole.
        installation: words of which one stands in such a deed of the installation.
    """

    label: str
    of_records: frozenset[Happening] = frozenset()
    of_connectors: frozenset[ConnectorHappening] = frozenset()
    installation: tuple[str, ...] = ()

    @property
    def types(self) -> frozenset[str]:
        """The types of such events."""
        patterns = [f"*.{item}" for item in self.of_records]
        patterns += [f"{CONNECTOR}.{item}" for item in self.of_connectors]
        found = chosen(patterns) if patterns else frozenset()
        of_records = {each for each in found if not each.startswith(f"{CONNECTOR}.")}
        return frozenset(of_records | {f"{CONNECTOR}.{item}" for item in self.of_connectors})


_C, _H = ConnectorHappening, Happening

_NAMED: Mapping[str, LogKind] = {
    "settings": LogKind("Settings", of_connectors=frozenset({_C.SETTINGS_CHANGED})),
    "connectors": LogKind(
        "Connectors added and removed",
        of_connectors=frozenset({_C.ADDED, _C.REMOVED, _C.RESTORED}),
        installation=("connector",),
    ),
    "pauses": LogKind(
        "Pauses and Resyncs", of_connectors=frozenset({_C.PAUSED, _C.RESUMED, _C.RESYNC_REQUESTED})
    ),
    "resets": LogKind(
        "Resets and passwords",
        of_connectors=frozenset({_C.SESSION_RESET, _C.FULL_RESET, _C.PASSWORD_ROTATED, _C.SECRETS_REPLACED}),
        installation=("secrets",),
    ),
    "users": LogKind("Users and sign-ins", installation=("user", "password", "admin", "sign", "role")),
    "keys": LogKind(
        "API keys", of_connectors=frozenset({_C.KEY_CREATED, _C.KEY_REVOKED}), installation=("API key",)
    ),
    "webhooks": LogKind(
        "Webhooks", of_connectors=frozenset(item for item in _C if item.startswith("webhook_"))
    ),
    "answers": LogKind(
        "Errors answered and dismissed",
        of_records=frozenset({_H.ANSWERED, _H.DISMISSED}),
        of_connectors=frozenset({_C.ERROR_ANSWERED, _C.ERROR_DISMISSED, _C.RULING_TAKEN_BACK}),
    ),
    "links": LogKind("Links", of_records=frozenset({_H.LINKED, _H.LINK_CONFIRMED, _H.UNLINKED})),
    "retries": LogKind("Retries", of_records=frozenset({_H.RELEASED, _H.REVISED, _H.REQUEUED})),
    "voids": LogKind(
        "Voids and cancellations",
        of_records=frozenset({_H.VOID_REQUESTED, _H.VOIDED, _H.CANCELLED, _H.REVIVED}),
    ),
    "handed-over": LogKind("Handed over", of_records=frozenset({_H.HANDED_OVER})),
    "sent": LogKind("Sent", of_records=frozenset({_H.SENT, _H.UNCERTAIN})),
    "synced": LogKind("Synced", of_records=frozenset({_H.SYNCED})),
    "errors": LogKind(
        "Blocked, and errors",
        of_records=frozenset({_H.BLOCKED}),
        of_connectors=frozenset({_C.ERROR_BEGAN, _C.ERROR_ENDED}),
    ),
    "company-file": LogKind(
        "Company file",
        of_connectors=frozenset(item for item in _C if item.startswith(("company_file_", "quarantine"))),
    ),
    "requests": LogKind(
        "Raw requests", of_connectors=frozenset(item for item in _C if item.startswith("request_"))
    ),
    "visits": LogKind("Visits that ended", of_connectors=frozenset({_C.VISIT_ENDED})),
}


def _rest() -> LogKind:
    records = frozenset(OF_RECORDS).difference(*(kind.of_records for kind in _NAMED.values()))
    connectors = frozenset(OF_CONNECTORS).difference(*(kind.of_connectors for kind in _NAMED.values()))
    return LogKind("Everything else", records, connectors)


KINDS: Mapping[str, LogKind] = {**_NAMED, OTHER: _rest()}
"""Every type of event belongs to one of these, by the word in the address."""

_NOT_DEEDS = frozenset({"handed-over", "sent", "synced", "errors", "visits"})

DEED_KINDS: Mapping[str, LogKind] = {name: kind for name, kind in KINDS.items() if name not in _NOT_DEEDS}
"""Those of what people do."""
