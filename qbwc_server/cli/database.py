"""`qbwc-server db`: bring the database's schema up to date, see whether it is, copy the database."""

import click

from .backup import backup
from .invocation import Invocation, json_option, pass_invocation
from .output import say


@click.group()
def db() -> None:
    """The database: its schema, and copies of it."""


db.add_command(backup)


@db.command("upgrade")
@json_option
@pass_invocation
def upgrade(invocation: Invocation) -> None:
    """Create the tables, or bring them up to date."""
    from qbwc_server.wiring import opened_database

    with opened_database(invocation.config()) as database:
        database.upgrade()
    invocation.output.result(
        {"schema": "up to date"}, lambda target: say(target, "The database is up to date.", "green")
    )


@db.command("check")
@json_option
@pass_invocation
def check(invocation: Invocation) -> None:
    """See whether this version of qbwc-server can work on the database; exit code 1 if not."""
    from qbwc_server.wiring import opened_database

    with opened_database(invocation.config()) as database:
        database.check()
    invocation.output.result(
        {"schema": "up to date"}, lambda target: say(target, "The database is up to date.", "green")
    )
