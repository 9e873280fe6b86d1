"""Set-up as one path: what is done, what comes next, and what has to be clicked at the PC, told from facts alone.

Nothing is stored of the path itself: whoever leaves it and comes back finds the next step, as does anybody else.
"""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qbwc_server.access import api_keys
from qbwc_server.desk.administration import arrivals, connectors
from qbwc_server.desk.administration.arrivals import Arrival
from qbwc_server.desk.lists import search
from qbwc_server.domain.accounts import usual
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.kinds import ListName
from qbwc_server.domain.rights import Right
from qbwc_server.domain.settings import WORDS
from qbwc_server.web.context import actor, core, may, now
from qbwc_server.web.site.access import admin_only, needs
from qbwc_server.web.site.credentials import password_of
from qbwc_server.web.site.forms import Field, by_field
from qbwc_server.web.site.public_address import address_facts, address_faults

pages = Blueprint("setting_up", __name__)

_PAGE = "/connectors/<connector:name>/set-up"

_LISTS = {
    "default_terms": ListName.TERMS,
    "default_income_account": ListName.ACCOUNT,
    "default_expense_account": ListName.ACCOUNT,
    "default_cogs_account": ListName.ACCOUNT,
    "default_asset_account": ListName.ACCOUNT,
}
DEFAULTS = tuple(Field(name, WORDS[name].label, WORDS[name].hint) for name in _LISTS)
"""What is picked from QuickBooks' own lists once they have been read."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Which steps of the path are done."""

    address: bool
    key: bool
    let_in: bool
    read: bool
    defaults: bool

    @property
    def next(self) -> str | None:
        """The first that is not."""
        order = ("address", "key", "let_in", "read", "defaults")
        return next((name for name in order if not getattr(self, name)), None)


def steps_of(connector: Connector, arrival: Arrival) -> Steps:
    """Which steps are done, by what is true now."""
    keys = api_keys.every(core())
    return Steps(
        address=not address_faults(),
        key=any(
            key.connector in (None, connector.name) and key.revoked_at is None and not key.is_expired(now())
            for key in keys
        ),
        let_in=arrival.is_let_in,
        read=arrival.is_read,
        defaults=any(getattr(connector.settings, name) for name in _LISTS),
    )


@pages.get(_PAGE)
@admin_only
def show(name: str) -> str:
    """The path, and where it goes on."""
    return _page(name, {}, {})


@pages.get(f"{_PAGE}/steps")
@admin_only
def there(name: str) -> str:
    """The steps alone, for the page to be kept up to date by its script."""
    return _page(name, {}, {}, template="set_up_steps.html")


@pages.post(f"{_PAGE}/defaults")
@admin_only
def choose(name: str) -> ResponseReturnValue:
    """Keep the accounts and terms that were picked."""
    values = {field.name: field.read(request.form) for field in DEFAULTS if field.name in request.form}
    try:
        connectors.change_settings(core(), name, values, actor=actor())
    except InvalidInput as error:
        return _page(name, request.form, by_field(error, DEFAULTS)), 422
    flash("Saved. New items and invoices use them from now on.", "success")
    return redirect(url_for("setting_up.show", name=name))


@pages.get("/connectors/<connector:name>/sheet")
@needs(Right.QWC)
def sheet(name: str) -> str:
    """What has to be done at the QuickBooks PC, to be printed; with the password only if it has just been made."""
    connector = connectors.get(core(), name)
    password = password_of(connector) if may(Right.NEW_PASSWORD) else None
    return render_template("setup_sheet.html", connector=connector, password=password, **address_facts())


def _page(name: str, typed: object, faults: dict[str, str], template: str = "set_up.html") -> str:
    arrival = arrivals.of(core(), name)
    connector = arrival.connector
    offers = {}
    if arrival.is_read:
        names = {each: search.names(core(), name, each) for each in set(_LISTS.values())}
        offers = {field: usual(field, names[list_name]) for field, list_name in _LISTS.items()}
    return render_template(
        template,
        connector=connector,
        arrival=arrival,
        steps=steps_of(connector, arrival),
        password=password_of(connector),
        soap_url=core().soap_url,
        fields=DEFAULTS,
        values=typed or connector.settings.model_dump(),
        faults=faults,
        offers=offers,
        **address_facts(),
    )
