"""`qbwc-server rulings`: what people said for good of what could not be told, and taking it back."""

import click

from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import Whole
from qbwc_server.desk.deciding import rulings
from qbwc_server.desk.deciding.choice_views import RulingView
from qbwc_server.desk.deciding.rulings import Named

_HEADINGS = ("Id", "What is named", "List", "What is meant", "By", "Since")


@click.group("rulings")
def group() -> None:
    """What people said for good of what could not be told, by answering an error."""


@group.command("list")
@connector_option
@json_option
@pass_invocation
def list_(invocation: Invocation, connector: str | None) -> None:
    """All of them, the newest first."""
    with core_of(invocation) as core:
        found = rulings.named(core, chosen_connector(core, connector))
    invocation.output.result(
        [RulingView.of(each.ruling).as_json() for each in found], lambda target: _print(target, found)
    )


@group.command("take-back")
@click.argument("ruling_id", metavar="ID", type=Whole(1))
@connector_option
@json_option
@pass_invocation
def take_back(invocation: Invocation, ruling_id: int, connector: str | None) -> None:
    """Take one back: what is named so is asked about again. What is in QuickBooks already stays as it is."""
    with core_of(invocation) as core:
        found = rulings.take_back(core, chosen_connector(core, connector), ruling_id, actor=ACTOR)
    invocation.output.result(
        RulingView.of(found).as_json(), lambda target: say(target, f"Taken back: {found.key}")
    )


def _print(target: Console, found: list[Named]) -> None:
    if not found:
        say(target, "Nothing was said for good.")
        return
    draw(target, table(_HEADINGS, map(_row, found)))


def _row(each: Named) -> tuple[int, str, str, str, str, str]:
    ruling = each.ruling
    meant = (
        "to be created" if ruling.list_id is None else each.name or f"{ruling.list_id}, not there any more"
    )
    return (
        ruling.id,
        ruling.key,
        ruling.list_name.label,
        meant,
        ruling.actor,
        f"{ruling.at:%Y-%m-%d %H:%M} UTC",
    )
