"""One run of the command line: its options, the configuration, and the core opened from it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qbwc_server.domain.faults import NoConnector
from qbwc_server.domain.near import did_you_mean

from .failures import BrokenOff, Failure, Misuse, failure_of
from .output import Output

if TYPE_CHECKING:
    from qbwc_server.config import Config, Key
    from qbwc_server.sync.core import Core


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

    def config(self, overrides: "Mapping[Key, object] | None" = None) -> "Config":
        """The configuration of this run, with its log level in force.

        Args:
            overrides: what the command's own options say; it goes over file and environment.

        Raises:
            ConfigError: an unknown key or a value that does not fit.
        """
        from qbwc_server.config import load_config

        config = load_config(self.config_path, overrides=overrides)
        # a command tells its story itself; the log is for whoever asks for all of it
        level = "DEBUG" if config.logging.level == "debug" else "WARNING"
        logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
        return config

    @contextmanager
    def core(self, *, create: bool = False) -> Iterator["Core"]:
        """The core on this run's database, closed afterwards.

        Args:
            create: whether the command is one of those that begin a database where there is none.
        """
        from qbwc_server.wiring import core_from

        core = core_from(self.config(), create=create)
        try:
            yield core
        except NoConnector as error:
            raise Failure(_with_near_names(core, error)) from None
        finally:
            core.database.close()


def _with_near_names(core: "Core", error: NoConnector) -> str:
    """What is said of a connector that does not exist: whoever is at this machine may see the names of all."""
    from qbwc_server.desk import connectors, removal

    if any(error.name == each.name for each in removal.removed(core)):
        return f"{error}: it was removed; qbwc-server connector list --removed says how to restore it"
    return str(error) + did_you_mean(error.name, (connector.name for connector in connectors.every(core)))


ACTOR = "cli"
"""Who the history says it was."""

pass_invocation = click.make_pass_decorator(Invocation, ensure=True)


class Commands(click.Group):
    """The root group: whatever a command raises ends as a `Failure`, in words or as JSON."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; see `click.Group.invoke`."""
        invocation = context.ensure_object(Invocation)
        try:
            return super().invoke(context)
        except (BrokenPipeError, click.exceptions.Exit):
            raise
        except click.UsageError as error:
            raise _misuse(error, for_machine=context.meta[_WANTS_JSON]) from None
        except (KeyboardInterrupt, click.Abort):
            failure: Failure = BrokenOff("broken off; what was stored before stays stored")
        except Exception as error:  # the border: whoever typed the command gets a sentence, not a traceback
            if isinstance(error, click.ClickException) and not isinstance(error, Failure):
                raise
            failure = failure_of(error)
        failure.as_json = invocation.as_json
        raise failure from None

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read what was typed; see `click.Command.make_context`."""
        # looked for by hand: it counts also where the rest cannot be understood
        wants_json = "--json" in args
        try:
            context = super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise _misuse(error, for_machine=wants_json) from None
        context.meta[_WANTS_JSON] = wants_json
        return context


_WANTS_JSON = "qbwc_server.wants_json"


def _misuse(error: click.UsageError, *, for_machine: bool) -> click.UsageError:
    return Misuse(error) if for_machine else error


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


def chosen_connector(core: "Core", name: str | None) -> str:
    """The connector a command is about: the one named, or the only one there is.

    Raises:
        Failure: there is none yet.
        click.UsageError: there are several and none was named.
    """
    from qbwc_server.desk import connectors

    if name is not None:
        return name
    names = [connector.name for connector in connectors.every(core)]
    if not names:
        raise Failure("there is no connector yet: create one with qbwc-server connector add NAME")
    if len(names) > 1:
        raise click.UsageError(f"there are several connectors, name one with --connector: {', '.join(names)}")
    return names[0]
