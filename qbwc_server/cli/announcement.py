"""What a server says when it starts: its addresses, and the way in for the first administrator."""

from qbwc_server.access import users
from qbwc_server.cli.output import console, say, to_json
from qbwc_server.config import Config
from qbwc_server.wiring import core_from


def announce(config: Config, as_json: bool) -> None:
    """Open the database for the first time, and print.

    Raises:
        ConfigError, DatabaseUnavailable, SchemaMismatch: as `core_from` does.
    """
    setup_url = _setup_url(config)
    if as_json:
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


def _setup_url(config: Config) -> str | None:
    """Where the first administrator is created; None once there is a user. The earlier address is dead."""
    core = core_from(config, create=True)
    try:
        token = users.setup_token(core)
    finally:
        core.database.close()
    return None if token is None else f"{config.public_url}/setup/{token}"
