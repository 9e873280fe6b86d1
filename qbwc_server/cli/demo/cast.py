"""What the demonstration works with: the seafood wholesaler's records, its company file, a connector, a login."""

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from qbwc_server.access import users
from qbwc_server.cli.failures import Failure
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import batches
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.people import Role
from qbwc_server.sync.core import Core

DATA = "qbwc_server.demo_data"
CONNECTOR = "seafood"
ADMIN = "demo"

SETTINGS = {
    "default_terms": "Net 30",
    "default_income_account": "Sales",
    "default_expense_account": "Purchases",
    "default_cogs_account": "Cost of Goods Sold",
    "default_asset_account": "Inventory Asset",
}
"""What somebody at such a wholesaler would set: the accounts and terms have these names in its company file."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who may log in to the site of the demonstration; made up anew each time."""

    name: str
    password: str


def add_admin(core: Core) -> Login:
    """An administrator for the site."""
    login = Login(ADMIN, secrets.token_urlsafe(12))
    users.add(core, login.name, login.password, Role.ADMIN, actor="demo")
    return login


def add_connector(core: Core) -> connectors.NewConnector:
    """The connector of the wholesaler's company file."""
    return connectors.add(core, CONNECTOR, settings=SETTINGS, actor="demo")


def hand_over(core: Core, connector: Connector) -> Iterator[tuple[Kind, int]]:
    """Hand over all records, a kind at a time; says after each kind how many there were.

    Raises:
        Failure: a record of the demonstration is faulty.
    """
    for kind in Kind:
        text = (files(DATA) / f"{kind}s.ndjson").read_text(encoding="utf-8")
        outcomes = list(batches.bring_in(core, connector.name, kind, text.splitlines(), actor="demo"))
        for outcome in outcomes:
            if outcome.faults:
                raise Failure(f"{kind}s.ndjson, line {outcome.line} is faulty", outcome.faults)
        yield kind, len(outcomes)


def copy_company_file(folder: Path) -> Path:
    """The wholesaler's company file as it was before the demonstration, in `folder`."""
    target = folder / "company.json"
    with as_file(files(DATA) / "company.json") as source:
        shutil.copyfile(source, target)
    return target
