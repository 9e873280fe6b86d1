"""Every way a command can fail, as a sentence for a person or an object for a machine; never a traceback."""

import json
import logging
import sys
from collections.abc import Iterable
from typing import IO, Any

import click

from qbwc_server.cli.output import console, plain, say, visible
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput, NotFound

log = logging.getLogger("qbwc_server.cli")


class Failure(click.ClickException):
    """The command could not do what was asked for; exit code 1.

    Attributes:
        faults: what is wrong with the input, one by one; empty when the input is not to blame.
        as_json: say it as ``{"error": ..., "faults": [...]}``.
    """

    exit_code = 1

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)
        self.as_json = False

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the failure on stderr."""
        if self.as_json:
            print(
                json.dumps({"error": self.message, "faults": self.faults}, default=plain),
                file=file or sys.stderr,
            )
            return
        target = console(stderr=True)
        say(target, f"Error: {self.message}", "bold red")
        for fault in self.faults:
            say(target, f"  {fault.in_words}")


class BrokenOff(Failure):
    """Somebody ended the command before its end; exit code 130, as shells have it."""

    exit_code = 130


class Misuse(click.UsageError):
    """A command was typed that does not exist so; exit code 2, in JSON for a machine."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(error.format_message(), error.ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the failure on stderr."""
        print(json.dumps({"error": self.message, "faults": []}), file=file or sys.stderr)


def failure_of(error: Exception) -> Failure:
    """The failure to show for an exception that ended a command."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, InvalidInput):
        return Failure(_faults_sentence(error.faults), error.faults)
    if isinstance(error, UnicodeDecodeError):
        return Failure(
            f"the input is not UTF-8 text (byte {error.start}); "
            "a spreadsheet is saved as “CSV UTF-8”, not as “CSV”"
        )
    if isinstance(error, UnicodeEncodeError):
        return Failure("what was typed is not UTF-8 text: type it anew, or set the terminal to UTF-8")
    if isinstance(error, OSError):
        return Failure(_os_sentence(error))
    if isinstance(error, NotFound | Conflict) or _is_ours(error):
        return Failure(str(error))
    return _unexpected(error)


def _is_ours(error: Exception) -> bool:
    """Our packages' own exceptions carry sentences written for people (configuration, database, server)."""
    return type(error).__module__.startswith(("qbwc_server.", "qbxml."))


def _faults_sentence(faults: tuple[Fault, ...]) -> str:
    return "the input has a fault" if len(faults) == 1 else f"the input has {len(faults)} faults"


def _os_sentence(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def _unexpected(error: Exception) -> Failure:
    log.debug("the command ended with an unexpected error", exc_info=error)
    detail = visible(str(error)).splitlines()
    words = f"{type(error).__name__}: {detail[0]}" if detail else type(error).__name__
    return Failure(
        f"something went wrong inside qbwc-server ({words}); set QBWC_LOGGING_LEVEL=debug for details"
    )
