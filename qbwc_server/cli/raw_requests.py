"""`qbwc-server request` and `requests`: have QuickBooks asked or told anything in qbXML, and see what it answered."""

import click

from qbwc_server.cli.invocation import ACTOR, Invocation, connector_option, json_option, pass_invocation
from qbwc_server.cli.opening import chosen_connector, core_of
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.records import reading
from qbwc_server.cli.tables import draw, table
from qbwc_server.cli.words import Several, Whole
from qbwc_server.desk.requests import raw_requests
from qbwc_server.desk.requests.raw_request_views import RawRequestView, WholeRawRequestView
from qbwc_server.desk.requests.raw_requests import Shown
from qbwc_server.domain.raw_requests import RawRequest, RawState
from qbwc_server.sync.core import Core

LONGEST_WAIT = 3600
_HEADINGS = ("Id", "Request", "State", "By", "Since", "QuickBooks said")

request_id = click.argument("request_id", metavar="ID", type=Whole(1))


@click.command("request")
@click.argument("file", metavar="FILE|-")
@click.option("--follow", is_flag=True, help='Go on with its iterator (iterator="Start") to the end.')
@click.option(
    "--wait",
    type=Whole(1, LONGEST_WAIT),
    metavar="SECONDS",
    help="Wait for the answer so long; it comes with the Web Connector's next visit.",
)
@connector_option
@json_option
@pass_invocation
def request(invocation: Invocation, file: str, follow: bool, wait: int | None, connector: str | None) -> None:
    """Have QuickBooks asked or told anything: one request in qbXML (in FILE, or on stdin with -).

    What is no query is sent once: if its answer is lost, look in QuickBooks whether it was carried out. With --wait the
    exit code is 0 only when QuickBooks did what was asked."""
    with reading(file) as stream:
        text = stream.read()
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        made = raw_requests.hand_over(core, name, text, follow=follow, actor=ACTOR)
        shown = _waited_for(core, name, made.id, wait or 0)
    _result(invocation, shown)
    if wait is not None and shown.raw.state is not RawState.ANSWERED:
        raise click.exceptions.Exit(1)


def _waited_for(core: Core, connector: str, raw_id: int, seconds: int) -> Shown:
    raw_requests.until_over(core, connector, raw_id, seconds)
    return raw_requests.get(core, connector, raw_id)


@click.group("requests")
def requests() -> None:
    """What was asked or told in qbXML with `request`, or by a program."""


@requests.command("list")
@click.option(
    "--state",
    type=Several("state", [state.value for state in RawState]),
    help="Only those in this state; several with commas between.",
)
@click.option("--limit", type=Whole(1, 1000), default=20, show_default=True, help="Show so many.")
@connector_option
@json_option
@pass_invocation
def list_(invocation: Invocation, state: tuple[str, ...] | None, limit: int, connector: str | None) -> None:
    """The newest of them, newest first."""
    with core_of(invocation) as core:
        name = chosen_connector(core, connector)
        found = raw_requests.listing(core, name, states=[RawState(each) for each in state or ()], limit=limit)
    invocation.output.result(
        [RawRequestView.of(noted).as_json() for noted in found],
        lambda target: _print_list(target, [noted.raw for noted in found]),
    )


@requests.command("show")
@request_id
@connector_option
@json_option
@pass_invocation
def show(invocation: Invocation, request_id: int, connector: str | None) -> None:
    """One of them, and what QuickBooks answered."""
    with core_of(invocation) as core:
        shown = raw_requests.get(core, chosen_connector(core, connector), request_id)
    _result(invocation, shown)


@requests.command("cancel")
@request_id
@connector_option
@json_option
@pass_invocation
def cancel(invocation: Invocation, request_id: int, connector: str | None) -> None:
    """Take one back that is still queued."""
    with core_of(invocation) as core:
        shown = raw_requests.cancel(core, chosen_connector(core, connector), request_id, actor=ACTOR)
    _result(invocation, shown)


def _result(invocation: Invocation, shown: Shown) -> None:
    invocation.output.result(WholeRawRequestView.whole(shown).as_json(), lambda target: _print(target, shown))


def _print(target: Console, shown: Shown) -> None:
    raw = shown.raw
    say(target, f"Request {raw.id}, {raw.name}: {raw.state}", "bold")
    if raw.status_code is not None:
        say(target, f"  QuickBooks said: {_said(raw)}")
    if raw.problem:
        say(target, f"  {raw.problem}")
    if shown.error_id is not None:
        say(
            target,
            f"  Whether it was carried out is said with: qbwc-server errors answer {shown.error_id} CHOICE",
        )
        say(target, "  CHOICE is carried_out or not_carried_out; nothing is sent by either.")
    if shown.response is not None:
        say(target, shown.response)
    elif raw.state is RawState.QUEUED:
        say(target, f"  It goes with the Web Connector's next visit. See: qbwc-server requests show {raw.id}")


def _print_list(target: Console, found: list[RawRequest]) -> None:
    if not found:
        say(target, "There is no such request.")
        return
    draw(target, table(_HEADINGS, map(_row, found)))


def _row(raw: RawRequest) -> tuple[int, str, str, str, str, str]:
    return raw.id, raw.name, raw.state, raw.actor, f"{raw.created_at:%Y-%m-%d %H:%M} UTC", _said(raw)


def _said(raw: RawRequest) -> str:
    if raw.status_code is None:
        return raw.problem or ""
    return f"{raw.status_code} {raw.status_message or ''}".rstrip()
