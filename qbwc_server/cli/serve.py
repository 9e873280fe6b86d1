"""`qbwc-server serve`: the server process, and the way in for the first administrator."""

import os
import signal
import sys
import threading
from pathlib import Path

import click

from qbwc_server import serve as server
from qbwc_server.apart import apart
from qbwc_server.cli.invocation import Invocation, json_option, pass_invocation
from qbwc_server.cli.words import Whole
from qbwc_server.config import Config
from qbwc_server.place import check_place
from qbwc_server.server_log import log_to_stderr
from qbwc_server.sole import sole_server


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
    # The parent of the workers has nothing to do with reading a file or with a database: what that takes is not to
    # stay in it.
    config: Config = apart(
        "qbwc_server.config.reading:load_config",
        invocation.config_path,
        overrides={
            ("server", "host"): host,
            ("server", "port"): port,
            ("server", "workers"): workers,
            ("server", "tls_cert"): tls_cert,
            ("server", "tls_key"): tls_key,
        },
    )
    log_to_stderr(config)
    # before anything is promised: a key that does not fit, or a database or an address that another server has
    server.check_certificate(config.server)
    check_place(config)
    with sole_server(config):
        server.check_address(config.server)
        apart("qbwc_server.cli.announcement:announce", config, invocation.as_json)
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
