"""`qbwc-server connector remove` and `restore`: a connector that is not wanted any more, and 30 days to think twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import ACTOR, Invocation, json_option, pass_invocation
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, console, say
from qbwc_server.cli.shapes import identity
from qbwc_server.cli.tables import draw, table
from qbwc_server.desk.administration import connectors, removal
from qbwc_server.desk.administration.removal import Removed


@click.command("remove")
@click.argument("name")
@click.option("--yes", metavar="NAME", help="The connector's name once more; else it is asked for.")
@json_option
@pass_invocation
def remove(invocation: Invocation, name: str, yes: str | None) -> None:
    """Remove a connector: its Web Connector is refused at once, its API keys open nothing, its name is free.

    It is kept for 30 days (`connector list --removed`, `connector restore NAME`); then it is erased with all its
    records, links and history. Nothing is changed in QuickBooks.
    """
    with core_of(invocation) as core:
        connectors.get(core, name)
        if (yes if yes is not None else _typed(invocation, name)) != name:
            raise Failure(f"nothing was removed: that is not {name}")
        gone = removal.remove(core, name, actor=ACTOR)
    invocation.output.result(asdict(gone), lambda target: _tell_removed(target, gone))


def _typed(invocation: Invocation, name: str) -> str:
    if invocation.as_json:
        raise Failure(f"nothing was removed: say that it is meant with --yes {name}")
    target = console(stderr=True)
    say(target, f"The Web Connector and the hosts of {name} are refused from then on.", "bold yellow")
    answer: str = click.prompt("To confirm, type its name", err=True)
    return answer.strip()


def _tell_removed(target: Console, gone: Removed) -> None:
    say(target, f"Connector {gone.name} is removed.", "green")
    say(
        target, f"Until {_day(gone)} it can be restored: qbwc-server connector restore {_quoted(gone.handle)}"
    )
    say(target, "In the Web Connector on the QuickBooks PC: remove the application.")


@click.command("restore")
@click.argument("name")
@click.option("--as", "new_name", metavar="NAME", help="Another name, where its own is taken by now.")
@json_option
@pass_invocation
def restore(invocation: Invocation, name: str, new_name: str | None) -> None:
    """Let a removed connector live again, with its password, API keys, records, links and history.

    Under another name it has another user name: load its new .qwc into the Web Connector.
    """
    with core_of(invocation) as core:
        restored = removal.restore(core, name, name=new_name, actor=ACTOR)
        card: dict[str, Any] = identity(core, restored)
    invocation.output.result(card, lambda target: say(target, f"Connector {card['name']} is back.", "green"))


def print_removed(invocation: Invocation) -> None:
    """The connectors that can be restored."""
    with core_of(invocation) as core:
        removed = removal.removed(core)
    invocation.output.result([asdict(each) for each in removed], lambda target: _print(target, removed))


def _print(target: Console, removed: Sequence[Removed]) -> None:
    if not removed:
        say(target, "No connector was removed in the last 30 days.")
        return
    rows = (
        (each.name, f"{each.removed_at:%Y-%m-%d %H:%M} UTC", _day(each), _quoted(each.handle))
        for each in removed
    )
    draw(target, table(("Connector", "Removed", "Gone on", "To restore: connector restore"), rows))


def _day(removed: Removed) -> str:
    return f"{removed.gone_at:%Y-%m-%d}"


def _quoted(handle: str) -> str:
    return f'"{handle}"'
