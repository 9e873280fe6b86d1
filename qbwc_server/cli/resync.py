"""`qbwc-server resync`: have QuickBooks' lists read anew."""

import click

from qbwc_server.cli.invocation import ACTOR, Invocation, json_option, pass_invocation
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import say
from qbwc_server.desk.administration import connectors


@click.command("resync")
@click.argument("name")
@json_option
@pass_invocation
def resync(invocation: Invocation, name: str) -> None:
    """Reload the whole list cache from QuickBooks at the next visit of the Web Connector.

    While one waits, another changes nothing, and it is said since when.
    """
    with core_of(invocation) as core:
        since = connectors.resync(core, name, actor=ACTOR)
    if since is None:
        words = f"{name} reloads its lists at the next visit."
    else:
        words = (
            f"A Resync of {name} asked for at {since:%Y-%m-%d %H:%M} UTC is still waiting; it reads what you have put "
            f"right, too."
        )
    told = {"name": name, "resync": "requested" if since is None else "already_requested"}
    invocation.output.result(told, lambda target: say(target, words, "green"))
