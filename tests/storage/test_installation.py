"""A database and the secrets it belongs to, on both databases; what a former version left gets its mark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from qbwc_server.config import Config, make_secrets
from qbwc_server.installation import (
    ForeignSecrets,
    belongs,
    fingerprint,
    open_installation,
    opened_installation,
)
from qbwc_server.new_key import accept_secrets
from qbwc_server.storage import audit, users
from qbwc_server.storage import installation as rows
from qbwc_server.storage.database import Database
from qbwc_server.wiring import core_from
from tests.worlds.former_database import FORMER_CONNECTOR, upgrade_to

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def config_of(url: str, folder: Path, name: str = "secrets.json") -> Config:
    return Config(database_url=url, secrets_file=folder / name)


def marked(database: Database) -> str | None:
    with database.read() as conn:
        return rows.fingerprint(conn)


@pytest.fixture
def former(empty_url: str, open_database: Callable[[str], Database]) -> Database:
    """A database of the version before, with a connector."""
    database = open_database(empty_url)
    upgrade_to(database, "0011")
    with database.begin() as conn:
        conn.execute(text(FORMER_CONNECTOR))
    return database


def test_a_database_of_a_former_version_gets_its_mark_when_it_is_upgraded(
    former: Database, empty_url: str, tmp_path: Path
) -> None:
    config = config_of(empty_url, tmp_path)
    secrets = make_secrets(config)
    with opened_installation(config) as installation:
        assert marked(installation.database) is None
        installation.upgrade()
    assert marked(former) == fingerprint(secrets)
    core = core_from(config)
    assert core.digest_key == secrets.digest_key
    core.database.close()


def test_a_database_of_a_former_version_gets_no_new_secrets(
    former: Database, empty_url: str, tmp_path: Path
) -> None:
    with pytest.raises(ForeignSecrets, match="is not there"):
        open_installation(config_of(empty_url, tmp_path), create=True)
    assert not (tmp_path / "secrets.json").exists()
    assert former.revision() == "0011"


def test_what_was_opened_with_its_own_secrets_is_not_opened_with_others(
    former: Database, empty_url: str, tmp_path: Path
) -> None:
    own, other = config_of(empty_url, tmp_path), config_of(empty_url, tmp_path, "other.json")
    make_secrets(own), make_secrets(other)
    with opened_installation(own) as installation:
        installation.upgrade()
    for create in (False, True):
        with pytest.raises(ForeignSecrets, match=r"other\.json: this secrets file belongs to another"):
            core_from(other, create=create)
    assert (belongs(own, former), belongs(other, former)) == (True, False)


def test_accepted_secrets_are_the_only_ones_from_then_on(
    former: Database, empty_url: str, tmp_path: Path
) -> None:
    own, other = config_of(empty_url, tmp_path), config_of(empty_url, tmp_path, "other.json")
    make_secrets(own)
    with opened_installation(own) as installation:
        installation.upgrade()
        lost = accept_secrets(other, installation.database, now=NOW, actor="cli")
    assert lost.connectors == ("acme",)
    core_from(other).database.close()
    with pytest.raises(ForeignSecrets):
        core_from(own)


def test_an_empty_database_that_has_its_tables_needs_no_secrets_yet(url: str, tmp_path: Path) -> None:
    config = config_of(url, tmp_path)
    core = core_from(config)
    assert marked(core.database) is not None
    core.database.close()
    (tmp_path / "secrets.json").unlink()
    with pytest.raises(ForeignSecrets):
        core_from(config)


def test_people_of_a_former_version_are_kept_and_when_they_signed_in_is_not_known(
    empty_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_url)
    upgrade_to(database, "0013")
    with database.begin() as conn:
        conn.execute(
            text(
                'INSERT INTO "user" (id, name, password_hash, role, session_stamp, created_at) '
                "VALUES (1, 'ann', 'h', 'admin', 's', '2026-11-20 15:00:00+00:00')"
            )
        )
    database.upgrade()
    with database.begin() as conn:
        (ann,) = users.every(conn)
        assert (ann.name, ann.role, ann.last_sign_in_at) == ("ann", "admin", None)
        assert audit.newest(conn) == []
        assert [admin.id for admin in users.lock_admins(conn)] == [1]
