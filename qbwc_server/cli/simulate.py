"""`qbwc-server simulate`: a simulated Web Connector and QuickBooks, against any server."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from lxml import etree

from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import Invocation, json_option
from qbwc_server.cli.long_work import long_work
from qbwc_server.cli.output import console, say
from qbwc_server.cli.words import Whole
from qbwc_server.simulator import FaultPlan, SimulatorError, WebConnector
from qbwc_server.simulator.faults import KINDS, describe
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.web_connector.report import CallEvent, Outcome, SessionReport

FOLDER = "C:\\Users\\Public\\Documents\\Intuit\\QuickBooks\\"
"""Where the simulated company file lies on its PC, under the name of the file it is kept in here."""


WHERE_AND_WHEN = """\
A fault of a call wants @METHOD: the one named above, or any of @authenticate, @sendRequestXML,
@receiveResponseXML and @closeConnection.
#NUMBER says at which call, message set or visit of the run it strikes: #1 if left out, #* at every one.
For example: --fault drop-after@receiveResponseXML#2 --fault kill:1"""


def _list_faults(invocation: Invocation) -> None:
    known = [
        {
            "fault": name,
            "meaning": kind.meaning,
            "argument": kind.argument or None,
            "counts": kind.scope.value,
            "method": kind.method,
        }
        for name, kind in KINDS.items()
    ]
    invocation.output.result(known, lambda target: say(target, f"{describe()}\n\n{WHERE_AND_WHEN}"))


@click.command()
@click.option("--url", help="The SOAP address (AppURL), for example http://localhost:8000/qbwc.")
@click.option("--username", help="The connector's user name.")
@click.option(
    "--password",
    envvar="QBWC_SIMULATE_PASSWORD",
    help="The connector's password; better by QBWC_SIMULATE_PASSWORD, or asked for.",
)
@click.option(
    "--qwc",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take address, user name, OwnerID and FileID from this file, as the Web Connector does.",
)
@click.option(
    "--company-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The simulated company file (JSON), created if absent; else one that is forgotten.",
)
@click.option("--visits", type=Whole(1), default=20, show_default=True, help="At most so many.")
@click.option(
    "--fault",
    "faults",
    metavar="FAULT",
    multiple=True,
    help="Let something go wrong: KIND[@METHOD][#NUMBER][:ARGUMENT], such as drop-after@sendRequestXML#2; may be "
    "repeated. --list-faults tells the kinds.",
)
@click.option(
    "--list-faults",
    is_flag=True,
    help="Tell what can go wrong.",
)
@click.option("--ca-bundle", type=click.Path(exists=True), help="Trust the certificates in this PEM file.")
@json_option
@click.pass_context
def simulate(context: click.Context, /, *, list_faults: bool, **options: Any) -> None:
    """Visit a server as the Web Connector does, with a simulated QuickBooks behind it, until nothing is left.

    Exit code 0 if the last visit ended well.
    """
    invocation = context.ensure_object(Invocation)
    if list_faults:
        _list_faults(invocation)
        return
    connector = _web_connector(Options(**options))
    before = len(connector.company_file.ledger)
    reports: list[SessionReport] = []
    coming = visits(connector, options["visits"])
    while (report := _next(connector, coming, len(reports) + 1)) is not None:
        reports.append(report)
        if not invocation.as_json:
            say(console(), visit_line(len(reports), report))
    payload = {
        "sessions": [session_json(report) for report in reports],
        "round_trips": sum(report.round_trips for report in reports),
        "calls": sum(len(report.calls) for report in reports),
        "written": Counter(entry.request for entry in connector.company_file.ledger[before:]),
        "faults": [str(fault) for fault in connector.faults.fired] if connector.faults else [],
    }
    invocation.output.result(payload, lambda target: say(target, _summary(payload)))
    if not ended_well(reports[-1]):
        context.exit(1)


def _next(connector: WebConnector, coming: Iterator[SessionReport], number: int) -> SessionReport | None:
    """The next visit, telling how many message sets it has exchanged; None when there is none."""
    with long_work(f"visit {number}, round trips", in_steps=False) as work:

        def heard(event: CallEvent) -> None:
            if event.phase == "after" and event.method == "receiveResponseXML":
                work.reach(work.done + 1)

        connector.on_call = heard
        return next(coming, None)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `simulate`."""

    url: str | None
    username: str | None
    password: str | None
    qwc: Path | None
    company_file: Path | None
    visits: int
    faults: tuple[str, ...]
    ca_bundle: str | None


def _web_connector(options: Options) -> WebConnector:
    registration = _registration(options.qwc) if options.qwc else {}
    url = options.url or registration.get("AppURL")
    username = options.username or registration.get("UserName")
    if not url or not username:
        raise click.UsageError("give --url and --username, or --qwc FILE")
    _check_address(url)
    path = options.company_file
    is_new = path is not None and not path.exists()
    connector = WebConnector(
        url,
        username,
        options.password or click.prompt("Password", hide_input=True, err=True),
        CompanyFile.create(path) if is_new else CompanyFile.open(path),
        registration.get("OwnerID"),
        registration.get("FileID"),
        verify=options.ca_bundle or True,
        faults=_plan(options.faults),
        company_file_name=f"{FOLDER}{path.stem if path else 'Seafood'}.qbw",
    )
    connector.add_application()
    return connector


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise click.UsageError(f"{url!r} is no address such as http://localhost:8000/qbwc")


def _plan(faults: tuple[str, ...]) -> FaultPlan | None:
    try:
        return FaultPlan.of(faults) if faults else None
    except SimulatorError as error:
        raise click.UsageError(str(error)) from None


def _registration(qwc: Path) -> dict[str, str]:
    """The elements of a .qwc file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(qwc.read_bytes(), parser)
    except etree.XMLSyntaxError:
        raise Failure(
            f"{qwc} is not a .qwc file: write one with qbwc-server connector qwc NAME -o {qwc}"
        ) from None
    return {str(element.tag): element.text or "" for element in root}


def visits(connector: WebConnector, most: int) -> Iterator["SessionReport"]:
    """Visit after visit until nothing is left to do, or until it makes no sense to come again.

    A postponement the server asks for is waited for, as Auto-Run would. Where faults are planned, a visit that
    fails is what was asked for, and the next one follows; otherwise a visit that is turned away with the same words
    as the one before is the last.
    """
    before = ""
    for number in range(1, most + 1):
        report = connector.run_once()
        yield report
        turned_away = "" if report.round_trips or report.postponed_seconds else report.status
        if connector.faults is None and turned_away and turned_away == before:
            return
        before = turned_away
        if report.outcome in (Outcome.NOTHING_TO_DO, Outcome.REFUSED):
            return
        if report.outcome is Outcome.FAILED and connector.faults is None:
            return
        if report.postponed_seconds and number < most:
            time.sleep(report.postponed_seconds)


def ended_well(report: SessionReport) -> bool:
    """Whether the visit did what it was to do."""
    return report.outcome in (Outcome.NOTHING_TO_DO, Outcome.DONE)


def visit_line(number: int, report: SessionReport) -> str:
    """One line about a visit, as the Web Connector's window would have it."""
    trips = "1 round trip" if report.round_trips == 1 else f"{report.round_trips} round trips"
    parts = [f"visit {number}: {report.status}", trips]
    parts += [said for said in (report.error_code, report.last_error) if said and said not in report.status]
    if report.postponed_seconds:
        parts.append(f"to come back in {report.postponed_seconds} s")
    if report.closing_words:
        parts.append(report.closing_words)
    return ", ".join(parts)


def session_json(report: SessionReport) -> dict[str, Any]:
    """One visit, as `simulate --json` has it; the ticket is a secret and stays out."""
    return {
        "outcome": report.outcome.name.lower(),
        "status": report.status,
        "error_code": report.error_code,
        "last_error": report.last_error,
        "calls": len(report.calls),
        "round_trips": report.round_trips,
        "percent": report.percent,
        "closing_words": report.closing_words,
    }


def _summary(payload: dict[str, Any]) -> str:
    written = ", ".join(f"{count} {request}" for request, count in payload["written"].items())
    trips = payload["round_trips"]
    words = "1 round trip" if trips == 1 else f"{trips} round trips"
    return f"{payload['calls']} calls, {words}; written to QuickBooks: {written or 'nothing'}"
