"""The people who may sign in: adding and removing them, their roles and passwords, and what was done with them."""

import re

from qbwc_server.access import users
from qbwc_server.domain.people import Role
from qbwc_server.storage import audit

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


def user_id(world, name):
    (found,) = (user.id for user in users.every(world.core) if user.name == name)
    return found


def path_of(world, name, more=""):
    return f"/users/{user_id(world, name)}{more}"


def test_the_list_shows_role_last_sign_in_and_since(admin, world, lab):
    page = admin.get("/users").text
    assert lab.SUPPORT in page
    assert "support, has never signed in, added on" in page
    assert f'href="{path_of(world, lab.SUPPORT)}"' in page
    assert "never" in admin.get(path_of(world, lab.SUPPORT)).text


def test_a_sign_in_is_remembered_and_a_failed_one_is_not(stranger, world, lab):
    def last():
        (found,) = (user.last_sign_in_at for user in users.every(world.core) if user.name == lab.SUPPORT)
        return found

    stranger.post("/login", name=lab.SUPPORT, password="wrong")
    assert last() is None
    stranger.sign_in(lab.SUPPORT, lab.PASSWORD)
    assert last() == world.clock()


def test_whoever_is_removed_is_at_the_sign_in_page_with_the_next_click(admin, support, stranger, world, lab):
    assert support.get("/").status_code == 200
    path = path_of(world, lab.SUPPORT, "/remove")
    assert admin.post(path, name="somebody else").status_code == 422
    assert support.get("/").status_code == 200
    assert admin.post(path, name=lab.SUPPORT).status_code == 302
    assert support.get("/").location == "/login"
    assert stranger.post("/login", name=lab.SUPPORT, password=lab.PASSWORD).status_code == 401
    assert lab.SUPPORT not in [user.name for user in users.every(world.core)]
    assert admin.get(path_of(world, lab.ADMIN).rpartition("/")[0] + "/99").status_code == 404


def test_the_only_admin_is_neither_removed_nor_made_support(admin, world, lab):
    answer = admin.post(path_of(world, lab.ADMIN, "/remove"), name=lab.ADMIN)
    assert answer.status_code == 409
    assert "is the only admin: add another one" in answer.text
    answer = admin.post(path_of(world, lab.ADMIN, "/role"), role="support")
    assert answer.status_code == 409
    assert "is the only admin" in answer.text
    assert admin.get("/users").status_code == 200


def test_the_only_admin_is_not_disabled_and_a_disabled_one_does_not_count(admin, world, lab):
    answer = admin.post(path_of(world, lab.ADMIN, "/disable"))
    assert answer.status_code == 409
    assert "is the only admin" in answer.text
    users.add(world.core, "Nora", LONG, Role.ADMIN, actor="cli")
    assert admin.post(path_of(world, "Nora", "/disable")).status_code == 302
    for deed, form in (("disable", {}), ("role", {"role": "support"}), ("remove", {"name": lab.ADMIN})):
        assert admin.post(path_of(world, lab.ADMIN, f"/{deed}"), **form).status_code == 409, deed
    assert "Nora" not in admin.get("/connectors/new").text


def test_whoever_is_disabled_is_out_with_the_next_click_until_enabled(admin, support, stranger, world, lab):
    assert admin.post(path_of(world, lab.SUPPORT, "/disable")).status_code == 302
    assert support.get("/").location == "/login"
    answer = stranger.post("/login", name=lab.SUPPORT, password=lab.PASSWORD)
    assert answer.status_code == 403
    assert "This account is disabled" in answer.text
    assert "disabled" not in stranger.post("/login", name=lab.SUPPORT, password="wrong").text
    assert "disabled" in admin.get("/users").text
    assert admin.post(path_of(world, lab.SUPPORT, "/reset-link")).status_code == 409
    admin.post(path_of(world, lab.SUPPORT, "/enable"))
    assert support.get("/").status_code == 302  # the session that was ended stays so
    stranger.sign_in(lab.SUPPORT, lab.PASSWORD)
    told = [(deed.what, deed.about) for deed in users.deeds(world.core) if deed.actor == lab.ADMIN][:2]
    assert told == [("user enabled", lab.SUPPORT), ("user disabled", lab.SUPPORT)]


def link_on(answer) -> str:
    """The path of the link to a new password on a page."""
    return re.search(r'id="link">https://sync.harbour.example(/new-password/[\w-]{43})<', answer.text)[1]


def test_a_link_gives_a_new_password_once_and_ends_every_other_session(admin, support, stranger, world, lab):
    path = path_of(world, lab.SUPPORT)
    admin.post(f"{path}/reset-link")
    link = link_on(admin.get(path))
    assert link_on(admin.get(path)) == link  # going back to the page sends no form
    assert support.get("/").status_code == 200  # it changes nothing before it is used
    page = stranger.get(link)
    assert lab.SUPPORT in page.text
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    for form in ({"password": "short", "again": "short"}, {"password": LONG, "again": "other"}):
        assert stranger.post(link, **form).status_code == 422
    assert stranger.post(link, password=LONG, again=LONG).status_code == 302
    assert stranger.get("/").status_code == 200
    assert support.get("/").status_code == 302
    assert stranger.get(link).status_code == 404
    assert (
        stranger.client.post(
            link, data={"csrf_token": stranger.token(), "password": LONG, "again": LONG}
        ).status_code
        == 404
    )
    assert users.deeds(world.core)[0].what == "own password set by a link"


def test_a_link_to_a_password_dies_of_age_of_a_newer_one_of_a_password_and_of_disabling(
    admin, stranger, world, lab
):
    path = path_of(world, lab.SUPPORT)

    def made() -> str:
        admin.post(f"{path}/reset-link")
        return link_on(admin.get(path))

    def works(link: str) -> bool:
        return stranger.get(link).status_code == 200

    first = made()
    second = made()
    assert not works(first)
    assert works(second)
    admin.post(f"{path}/password", password=LONG, again=LONG)
    assert not works(second)
    third = made()
    admin.post(f"{path}/disable")
    admin.post(f"{path}/enable")
    assert not works(third)
    fourth = made()
    world.clock.forward(hours=23)
    assert works(fourth)
    world.clock.forward(hours=2)
    assert not works(fourth)
    assert "Ask an admin of this server" in stranger.get(fourth).text


def test_a_link_is_shown_by_the_browser_that_made_it_and_by_that_for_a_quarter_of_an_hour(
    admin, stranger, world, lab
):
    path = path_of(world, lab.SUPPORT)
    admin.post(f"{path}/reset-link")
    token = link_on(admin.get(path)).rpartition("/")[2]
    assert token not in stranger.sign_in(lab.ADMIN, lab.PASSWORD).get(path).text
    world.clock.forward(minutes=16)
    assert token not in admin.get(path).text


def test_a_role_is_changed_and_counts_from_the_next_click(admin, support, world, lab):
    assert support.get("/users").status_code == 403
    assert admin.post(path_of(world, lab.SUPPORT, "/role"), role="admin").status_code == 302
    assert support.get("/users").status_code == 200
    answer = admin.post(path_of(world, lab.ADMIN, "/role"), role="support")
    assert answer.location == "/"
    assert admin.get("/users").status_code == 403


def test_an_admin_gives_somebody_else_a_password(admin, support, stranger, world, lab):
    path = path_of(world, lab.SUPPORT, "/password")
    assert admin.post(path, password=LONG, again="other").status_code == 422
    assert admin.post(path, password="short", again="short").status_code == 422
    assert support.get("/").status_code == 200
    admin.post(path, password=LONG, again=LONG)
    assert support.get("/").status_code == 302
    stranger.sign_in(lab.SUPPORT, LONG)


def test_ones_own_password_takes_the_present_one(admin, support, stranger, world, lab):
    assert admin.post(path_of(world, lab.ADMIN, "/password"), password=LONG, again=LONG).location == (
        "/my-password"
    )
    for visitor in (admin, support):
        answer = visitor.post("/my-password", present="guessed", password=LONG, again=LONG)
        assert answer.status_code == 422
        assert 'id="fault-present"' in answer.text
    assert support.post("/my-password", present=lab.PASSWORD, password="s", again="s").status_code == 422
    copied = stranger.sign_in(lab.SUPPORT, lab.PASSWORD)
    assert support.post("/my-password", present=lab.PASSWORD, password=LONG, again=LONG).status_code == 302
    assert support.get("/").status_code == 200
    assert copied.get("/").status_code == 302
    copied.sign_in(lab.SUPPORT, LONG)


def test_the_present_password_cannot_be_guessed_at_will(support, world, lab):
    answers = [
        support.post("/my-password", present=f"guess {number}", password=LONG, again=LONG).status_code
        for number in range(12)
    ]
    assert answers[0] == 422
    assert answers[-1] == 429
    answer = support.post("/my-password", present=lab.PASSWORD, password=LONG, again=LONG)
    assert answer.status_code == 429
    assert users.authenticate(world.core, lab.SUPPORT, LONG) is None


def test_what_was_done_with_users_is_told(admin, support, world, lab):
    admin.post("/users", name="Nora <b>", role="support", password=LONG, again=LONG)
    admin.post(path_of(world, "Nora <b>", "/role"), role="admin")
    admin.post(path_of(world, "Nora <b>", "/password"), password=LONG + "!", again=LONG + "!")
    admin.post(path_of(world, "Nora <b>", "/remove"), name="Nora <b>")
    support.post("/my-password", present=lab.PASSWORD, password=LONG, again=LONG)
    page = admin.get("/audit").text
    for words in (
        "User added: <strong>Nora &lt;b&gt;</strong>",
        "support to admin",
        "Password of a user changed",
        "User removed",
        "Own password changed",
        f"by {lab.ADMIN}",
    ):
        assert words in page
    assert LONG not in page


def test_the_log_of_people_is_paged(admin, world):
    for number in range(60):
        with world.core.database.begin() as conn:
            audit.add(conn, "user added", f"u{number}", at=world.clock(), actor="tests")
    first = admin.get("/audit").text
    assert ">u59<" in first
    assert ">u0<" not in first
    (older,) = re.findall(r'href="(/audit\?before=[\d.]+)"', first)
    assert ">u0<" in admin.get(older).text
    assert admin.get("/audit?before=nonsense").status_code == 200
    assert admin.get(f"/audit?before={2**80}").status_code == 200


def test_a_name_that_the_history_uses_otherwise_is_refused(admin):
    answer = admin.post("/users", name="Host", role="support", password=LONG, again=LONG)
    assert answer.status_code == 422
    assert "choose another" in answer.text
