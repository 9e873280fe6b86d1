"""`qbwc-server api-key`: the keys with which host applications use the REST API."""

import click

from qbwc_server.access import api_keys
from qbwc_server.domain.people import ApiKey

from .invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from .opening import chosen_connector, core_of
from .output import Console, say
from .tables import draw, table


@click.group("api-key")
def api_key() -> None:
    """The keys with which host applications use the REST API."""


@api_key.command("create")
@click.argument("name")
@connector_option
@click.option("--all-connectors", is_flag=True, help="It opens every connector, those to come included.")
@json_option
@pass_invocation
def create(invocation: Invocation, name: str, connector: str | None, all_connectors: bool) -> None:
    """Make a key for one connector; it is shown this once."""
    if all_connectors and connector is not None:
        raise click.UsageError("give --connector or --all-connectors, not both")
    with core_of(invocation) as core:
        opens = None if all_connectors else chosen_connector(core, connector)
        made = api_keys.create(core, name, connector=opens, actor=ACTOR)
    invocation.output.result(
        {"key": made.secret, "name": made.key.name, "connector": made.key.connector},
        lambda target: _print_new(target, made.key, made.secret),
    )


def _print_new(target: Console, key: ApiKey, secret: str) -> None:
    say(target, f"API key {key.name} opens {_opens(key)}.", "bold green")
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
        every = api_keys.every(core)
    invocation.output.result(every, lambda target: _print_list(target, every))


def _print_list(target: Console, every: list[ApiKey]) -> None:
    if not every:
        say(target, "There is no API key yet. Make one: qbwc-server api-key create NAME --connector C")
        return
    draw(target, table(("Name", "Opens", "Made", "Last used", "State"), map(_row, every)))


def _row(key: ApiKey) -> tuple[str, str, str, str, str]:
    used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
    return key.name, key.connector or "every connector", f"{key.created_at:%Y-%m-%d %H:%M}", used, _state(key)


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M}"
    return "good" if key.connector_removed_at is None else "opens nothing: its connector was removed"


@api_key.command("revoke")
@click.argument("name")
@json_option
@pass_invocation
def revoke(invocation: Invocation, name: str) -> None:
    """Let a key open nothing from now on."""
    with core_of(invocation) as core:
        revoked = api_keys.revoke(core, name, actor=ACTOR)
    invocation.output.result(revoked, lambda target: say(target, f"API key {revoked.name} is revoked."))
