"""Adding the people who may sign in."""

from qbwc_server.sync import users
from qbwc_server.sync.users import Role

LONG = "a password of words"


def test_an_admin_adds_a_support_person_who_can_sign_in(admin, stranger):
    admin.post("/users", name="Nora", role="support", password=LONG, again=LONG)
    assert "Nora can sign in now" in admin.get("/users").text
    stranger.sign_in("Nora", LONG)
    assert stranger.get("/users").status_code == 403


def test_an_admin_adds_another_admin(admin, world):
    admin.post("/users", name="Nora", role="admin", password=LONG, again=LONG)
    assert [user.role for user in users.every(world.core) if user.name == "Nora"] == [Role.ADMIN]


def test_every_fault_is_shown_beside_its_field_and_nobody_is_added(admin, world):
    before = users.every(world.core)
    answer = admin.post("/users", name="", role="support", password="short", again="short")
    assert answer.status_code == 422
    assert 'id="fault-name"' in answer.text
    assert 'id="fault-password"' in answer.text
    assert admin.post("/users", name="N", password=LONG, again="x").status_code == 422
    assert users.every(world.core) == before


def test_a_name_that_is_taken_is_told(admin, lab):
    answer = admin.post("/users", name=lab.SUPPORT, role="admin", password=LONG, again=LONG)
    assert answer.status_code == 409
    assert "a user of this name already" in answer.text
