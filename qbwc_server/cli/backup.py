"""`qbwc-server db backup`: a copy of the database, made while the server runs."""

import shlex
from pathlib import Path

import click

from qbwc_server.cli.configuration import config_of
from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import Invocation, json_option, pass_invocation
from qbwc_server.cli.output import Console, say
from qbwc_server.config import secrets_path
from qbwc_server.installation import opened_installation, postgres_address


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@json_option
@pass_invocation
def backup(invocation: Invocation, file: Path, force: bool) -> None:
    """Copy the database to FILE; the server may run meanwhile.

    The secrets file is not in it: keep a copy of that too, in another place. To restore, stop the server and put
    both where they were.
    """
    config = config_of(invocation)
    address = postgres_address(config)
    if address is not None:
        command = f"pg_dump --format=custom --file={shlex.quote(str(file))} {shlex.quote(address)}"
        raise Failure(f"this database is PostgreSQL, which has a program of its own for it: {command}")
    with opened_installation(config) as installation:
        size = installation.back_up(file, replace=force)
    copied: dict[str, object] = {"file": str(file), "bytes": size, "secrets_file": str(secrets_path(config))}
    invocation.output.result(copied, lambda target: _tell(target, copied))


def _tell(target: Console, copied: dict[str, object]) -> None:
    say(target, f"The database was copied to {copied['file']} ({copied['bytes']} bytes).", "green")
    say(target, f"Keep a copy of {copied['secrets_file']} as well: without it no password works.")
