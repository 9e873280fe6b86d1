"""`qbwc-server api-key`: the keys with which host applications use the REST API."""

from datetime import datetime

import click

from qbwc_server.access import api_keys
from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import OneOf
from qbwc_server.domain.people import ApiKey, Scope


@click.group("api-key")
def api_key() -> None:
    """The keys with which host applications use the REST API."""


@api_key.command("create")
@click.argument("name")
@connector_option
@click.option("--all-connectors", is_flag=True, help="It opens every connector, those to come included.")
@click.option(
    "--scope",
    type=OneOf("scope", [scope.value for scope in Scope]),
    default=Scope.MANAGE.value,
    show_default=True,
    help="read: looks. write: hands over and changes records, too. manage: everything.",
)
@click.option(
    "--expires",
    metavar="DATE",
    help="A day (it is good until that ends, in UTC) or a moment with its offset; without it: never.",
)
@json_option
@pass_invocation
def create(
    invocation: Invocation,
    name: str,
    connector: str | None,
    all_connectors: bool,
    scope: str,
    expires: str | None,
) -> None:
    """Make a key for one connector; it is shown this once."""
    _one_of_both(connector, all_connectors)
    with core_of(invocation) as core:
        opens = None if all_connectors else chosen_connector(core, connector)
        made = api_keys.create(core, name, connector=opens, scope=Scope(scope), expires=expires, actor=ACTOR)
    shown = ("name", "connector", "scope", "expires_at")
    invocation.output.result(
        {"key": made.secret, **{field: getattr(made.key, field) for field in shown}},
        lambda target: _print_new(target, made.key, made.secret),
    )


def _one_of_both(connector: str | None, all_connectors: bool) -> None:
    if all_connectors and connector is not None:
        raise click.UsageError("give --connector or --all-connectors, not both")


def _print_new(target: Console, key: ApiKey, secret: str) -> None:
    until = f", until {_moment(key.expires_at)} UTC" if key.expires_at else ""
    say(target, f"API key {key.name} opens {_opens(key)} with scope {key.scope}{until}.", "bold green")
    say(target, f"  {secret}")
    say(target, "It is not shown again. Send it as: Authorization: Bearer KEY", "dim")


def _opens(key: ApiKey) -> str:
    return "every connector" if key.connector is None else f"the connector {key.connector}"


@api_key.command("list")
@json_option
@pass_invocation
def list_(invocation: Invocation) -> None:
    """All keys, without their secrets."""
    with core_of(invocation) as core:
        every, now = api_keys.every(core), core.clock()
    invocation.output.result(every, lambda target: _print_list(target, every, now))


def _print_list(target: Console, every: list[ApiKey], now: datetime) -> None:
    if not every:
        say(target, "There is no API key yet. Make one: qbwc-server api-key create NAME --connector C")
        return
    titles = ("Name", "Opens", "Scope", "Made", "Expires", "Last used", "State")
    draw(target, table(titles, (_row(key, now) for key in every)))


def _row(key: ApiKey, now: datetime) -> tuple[str, ...]:
    moments = (_moment(moment) for moment in (key.created_at, key.expires_at, key.last_used_at))
    return key.name, key.connector or "every connector", key.scope, *moments, _state(key, now)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {_moment(key.revoked_at)}"
    if key.connector_removed_at is not None:
        return "opens nothing: its connector was removed"
    return "expired" if key.is_expired(now) else "good"


@api_key.command("revoke")
@click.argument("name")
@click.option(
    "--connector", metavar="NAME", help="Which connector it opens, where several keys have this name."
)
@click.option("--all-connectors", is_flag=True, help="The one that opens every connector.")
@json_option
@pass_invocation
def revoke(invocation: Invocation, name: str, connector: str | None, all_connectors: bool) -> None:
    """Let a key open nothing from now on."""
    _one_of_both(connector, all_connectors)
    with core_of(invocation) as core:
        revoked = api_keys.revoke(core, name, actor=ACTOR, connector=connector, opens_all=all_connectors)
    invocation.output.result(revoked, lambda target: say(target, f"API key {revoked.name} is revoked."))
