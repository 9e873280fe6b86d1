"""`qbwc-server db`: bring the schema up to date, see whether it is, copy the database, give up lost secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from qbwc_server.cli.accept_secrets import accept_secrets
from qbwc_server.cli.backup import backup
from qbwc_server.cli.configuration import config_of
from qbwc_server.cli.invocation import Invocation, json_option, pass_invocation
from qbwc_server.cli.long_work import long_work
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.courier import tidying
from qbwc_server.desk.administration import numbers_kept
from qbwc_server.desk.deciding import surplus as surplus_records
from qbwc_server.desk.deciding.surplus import Surplus
from qbwc_server.installation import opened_installation


@click.group()
def db() -> None:
    """The database: its schema, and copies of it."""


db.add_command(backup)
db.add_command(accept_secrets)


@db.command("upgrade")
@json_option
@pass_invocation
def upgrade(invocation: Invocation) -> None:
    """Create the database with its secrets, or bring its tables up to date."""
    with opened_installation(config_of(invocation), create=True) as installation:
        with long_work("upgrading the database", in_steps=False):
            installation.upgrade()
        _tell(invocation, surplus_records.surplus(installation.database))


@db.command("check")
@json_option
@pass_invocation
def check(invocation: Invocation) -> None:
    """See whether this version of qbwc-server can work on the database; exit code 1 if not."""
    with opened_installation(config_of(invocation)) as installation:
        installation.check()
        surplus = surplus_records.surplus(installation.database)
        _tell(invocation, surplus, miscounted=numbers_kept.wrong(installation.database))


@db.command("recount")
@json_option
@pass_invocation
def recount(invocation: Invocation) -> None:
    """Count records, errors and list entries anew, where `db check` says that other numbers are kept than there are."""
    with opened_installation(config_of(invocation)) as installation:
        installation.check()
        with long_work("counting", in_steps=False):
            found = numbers_kept.recount(installation.database)
    words = f"Counted anew: {', '.join(found)}." if found else "All numbers were right."
    invocation.output.result({"recounted": found}, lambda target: say(target, words))


@db.command("tidy")
@json_option
@pass_invocation
def tidy(invocation: Invocation) -> None:
    """Erase connectors that were removed 30 days ago, and texts of messages older than they are kept.

    `serve` does it by itself.
    """
    with core_of(invocation) as core:
        erased = tidying.tidy(core)
    words = f"Erased: {', '.join(erased)}." if erased else "Nothing was due."
    invocation.output.result({"erased": erased}, lambda target: say(target, words))


def _tell(
    invocation: Invocation, surplus: Sequence[Surplus], *, miscounted: Sequence[str] | None = None
) -> None:
    """That the schema is right, which records are linked to what another one has, and of which connectors other numbers
    are kept than there are, as far as that was looked at."""

    def words(target: Console) -> None:
        say(target, "The database is up to date.", "green")
        if surplus:
            say(
                target,
                f"Records linked to what another record has in QuickBooks: {len(surplus)}. Each is blocked with an "
                f"error record (already_linked) that says what to do.",
                "yellow",
            )
            rows = ((each.connector, each.record, each.holder, each.quickbooks_id) for each in surplus)
            draw(target, table(("Connector", "Record", "Linked already", "ListID or TxnID"), rows))

        if miscounted:
            say(
                target,
                f"Pages tell other numbers than there are of {', '.join(miscounted)}: something wrote into the tables "
                f"past this server. Run: qbwc-server db recount",
                "yellow",
            )

    told: dict[str, Any] = {"schema": "up to date", "already_linked": [asdict(each) for each in surplus]}
    if miscounted is not None:
        told["miscounted"] = list(miscounted)
    invocation.output.result(told, words)
