"""Which revisions of the schema there are, and which one a database is at: known without alembic.

The files of `migrations/versions` are named after their revisions, which are counted up; a test holds that alembic
reads the same out of them.
"""

from importlib.resources import files

from sqlalchemy import Connection, inspect

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
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar_one_or_none()
    return found
