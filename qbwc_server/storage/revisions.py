"""Which revisions of the schema there are, and which one a database is at: known without alembic.

The files of `migrations/versions` are named after their revisions, which are counted up; a test holds that alembic
reads the same out of them.
"""

import re
from collections.abc import Iterable
from importlib.resources import files

from sqlalchemy import Connection, inspect

from qbwc_server.domain.faults import SchemaMismatch
from qbwc_server.storage.schema import metadata

KNOWN = tuple(
    sorted(
        file.name.partition("_")[0]
        for file in (files("qbwc_server.storage") / "migrations" / "versions").iterdir()
        if file.name.endswith(".py")
    )
)
"""Every revision, the oldest first."""

NEWEST = KNOWN[-1]
"""The one that this version of the server needs."""


def of(connection: Connection) -> str | None:
    """The revision a database is at; None for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    return ", ".join(map(str, found)) or None


def is_ours(revision: str) -> bool:
    """Whether a revision is one of this server's, be it of a version to come; other programs use alembic, too."""
    return re.fullmatch(r"\d{4}", revision) is not None


def check_names(connection: Connection) -> None:
    """Make sure that nobody else has tables of the names that ours are to have.

    Raises:
        SchemaMismatch: somebody has.
    """
    clashing = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    if clashing:
        raise SchemaMismatch(taken(clashing, connection.dialect.name == "sqlite"))


def taken(names: Iterable[str], is_sqlite: bool) -> str:
    """That tables of another program have the names of ours, and where ours can be instead."""
    instead = (
        "give qbwc-server a file of its own"
        if is_sqlite
        else "give qbwc-server a schema of its own: CREATE SCHEMA qbwc, and a database URL that ends in "
        "?options=-csearch_path%3Dqbwc"
    )
    return f"another program has tables here whose names this server needs ({', '.join(names)}); {instead}"
