"""The settings of a connector as a form in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.lists import search
from qbwc_server.domain.accounts import usual
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.setting_changes import value_in_words
from qbwc_server.domain.settings import WORDS, ConnectorSettings
from qbwc_server.web.context import actor, core
from qbwc_server.web.site import forms
from qbwc_server.web.site.access import admin_only
from qbwc_server.web.site.forms import Field

pages = Blueprint("settings", __name__)


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together, under one heading."""

    title: str
    intro: str
    fields: tuple[Field, ...]


PARTY_RULES = (("email", "Email"), ("name", "Name"), ("account_number", "Account number"))


def _field(name: str, **look: Any) -> Field:
    """A setting as a field: its words, and as what and within which bounds it is typed, are those of the setting."""
    words, setting = WORDS[name], ConnectorSettings.model_fields[name]
    kind = "switch" if setting.annotation is bool else "number" if setting.annotation is int else "text"
    bounds = {
        ours: getattr(bound, theirs)
        for bound in setting.metadata
        for theirs, ours in (("ge", "least"), ("le", "most"), ("max_length", "most"))
        if hasattr(bound, theirs) and "kind" not in look
    }
    return Field(name, words.label, words.hint, **{"kind": kind, **bounds, **look})


GROUPS = (
    Group(
        "What goes to QuickBooks",
        "Switched off, records of that kind are still taken in and wait.",
        (
            _field("post_invoices"),
            _field("post_purchase_orders"),
            _field("read_only"),
        ),
    ),
    Group(
        "Finding what QuickBooks has",
        "What a record is compared by, one after the other, until something fits.",
        (
            _field("match_customers_by", kind="ranking", choices=PARTY_RULES),
            _field("match_vendors_by", kind="ranking", choices=PARTY_RULES),
            _field(
                "match_items_by",
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
            _field("create_customers"),
            _field("create_vendors"),
            _field("create_items"),
            _field("create_without_email"),
            _field(
                "default_item_type",
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
            _field("default_terms", names_of=ListName.TERMS),
            _field("default_income_account", names_of=ListName.ACCOUNT),
            _field("default_expense_account", names_of=ListName.ACCOUNT),
            _field("default_cogs_account", names_of=ListName.ACCOUNT),
            _field("default_asset_account", names_of=ListName.ACCOUNT),
            _field("template", names_of=ListName.TEMPLATE),
            _field("ref_number_prefix"),
        ),
    ),
    Group(
        "The Web Connector and the company file",
        "",
        (
            _field("company_file"),
            _field("run_every_minutes"),
            _field("refresh_minutes"),
        ),
    ),
    Group(
        "Quiet hours and days",
        "When QuickBooks is left alone, such as for its backup. Records are still taken in and wait.",
        (
            _field("quiet_hours", form="two times of day, as 22:00-06:00"),
            _field("quiet_days", form="days of the week, as saturday, sunday"),
            _field("time_zone", form="the name of a time zone, as America/New_York"),
        ),
    ),
    Group(
        "Fine points",
        "The defaults are right for nearly everybody.",
        (
            _field("host_wins"),
            _field("message_set_recovery"),
            _field("batch_size"),
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
        usual=_as_usual(values),
        set_to=lambda field: _in_words(field, values.get(field.name)),
    )


_USUAL = ConnectorSettings().model_dump()


def _as_usual(values: Mapping[str, object]) -> frozenset[str]:
    """The settings that are as a new connector has them."""
    return frozenset(name for name, value in values.items() if _plain(value) == _plain(_USUAL.get(name)))


def _plain(value: object) -> object:
    """A value as it is compared: typed or stored, a list or none."""
    return tuple(value) if isinstance(value, list) else value or None


def _in_words(field: Field, value: object) -> str:
    labels = dict(field.choices)
    if isinstance(value, list | tuple):
        between = ", then " if field.kind == "ranking" else ", "
        return between.join(str(labels.get(each, each)) for each in value)
    if isinstance(value, bool):
        return labels.get(str(value), value_in_words(value))
    return labels.get(str(value), value_in_words(None if value in (None, "") else str(value)))


def _offers(name: str) -> dict[str, list[str]]:
    """What is offered while typing into a field, by the field's name."""
    wanted = {field.names_of for field in FIELDS if field.names_of is not None}
    lists = {list_name: search.names(core(), name, list_name) for list_name in wanted}
    fitting = {
        field.name: usual(field.name, lists[field.names_of]) for field in FIELDS if field.names_of is not None
    }
    # where no type is known yet, all of them
    offers = {setting: found or others for setting, (found, others) in fitting.items()}
    return offers | {"time_zone": sorted(available_timezones())}
