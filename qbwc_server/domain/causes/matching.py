"""Causes of matching: a customer, vendor or item that cannot be told in QuickBooks."""

from dataclasses import dataclass
from typing import ClassVar

from qbwc_server.domain.causes.base import Actor, Cause, at_the_start
from qbwc_server.domain.causes.candidates import Candidate


def _names(candidates: tuple[Candidate, ...]) -> str:
    """The candidates' names in a sentence."""
    return ", ".join(f"“{item.name}”" for item in candidates)


NOT_HANDED_OVER = "not_handed_over"
"""The sub-reason of a record that names one the host has not handed over, or not so that it could be accepted."""

_MENDED_IN_QUICKBOOKS = frozenset({"email_unknown", "sku_unknown", "several", "creation_off"})


@dataclass(frozen=True, slots=True)
class _PartyNotMatched(Cause):
    """A customer or vendor that cannot be told apart in QuickBooks.

    Attributes:
        why: ``email_missing``, ``email_unknown``, ``several``, ``name_unknown``, ``id_unknown``, ``not_named``,
            ``not_handed_over``, ``creation_off`` or ``number_missing`` (where account numbers alone are compared).
        value: the email, name, ListID or external id that was looked for.
        record: the record that is to blame: ``customer c-9``.
        by: the rule by which it was looked for: ``email`` (also when None), ``name`` or ``account_number``.
    """

    why: str
    record: str
    value: str | None = None
    candidates: tuple[Candidate, ...] = ()
    by: str | None = None

    usual_actor = Actor.HOST
    seen_in_cache = True
    party: ClassVar[str]
    email: ClassVar[str] = "email"
    """What its email is called."""

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
            case "several" | "creation_off" if self.by == "account_number":
                return f"account_number:{value}"
            case "several" | "creation_off" if self.by != "name":
                return f"email:{value}"
            case "email_unknown":
                return f"email:{value}"
            case "name_unknown" | "several" | "creation_off":
                return f"{self.party}_name:{value}"
            case "id_unknown":
                return f"list_id:{self.value}"
            case "not_handed_over":
                return f"{self.party}:{self.value}"
            case _:
                return f"record:{self.record}"

    @property
    def _looked_for(self) -> str:
        """What was looked for, in a sentence."""
        match self.by:
            case "name":
                return f"name “{self.value}”"
            case "account_number":
                return f"account number {self.value}"
            case _:
                return f"email {self.value}"

    @property
    def _place(self) -> str:
        """Where in QuickBooks it stands."""
        return {"name": "name", "account_number": "account number"}.get(
            self.by or "", "address as Main Email"
        )

    def message(self) -> str:
        match self.why:
            case "email_missing":
                return (
                    f"{at_the_start(self.record)} has no {self.email}, so it cannot be matched in QuickBooks."
                )
            case "email_unknown":
                return f"No {self.party} in QuickBooks has the email {self.value}."
            case "number_missing":
                return f"{at_the_start(self.record)} has no account number, so it cannot be matched in QuickBooks."
            case "several":
                return (
                    f"{len(self.candidates)} {self.party}s in QuickBooks have the {self._looked_for}: "
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
                    f"No {self.party} in QuickBooks has the {self._looked_for}, "
                    f"and this connector does not create {self.party}s."
                )
            case _:
                return f"{at_the_start(self.record)} does not say which {self.party} it is for."

    def remedy(self) -> str:
        center = f"{self.party.capitalize()} Center"
        match self.why:
            case "email_missing":
                return (
                    f"Enter the {self.email} of the {self.party} in the order system. If the {self.party} is in "
                    f"QuickBooks already, enter the same address there ({center} > Edit > Address Info > Main Email); "
                    f"if not, it is created."
                )
            case "email_unknown":
                return (
                    f"In QuickBooks edit the {self.party} ({center}), enter this address as Main Email, and press "
                    f"Resync. If the {self.party} is new, hand it over from the order system. If the address is wrong, "
                    f"correct it in the order system."
                )
            case "creation_off":
                return (
                    f"In QuickBooks create the {self.party} ({center}), or edit it, with this {self._place}, and press "
                    f"Resync. Or switch on “Create {self.party}s” in the connector's settings."
                )
            case "number_missing":
                return (
                    f"Enter the account number of the {self.party} in the order system, as it is in QuickBooks "
                    f"({center} > Edit > Payment Settings > Account No.)."
                )
            case "several":
                link = ", or link the record to the right one" if self.record.startswith(self.party) else ""
                return (
                    f"In QuickBooks leave this {self._place} on one of these {self.party}s only "
                    f"({center} > Edit) and press Resync{link}."
                )
            case "name_unknown":
                return (
                    f"Correct the name in the order system, or create the {self.party} in QuickBooks ({center}) "
                    f"and press Resync."
                )
            case "id_unknown":
                return (
                    f"Correct the ListID in the order system. If the {self.party} was created in QuickBooks only "
                    f"now, press Resync."
                )
            case "not_handed_over":
                return f"Hand this {self.party} over from the order system; everything that waits goes on by itself."
            case _:
                return f"Name the {self.party} in the order system and hand the record over again."


@dataclass(frozen=True, slots=True)
class CustomerNotMatched(_PartyNotMatched):
    """The customer cannot be told in QuickBooks."""

    name = "customer_not_matched"
    party = "customer"
    email = "billing email"


@dataclass(frozen=True, slots=True)
class VendorNotMatched(_PartyNotMatched):
    """The vendor cannot be told in QuickBooks."""

    name = "vendor_not_matched"
    party = "vendor"


_COMPARED = {
    "part_number": "Manufacturer's Part Number",
    "name": "name",
    "sub_name": "name below whatever item",
    "barcode": "bar code",
}


@dataclass(frozen=True, slots=True)
class ItemNotMatched(Cause):
    """An item that cannot be told in QuickBooks.

    Attributes:
        why: ``sku_missing``, ``sku_unknown``, ``several``, ``name_unknown``, ``id_unknown``,
            ``not_handed_over`` or ``creation_off``.
        by: the rules by which it was looked for, with commas: ``part_number`` (also when None), ``name`` …
        place: where it stands: ``line 3 of invoice SO-1042`` or ``item i-7``.
    """

    why: str
    record: str
    place: str
    value: str | None = None
    candidates: tuple[Candidate, ...] = ()
    by: str | None = None

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

    @property
    def compared(self) -> str:
        """What was compared, in a sentence."""
        return " or ".join(_COMPARED[rule] for rule in (self.by or "part_number").split(","))

    def message(self) -> str:
        where = self.place[:1].upper() + self.place[1:]
        match self.why:
            case "sku_missing":
                return f"{where} has no SKU, so the item cannot be matched in QuickBooks."
            case "several":
                return (
                    f"{len(self.candidates)} items in QuickBooks have the {self.compared} "
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
                    f"No item in QuickBooks has the {self.compared} {self.value}, "
                    f"and this connector does not create items."
                )
            case _:
                return f"No item in QuickBooks has the {self.compared} {self.value} ({self.place})."

    def remedy(self) -> str:
        match self.why:
            case "sku_missing":
                return "Enter the SKU of the item in the order system and hand the record over again."
            case "several":
                link = ", or link the record to the right one" if self.record.startswith("item") else ""
                return (
                    f"In QuickBooks (Lists > Item List) leave this {self.compared} on one of these items "
                    f"only and press Resync{link}."
                )
            case "name_unknown":
                return (
                    "Correct the name in the order system, or create the item in QuickBooks (Lists > Item List) and "
                    "press Resync."
                )
            case "id_unknown":
                return (
                    "Correct the ListID in the order system. If the item was created in QuickBooks only now, "
                    "press Resync."
                )
            case "not_handed_over":
                return "Hand this item over from the order system; everything that waits goes on by itself."
            case "creation_off":
                return (
                    "In QuickBooks create the item (Lists > Item List), or edit it, with the SKU as "
                    f"{self.compared}, and press Resync. Or switch on “Create items” in the connector's settings."
                )
            case _:
                return (
                    f"In QuickBooks edit the item (Lists > Item List), enter the SKU as {self.compared}, and press "
                    "Resync. If the item is new, hand it over from the order system. If the SKU is wrong, correct it "
                    "in the order system."
                )
