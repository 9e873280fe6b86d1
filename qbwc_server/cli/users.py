"""`qbwc-server user`: the people who may log in to the site."""

import sys

import click

from .failures import Failure
from .invocation import Invocation, json_option, pass_invocation
from .output import say
from .words import OneOf


@click.group()
def user() -> None:
    """The people who may log in to the site."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=OneOf("role", ["admin", "support"]), required=True, help="What they may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@json_option
@pass_invocation
def add(invocation: Invocation, name: str, role: str, password_stdin: bool) -> None:
    """Add a user; the password is asked for, or read from stdin, never taken from the command line."""
    from qbwc_server.sync import users

    with invocation.core() as core:
        password = _first_line() if password_stdin else _prompted()
        made = users.add(core, name, password, users.Role(role))
    invocation.output.result(
        {"name": made.name, "role": made.role, "created_at": made.created_at},
        lambda target: say(target, f"User {made.name} ({made.role}) can now log in to the site."),
    )


@user.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@json_option
@pass_invocation
def password(invocation: Invocation, name: str, password_stdin: bool) -> None:
    """Give a user another password, and end all their sessions; it is asked for, or read from stdin."""
    from qbwc_server.sync import users

    with invocation.core() as core:
        given = _first_line() if password_stdin else _prompted()
        changed = users.set_password(core, name, given)
    invocation.output.result(
        {"name": changed.name, "role": changed.role, "created_at": changed.created_at},
        lambda target: say(target, f"User {changed.name} has a new password and is signed out everywhere."),
    )


def _first_line() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Failure("no password on stdin")
    return line


def _prompted() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
