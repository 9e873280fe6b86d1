"""People come and go while a real server runs: who is removed or demoted meets it with the next click."""

from __future__ import annotations

import re

import pytest
import requests

from tests.worlds.acceptance_world import World

PASSWORD = "correct horse battery"
OTHER = "another one entirely"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, world: World, name: str) -> None:
        self._base = f"http://127.0.0.1:{world.server.port}"
        self._session = requests.Session()
        self.name = name

    def get(self, path: str) -> requests.Response:
        """Open a page; where one is sent on is not followed."""
        return self._session.get(self._base + path, timeout=20, allow_redirects=False)

    def press(self, path: str, **form: str) -> requests.Response:
        """Press the button of a form."""
        found = _TOKEN.search(self._session.get(self._base + "/my-password", timeout=20).text)
        assert found is not None
        data = {"csrf_token": found[1], **form}
        return self._session.post(self._base + path, data, timeout=20, allow_redirects=False)

    def signs_in(self, password: str = PASSWORD) -> bool:
        """Whether name and password are taken."""
        return self.press("/login", name=self.name, password=password).status_code == 302

    @property
    def is_signed_in(self) -> bool:
        """Whether the next click still works."""
        return self.get("/").status_code == 200


@pytest.fixture
def people(world: World) -> tuple[Person, Person]:
    """Ann, an admin, and Bob of support, both signed in."""
    made = []
    for name, role in (("ann", "admin"), ("bob", "support")):
        world.command("user", "add", name, "--role", role, "--password-stdin", text=PASSWORD + "\n")
        made.append(Person(world, name))
        assert made[-1].signs_in()
    return made[0], made[1]


def test_whoever_is_removed_by_a_command_is_out_with_the_next_click(
    world: World, people: tuple[Person, Person]
) -> None:
    ann, bob = people
    assert bob.is_signed_in
    world.command("user", "remove", "bob")
    assert bob.get("/connectors/seafood").headers["Location"] == "/login?next=/connectors/seafood"
    assert not bob.signs_in()
    assert ann.is_signed_in
    assert [user["name"] for user in world.command("user", "list")] == ["ann"]


def test_the_only_admin_stays_whatever_is_pressed(world: World, people: tuple[Person, Person]) -> None:
    ann, bob = people
    assert "only admin" in world.run("user", "remove", "ann").output
    assert ann.press("/users/1/remove", name="ann").status_code == 409
    assert ann.press("/users/2/role", role="admin").status_code == 302
    assert bob.press("/users/1/remove", name="ann").status_code == 302
    assert not ann.is_signed_in
    assert bob.get("/users").status_code == 200


def test_passwords_are_changed_by_oneself_and_by_an_admin(
    world: World, people: tuple[Person, Person]
) -> None:
    ann, bob = people
    at_home = Person(world, "bob")
    assert at_home.signs_in()
    assert bob.press("/my-password", present="wrong", password=OTHER, again=OTHER).status_code == 422
    assert bob.press("/my-password", present=PASSWORD, password=OTHER, again=OTHER).status_code == 302
    assert (bob.is_signed_in, at_home.is_signed_in) == (True, False)
    assert not at_home.signs_in(PASSWORD)
    assert ann.press("/users/2/password", password=PASSWORD, again=PASSWORD).status_code == 302
    assert not bob.is_signed_in
    assert bob.signs_in(PASSWORD)
    told = [(deed["actor"], deed["what"]) for deed in world.command("user", "log")]
    assert told[:2] == [("ann", "password of a user changed"), ("bob", "own password changed")]
    assert "Own password changed" in ann.get("/audit").text
    assert bob.get("/audit").status_code == 403
