"""What a command works on: the configuration of this run, and the core opened from it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from qbwc_server.cli.configuration import config_of
from qbwc_server.cli.failures import Failure
from qbwc_server.cli.invocation import Invocation
from qbwc_server.desk.administration import registered
from qbwc_server.domain.faults import NoConnector
from qbwc_server.domain.near import did_you_mean
from qbwc_server.sync.core import Core
from qbwc_server.wiring import core_from


@contextmanager
def core_of(invocation: Invocation, *, create: bool = False) -> Iterator[Core]:
    """The core on this run's database, closed afterwards.

    Args:
        create: whether the command is one of those that begin a database where there is none.
    """
    core = core_from(config_of(invocation), create=create)
    try:
        yield core
    except NoConnector as error:
        raise Failure(_with_near_names(core, error)) from None
    finally:
        core.database.close()


def _with_near_names(core: Core, error: NoConnector) -> str:
    """What is said of a connector that does not exist: whoever is at this machine may see the names of all."""
    if registered.was_removed(core, error.name):
        return f"{error}: it was removed; qbwc-server connector list --removed says how to restore it"
    return str(error) + did_you_mean(error.name, registered.names(core))


def chosen_connector(core: Core, name: str | None) -> str:
    """The connector a command is about: the one named, or the only one there is.

    Raises:
        Failure: there is none yet.
        click.UsageError: there are several and none was named.
    """
    if name is not None:
        return name
    names = registered.names(core)
    if not names:
        raise Failure("there is no connector yet: create one with qbwc-server connector add NAME")
    if len(names) > 1:
        raise click.UsageError(f"there are several connectors, name one with --connector: {', '.join(names)}")
    return names[0]
