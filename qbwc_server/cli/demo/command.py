"""`qbwc-server demo`: the whole product at work on a wholesaler's records, with a simulated QuickBooks."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from qbwc_server.cli.demo.play import play
from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import Invocation, json_option


@click.command()
@click.option("--keep-running", is_flag=True, help="Leave the site up until Ctrl-C, and go on polling.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep database, company file and log in this new folder; else they are deleted in the end.",
)
@json_option
@click.pass_context
def demo(context: click.Context, keep_running: bool, folder: Path | None) -> None:
    """Start a server on a fresh database, hand it records, and let a simulated Web Connector sync them.

    Exit code 0 if exactly the cases sown into the records are blocked and everything else is synced.
    """
    output = context.ensure_object(Invocation).output
    with _terminable(), _folder(folder) as place:
        result = play(output, place, keep_running=keep_running, keep_folder=folder is not None)
    if result.surprises:
        context.exit(1)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end us as Ctrl-C does, so that our server is ended too."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    """A folder with nothing in it."""
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="qbwc-demo-") as name:
            yield Path(name)
        return
    wanted.mkdir(parents=True, exist_ok=True)
    if any(wanted.iterdir()):
        raise Failure(f"{wanted} is not empty; name a new folder")
    yield wanted
