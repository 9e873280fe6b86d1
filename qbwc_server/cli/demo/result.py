"""What the demonstration came to: for a machine as JSON, for a person in words."""

import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qbwc_server.cli.demo.cast import Login
from qbwc_server.cli.demo.seeded import Tally, every_view, surprises, tallies
from qbwc_server.cli.demo.visit import Visits
from qbwc_server.cli.errors import print_groups
from qbwc_server.cli.output import Console, say
from qbwc_server.cli.shapes import error_group
from qbwc_server.cli.simulate import session_json
from qbwc_server.cli.tables import draw, table
from qbwc_server.desk.error_records import errors as error_records
from qbwc_server.desk.views.error_views import ErrorGroup
from qbwc_server.domain.records import State
from qbwc_server.sync.core import Core


@dataclass(frozen=True, slots=True)
class Result:
    """The end of the demonstration.

    Attributes:
        surprises: what is not as it was to be, in sentences; empty when all is well.
    """

    tallies: list[Tally]
    blocked: list[ErrorGroup]
    surprises: list[str]
    visits: Visits
    site_url: str
    login: Login

    def as_json(self) -> dict[str, Any]:
        """As `demo --json` has it."""
        return {
            "as_expected": not self.surprises,
            "surprises": self.surprises,
            "records": {
                tally.kind: {"found": tally.found, "created": tally.created, **tally.states}
                for tally in self.tallies
            },
            "blocked": [error_group(group) for group in self.blocked],
            "round_trips": self.visits.round_trips,
            "sessions": [session_json(report) for report in self.visits.reports],
            "site": {"url": self.site_url, "user": self.login.name, "password": self.login.password},
        }


def result_of(core: Core, visits: Visits, login: Login) -> Result:
    """How things stand."""
    views = list(every_view(core, visits.connector))
    return Result(
        tallies=tallies(views),
        blocked=error_records.group(error_records.find(core, connector=visits.connector)),
        surprises=surprises(views),
        visits=visits,
        site_url=core.public_url,
        login=login,
    )


def print_result(target: Console, result: Result, *, stays_up: bool, kept_in: Path | None) -> None:
    """Tell a person.

    Args:
        stays_up: the site goes on after this.
        kept_in: the folder that stays when it does not; None when nothing is kept.
    """
    say(target)
    say(target, "Synced with QuickBooks", "bold")
    headings = ("", "Synced", "Found there", "Created", "Blocked", "Unfinished")
    draw(target, table(headings, map(_row, result.tallies)))
    say(target, "Blocked, each for its own reason", "bold")
    say(target)
    print_groups(target, result.blocked)
    sessions, trips = len(result.visits.reports), result.visits.round_trips
    calls = sum(len(report.calls) for report in result.visits.reports)
    say(target, f"The Web Connector took {trips} round trips ({calls} SOAP calls) in {sessions} sessions.")
    say(target)
    print_way_in(target, result.site_url, result.login, stays_up=stays_up, kept_in=kept_in)
    say(target)
    if result.surprises:
        say(target, "This is not what was to happen:", "bold red")
    for surprise in result.surprises:
        say(target, f"  {surprise}")
    if not result.surprises:
        say(target, "All as it should be: exactly the seeded cases are blocked.", "bold green")


def _row(tally: Tally) -> tuple[str, str, str, str, str, str]:
    blocked = tally.states.get(State.BLOCKED, 0)
    unfinished = sum(tally.states.values()) - tally.synced - blocked
    numbers = (tally.synced, tally.found, tally.created, blocked, unfinished)
    label, *cells = (tally.kind.label + "s", *map(str, numbers))
    return (label, cells[0], cells[1], cells[2], cells[3], cells[4])


def _program() -> str:
    """How this program can be called again: by its name, or by its path where it is not on the PATH."""
    name = "qbwc-server"
    return name if shutil.which(name) else shlex.quote(sys.argv[0])


def print_way_in(
    target: Console, site_url: str, login: Login, *, stays_up: bool, kept_in: Path | None
) -> None:
    """Tell a person where to sign in; where nothing is left to sign in to, how to get it.

    Args:
        stays_up, kept_in: as `print_result` has them.
    """
    if kept_in is not None:
        say(target, f"To look around later: {_program()} --config {kept_in / 'config.toml'} serve", "dim")
    if stays_up or kept_in is not None:
        say(target, f"Site      {site_url}", "bold")
        say(target, f"User      {login.name}")
        say(target, f"Password  {login.password}")
    else:
        say(
            target,
            "The server ends now, and its records are gone with it. To sign in to its site and look around:",
        )
        say(target, f"  {_program()} demo --keep-running", "bold")
