"""What another process of the server does to the same database: ``second_process.py COMMAND URL … NUMBER``.

It says "ready" once everything is imported and opened, and goes when it is told to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

from qbwc_server.domain.clock import utc_now
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import connectors, records
from qbwc_server.storage.database import Database
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls


def start() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def authenticate(url: str, password: str, _: str) -> None:
    """Come as the Web Connector of ``acme`` does; prints the answer."""
    calls = WebConnectorCalls(Core(Database(url), utc_now, b"k" * 32, "https://qb.example.com"))
    start()
    print(calls.authenticate("qbwc-acme", password, address="127.0.0.1")[1] or "opened")


def write(url: str, number: str) -> None:
    """Add twenty records in twenty transactions."""
    database = Database(url)
    start()
    for each in range(20):
        with database.begin() as conn:
            connector = connectors.lock(conn, connectors.by_name(conn, "acme").id)
            external_id = f"{number}-{each}"
            records.add(
                conn, connector.id, Kind.CUSTOMER, external_id, {}, now=datetime.now(UTC), actor="host"
            )
    print("written")


def upgrade(url: str, _: str) -> None:
    """Bring the schema to the newest revision."""
    database = Database(url)
    start()
    database.upgrade()
    database.check()
    print("upgraded")


def main() -> None:
    command, *arguments = sys.argv[1:]
    commands: dict[str, Callable[..., None]] = {
        "authenticate": authenticate,
        "write": write,
        "upgrade": upgrade,
    }
    commands[command](*arguments)


if __name__ == "__main__":
    main()
