"""A database as a former version of the server left it."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import qbwc_server.storage
from qbwc_server.storage.database import Database

FOLDER = Path(qbwc_server.storage.__file__).parent / "migrations"

FORMER_CONNECTOR = """
    INSERT INTO connector (id, uuid, name, username, password_digest, owner_id, file_id, settings, paused,
        created_at, is_restored, is_verifying)
    VALUES (1, '00000000000000000000000000000001', 'acme', 'u', 'd', 'o', 'f', '{}', false,
        '2026-11-20 15:00:00+00:00', false, false)
"""


def upgrade_to(database: Database, revision: str) -> None:
    """Bring an empty or older database to this revision of the schema."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
