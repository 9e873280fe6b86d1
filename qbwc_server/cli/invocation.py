"""One run of the command line: what its options say."""

from dataclasses import dataclass
from pathlib import Path

import click

from qbwc_server.cli.output import Output


@dataclass(slots=True)
class Invocation:
    """What the options before the command said, and what follows from them.

    Attributes:
        config_path: `--config`; None means the environment's QBWC_CONFIG or no file at all.
        as_json: whether the command was given `--json`.
    """

    config_path: Path | None = None
    as_json: bool = False

    @property
    def output(self) -> Output:
        """Where the command's result goes."""
        return Output(self.as_json)


ACTOR = "cli"
"""Who the history says it was."""

pass_invocation = click.make_pass_decorator(Invocation, ensure=True)


def _remember_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Invocation).as_json = True


json_option = click.option(
    "--json",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_remember_json,
    help="Print one JSON document instead of words.",
)

connector_option = click.option(
    "--connector", metavar="NAME", help="The connector; may be left out when there is exactly one."
)
