"""The command line `qbwc-server`: one module a group of commands, put together here."""

from pathlib import Path

import click

from qbwc_server import __version__

from .api_keys import api_key
from .connectors import connector, resync
from .database import db
from .demo import demo
from .errors import errors
from .invocation import Commands, Invocation, pass_invocation
from .records import cancel, get, import_, put
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


for command in (serve, demo, connector, user, put, get, cancel, import_, errors, resync, simulate, db):
    main.add_command(command)
main.add_command(api_key)
