"""`qbwc-server connector list`, `show` and `doctor`: how the connectors are."""

from typing import Any

import click

from qbwc_server.cli.invocation import Invocation, json_option, pass_invocation
from qbwc_server.cli.opening import core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.removal import print_removed
from qbwc_server.cli.settings_options import shown
from qbwc_server.cli.shapes import details, summary
from qbwc_server.cli.tables import draw, table
from qbwc_server.desk import overview
from qbwc_server.desk.overview import Health, ListAge, Summary


@click.command("list")
@click.option("--removed", "of_removed", is_flag=True, help="Those that were removed and can be restored.")
@json_option
@pass_invocation
def list_(invocation: Invocation, of_removed: bool) -> None:
    """All connectors and how they are."""
    if of_removed:
        print_removed(invocation)
        return
    with core_of(invocation) as core:
        every = overview.all_health(core)
    invocation.output.result([summary(health) for health in every], lambda target: _print_list(target, every))


def _print_list(target: Console, every: list[Summary]) -> None:
    if not every:
        say(target, "There is no connector yet. Create one: qbwc-server connector add NAME")
        return
    headings = ("Connector", "Health", "What is going on", "Last seen", "Records", "Open errors")
    draw(target, table(headings, map(_list_row, every)))


def _list_row(health: Summary) -> tuple[str, str, str, str, str, str]:
    counts = ", ".join(f"{count} {state}" for state, count in health.counts.items() if count)
    return (
        health.connector.name,
        ", ".join(mood.replace("_", " ") for mood in health.moods),
        health.headline,
        _moment(health.last_call_at),
        counts or "none",
        str(health.open_errors),
    )


def _moment(value: Any) -> str:
    return "never" if value is None else f"{value:%Y-%m-%d %H:%M} UTC"


@click.command("show")
@click.argument("name")
@json_option
@pass_invocation
def show(invocation: Invocation, name: str) -> None:
    """One connector: its health, settings, list cache and last session."""
    with core_of(invocation) as core:
        health = overview.health(core, name)
        card = details(core, health)
    invocation.output.result(card, lambda target: _print_details(target, health, card))


def _print_details(target: Console, health: Health, card: dict[str, Any]) -> None:
    if not health.is_headline_told:
        say(target, health.headline, "bold")
    for finding in health.findings:
        say(target, f"  {finding.severity}: {finding.text} {finding.remedy or ''}".rstrip())
    counts = ", ".join(f"{count} {state}" for state, count in health.counts.items() if count)
    facts = [
        ("User name", card["username"]),
        ("SOAP address", card["soap_url"]),
        (".qwc file", card["qwc_url"]),
        ("Last seen", _moment(health.last_call_at)),
        ("QuickBooks", card["product"] or "not seen yet"),
        ("Company file", _company_file(health)),
        ("Records", counts or "none"),
        ("Open errors", str(health.open_errors)),
    ]
    draw(target, table(("About", ""), facts))
    lists = [(entry.list.label, entry.entries, _loaded(entry)) for entry in health.lists]
    draw(target, table(("List cache", "Entries", "Loaded"), lists))
    settings = [(key, shown(value)) for key, value in card["settings"].items()]
    draw(target, table(("Setting", "Value"), settings))


def _company_file(health: Health) -> str:
    """The company file it belongs to: its name and where it lies."""
    bound = health.connector.binding
    if bound is None:
        return "known after the first visit"
    return (
        ", ".join(filter(None, (bound.company_name, bound.path))) or "the one that is open at the next visit"
    )


def _loaded(entry: ListAge) -> str:
    """When a list was read, and how far it is now: of how many entries nobody knows before the end."""
    moment = _moment(entry.loaded_at)
    if not entry.loading:
        return moment
    return f"{moment}, being read" + (
        "" if entry.read_so_far is None else f" ({entry.read_so_far:,} entries so far)"
    )


@click.command("doctor")
@click.argument("name")
@json_option
@click.pass_context
def doctor(context: click.Context, name: str) -> None:
    """What is wrong with a connector and what to do about it; exit code 1 if there is a problem."""
    invocation = context.ensure_object(Invocation)
    with core_of(invocation) as core:
        health = overview.health(core, name)
    problem = any(finding.severity == "problem" for finding in health.findings)
    card = {
        "name": name,
        "mood": health.mood,
        "headline": health.headline,
        "paused": health.connector.paused,
        "findings": health.findings,
    }
    invocation.output.result({**card, "ok": not problem}, lambda target: _print_findings(target, health))
    if problem:
        context.exit(1)


STYLES = {"problem": "bold red", "warning": "yellow", "ok": "green"}


def _print_findings(target: Console, health: Health) -> None:
    if not health.is_headline_told:
        say(target, health.headline, "bold")
    for finding in health.findings:
        say(target, f"  {finding.severity:8} {finding.text}", STYLES[finding.severity])
        if finding.remedy:
            say(target, f"           {finding.remedy}")
    if all(finding.severity == "ok" for finding in health.findings):
        say(target, "Nothing is wrong with the connector itself.", "green")
    if health.open_errors > len(health.connector_errors):
        narrowed = f"qbwc-server errors list --group --connector {health.connector.name}"
        say(target, f"What stands in the way of records: {narrowed}", "dim")
