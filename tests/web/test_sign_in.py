"""Signing in and out, and the first admin."""

import re

import pytest

from qbwc_server.access import users
from qbwc_server.domain.people import Role

LONG = "a password of words"


def test_the_right_password_opens_the_site(stranger, lab):
    answer = stranger.post("/login", name=f" {lab.ADMIN} ", password=lab.PASSWORD)
    assert answer.status_code == 302
    assert lab.ADMIN in stranger.get("/").text


def test_a_failed_sign_in_does_not_tell_which_part_was_wrong(stranger, lab):
    token = stranger.token()
    answers = [
        stranger.client.post("/login", data={"csrf_token": token, "name": name, "password": password})
        for name, password in ((lab.ADMIN, "wrong"), ("nobody", lab.PASSWORD), ("", ""))
    ]
    assert {answer.status_code for answer in answers} == {401}
    values = re.compile(r'value="[^"]*"')  # the name typed, and the token, which is masked anew each time
    pages = [values.sub("", answer.text) for answer in answers]
    assert pages[0] == pages[1] == pages[2]
    assert "do not go together" in pages[0]
    assert stranger.get("/").status_code == 302


def test_the_password_typed_is_never_sent_back(stranger, lab):
    answer = stranger.post("/login", name=lab.ADMIN, password="my-wrong-secret")
    assert "my-wrong-secret" not in answer.text


def test_signing_out_ends_the_session(admin):
    answer = admin.post("/logout")
    assert answer.location == "/login"
    assert "You are signed out." in admin.get("/login").text
    assert admin.get("/").status_code == 302


@pytest.fixture
def copied(site, signed_in, lab):
    """Somebody elsewhere with a copy of the admin's cookie."""
    thief = signed_in(site, lab.ADMIN)
    assert thief.get("/users").status_code == 200
    return thief


def test_a_copied_cookie_is_worth_nothing_once_its_owner_has_signed_out(admin, support, copied):
    admin.post("/logout")
    assert copied.get("/users").location == "/login?next=/users"
    assert copied.post("/connectors/pier-seven/pause").location == "/login"
    assert support.get("/").status_code == 200


def test_a_copied_cookie_is_worth_nothing_once_the_password_is_another(world, admin, copied, stranger, lab):
    users.set_password(world.core, lab.ADMIN, "another one entirely", actor="staff")
    for visitor in (admin, copied):
        assert visitor.get("/users").location == "/login?next=/users"
    stranger.sign_in(lab.ADMIN, "another one entirely")
    assert stranger.get("/users").status_code == 200
    assert copied.get("/users").status_code == 302


def test_signing_in_elsewhere_ends_no_session(admin, stranger, lab):
    stranger.sign_in(lab.ADMIN, lab.PASSWORD)
    assert stranger.get("/").status_code == 200
    assert admin.get("/").status_code == 200


def test_whoever_is_signed_out_already_can_sign_out_and_ends_nobodys_session(admin, stranger):
    assert stranger.post("/logout").location == "/login"
    assert admin.get("/").status_code == 200


def test_a_link_cannot_sign_anybody_out(admin):
    assert admin.get("/logout").status_code == 405
    assert admin.get("/").status_code == 200


def test_whoever_is_signed_in_skips_the_sign_in(admin):
    assert admin.get("/login").location == "/"
    assert admin.get("/login?next=/users").location == "/users"
    assert admin.get("/login?next=//evil.example").location == "/"


def test_before_there_is_a_user_the_sign_in_tells_where_to_find_the_address(empty, visit):
    assert "prints a one-time address" in visit(empty).get("/login").text


def test_the_one_time_address_makes_the_first_admin_and_signs_in(empty, visit, lab):
    token = users.setup_token(empty.core)
    visitor = visit(empty)
    assert visitor.get(f"/setup/{token}").status_code == 200
    answer = visitor.post(f"/setup/{token}", name="Eve First", password=LONG, again=LONG)
    assert answer.location == "/"
    assert [(user.name, user.role) for user in users.every(empty.core)] == [("Eve First", Role.ADMIN)]
    assert "There is no connector yet" in visitor.get("/").text


def test_the_one_time_address_works_once(empty, visit):
    token = users.setup_token(empty.core)
    visit(empty).post(f"/setup/{token}", name="Eve First", password=LONG, again=LONG)
    late = visit(empty)
    assert late.get(f"/setup/{token}").status_code == 404
    assert late.post(f"/setup/{token}", name="Mallory", password=LONG, again=LONG).status_code == 404
    assert len(users.every(empty.core)) == 1


def test_a_guessed_address_makes_nobody(empty, visit):
    users.setup_token(empty.core)
    answer = visit(empty).post("/setup/guessed", name="Mallory", password=LONG, again=LONG)
    assert answer.status_code == 404
    assert "used already" in answer.text
    assert users.every(empty.core) == []


def test_a_fault_in_the_first_admin_keeps_the_address_good(empty, visit):
    token = users.setup_token(empty.core)
    visitor = visit(empty)
    unequal = visitor.post(f"/setup/{token}", name="Eve", password=LONG, again="something else")
    assert unequal.status_code == 422
    assert "not the same" in unequal.text
    short = visitor.post(f"/setup/{token}", name="", password="short", again="short")
    assert short.status_code == 422
    assert 'id="fault-name"' in short.text
    assert 'id="fault-password"' in short.text
    assert visitor.post(f"/setup/{token}", name="Eve", password=LONG, again=LONG).status_code == 302


def test_whoever_guesses_has_to_wait_and_is_told_how_long(stranger, world, lab):
    for _ in range(5):
        assert stranger.post("/login", name=lab.ADMIN, password="guess").status_code == 401
    answer = stranger.post("/login", name=lab.ADMIN, password=lab.PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    assert "Try again in 2 seconds" in answer.text
    assert stranger.get("/").status_code == 302
    world.clock.forward(seconds=2)
    assert stranger.post("/login", name=lab.ADMIN, password=lab.PASSWORD).status_code == 302
