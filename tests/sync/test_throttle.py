"""Who has to wait after failed tries to sign in, and who has not."""

from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time
from sqlalchemy import func, select

from qbwc_server.access import users
from qbwc_server.access.throttle import TooManyTries
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.people import Role
from qbwc_server.storage.schema import login_failure

PASSWORD = "correct horse battery"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.9"
START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def frozen():
    """A clock that stands until it is moved."""
    with freeze_time(START) as frozen:
        yield frozen


@pytest.fixture
def guessed(make_world, frozen):
    """A server with a user whose password has been guessed at five times from HOME."""
    world = make_world(clock=lambda: datetime.now(UTC))
    users.add(world.core, "Ada", PASSWORD, Role.ADMIN, actor="staff")
    for _ in range(5):
        assert users.sign_in(world.core, "Ada", "guess", address=HOME) is None
    return world


def test_after_five_failures_even_the_right_password_has_to_wait(guessed, frozen):
    with pytest.raises(TooManyTries) as refused:
        users.sign_in(guessed.core, "Ada", PASSWORD, address=HOME)
    assert refused.value.wait == timedelta(seconds=2)
    frozen.tick(2)
    assert users.sign_in(guessed.core, "Ada", PASSWORD, address=HOME).name == "Ada"


def test_a_user_name_written_otherwise_is_the_same_user(guessed):
    with pytest.raises(TooManyTries):
        users.sign_in(guessed.core, " ADA ", "guess", address=HOME)


def test_nobody_is_locked_out_by_a_stranger_elsewhere(guessed):
    assert users.sign_in(guessed.core, "Ada", PASSWORD, address=ELSEWHERE).name == "Ada"


def test_another_user_at_the_same_address_signs_in(guessed):
    users.add(guessed.core, "Sam", PASSWORD, Role.SUPPORT, actor="staff")
    assert users.sign_in(guessed.core, "Sam", PASSWORD, address=HOME).name == "Sam"


def test_a_name_nobody_has_is_treated_like_any_other(guessed):
    for _ in range(5):
        users.sign_in(guessed.core, "nobody", "guess", address=HOME)
    with pytest.raises(TooManyTries):
        users.sign_in(guessed.core, "nobody", "guess", address=HOME)


def test_success_forgets_the_failures(guessed, frozen):
    frozen.tick(2)
    users.sign_in(guessed.core, "Ada", PASSWORD, address=HOME)
    for _ in range(4):
        assert users.sign_in(guessed.core, "Ada", "typo", address=HOME) is None
    assert users.sign_in(guessed.core, "Ada", PASSWORD, address=HOME).name == "Ada"


def test_failures_are_forgotten_and_removed_after_a_quarter_of_an_hour(guessed, frozen):
    frozen.tick(timedelta(minutes=15))
    assert users.sign_in(guessed.core, "Ada", "typo", address=HOME) is None
    with guessed.core.database.read() as conn:
        assert conn.execute(select(func.count()).select_from(login_failure)).scalar_one() == 1


def test_waiting_tries_do_not_prolong_the_wait(guessed, frozen):
    for _ in range(20):
        with pytest.raises(TooManyTries):
            users.sign_in(guessed.core, "Ada", "guess", address=HOME)
    frozen.tick(2)
    assert users.sign_in(guessed.core, "Ada", PASSWORD, address=HOME).name == "Ada"


def test_trying_many_names_is_no_way_round_it(make_world, frozen, monkeypatch):
    world = make_world(clock=lambda: datetime.now(UTC))
    monkeypatch.setattr(users, "authenticate", lambda core, name, password: None)
    for number in range(100):
        users.sign_in(world.core, f"user {number}", "guess", address=HOME)
    with pytest.raises(TooManyTries):
        users.sign_in(world.core, "user 101", "guess", address=HOME)


def test_no_user_name_is_kept(guessed):
    with guessed.core.database.read() as conn:
        rows = conn.execute(select(login_failure)).all()
    assert rows
    assert all("ada" not in str(row).lower() for row in rows)


@pytest.fixture
def office(make_world, frozen):
    """A connector whose Web Connector came five times with a wrong password from HOME."""
    world = make_world(clock=lambda: datetime.now(UTC))
    made = connectors.add(world.core, "guessed-at", actor="staff")
    for _ in range(5):
        answer = world.calls.authenticate(made.connector.username, "wrong", address=HOME)
        assert answer[1] == "nvu"
    return world, made


def test_a_throttled_web_connector_is_told_nvu_even_with_the_right_password(office, frozen):
    world, made = office
    name = made.connector.username
    assert world.calls.authenticate(name, made.password, address=HOME)[1] == "nvu"
    frozen.tick(2)
    assert world.calls.authenticate(name, made.password, address=HOME)[1] != "nvu"


def test_the_real_web_connector_elsewhere_is_not_affected(office):
    world, made = office
    answer = world.calls.authenticate(made.connector.username, made.password, address=ELSEWHERE)
    assert answer[1] != "nvu"


def test_a_web_connector_never_waits_longer_than_a_minute(office, frozen):
    world, made = office
    for _ in range(30):
        world.calls.authenticate(made.connector.username, "wrong", address=HOME)
        frozen.tick(60)
    assert world.calls.authenticate(made.connector.username, made.password, address=HOME)[1] != "nvu"


def test_success_of_the_web_connector_forgets_its_failures(office, frozen):
    world, made = office
    frozen.tick(2)
    name = made.connector.username
    world.calls.authenticate(name, made.password, address=HOME)
    world.calls.authenticate(name, "wrong", address=HOME)
    assert world.calls.authenticate(name, made.password, address=HOME)[1] != "nvu"
