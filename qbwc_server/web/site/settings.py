"""The settings of a connector as a form in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk import connectors, search
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import ListName
from qbwc_server.web.context import actor, core

from . import forms
from .access import admin_only
from .forms import Field

pages = Blueprint("settings", __name__)


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together, under one heading."""

    title: str
    intro: str
    fields: tuple[Field, ...]


PARTY_RULES = (("email", "Email"), ("name", "Name"), ("account_number", "Account number"))

GROUPS = (
    Group(
        "What goes to QuickBooks",
        "Switched off, records of that kind are still taken in and wait.",
        (
            Field("post_invoices", "Post invoices", kind="switch"),
            Field("post_purchase_orders", "Post purchase orders", kind="switch"),
            Field(
                "read_only",
                "Read only",
                "Only reads the lists of QuickBooks and changes nothing there. Good for a first look.",
                kind="switch",
            ),
        ),
    ),
    Group(
        "Finding what QuickBooks has",
        "What a record is compared by, one after the other, until something fits.",
        (
            Field(
                "match_customers_by",
                "Find customers by",
                "The account number is the one in the customer's payment settings in QuickBooks.",
                kind="ranking",
                choices=PARTY_RULES,
            ),
            Field("match_vendors_by", "Find vendors by", kind="ranking", choices=PARTY_RULES),
            Field(
                "match_items_by",
                "Find items by",
                "A sub-item's full name holds its parents', as “Oysters:100ct”; its own name is “100ct”.",
                kind="ranking",
                choices=(
                    ("part_number", "SKU = Manufacturer's Part Number"),
                    ("name", "Full name"),
                    ("sub_name", "Own name, below whatever item"),
                    ("barcode", "Bar code"),
                ),
            ),
        ),
    ),
    Group(
        "Creating what QuickBooks does not have",
        "What is not found in QuickBooks is created there, or blocked with an error record that says so.",
        (
            Field("create_customers", "Create customers", kind="switch"),
            Field("create_vendors", "Create vendors", kind="switch"),
            Field("create_items", "Create items", kind="switch"),
            Field(
                "create_without_email",
                "Create customers and vendors that have no email",
                "Without an email they cannot be found again by it, so doubles are possible.",
                kind="switch",
            ),
            Field(
                "default_item_type",
                "Type of a new item",
                "Used when the record itself does not name a type.",
                kind="choice",
                choices=(
                    ("non_inventory", "Non-inventory part"),
                    ("inventory", "Inventory part"),
                    ("service", "Service"),
                    ("other_charge", "Other charge"),
                ),
            ),
        ),
    ),
    Group(
        "Names from QuickBooks",
        "Exactly as they stand in QuickBooks; a sub-account is written “Sales:Seafood”. Empty means none. "
        "The names read from QuickBooks are offered while you type.",
        (
            Field(
                "default_terms",
                "Terms",
                "For invoices of customers that have no terms in QuickBooks.",
                names_of=ListName.TERMS,
            ),
            Field("default_income_account", "Income account", "For new items.", names_of=ListName.ACCOUNT),
            Field(
                "default_expense_account",
                "Expense account",
                "For new items that are bought.",
                names_of=ListName.ACCOUNT,
            ),
            Field(
                "default_cogs_account",
                "Cost of goods sold account",
                "For new inventory items.",
                names_of=ListName.ACCOUNT,
            ),
            Field(
                "default_asset_account",
                "Inventory asset account",
                "For new inventory items.",
                names_of=ListName.ACCOUNT,
            ),
            Field(
                "template",
                "Invoice template",
                "The form new invoices are printed with.",
                names_of=ListName.TEMPLATE,
            ),
            Field("ref_number_prefix", "Prefix of document numbers", "Put before every number.", most=8),
        ),
    ),
    Group(
        "The Web Connector and the company file",
        "",
        (
            Field(
                "company_file",
                "Company file",
                r"Its path on the PC, such as C:\Users\Public\Books\Harbour.qbw. "
                "Empty means: whatever file is open in QuickBooks.",
            ),
            Field(
                "run_every_minutes",
                "Minutes between two runs",
                "Proposed in the .qwc file; it can be changed in the Web Connector.",
                kind="number",
                least=1,
                most=1440,
            ),
            Field(
                "refresh_minutes",
                "Minutes between two looks at the lists",
                "How often changes of customers, vendors and items are read from QuickBooks.",
                kind="number",
                least=1,
                most=10_080,
            ),
        ),
    ),
    Group(
        "Quiet hours",
        "Hours in which QuickBooks is left alone, such as those of its backup. Records are still taken in and wait.",
        (
            Field(
                "quiet_hours",
                "From and to",
                "As 22:00-06:00; they may span midnight. Empty means none.",
                form="two times of day, as 22:00-06:00",
            ),
            Field(
                "time_zone",
                "Time zone of these hours",
                "Such as America/New_York.",
                form="the name of a time zone, as America/New_York",
            ),
        ),
    ),
    Group(
        "Fine points",
        "The defaults are right for nearly everybody.",
        (
            Field(
                "host_wins",
                "The order system wins",
                "Overwrites what was changed by hand in QuickBooks. Off: a person decides.",
                kind="switch",
            ),
            Field(
                "message_set_recovery",
                "Second proof against doubles",
                "After a lost answer, QuickBooks is also asked for the outcome it has stored.",
                kind="switch",
            ),
            Field(
                "batch_size",
                "Records in one message set",
                "How many records at most go to QuickBooks in one round trip.",
                kind="number",
                least=1,
                most=500,
            ),
        ),
    ),
)
FIELDS = tuple(field for group in GROUPS for field in group.fields)
_LABELS = {field.name: field.label for field in FIELDS}


@pages.get("/connectors/<connector:name>/settings")
@admin_only
def edit(name: str) -> str:
    """The settings as they are."""
    return _page(name, connectors.get(core(), name).settings.model_dump(), {})


@pages.post("/connectors/<connector:name>/settings")
@admin_only
def save(name: str) -> ResponseReturnValue:
    """Keep the settings that were typed, or show what is wrong with them."""
    values = forms.read(FIELDS, request.form)
    try:
        connectors.change_settings(core(), name, values, actor=actor())
    except InvalidInput as error:
        return _page(name, values, forms.by_field(error, FIELDS)), 422
    flash("Settings saved. They count from the next message set on.", "success")
    return redirect(url_for("connectors.show", name=name))


def _page(name: str, values: Mapping[str, object], faults: Mapping[str, str]) -> str:
    connector = connectors.get(core(), name)
    return render_template(
        "settings.html",
        connector=connector,
        groups=GROUPS,
        values=values,
        faults=faults,
        labels=_LABELS,
        offers=_offers(name),
    )


def _offers(name: str) -> dict[str, list[str]]:
    """What is offered while typing into a field, by the field's name."""
    wanted = {field.names_of for field in FIELDS if field.names_of is not None}
    lists = {list_name: search.names(core(), name, list_name) for list_name in wanted}
    offers = {field.name: lists[field.names_of] for field in FIELDS if field.names_of is not None}
    return offers | {"time_zone": sorted(available_timezones())}
