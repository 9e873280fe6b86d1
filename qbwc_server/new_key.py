"""What becomes of a database whose secrets file is lost for good: it belongs to another one from now on."""

from datetime import datetime

from qbwc_server import installation
from qbwc_server.access import key_change
from qbwc_server.access.key_change import AtStake
from qbwc_server.config import Config, make_secrets
from qbwc_server.storage import installation as rows
from qbwc_server.storage.database import Database


def accept_secrets(config: Config, database: Database, *, now: datetime, actor: str) -> AtStake:
    """Let the database belong to the secrets file that is there, or to a new one.

    Returns:
        What was made with the former key, and has to be made new.

    Raises:
        ConfigError: the secrets cannot be kept or read.
    """
    secrets = make_secrets(config)
    with database.begin() as conn:
        lost = key_change.give_up(conn, now=now, actor=actor)
        rows.set_fingerprint(conn, installation.fingerprint(secrets))
    return lost
