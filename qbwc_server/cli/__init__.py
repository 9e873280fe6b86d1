"""The command line `qbwc-server`: one module a group of commands, put together here."""

from itertools import chain
from pathlib import Path

import click

from qbwc_server import __version__

from .api_keys import api_key
from .connectors import connector, resync
from .database import db
from .decisions import link, post_as_new, retry, unlink, void
from .demo import demo
from .errors import errors
from .fields import fields
from .imports import import_
from .invocation import Commands, Invocation, pass_invocation
from .log import log
from .queue import queue
from .record_lists import records
from .records import cancel, get, put
from .serve import serve
from .simulate import simulate
from .users import user


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Configuration file (TOML); otherwise QBWC_CONFIG. None is needed.",
)
@click.version_option(__version__, prog_name="qbwc-server")
@pass_invocation
def main(invocation: Invocation, config_path: Path | None) -> None:
    """Keeps customers, vendors, items, invoices and purchase orders in step with QuickBooks Desktop."""
    invocation.config_path = config_path


COMMANDS = (
    (serve, demo, simulate, db),
    (connector, resync, user, api_key),
    (put, get, records, cancel, import_, fields, queue, log),
    (errors, retry, link, unlink, void, post_as_new),
)
"""To run it; to set it up; records and how they fare; what is in the way and what a person decides."""

for command in chain.from_iterable(COMMANDS):
    main.add_command(command)
