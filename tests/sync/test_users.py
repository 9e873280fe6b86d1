"""The people who use the site: adding them, logging them in, and letting the first one in."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sync_world import World

from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.storage.schema import setup_token as token_table
from qbwc_server.storage.schema import user as user_table
from qbwc_server.sync import users
from qbwc_server.sync.users import Role

PASSWORD = "correct horse battery"


def test_a_user_logs_in_with_the_right_password_only(world: World) -> None:
    ada = users.add(world.core, " ada ", PASSWORD, Role.ADMIN)
    assert (ada.name, ada.role) == ("ada", Role.ADMIN)
    assert users.authenticate(world.core, "ada", PASSWORD) == ada
    assert users.authenticate(world.core, "ada", PASSWORD + "x") is None
    assert users.authenticate(world.core, "eve", PASSWORD) is None
    assert users.authenticate(world.core, "", "") is None
    assert users.authenticate(world.core, "ada", "x" * 100_000) is None
    assert users.get(world.core, ada.id) == ada
    assert users.get(world.core, ada.id + 1) is None


def test_a_password_is_stored_as_an_argon2_hash(world: World) -> None:
    users.add(world.core, "ada", PASSWORD, Role.SUPPORT)
    with world.core.database.begin() as conn:
        row = conn.execute(select(user_table)).one()
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(row)


def test_faults_of_name_and_password_are_all_listed(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        users.add(world.core, " \n", "short", Role.ADMIN)
    assert [fault.pointer for fault in caught.value.faults] == ["/name", "/password"]
    with pytest.raises(InvalidInput):
        users.add(world.core, "ada", "x" * 1025, Role.ADMIN)
    assert users.every(world.core) == []


def test_a_name_is_given_once(world: World) -> None:
    users.add(world.core, "ada", PASSWORD, Role.ADMIN)
    with pytest.raises(Conflict, match="ada"):
        users.add(world.core, "ada", PASSWORD, Role.SUPPORT)
    users.add(world.core, "Bea", PASSWORD, Role.SUPPORT)
    assert [user.name for user in users.every(world.core)] == ["Bea", "ada"]


def test_the_setup_token_lets_the_first_admin_in_once(world: World) -> None:
    token = users.setup_token(world.core)
    assert token is not None
    with world.core.database.begin() as conn:
        assert token not in str(conn.execute(select(token_table)).one())
    for wrong in ("", "wrong", token + "x"):
        with pytest.raises(NotFound):
            users.claim_setup(world.core, wrong, "ada", PASSWORD)
    with pytest.raises(InvalidInput):
        users.claim_setup(world.core, token, "ada", "short")
    ada = users.claim_setup(world.core, token, "ada", PASSWORD)
    assert ada.role is Role.ADMIN
    with pytest.raises(NotFound):
        users.claim_setup(world.core, token, "eve", PASSWORD)
    assert users.setup_token(world.core) is None


def test_a_newer_setup_token_replaces_the_one_before(world: World) -> None:
    old, new = users.setup_token(world.core), users.setup_token(world.core)
    assert old is not None
    assert new is not None
    with pytest.raises(NotFound):
        users.claim_setup(world.core, old, "ada", PASSWORD)
    users.claim_setup(world.core, new, "ada", PASSWORD)


def test_a_setup_token_is_dead_once_there_is_a_user(world: World) -> None:
    token = users.setup_token(world.core)
    assert token is not None
    users.add(world.core, "ada", PASSWORD, Role.SUPPORT)
    with pytest.raises(NotFound):
        users.claim_setup(world.core, token, "eve", PASSWORD)
