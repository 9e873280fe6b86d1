"""What staff may set on a connector: what each setting may be, and its words, which every door shows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from qbwc_server.domain.faults import Fault, InvalidInput
from qbwc_server.domain.near import did_you_mean
from qbwc_server.domain.quiet import HOURS, Weekday, days_of, is_quiet

PartyRule = Literal["email", "name", "account_number"]
"""By what a customer or vendor is found in QuickBooks."""

ItemRule = Literal["part_number", "name", "sub_name", "barcode"]
"""By what an item is found: its Manufacturer's Part Number, its FullName, its own name below whatever parent, or
its bar code."""

RULES: dict[str, tuple[str, ...]] = {
    "match_customers_by": get_args(PartyRule),
    "match_vendors_by": get_args(PartyRule),
    "match_items_by": get_args(ItemRule),
}
"""The settings that are ordered lists of rules, and the rules each may hold."""

_ONCE: dict[str, JsonValue] = {"uniqueItems": True}


class ConnectorSettings(BaseModel):
    """What staff may set on a connector (`connector set NAME key=value`).

    Accounts, terms and template are FullNames as they stand in QuickBooks. In the `quiet_hours` and on the `quiet_days`
    of `time_zone` nothing is exchanged. Of the rules to match by, the first that finds anything decides.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    post_invoices: bool = True
    post_purchase_orders: bool = True
    create_customers: bool = True
    create_vendors: bool = True
    create_items: bool = True
    create_without_email: bool = False
    match_customers_by: tuple[PartyRule, ...] = Field(
        default=("email",), min_length=1, json_schema_extra=_ONCE
    )
    match_vendors_by: tuple[PartyRule, ...] = Field(default=("email",), min_length=1, json_schema_extra=_ONCE)
    match_items_by: tuple[ItemRule, ...] = Field(
        default=("part_number",), min_length=1, json_schema_extra=_ONCE
    )
    default_terms: str | None = None
    default_income_account: str | None = None
    default_expense_account: str | None = None
    default_cogs_account: str | None = None
    default_asset_account: str | None = None
    default_item_type: Literal["service", "non_inventory", "other_charge", "inventory"] = "non_inventory"
    template: str | None = None
    ref_number_prefix: str | None = Field(default=None, max_length=8)
    host_wins: bool = False
    batch_size: int = Field(default=50, ge=1, le=500)
    refresh_minutes: int = Field(default=60, ge=1, le=10_080)
    message_set_recovery: bool = True
    read_only: bool = False
    company_file: str | None = None
    run_every_minutes: int = Field(default=5, ge=1, le=1440)
    quiet_hours: str | None = Field(default=None, json_schema_extra={"pattern": HOURS})
    quiet_days: tuple[Weekday, ...] = ()
    time_zone: str = "UTC"

    @field_validator("*", mode="before")
    @classmethod
    def _empty_means_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator(*RULES, mode="before")
    @classmethod
    def _rules(cls, value: Any, info: ValidationInfo) -> Any:
        known = RULES[info.field_name or ""]
        given = _listed(value)
        if not given or not set(given) <= set(known):
            raise ValueError(f"use one or several of: {', '.join(known)}")
        if len(set(given)) < len(given):
            raise ValueError("name each of them once, in the order in which they are to be tried")
        return given

    @field_validator("quiet_days", mode="before")
    @classmethod
    def _days(cls, value: Any) -> Any:
        return days_of([day for day in _listed(value) if day])

    @field_validator("quiet_hours")
    @classmethod
    def _two_times_of_day(cls, value: str | None) -> str | None:
        if value is not None and re.search(HOURS, value, re.ASCII) is None:
            raise ValueError("must be hours such as 22:00-06:00")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder of them, no zone
            raise ValueError(f"{value!r} is no time zone; write it as America/New_York") from None
        return value

    def is_quiet(self, now: datetime) -> bool:
        """Whether QuickBooks is left alone at `now`."""
        return is_quiet(now, ZoneInfo(self.time_zone), self.quiet_hours, self.quiet_days)

    def changed(self, /, **values: Any) -> "ConnectorSettings":
        """These settings with `values` in place of their own; an empty value gives a setting its default again.

        Raises:
            InvalidInput: an unknown key or a value that does not fit; every fault is listed.
        """
        wanted = {**self.model_dump(), **values}
        for name in ConnectorSettings.model_fields:
            if wanted[name] == "":
                del wanted[name]
        try:
            return ConnectorSettings.model_validate(wanted)
        except ValidationError as error:
            raise InvalidInput(map(_fault, error.errors())) from None


def _fault(error: ErrorDetails) -> Fault:
    """A fault of a setting; of one that does not exist also which may be meant."""
    name = str(error["loc"][0]) if error["loc"] else ""
    field = ConnectorSettings.model_fields.get(name)
    if field is None:
        near = did_you_mean(name, ConnectorSettings.model_fields)
        return Fault(f"/{name}", f"there is no such setting{near}")
    return Fault.of(error, field.metadata)


def _listed(value: object) -> tuple[str, ...]:
    """What was given as a list, or as words with commas between; what is neither is a word that is unknown."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    if isinstance(value, Sequence) and all(isinstance(part, str) for part in value):
        return tuple(value)
    return (str(value),)


@dataclass(frozen=True, slots=True)
class Words:
    """A setting in plain words.

    Attributes:
        label: what it is called on a form.
        meaning: what it does, in a sentence that stands alone.
        hint: what helps whoever fills in the form, under the label.
    """

    label: str
    meaning: str
    hint: str = ""


WORDS: Mapping[str, Words] = {
    "post_invoices": Words(
        "Post invoices",
        "Send invoices; switched off they wait.",
    ),
    "post_purchase_orders": Words(
        "Post purchase orders",
        "Send purchase orders; switched off they wait.",
    ),
    "create_customers": Words(
        "Create customers",
        "Create customers whose email nobody has in QuickBooks.",
    ),
    "create_vendors": Words(
        "Create vendors",
        "Create vendors whose email nobody has in QuickBooks.",
    ),
    "create_items": Words(
        "Create items",
        "Create items whose SKU none has in QuickBooks.",
    ),
    "create_without_email": Words(
        "Create customers and vendors that have no email",
        "Create customers and vendors that have no email, too; duplicates are possible.",
        "Without an email they cannot be found again by it, so duplicates are possible.",
    ),
    "match_customers_by": Words(
        "Find customers by",
        "How a customer is found in QuickBooks: email, name, account_number; several with commas between, "
        "tried in that order.",
        "The account number is the one in the customer's payment settings in QuickBooks.",
    ),
    "match_vendors_by": Words(
        "Find vendors by",
        "How a vendor is found: email, name, account_number, in the order to be tried.",
    ),
    "match_items_by": Words(
        "Find items by",
        "How an item is found: part_number, name (with its parents'), sub_name (its own alone), "
        "barcode, in the order to be tried.",
        "A sub-item's full name holds its parents', as “Oysters:100ct”; its own name is “100ct”.",
    ),
    "default_terms": Words(
        "Terms",
        "Terms of invoices, if neither they nor their customer have any.",
        "For invoices of customers that have no terms in QuickBooks.",
    ),
    "default_income_account": Words(
        "Income account",
        "Income account of new items, as QuickBooks names it.",
        "For new items.",
    ),
    "default_expense_account": Words(
        "Expense account",
        "Expense account of new items that are bought.",
        "For new items that are bought.",
    ),
    "default_cogs_account": Words(
        "Cost of goods sold account",
        "Cost of goods sold account of new inventory items.",
        "For new inventory items.",
    ),
    "default_asset_account": Words(
        "Inventory asset account",
        "Inventory asset account of new inventory items.",
        "For new inventory items.",
    ),
    "default_item_type": Words(
        "Type of a new item",
        "What new items are, if they do not say.",
        "Used when the record itself does not name a type.",
    ),
    "template": Words(
        "Invoice template",
        "Form that new invoices are printed with.",
        "The form new invoices are printed with.",
    ),
    "ref_number_prefix": Words(
        "Prefix of document numbers",
        "Put before every document number.",
        "Put before every number.",
    ),
    "host_wins": Words(
        "The order system wins",
        "Overwrite what a person changed in QuickBooks, instead of asking.",
        "Overwrites what was changed by hand in QuickBooks. Off: a person decides.",
    ),
    "batch_size": Words(
        "Records in one message set",
        "Records in one message set at most.",
        "How many records at most go to QuickBooks in one round trip.",
    ),
    "refresh_minutes": Words(
        "Minutes between two looks at the lists",
        "Minutes between two looks at the lists of QuickBooks.",
        "How often changes of customers, vendors and items are read from QuickBooks.",
    ),
    "message_set_recovery": Words(
        "Second proof against duplicates",
        "After a lost answer, also ask QuickBooks for the outcome it stored.",
        "After a lost answer, QuickBooks is also asked for the outcome it has stored.",
    ),
    "read_only": Words(
        "Read only",
        "Read lists only; nothing is written to QuickBooks.",
        "Only reads the lists of QuickBooks and changes nothing there. Good for a first look.",
    ),
    "company_file": Words(
        "Company file",
        "Path of the company file on the QuickBooks PC; otherwise the one that is open.",
        "Its path on the PC, such as C:\\Users\\Public\\Books\\Harbour.qbw. "
        "Empty means: whatever file is open in QuickBooks.",
    ),
    "run_every_minutes": Words(
        "Minutes between two runs",
        "Minutes between two visits, as the .qwc proposes them.",
        "Proposed in the .qwc file; it can be changed in the Web Connector.",
    ),
    "quiet_hours": Words(
        "From and to",
        "Hours in which QuickBooks is left alone, such as 22:00-06:00.",
        "As 22:00-06:00; they may span midnight. Empty means none.",
    ),
    "quiet_days": Words(
        "Quiet days",
        "Days on which QuickBooks is left alone, such as saturday,sunday.",
        "Such as saturday, sunday. Empty means none.",
    ),
    "time_zone": Words(
        "Time zone of these hours and days",
        "Time zone of the quiet hours and days, such as America/New_York.",
        "Such as America/New_York.",
    ),
}
"""The words of each setting, in the order of `ConnectorSettings`."""
