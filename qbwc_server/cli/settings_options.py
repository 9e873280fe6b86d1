"""The settings of a connector as command-line options, one each, made from `ConnectorSettings` itself."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from qbwc_server.domain.connectors import ConnectorSettings

from .words import OneOf

MEANINGS: Mapping[str, str] = {
    "post_invoices": "Send invoices; switched off they wait.",
    "post_purchase_orders": "Send purchase orders; switched off they wait.",
    "create_customers": "Create customers whose email nobody has in QuickBooks.",
    "create_vendors": "Create vendors whose email nobody has in QuickBooks.",
    "create_items": "Create items whose SKU none has in QuickBooks.",
    "create_without_email": "Create customers and vendors that have no email, too; doubles are possible.",
    "match_customers_by": "How a customer is found in QuickBooks: email, name, account_number; several with commas "
    "between, tried in that order.",
    "match_vendors_by": "How a vendor is found: email, name, account_number, in the order to be tried.",
    "match_items_by": "How an item is found: part_number, name (with its parents'), sub_name (its own alone), barcode, "
    "in the order to be tried.",
    "default_terms": "Terms of invoices, if neither they nor their customer have any.",
    "default_income_account": "Income account of new items, as QuickBooks names it.",
    "default_expense_account": "Expense account of new items that are bought.",
    "default_cogs_account": "Cost of goods sold account of new inventory items.",
    "default_asset_account": "Inventory asset account of new inventory items.",
    "default_item_type": "What new items are, if they do not say.",
    "template": "Form that new invoices are printed with.",
    "ref_number_prefix": "Put before every document number.",
    "host_wins": "Overwrite what a person changed in QuickBooks, instead of asking.",
    "batch_size": "Records in one message set at most.",
    "refresh_minutes": "Minutes between two looks at the lists of QuickBooks.",
    "message_set_recovery": "After a lost answer, also ask QuickBooks for the outcome it stored.",
    "read_only": "Read lists only; nothing is written to QuickBooks.",
    "company_file": "Path of the company file on the QuickBooks PC; otherwise the one that is open.",
    "run_every_minutes": "Minutes between two visits, as the .qwc proposes them.",
    "quiet_hours": "Hours in which QuickBooks is left alone, such as 22:00-06:00.",
    "time_zone": "Time zone of the quiet hours, such as America/New_York.",
}
"""What each setting is for."""


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command one option a setting; those not given arrive as None."""
    for name, field in reversed(ConnectorSettings.model_fields.items()):
        command = _option(name, field)(command)
    return command


def _option(name: str, field: FieldInfo) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    dashed = name.replace("_", "-")
    words = f"{MEANINGS[name]}  [default: {_default(field)}]"
    if field.annotation is bool:
        return click.option(f"--{dashed}/--no-{dashed}", name, default=None, help=words)
    return click.option(f"--{dashed}", name, type=_type(name, field), default=None, help=words)


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "none"
    return shown(field.default)


def shown(value: object) -> str:
    """A setting as it is written on the command line: `yes`, `no`, several with commas, or itself; nothing for none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ",".join(value)
    return "" if value is None else str(value)


def _type(name: str, field: FieldInfo) -> click.ParamType[Any]:
    """Text is checked by `ConnectorSettings`, so that every way in says the same about a bad value."""
    if get_origin(field.annotation) is Literal:
        return OneOf(name.replace("_", " "), [str(choice) for choice in get_args(field.annotation)])
    return click.STRING


def given(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}
