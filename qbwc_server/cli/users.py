"""`qbwc-server user`: the people who may log in to the site, and what was done with them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from qbwc_server.access import password_links, users
from qbwc_server.access.users import Deed
from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import ACTOR, Invocation, json_option, pass_invocation
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import OneOf, Whole
from qbwc_server.domain.once import new_salt
from qbwc_server.domain.people import Role, User

ROLES = ("admin", "support")


@click.group()
def user() -> None:
    """The people who may log in to the site."""


def _entry(found: User) -> dict[str, Any]:
    return {
        "name": found.name,
        "role": found.role,
        "created_at": found.created_at,
        "last_sign_in_at": found.last_sign_in_at,
        "disabled_at": found.disabled_at,
    }


@user.command("add")
@click.argument("name")
@click.option("--role", type=OneOf("role", ROLES), required=True, help="What they may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@json_option
@pass_invocation
def add(invocation: Invocation, name: str, role: str, password_stdin: bool) -> None:
    """Add a user; the password is asked for, or read from stdin, never taken from the command line."""
    with core_of(invocation) as core:
        password = _first_line() if password_stdin else _prompted()
        made = users.add(core, name, password, Role(role), actor=ACTOR)
    invocation.output.result(
        _entry(made),
        lambda target: say(target, f"User {made.name} ({made.role}) can now log in to the site."),
    )


@user.command("list")
@json_option
@pass_invocation
def list_(invocation: Invocation) -> None:
    """Everybody who may log in, and when they did last."""
    with core_of(invocation) as core:
        every = users.every(core)
    invocation.output.result([_entry(each) for each in every], lambda target: _print_list(target, every))


def _print_list(target: Console, every: Sequence[User]) -> None:
    if not every:
        say(target, "There is no user yet. Add one: qbwc-server user add NAME --role admin")
        return
    rows = (
        (each.name, _role(each), _moment(each.last_sign_in_at), _moment(each.created_at)) for each in every
    )
    draw(target, table(("Name", "Role", "Last sign-in", "Since"), rows))


def _role(found: User) -> str:
    return found.role if found.disabled_at is None else f"{found.role}, disabled"


def _moment(value: datetime | None) -> str:
    return "never" if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


@user.command("remove")
@click.argument("name")
@json_option
@pass_invocation
def remove(invocation: Invocation, name: str) -> None:
    """Remove a user: whoever is signed in as them is signed out at once. The history keeps their name.

    The only admin is not removed: add another one first.
    """
    with core_of(invocation) as core:
        gone = users.remove(core, name, actor=ACTOR)
    invocation.output.result(
        {"name": gone.name, "removed": True},
        lambda target: say(target, f"User {gone.name} is removed, and signed out everywhere.", "green"),
    )


@user.command("role")
@click.argument("name")
@click.argument("role", type=OneOf("role", ROLES), metavar="admin|support")
@json_option
@pass_invocation
def role_(invocation: Invocation, name: str, role: str) -> None:
    """Let a user do more or less from now on; the only admin stays one."""
    with core_of(invocation) as core:
        changed = users.set_role(core, name, Role(role), actor=ACTOR)
    invocation.output.result(
        _entry(changed), lambda target: say(target, f"User {changed.name} is {changed.role} now.", "green")
    )


@user.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
@json_option
@pass_invocation
def password(invocation: Invocation, name: str, password_stdin: bool) -> None:
    """Give a user another password, and end all their sessions; it is asked for, or read from stdin."""
    with core_of(invocation) as core:
        given = _first_line() if password_stdin else _prompted()
        changed = users.set_password(core, name, given, actor=ACTOR)
    invocation.output.result(
        _entry(changed),
        lambda target: say(target, f"User {changed.name} has a new password and is signed out everywhere."),
    )


@user.command("reset-link")
@click.argument("name")
@json_option
@pass_invocation
def reset_link(invocation: Invocation, name: str) -> None:
    """Print a link by which a user chooses a new password, once, within a day; hand it over yourself.

    It is shown this once, and one made before stops working. Their present password is good until they use it.
    """
    with core_of(invocation) as core:
        made = password_links.make(core, name, new_salt(), actor=ACTOR)
    invocation.output.result(
        {"name": made.user.name, "url": made.address, "expires_at": made.expires_at},
        lambda target: _print_link(target, made),
    )


def _print_link(target: Console, made: password_links.PasswordLink) -> None:
    say(target, made.address)
    say(
        target,
        f"For {made.user.name} alone: whoever opens it first can sign in as them. It works once.",
        "dim",
    )
    say(target, f"It is good until {made.expires_at:%Y-%m-%d %H:%M} UTC.", "dim")


@user.command("disable")
@click.argument("name")
@json_option
@pass_invocation
def disable(invocation: Invocation, name: str) -> None:
    """Let a user sign in no more, and end their sessions; the only admin stays enabled."""
    with core_of(invocation) as core:
        changed = users.disable(core, name, actor=ACTOR)
    invocation.output.result(
        _entry(changed),
        lambda target: say(target, f"User {changed.name} is disabled and signed out everywhere."),
    )


@user.command("enable")
@click.argument("name")
@json_option
@pass_invocation
def enable(invocation: Invocation, name: str) -> None:
    """Let a user who was disabled sign in again, with the password they had."""
    with core_of(invocation) as core:
        changed = users.enable(core, name, actor=ACTOR)
    invocation.output.result(
        _entry(changed), lambda target: say(target, f"User {changed.name} can sign in again.", "green")
    )


@user.command("log")
@click.option("--before", type=Whole(1), help="Those before this id; otherwise the newest ones.")
@click.option("--limit", type=Whole(1, 10_000), default=50, show_default=True, help="So many.")
@json_option
@pass_invocation
def log(invocation: Invocation, before: int | None, limit: int) -> None:
    """What people did that belongs to no connector, newest first: users, keys to all connectors, removals.

    What they did to a connector and its records is in `log CONNECTOR`.
    """
    with core_of(invocation) as core:
        deeds = users.deeds(core, before=before, limit=limit)
    invocation.output.result(deeds, lambda target: _print_deeds(target, deeds))


def _print_deeds(target: Console, deeds: Sequence[Deed]) -> None:
    if not deeds:
        say(target, "Nothing happened.")
        return
    rows = ((each.id, f"{each.at:%Y-%m-%d %H:%M:%S}", each.what, _about(each), each.actor) for each in deeds)
    draw(target, table(("ID", "When (UTC)", "What happened", "To", "By"), rows))


def _about(deed: Deed) -> str:
    return f"{deed.about} ({deed.detail})" if deed.detail else deed.about


def _first_line() -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Failure("no password on stdin")
    return line


def _prompted() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
