"""The root of the commands: each is loaded when it is invoked, and whatever it raises ends in words or as JSON."""

import gc
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from qbwc_server.cli.failures import BrokenOff, Failure, Misuse, failure_of
from qbwc_server.cli.invocation import Invocation


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is, and what is said of it where all are named.

    Attributes:
        module: within this package.
        attribute: what the command is called there.
        words: the first sentence of its help, kept here so that naming it loads nothing.
    """

    module: str
    attribute: str
    words: str

    def load(self) -> click.Command:
        """The command itself."""
        found: click.Command = getattr(import_module(f".{self.module}", __package__), self.attribute)
        if not gc.isenabled():
            # the program began so: what was imported stays, and need never be looked through
            gc.freeze()
            gc.enable()
        return found

    def short(self, limit: int = 45) -> str:
        """What is said of it, in so many characters."""
        return click.Command(None, help=self.words).get_short_help_str(limit)


class Loaded(MutableMapping[str, click.Command]):
    """Commands by name, each loaded when it is looked up."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self.places = dict(places)
        self._added: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._added:
            self._added[name] = self.places[name].load()
        return self._added[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self.places[name] = Place("", "", command.help or "")
        self._added[name] = command

    def __delitem__(self, name: str) -> None:
        del self.places[name]
        self._added.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


class Commands(click.Group):
    """The root group: whatever a command raises ends as a `Failure`, in words or as JSON."""

    def lazily(self, places: Mapping[str, Place]) -> None:
        """Have these commands."""
        self.commands = self._loaded = Loaded(places)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name all commands without loading one; see `click.Group.format_commands`."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._loaded.places[name].short(limit)) for name in names])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a name without loading a command; see `click.Group.shell_complete`."""
        named = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=self._loaded.places[name].short()) for name in named]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

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
