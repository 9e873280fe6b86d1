"""The closed catalogue of causes: why a record (or a connector) cannot go on, in words a person can act on.

One class a cause. It carries the data of one occurrence, knows the key behind which all records with the
same cause wait, and writes the sentences a person reads: what happened, and what to do about it. Nothing
here names XML: the reader knows QuickBooks' menus.
"""

from collections.abc import Mapping
from typing import Any

from qbwc_server.domain.causes.base import Actor, Cause
from qbwc_server.domain.causes.candidates import Candidate, LastDocument
from qbwc_server.domain.causes.connector import (
    BadCredentials,
    QuickbooksUnreachable,
    VersionUnsupported,
    WrongCompanyFile,
)
from qbwc_server.domain.causes.documents import DocumentDeleted, LinkRefused, NumberConflict
from qbwc_server.domain.causes.handed_over import NotAccepted
from qbwc_server.domain.causes.lists import AlreadyLinked, NameInUse, RecordDeleted, RecordInactive
from qbwc_server.domain.causes.matching import (
    NOT_HANDED_OVER,
    CustomerNotMatched,
    ItemNotMatched,
    VendorNotMatched,
)
from qbwc_server.domain.causes.refusals import (
    ChangedInQuickbooks,
    ClosedPeriod,
    InvalidField,
    NotPermitted,
    ReferenceMissing,
    Refused,
    Uncertain,
)
from qbwc_server.domain.causes.requests import RequestUncertain
from qbwc_server.domain.causes.webhooks import WebhookDisabled

__all__ = [
    "CATALOGUE",
    "CONNECTOR_WIDE",
    "NOT_HANDED_OVER",
    "Actor",
    "AlreadyLinked",
    "BadCredentials",
    "Candidate",
    "Cause",
    "ChangedInQuickbooks",
    "ClosedPeriod",
    "CustomerNotMatched",
    "DocumentDeleted",
    "InvalidField",
    "ItemNotMatched",
    "LastDocument",
    "LinkRefused",
    "NameInUse",
    "NotAccepted",
    "NotPermitted",
    "NumberConflict",
    "QuickbooksUnreachable",
    "RecordDeleted",
    "RecordInactive",
    "ReferenceMissing",
    "Refused",
    "RequestUncertain",
    "Uncertain",
    "VendorNotMatched",
    "VersionUnsupported",
    "WebhookDisabled",
    "WrongCompanyFile",
    "restore",
]

CONNECTOR_WIDE = frozenset(
    cause.name for cause in (BadCredentials, QuickbooksUnreachable, VersionUnsupported, WrongCompanyFile)
)
"""Those that concern a connector as a whole: nothing goes out while one of them is open."""

CATALOGUE: Mapping[str, type[Cause]] = {
    cause.name: cause
    for cause in (
        CustomerNotMatched,
        VendorNotMatched,
        ItemNotMatched,
        NumberConflict,
        RecordInactive,
        RecordDeleted,
        DocumentDeleted,
        LinkRefused,
        NameInUse,
        AlreadyLinked,
        InvalidField,
        ReferenceMissing,
        ChangedInQuickbooks,
        NotPermitted,
        ClosedPeriod,
        Refused,
        Uncertain,
        NotAccepted,
        QuickbooksUnreachable,
        WrongCompanyFile,
        BadCredentials,
        VersionUnsupported,
        WebhookDisabled,
        RequestUncertain,
    )
}


def restore(name: str, data: Mapping[str, Any]) -> Cause:
    """The cause that `Cause.data` was taken from, equal to it.

    Raises:
        KeyError: no cause has that name.
    """
    return CATALOGUE[name](**{field: _as_it_was(field, value) for field, value in data.items()})


def _as_it_was(field: str, value: Any) -> Any:
    """JSON has neither tuples nor candidates."""
    match field:
        case "candidates":
            return tuple(Candidate(**item) for item in value)
        case "faults":
            return tuple(tuple(pair) for pair in value)
        case "differences":
            return {what: tuple(pair) for what, pair in value.items()}
        case _:
            return value
