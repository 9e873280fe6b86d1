"""`qbwc-server serve`: the server process, and the way in for the first administrator."""

import os
import signal
import sys
import threading
from pathlib import Path

import click

from qbwc_server import serve as server
from qbwc_server.access import users
from qbwc_server.config import Config
from qbwc_server.installation import check_place
from qbwc_server.sole import sole_server
from qbwc_server.wiring import core_from

from .invocation import Invocation, json_option, pass_invocation
from .opening import config_of
from .output import console, say, to_json
from .words import Whole


@click.command()
@click.option("--host", help="Listen on this address: 127.0.0.1 for this machine only, 0.0.0.0 for all.")
@click.option("--port", type=Whole(1, 65_535), help="Listen on this port.")
@click.option("--workers", type=Whole(1), help="Processes that serve; one is enough for SQLite.")
@click.option("--tls-cert", type=click.Path(path_type=Path), help="Certificate with its chain, PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="Private key, PEM.")
@click.option("--stop-at-eof", is_flag=True, hidden=True, help="End when stdin is closed.")
@json_option
@pass_invocation
def serve(
    invocation: Invocation,
    host: str | None,
    port: int | None,
    workers: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    stop_at_eof: bool,
) -> None:
    """Serve the Web Connector and the site until Ctrl-C or SIGTERM.

    On a database without users it prints a one-time address at which the first administrator is created.
    """
    config = config_of(
        invocation,
        {
            ("server", "host"): host,
            ("server", "port"): port,
            ("server", "workers"): workers,
            ("server", "tls_cert"): tls_cert,
            ("server", "tls_key"): tls_key,
        },
    )
    # before anything is promised: a key that does not fit, or a database or an address that another server has
    server.check_certificate(config.server)
    check_place(config)
    with sole_server(config):
        server.check_address(config.server)
        _announce(invocation, config, _setup_url(config))
        if stop_at_eof:
            threading.Thread(target=_stop_at_eof, daemon=True).start()
        server.serve(config)


def _stop_at_eof() -> None:
    """End this process in good order when stdin is closed.

    Whoever starts a server as its child holds the other end: it is closed even when that one is killed.
    """
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _setup_url(config: Config) -> str | None:
    """Where the first administrator is created; None once there is a user. The earlier address is dead."""
    core = core_from(config, create=True)
    try:
        token = users.setup_token(core)
    finally:
        core.database.close()
    return None if token is None else f"{config.public_url}/setup/{token}"


def _announce(invocation: Invocation, config: Config, setup_url: str | None) -> None:
    if invocation.as_json:
        addresses = {"site_url": config.public_url, "soap_url": config.soap_url, "setup_url": setup_url}
        print(to_json(addresses), flush=True)
        return
    target = console()
    say(target, f"Site           {config.public_url}", "bold")
    say(target, f"Web Connector  {config.soap_url}")
    if setup_url is not None:
        say(target, "There is no user yet. Create the first administrator at this address (it works once):")
        say(target, f"  {setup_url}", "bold yellow")
    target.file.flush()
