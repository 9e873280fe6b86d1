"""What people said for good of what could not be told: looked at, and taken back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.desk.administration import connectors
from qbwc_server.desk.deciding import rulings
from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.rulings import Ruling
from qbwc_server.web.context import actor, core

pages = Blueprint("rulings", __name__)

_ALL = "/connectors/<connector:name>/decided"


@pages.get(_ALL)
def listing(name: str) -> str:
    """All of them, the newest first."""
    return render_template(
        "rulings.html",
        connector=connectors.get(core(), name),
        found=rulings.named(core(), name),
        record_of=record_of,
        named_by=named_by,
    )


@pages.post(f"{_ALL}/<int(max={LARGEST_ID}):ruling_id>/take-back")
def take_back(name: str, ruling_id: int) -> ResponseReturnValue:
    """Forget one. A form that is sent twice finds it gone."""
    try:
        found = rulings.take_back(core(), name, ruling_id, actor=actor())
    except NotFound:
        connectors.get(core(), name)
        flash("It was taken back already.", "info")
    else:
        flash(f"Taken back: {_said_of(found)}. From now on it is asked again.", "success")
    return redirect(url_for("rulings.listing", name=name))


def record_of(ruling: Ruling) -> tuple[Kind, str] | None:
    """The record it is about: its kind and external id; None: it is about whatever is named so."""
    prefix, _, label = ruling.key.partition(":")
    kind, _, external_id = label.partition(" ")
    return (Kind(kind), external_id) if prefix == "record" and kind in set(Kind) else None


_WAYS = {
    "email": "the email",
    "sku": "the SKU",
    "list_id": "the ListID",
    "account_number": "the account number",
}


def named_by(ruling: Ruling) -> tuple[str, str]:
    """What an order system names it by, and how it is called then: ``the email``, ``ap@ocean.example``."""
    way, _, value = ruling.key.partition(":")
    if way in set(Kind):
        return f"the {Kind(way).label} with the id", value
    return _WAYS.get(way, "the name" if way.endswith("name") else f"the {way.replace('_', ' ')}"), value


def _said_of(ruling: Ruling) -> str:
    record = record_of(ruling)
    if record is not None:
        return f"{record[0].label} {record[1]}"
    return " ".join(named_by(ruling))
