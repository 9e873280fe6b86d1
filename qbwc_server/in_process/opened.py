"""A connector that is opened in the host's process: on a database of ours, or on a connection of the host."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from qbwc_server.config.reading import load_config
from qbwc_server.desk.feeds import waits
from qbwc_server.domain.clock import Clock, utc_now
from qbwc_server.installation import open_database
from qbwc_server.storage import connectors
from qbwc_server.storage.lent import Lender, LentDatabase
from qbwc_server.sync.core import Core

ACTOR = "host"
"""Who did it, as the log says."""
PAGE = 500


class Opened:
    """What every part of `Connector` is done with; its arguments are told there."""

    def __init__(
        self,
        name: str,
        *,
        database_url: str | None = None,
        connection: Lender | None = None,
        schema: str | None = None,
        clock: Clock = utc_now,
    ) -> None:
        if connection is not None and database_url is not None:
            raise TypeError("give either database_url or connection")
        if schema is not None and connection is None:
            raise TypeError(
                "schema goes with connection; a database_url says it itself: ?options=-csearch_path%3DNAME"
            )
        database = (
            LentDatabase(connection, schema)
            if connection is not None
            else open_database(load_config().database_url if database_url is None else database_url)
        )
        # no password, ticket or key is made or looked at here: there is no digest to be made with a key
        self._core = Core(database, clock, digest_key=b"", public_url="")
        self.name = name
        try:
            with database.read() as conn:
                connectors.by_name(conn, name)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Give back what was opened, and answer who waits; a connection of the host stays as it is."""
        if self._core.database.ends_transactions:
            waits.close(self._core)
        self._core.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
