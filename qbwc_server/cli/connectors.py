"""`qbwc-server connector`: register company files and look after them."""

import sys
from pathlib import Path
from typing import Any

import click

from qbwc_server.cli.connector_health import doctor, list_, show
from qbwc_server.cli.invocation import ACTOR, Invocation, json_option, pass_invocation
from qbwc_server.cli.onboarding import onboard
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.removal import remove, restore
from qbwc_server.cli.settings_options import given, settings_options, shown
from qbwc_server.cli.shapes import identity
from qbwc_server.cli.tables import draw, table
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.connectors import Binding


@click.group()
def connector() -> None:
    """The connectors: one registration of one company file each."""


@connector.command("add")
@click.argument("name")
@settings_options
@json_option
@pass_invocation
def add(invocation: Invocation, /, name: str, **options: Any) -> None:
    """Register a company file; prints the Web Connector password, which is shown this once."""
    settings = given(options)
    with core_of(invocation, create=True) as core:
        company_file = settings.pop("company_file", None)
        made = connectors.add(core, name, company_file=company_file, settings=settings, actor=ACTOR)
        card = {**identity(core, made.connector), "password": made.password}
    invocation.output.result(card, lambda target: _print_card(target, card))


def _print_card(target: Console, card: dict[str, Any]) -> None:
    say(target, f"Connector {card['name']} is ready.", "bold green")
    for label, key in (("User name", "username"), ("Password", "password"), ("SOAP address", "soap_url")):
        say(target, f"  {label:13} {card[key]}")
    say(target, "The password is not shown again; it is typed into the Web Connector once.", "dim")
    say(target, f"Next: qbwc-server connector qwc {card['name']} -o {card['name']}.qwc")


for _command in (list_, show, doctor, remove, restore, onboard):
    connector.add_command(_command)


@connector.command("set")
@click.argument("name")
@click.argument("assignments", metavar="KEY=VALUE...", nargs=-1, required=True)
@json_option
@pass_invocation
def set_(invocation: Invocation, name: str, assignments: tuple[str, ...]) -> None:
    """Change settings, for example: connector set harbour default_terms="Net 30" create_items=no

    An empty value gives a setting its default again. `connector show NAME` lists them all, `connector add --help`
    says what each is for.
    """
    values = dict(map(_assignment, assignments))
    with core_of(invocation) as core:
        changed = connectors.change_settings(core, name, values, actor=ACTOR)
    settings = changed.settings.model_dump()
    rows = [(key, shown(settings[key])) for key in values]
    invocation.output.result(
        {"name": name, "settings": settings}, lambda target: draw(target, table(("Setting", "Value"), rows))
    )


def _assignment(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise click.UsageError(f"{text!r} is not KEY=VALUE")
    return key.strip().replace("-", "_"), value


@connector.command("qwc")
@click.argument("name")
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write.",
)
@json_option
@pass_invocation
def qwc(invocation: Invocation, name: str, path: Path | None) -> None:
    """The .qwc file that is loaded into the Web Connector."""
    with core_of(invocation) as core:
        content = connectors.qwc(core, name)
    if path is not None:
        path.write_bytes(content)
        card = {"name": name, "path": str(path)}
        invocation.output.result(card, lambda target: say(target, f"Wrote {path}", "green"))
    elif invocation.as_json:
        invocation.output.result({"name": name, "qwc": content.decode()}, lambda target: None)
    else:
        sys.stdout.buffer.write(content)


@connector.command("reset")
@click.argument("name")
@click.option("--full", is_flag=True, help="Start over: new password, new FileID, list cache forgotten.")
@json_option
@pass_invocation
def reset(invocation: Invocation, name: str, full: bool) -> None:
    """End the connector's session; with --full, start over with a new .qwc file and password.

    What the session held becomes uncertain: QuickBooks is asked before anything is sent again. Records,
    links and history are kept either way.
    """
    with core_of(invocation) as core:
        password = connectors.reset(core, name, full=full, actor=ACTOR)
        card = {**identity(core, connectors.get(core, name)), "reset": "full" if full else "session"}
    if password is None:
        invocation.output.result(card, lambda target: say(target, f"Session of {name} reset.", "green"))
        return
    card["password"] = password
    invocation.output.result(card, lambda target: _print_start_over(target, card))


def _print_start_over(target: Console, card: dict[str, Any]) -> None:
    say(
        target,
        f"Connector {card['name']} starts over. The old .qwc file and password are dead.",
        "bold green",
    )
    say(target, f"  New password  {card['password']}")
    say(target, "In the Web Connector: remove the old entry, add the new file, type the new password.")
    say(target, f"Next: qbwc-server connector qwc {card['name']} -o {card['name']}.qwc")


@connector.command("rotate-password")
@click.argument("name")
@json_option
@pass_invocation
def rotate_password(invocation: Invocation, name: str) -> None:
    """Make a new Web Connector password; the old one stops working at once."""
    with core_of(invocation) as core:
        password = connectors.rotate_password(core, name, actor=ACTOR)
        card = {**identity(core, connectors.get(core, name)), "password": password}
    invocation.output.result(card, lambda target: say(target, f"New password of {name}: {password}"))


@connector.command("pause")
@click.argument("name")
@json_option
@pass_invocation
def pause(invocation: Invocation, name: str) -> None:
    """Send nothing to QuickBooks until the connector is resumed."""
    with core_of(invocation) as core:
        connectors.pause(core, name, actor=ACTOR)
    _done(invocation, {"name": name, "paused": True}, f"{name} is paused.")


@connector.command("resume")
@click.argument("name")
@json_option
@pass_invocation
def resume(invocation: Invocation, name: str) -> None:
    """Go on after a pause."""
    with core_of(invocation) as core:
        connectors.resume(core, name, actor=ACTOR)
    _done(invocation, {"name": name, "paused": False}, f"{name} goes on.")


@connector.command("confirm")
@click.argument("name")
@click.option(
    "--company",
    metavar="NAME",
    help="The name of the company file found open; else it is asked for.",
)
@json_option
@pass_invocation
def confirm(invocation: Invocation, name: str, company: str | None) -> None:
    """Say that the company file found open is the right one (it was moved, renamed or restored from a backup).

    The connector then belongs to that very file; any other is refused again.
    """
    with core_of(invocation) as core:
        if company is None:
            company = _typed_name(connectors.file_to_confirm(core, name))
        seen = connectors.confirm_company_file(core, name, company=company, actor=ACTOR)
    words = f"{name} belongs to {seen.company_name or seen.path}."
    _done(invocation, {"name": name, "confirmed": True, "company_file": seen}, words)


def _typed_name(seen: Binding | None) -> str:
    """The name a person types; nothing is asked when there is nothing to confirm."""
    if seen is None:
        return ""
    where = f" ({seen.path})" if seen.path else ""
    click.echo(f"Found open: {seen.company_name or 'a company without a name'}{where}", err=True)
    answer: str = click.prompt("To confirm, type its name", err=True)
    return answer


def _done(invocation: Invocation, payload: dict[str, Any], words: str) -> None:
    invocation.output.result(payload, lambda target: say(target, words, "green"))
