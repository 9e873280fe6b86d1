"""The closed catalogue of causes: why a record (or a connector) cannot go on, in words a person can act on.

One class a cause. It carries the data of one occurrence, knows the key behind which all records with the
same cause wait, and writes the sentences a person reads: what happened, and what to do about it. Nothing
here names XML: the reader knows QuickBooks' menus.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Actor(StrEnum):
    """Who can put it right."""

    HOST = "host"
    """Whoever keeps the records in the order system."""
    STAFF = "staff"
    """Whoever looks after this server."""
    QUICKBOOKS_USER = "quickbooks_user"
    """Whoever sits at QuickBooks."""


@dataclass(frozen=True, slots=True)
class Cause(ABC):
    """One occurrence of a cause."""

    name: ClassVar[str]
    usual_actor: ClassVar[Actor]
    retryable: ClassVar[bool] = True
    seen_in_cache: ClassVar[bool] = False
    """True when a look at the list cache finds it, and so also finds that it went away."""

    @property
    def actor(self) -> Actor:
        """Who can put this occurrence right."""
        return self.usual_actor

    @property
    def sub_reason(self) -> str | None:
        """A finer word than the cause's name, or None."""
        return None

    @property
    @abstractmethod
    def key(self) -> str:
        """The cause key: records with the same one are released together."""

    @abstractmethod
    def message(self) -> str:
        """What happened, in a sentence."""

    @abstractmethod
    def remedy(self) -> str:
        """What to do, where to click."""

    def data(self) -> dict[str, Any]:
        """The fields as JSON values, for `restore`; equal for equal causes, restored or not."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values


@dataclass(frozen=True, slots=True)
class Candidate:
    """A list record that might be meant: its name and ListID."""

    name: str
    list_id: str


def _names(candidates: tuple[Any, ...]) -> str:
    """The candidates' names in a sentence (they may have come back from JSON as mappings)."""
    return ", ".join(f"“{item['name'] if isinstance(item, Mapping) else item.name}”" for item in candidates)


_MENDED_IN_QUICKBOOKS = frozenset({"email_unknown", "sku_unknown", "several", "creation_off"})


@dataclass(frozen=True, slots=True)
class _PartyNotMatched(Cause):
    """A customer or vendor that cannot be told apart in QuickBooks.

    Attributes:
        why: ``email_missing``, ``email_unknown``, ``several``, ``name_unknown``, ``id_unknown``, ``not_named``,
            ``not_handed_over`` or ``creation_off``.
        value: the email, name, ListID or external id that was looked for.
        record: the record that is to blame: ``customer c-9``.
    """

    why: str
    record: str
    value: str | None = None
    candidates: tuple[Candidate, ...] = ()

    usual_actor = Actor.HOST
    seen_in_cache = True
    party: ClassVar[str]

    @property
    def actor(self) -> Actor:
        return Actor.QUICKBOOKS_USER if self.why in _MENDED_IN_QUICKBOOKS else self.usual_actor

    @property
    def sub_reason(self) -> str | None:
        return self.why

    @property
    def key(self) -> str:
        value = (self.value or "").casefold()
        match self.why:
            case "email_unknown" | "several" | "creation_off":
                return f"email:{value}"
            case "name_unknown":
                return f"{self.party}_name:{value}"
            case "id_unknown":
                return f"list_id:{self.value}"
            case "not_handed_over":
                return f"{self.party}:{self.value}"
            case _:
                return f"record:{self.record}"

    def message(self) -> str:
        match self.why:
            case "email_missing":
                return (
                    f"{self.record.capitalize()} has no billing email, so it cannot be matched in QuickBooks."
                )
            case "email_unknown":
                return f"No {self.party} in QuickBooks has the email {self.value}."
            case "several":
                return (
                    f"{len(self.candidates)} {self.party}s in QuickBooks have the email {self.value}: "
                    f"{_names(self.candidates)}."
                )
            case "name_unknown":
                return f"No {self.party} in QuickBooks has the name “{self.value}”."
            case "id_unknown":
                return f"No {self.party} in QuickBooks has the ListID {self.value}."
            case "not_handed_over":
                return f"The {self.party} {self.value} has not been handed over yet."
            case "creation_off":
                return (
                    f"No {self.party} in QuickBooks has the email {self.value}, "
                    f"and this connector does not create {self.party}s."
                )
            case _:
                return f"{self.record.capitalize()} does not say which {self.party} it is for."

    def remedy(self) -> str:
        center = f"{self.party.capitalize()} Center"
        match self.why:
            case "email_missing":
                return (
                    f"Enter the billing email of the {self.party} in the order system. The same address must "
                    f"stand in QuickBooks ({center} > Edit > Address Info > Main Email), "
                    f"or the {self.party} is created there."
                )
            case "email_unknown" | "creation_off":
                return (
                    f"In QuickBooks open the {center}, edit the {self.party} and enter this address as Main Email; "
                    f"then press Resync. If the address is wrong, correct it in the order system."
                )
            case "several":
                return (
                    f"In QuickBooks leave the address on one of these {self.party}s only "
                    f"({center} > Edit > Address Info), then press Resync."
                )
            case "name_unknown" | "id_unknown":
                return (
                    f"Correct the reference in the order system, or create the {self.party} in QuickBooks "
                    f"and press Resync."
                )
            case "not_handed_over":
                return (
                    f"The order system must hand over this {self.party}; the record goes on by itself then."
                )
            case _:
                return f"Name the {self.party} in the order system and hand the record over again."


@dataclass(frozen=True, slots=True)
class CustomerNotMatched(_PartyNotMatched):
    """The customer cannot be told in QuickBooks."""

    name = "customer_not_matched"
    party = "customer"


@dataclass(frozen=True, slots=True)
class VendorNotMatched(_PartyNotMatched):
    """The vendor cannot be told in QuickBooks."""

    name = "vendor_not_matched"
    party = "vendor"


@dataclass(frozen=True, slots=True)
class ItemNotMatched(Cause):
    """An item that cannot be told in QuickBooks.

    Attributes:
        why: ``sku_missing``, ``sku_unknown``, ``several``, ``name_unknown``, ``id_unknown``,
            ``not_handed_over`` or ``creation_off``.
        place: where it stands: ``line 3 of invoice SO-1042`` or ``item i-7``.
    """

    why: str
    record: str
    place: str
    value: str | None = None
    candidates: tuple[Candidate, ...] = ()

    name = "item_not_matched"
    usual_actor = Actor.HOST
    seen_in_cache = True

    @property
    def actor(self) -> Actor:
        return Actor.QUICKBOOKS_USER if self.why in _MENDED_IN_QUICKBOOKS else self.usual_actor

    @property
    def sub_reason(self) -> str | None:
        return self.why

    @property
    def key(self) -> str:
        match self.why:
            case "sku_unknown" | "several" | "creation_off":
                return f"sku:{self.value}"
            case "name_unknown":
                return f"item_name:{(self.value or '').casefold()}"
            case "id_unknown":
                return f"list_id:{self.value}"
            case "not_handed_over":
                return f"item:{self.value}"
            case _:
                return f"record:{self.record}"

    def message(self) -> str:
        where = self.place[:1].upper() + self.place[1:]
        match self.why:
            case "sku_missing":
                return f"{where} has no SKU, so the item cannot be matched in QuickBooks."
            case "several":
                return (
                    f"{len(self.candidates)} items in QuickBooks have the Manufacturer's Part Number "
                    f"{self.value}: {_names(self.candidates)}."
                )
            case "name_unknown":
                return f"No item in QuickBooks has the name “{self.value}” ({self.place})."
            case "id_unknown":
                return f"No item in QuickBooks has the ListID {self.value} ({self.place})."
            case "not_handed_over":
                return f"The item {self.value} ({self.place}) has not been handed over yet."
            case "creation_off":
                return (
                    f"No item in QuickBooks has the Manufacturer's Part Number {self.value}, "
                    f"and this connector does not create items."
                )
            case _:
                return (
                    f"No item in QuickBooks has the Manufacturer's Part Number {self.value} ({self.place})."
                )

    def remedy(self) -> str:
        match self.why:
            case "sku_missing":
                return "Enter the SKU of the item in the order system and hand the record over again."
            case "several":
                return (
                    "In QuickBooks (Lists > Item List) leave the Manufacturer's Part Number on one of these items "
                    "only, then press Resync."
                )
            case "name_unknown" | "id_unknown":
                return "Correct the item in the order system, or create it in QuickBooks and press Resync."
            case "not_handed_over":
                return "The order system must hand over this item; the record goes on by itself then."
            case _:
                return (
                    "In QuickBooks open Lists > Item List, edit the item and enter the SKU as Manufacturer's Part "
                    "Number; then press Resync. If the SKU is wrong, correct it in the order system."
                )


@dataclass(frozen=True, slots=True)
class NumberConflict(Cause):
    """The document's number is already used by another document in QuickBooks.

    Attributes:
        document: ``invoice`` or ``purchase order``.
        party: the customer or vendor of the document found; `date` its date, `total` its total.
    """

    document: str
    number: str
    txn_id: str
    party: str | None = None
    date: str | None = None
    total: str | None = None

    name = "number_conflict"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"number:{self.number}"

    def message(self) -> str:
        details = [
            f"for {self.party}" if self.party else "",
            f"dated {self.date}" if self.date else "",
            f"over {self.total}" if self.total else "",
        ]
        found = " ".join(filter(None, details))
        return (
            f"QuickBooks already has another {self.document} with the number {self.number}"
            f"{', ' + found if found else ''} (TxnID {self.txn_id})."
        )

    def remedy(self) -> str:
        return (
            f"Look at the {self.document} in QuickBooks (Edit > Find, number {self.number}). If it was entered by "
            f"hand for the same order, delete or renumber it there and retry; "
            f"otherwise give the record another number in the order system."
        )


@dataclass(frozen=True, slots=True)
class _GoneFromList(Cause):
    """A list record that cannot be used.

    Attributes:
        list_name: ``customer``, ``vendor`` or ``item``.
        full_name: its name in QuickBooks.
        looked_up: the reference by which it was found; the cause key.
    """

    list_name: str
    full_name: str
    list_id: str
    looked_up: str

    usual_actor = Actor.QUICKBOOKS_USER
    seen_in_cache = True

    @property
    def key(self) -> str:
        return self.looked_up


@dataclass(frozen=True, slots=True)
class RecordInactive(_GoneFromList):
    """The customer, vendor or item is inactive in QuickBooks."""

    name = "record_inactive"

    def message(self) -> str:
        return f"The {self.list_name.replace('_', ' ')} “{self.full_name}” is inactive in QuickBooks."

    def remedy(self) -> str:
        centers = {
            "customer": "the Customer Center",
            "vendor": "the Vendor Center",
            "item": "Lists > Item List",
        }
        where = centers.get(self.list_name, "the Lists menu")
        return (
            f"In QuickBooks open {where}, show the inactive entries and make “{self.full_name}” active again; "
            f"then press Resync. If it is no longer to be used, name another one in the order system."
        )


@dataclass(frozen=True, slots=True)
class RecordDeleted(_GoneFromList):
    """The customer, vendor or item was deleted (or merged into another) in QuickBooks."""

    name = "record_deleted"

    def message(self) -> str:
        return (
            f"The {self.list_name} “{self.full_name}” was deleted in QuickBooks, or merged into another one."
        )

    def remedy(self) -> str:
        return (
            f"Name another {self.list_name} in the order system, or create this one again in QuickBooks "
            f"and press Resync."
        )


@dataclass(frozen=True, slots=True)
class DocumentDeleted(Cause):
    """The document was deleted in QuickBooks; it is never created again by itself."""

    document: str
    record: str
    txn_id: str

    name = "document_deleted"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"txn_id:{self.txn_id}"

    def message(self) -> str:
        return f"The {self.document} of {self.record} was deleted in QuickBooks (TxnID {self.txn_id})."

    def remedy(self) -> str:
        return (
            "Ask who deleted it and why. It is not posted again by itself: "
            "cancel the record, or have it posted as a new document."
        )


@dataclass(frozen=True, slots=True)
class NameInUse(Cause):
    """The name is taken: customers, vendors, employees and other names share one set of names; so do items.

    Attributes:
        full_name: the name wanted.
        holder: what holds it, as far as known: ``a customer with the email a@b.example``.
    """

    list_name: str
    full_name: str
    holder: str | None = None

    name = "name_in_use"
    usual_actor = Actor.STAFF
    seen_in_cache = True

    @property
    def key(self) -> str:
        return f"{self.list_name}_name:{self.full_name.casefold()}"

    def message(self) -> str:
        holder = self.holder or "another entry (a customer, vendor, employee or other name)"
        if self.list_name == "item" and self.holder is None:
            holder = "another item"
        return f"The name “{self.full_name}” is already used in QuickBooks by {holder}."

    def remedy(self) -> str:
        match = "Manufacturer's Part Number" if self.list_name == "item" else "Main Email"
        return (
            f"If it is the same {self.list_name}, enter the {match} of the record there and press Resync, "
            f"so that both are matched. Otherwise change one of the two names."
        )


@dataclass(frozen=True, slots=True)
class InvalidField(Cause):
    """QuickBooks does not accept the value of a field."""

    record: str
    field: str | None = None
    problem: str | None = None

    name = "invalid_field"
    usual_actor = Actor.HOST

    @property
    def sub_reason(self) -> str | None:
        return self.field

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    def message(self) -> str:
        if self.field and self.problem:
            return f"The field {self.field} of {self.record} cannot be sent: {self.problem}."
        return f"QuickBooks does not accept a value of {self.record}."

    def remedy(self) -> str:
        return "Correct the value in the order system and hand the record over again."


@dataclass(frozen=True, slots=True)
class ReferenceMissing(Cause):
    """Something the record refers to (terms, account, class, tax code, …) is not in QuickBooks, or not set.

    Attributes:
        what: ``income account``, ``terms`` …
        value: the name that was given; None when none is known or none was given.
        list_name: the list of QuickBooks it was looked up in; None when QuickBooks itself found it missing.
    """

    record: str
    what: str | None = None
    value: str | None = None
    list_name: str | None = None

    name = "reference_missing"
    usual_actor = Actor.STAFF
    seen_in_cache = True

    @property
    def sub_reason(self) -> str | None:
        return self.what

    @property
    def key(self) -> str:
        if self.list_name is not None:
            return f"{self.list_name}_name:{(self.value or '').casefold()}"
        if self.what is None:
            return f"record:{self.record}"
        return f"setting:{self.what.replace(' ', '_')}"

    def message(self) -> str:
        if self.what and self.value is None:
            return f"{self.record.capitalize()} needs an {self.what}, and neither it nor the connector names one."
        if self.what:
            return f"The {self.what} “{self.value}” of {self.record} is not in QuickBooks."
        return f"Something that {self.record} refers to is missing or inactive in QuickBooks."

    def remedy(self) -> str:
        if self.what and self.value is None:
            return f"Set the default {self.what} in the connector's settings, then retry."
        if self.what:
            return (
                f"Create “{self.value}” in QuickBooks (Lists menu) and press Resync, "
                f"or correct the name in the order system or in the connector's settings."
            )
        return (
            "QuickBooks' own sentence names it. Create it or make it active in QuickBooks (Lists menu), "
            "or correct it in the order system or in the connector's settings; then retry."
        )


@dataclass(frozen=True, slots=True)
class ChangedInQuickbooks(Cause):
    """Somebody changed the record in QuickBooks in a field we would overwrite.

    Attributes:
        differences: field → the values (ours, QuickBooks').
    """

    record: str
    differences: Mapping[str, tuple[str, str]]

    name = "changed_in_quickbooks"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    def message(self) -> str:
        parts = "; ".join(
            f"{field}: ours “{ours}”, QuickBooks “{theirs}”"
            for field, (ours, theirs) in self.differences.items()
        )
        return f"{self.record.capitalize()} was changed in QuickBooks by a person ({parts})."

    def remedy(self) -> str:
        return (
            "Decide which value is right. Retry to overwrite QuickBooks, or correct it in the order system."
        )


@dataclass(frozen=True, slots=True)
class NotPermitted(Cause):
    """QuickBooks refuses because a right is missing."""

    record: str

    name = "not_permitted"
    usual_actor = Actor.QUICKBOOKS_USER

    @property
    def key(self) -> str:
        return "permission"

    def message(self) -> str:
        return "QuickBooks does not let the Web Connector do this."

    def remedy(self) -> str:
        return (
            "The QuickBooks administrator opens Edit > Preferences > Integrated Applications > Company Preferences, "
            "selects this application, Properties, and allows it to read and modify the company file; "
            "the user it logs in as must be allowed to enter such records. Then retry."
        )


@dataclass(frozen=True, slots=True)
class ClosedPeriod(Cause):
    """The date lies before the company file's closing date."""

    record: str

    name = "closed_period"
    usual_actor = Actor.QUICKBOOKS_USER

    @property
    def key(self) -> str:
        return "closed_period"

    def message(self) -> str:
        return f"The date of {self.record} lies in a period that is closed in QuickBooks."

    def remedy(self) -> str:
        return (
            "Change the date in the order system, or have the QuickBooks administrator move the closing date "
            "(Edit > Preferences > Accounting > Company Preferences); then retry."
        )


@dataclass(frozen=True, slots=True)
class Refused(Cause):
    """QuickBooks refused for a reason that has no cause of its own; its sentence says more.

    Attributes:
        advice: the remedy the catalogue of QuickBooks' codes gives, or None.
    """

    record: str
    advice: str | None = None

    name = "refused"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    def message(self) -> str:
        return f"QuickBooks refused {self.record}."

    def remedy(self) -> str:
        return self.advice or "Read QuickBooks' own sentence, put right what it names, then retry."


@dataclass(frozen=True, slots=True)
class Uncertain(Cause):
    """QuickBooks never said whether it took the record, and asking it did not decide either."""

    record: str
    found: str | None = None

    name = "uncertain"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    def message(self) -> str:
        found = f" QuickBooks holds {self.found}, which may or may not be it." if self.found else ""
        return f"The answer to {self.record} was lost, and QuickBooks cannot say for sure whether it took it.{found}"

    def remedy(self) -> str:
        return (
            "Look for it in QuickBooks (Edit > Find). If it is not there, retry: it is then sent once more. "
            "If it is there, cancel the record."
        )


@dataclass(frozen=True, slots=True)
class QuickbooksUnreachable(Cause):
    """The Web Connector could not reach QuickBooks, or QuickBooks refused a whole message set."""

    advice: str | None = None

    name = "quickbooks_unreachable"
    usual_actor = Actor.QUICKBOOKS_USER

    @property
    def key(self) -> str:
        return "quickbooks"

    def message(self) -> str:
        return "The Web Connector could not work with QuickBooks."

    def remedy(self) -> str:
        return (
            self.advice
            or "Start QuickBooks, open the company file, close every dialog, and run the update again."
        )


@dataclass(frozen=True, slots=True)
class WrongCompanyFile(Cause):
    """The open company file is not the one the connector is bound to; nothing is read from it or written to it.

    Attributes:
        differences: what differs → the values (bound, found).
    """

    differences: Mapping[str, tuple[str | None, str | None]]

    name = "wrong_company_file"
    usual_actor = Actor.STAFF
    retryable = False

    @property
    def key(self) -> str:
        return "company_file"

    def message(self) -> str:
        parts = "; ".join(
            f"{what}: expected “{expected or 'none'}”, found “{found or 'none'}”"
            for what, (expected, found) in self.differences.items()
        )
        return f"QuickBooks has another company file open than this connector belongs to ({parts})."

    def remedy(self) -> str:
        return (
            "Open the right company file in QuickBooks and run the update again. If this is the right file "
            "(it was moved, renamed or restored), confirm it on the connector's page."
        )


@dataclass(frozen=True, slots=True)
class BadCredentials(Cause):
    """The Web Connector came with a wrong password."""

    name = "bad_credentials"
    usual_actor = Actor.QUICKBOOKS_USER
    retryable = False

    @property
    def key(self) -> str:
        return "password"

    def message(self) -> str:
        return "The Web Connector came with a wrong password."

    def remedy(self) -> str:
        return (
            "Click the password field of this application in the Web Connector and paste the connector's password. "
            "If it is lost, rotate it on the connector's page."
        )


@dataclass(frozen=True, slots=True)
class VersionUnsupported(Cause):
    """QuickBooks is too old, or did not say what it understands."""

    supported: str

    name = "version_unsupported"
    usual_actor = Actor.QUICKBOOKS_USER
    retryable = False

    @property
    def key(self) -> str:
        return "version"

    def message(self) -> str:
        return (
            f"This QuickBooks understands no qbXML version this server speaks (it offers {self.supported})."
        )

    def remedy(self) -> str:
        return "Update QuickBooks (Help > Update QuickBooks Desktop)."


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
        NameInUse,
        InvalidField,
        ReferenceMissing,
        ChangedInQuickbooks,
        NotPermitted,
        ClosedPeriod,
        Refused,
        Uncertain,
        QuickbooksUnreachable,
        WrongCompanyFile,
        BadCredentials,
        VersionUnsupported,
    )
}


def restore(name: str, data: Mapping[str, Any]) -> Cause:
    """The cause that `Cause.data` was taken from.

    Raises:
        KeyError: no cause has that name.
    """
    return CATALOGUE[name](**data)
