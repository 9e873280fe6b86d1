"""The people who use the site: adding them, logging them in, and letting the first one in."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from qbwc_server.access import users
from qbwc_server.domain.faults import Conflict, InvalidInput, NotFound
from qbwc_server.domain.people import Role
from qbwc_server.storage.schema import setup_token as token_table
from qbwc_server.storage.schema import user as user_table
from tests.worlds.sync_world import World

PASSWORD = "correct horse battery"


def test_a_user_logs_in_with_the_right_password_only(world: World) -> None:
    ada = users.add(world.core, " ada ", PASSWORD, Role.ADMIN, actor="staff")
    assert (ada.name, ada.role) == ("ada", Role.ADMIN)
    assert users.authenticate(world.core, "ada", PASSWORD) == ada
    assert users.authenticate(world.core, "ada", PASSWORD + "x") is None
    assert users.authenticate(world.core, "eve", PASSWORD) is None
    assert users.authenticate(world.core, "", "") is None
    assert users.authenticate(world.core, "ada", "x" * 100_000) is None
    assert users.get(world.core, ada.id) == ada
    assert users.get(world.core, ada.id + 1) is None


def test_an_unknown_name_takes_as_long_as_a_wrong_password(world: World) -> None:
    users.add(world.core, "ada", PASSWORD, Role.ADMIN, actor="staff")

    def shortest(name: str) -> float:
        took = []
        for _ in range(3):
            began = time.process_time()
            assert users.authenticate(world.core, name, PASSWORD + "x") is None
            took.append(time.process_time() - began)
        return min(took)

    known, unknown = shortest("ada"), shortest("eve")
    assert known / 3 < unknown < known * 3


def test_a_password_is_stored_as_an_argon2_hash(world: World) -> None:
    users.add(world.core, "ada", PASSWORD, Role.SUPPORT, actor="staff")
    with world.core.database.begin() as conn:
        row = conn.execute(select(user_table)).one()
    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(row)


def test_faults_of_name_and_password_are_all_listed(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        users.add(world.core, " \n", "short", Role.ADMIN, actor="staff")
    assert [fault.pointer for fault in caught.value.faults] == ["/name", "/password"]
    with pytest.raises(InvalidInput):
        users.add(world.core, "ada", "x" * 1025, Role.ADMIN, actor="staff")
    assert users.every(world.core) == []


def test_a_name_is_given_once(world: World) -> None:
    users.add(world.core, "ada", PASSWORD, Role.ADMIN, actor="staff")
    with pytest.raises(Conflict, match="ada"):
        users.add(world.core, "ada", PASSWORD, Role.SUPPORT, actor="staff")
    users.add(world.core, "Bea", PASSWORD, Role.SUPPORT, actor="staff")
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
    users.add(world.core, "ada", PASSWORD, Role.SUPPORT, actor="staff")
    with pytest.raises(NotFound):
        users.claim_setup(world.core, token, "eve", PASSWORD)


def test_two_admins_who_take_each_others_role_away_do_not_both_succeed(world: World) -> None:
    for name in ("ada", "bea"):
        users.add(world.core, name, PASSWORD, Role.ADMIN, actor="staff")
    with ThreadPoolExecutor(2) as pool:
        tries = [
            pool.submit(users.set_role, world.core, name, Role.SUPPORT, actor="staff")
            for name in ("ada", "bea")
        ]
    failed = [each.exception() for each in tries if each.exception() is not None]
    assert [type(error) for error in failed] == [Conflict]
    assert sorted(user.role for user in users.every(world.core)) == [Role.ADMIN, Role.SUPPORT]


def test_the_same_role_again_is_no_deed(world: World) -> None:
    users.add(world.core, "ada", PASSWORD, Role.ADMIN, actor="staff")
    users.set_role(world.core, "ada", Role.ADMIN, actor="staff")
    assert "role of a user changed" not in [deed.what for deed in users.deeds(world.core)]


def test_the_first_admin_signs_in_by_being_made(world: World) -> None:
    token = users.setup_token(world.core)
    assert token is not None
    users.claim_setup(world.core, token, "ada", PASSWORD)
    (ada,) = users.every(world.core)
    assert ada.last_sign_in_at is not None
    assert ada.last_sign_in_at >= ada.created_at
    last = users.deeds(world.core)[0]
    assert (last.what, last.actor) == ("first admin made", "ada")


def test_a_name_given_again_opens_nothing_of_the_former_one(world: World) -> None:
    users.add(world.core, "ada", PASSWORD, Role.ADMIN, actor="staff")
    first = users.add(world.core, "bea", PASSWORD, Role.SUPPORT, actor="staff")
    users.remove(world.core, "bea", actor="ada")
    again = users.add(world.core, "bea", PASSWORD + "!", Role.SUPPORT, actor="staff")
    assert again.session_stamp != first.session_stamp
    with pytest.raises(NotFound):
        users.remove(world.core, "eve", actor="ada")
