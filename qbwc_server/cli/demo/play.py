"""The demonstration from beginning to end: server up, records in, visits made, result told, server down."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from qbwc_server.cli.demo import cast
from qbwc_server.cli.demo.progress import Teller, telling
from qbwc_server.cli.demo.result import Result, print_result, result_of
from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.cli.demo.visit import Visits, visiting
from qbwc_server.cli.output import Output, console, say
from qbwc_server.cli.simulate import visit_line
from qbwc_server.config.reading import load_config
from qbwc_server.sync.core import Core
from qbwc_server.wiring import core_from

INTERVAL_SECONDS = 60
"""How often the Web Connector comes back when the server is left up."""


def play(output: Output, folder: Path, *, keep_running: bool, keep_folder: bool) -> Result:
    """Play it in an empty folder; the server is ended whatever happens.

    Raises:
        ServerStartError: the server did not come up.
        Failure: the records are not what they should be.
    """
    port = free_port()
    config_path = write_config(folder, port)
    with ExitStack() as stack:
        with telling(console(), silent=output.as_json) as teller:
            teller.step(f"Starting the server on port {port} with a fresh database")
            stack.enter_context(ServerProcess(config_path, port, folder / "server.log"))
            core = stack.enter_context(_core(config_path))
            visits, login = _act(core, folder, teller)
        result = result_of(core, visits, login)
        kept_in = folder if keep_folder else None
        output.result(
            result.as_json(),
            lambda target: print_result(target, result, stays_up=keep_running, kept_in=kept_in),
        )
        sys.stdout.flush()
        if keep_running:
            _stay(output, visits)
    return result


@contextmanager
def _core(config_path: Path) -> Iterator[Core]:
    """A core on the server's database; the caller's own QBWC_* settings have no say in it."""
    core = core_from(load_config(config_path, environ={}))
    try:
        yield core
    finally:
        core.database.close()


def _act(core: Core, folder: Path, teller: Teller) -> tuple[Visits, cast.Login]:
    login = cast.add_admin(core)
    made = cast.add_connector(core)
    teller.step(f"Added the connector {made.connector.name} and the user {login.name}")
    for kind, count in cast.hand_over(core, made.connector):
        teller.step(f"Handed over {count} {kind.label}s")
    teller.step("The simulated Web Connector visits the server, with a simulated QuickBooks behind it")
    visits = visiting(core, made, cast.copy_company_file(folder), teller)
    visits.run()
    return visits, login


def _stay(output: Output, visits: Visits) -> None:
    """Come back every minute, as Auto-Run does, until somebody ends it."""
    if not output.as_json:
        say(console(), "The Web Connector comes back every minute. Press Ctrl-C to end.", "dim")
        sys.stdout.flush()
    try:
        while True:
            time.sleep(INTERVAL_SECONDS)
            report = visits.web_connector.run_once()
            visits.reports.append(report)
            if report.round_trips and not output.as_json:
                say(console(), visit_line(len(visits.reports), report))
                sys.stdout.flush()
    except KeyboardInterrupt:
        output.note("Stopping the server.")
