"""A site on a real database, and visitors who click through it without a browser."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from qbwc_server.web import create_site
from qbwc_server.web.api import MOUNT
from qbwc_server.web.context import EXTENSION
from tests.worlds import site_world as world_module

COOKIE = "qbwc_session"
OPTIONS = {"secret_key": b"s" * 32, "secure_cookies": False}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """Somebody at the site. A form's token is fetched as a browser has it: from a page opened before."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, **form: str) -> TestResponse:
        """Press the button of a form."""
        return self.client.post(path, data={"csrf_token": self.token(), **form})

    def token(self) -> str:
        """The token of a form of this session."""
        found = _TOKEN.search(self.client.get("/", follow_redirects=True).text)
        assert found is not None
        return found[1]

    def sign_in(self, name: str, password: str) -> "Visitor":
        """Sign in, which must work."""
        answer = self.post("/login", name=name, password=password)
        assert answer.status_code == 302, answer.text
        return self


@pytest.fixture
def lab() -> ModuleType:
    """The module `site_world`: names, and things that can happen to a world."""
    return world_module


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Databases made once and copied for every test: one as a new server has it, one in use, one with troubles."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("empty", "used", "troubled")}
    with world_module.empty_world(folders["empty"]):
        pass
    with world_module.empty_world(folders["used"]) as made:
        world_module.populate(made)
    with world_module.copied_world(folders["used"], folders["troubled"]) as made:
        world_module.troubles(made)
    return folders


@pytest.fixture
def world(tmp_path: Path, templates: dict[str, Path]) -> Iterator["world_module.World"]:
    """A wholesaler with people, records and error records."""
    with world_module.copied_world(templates["used"], tmp_path) as made:
        yield made


@pytest.fixture
def troubled(tmp_path: Path, templates: dict[str, Path]) -> Iterator["world_module.World"]:
    """The wholesaler, with more that needs a person."""
    with world_module.copied_world(templates["troubled"], tmp_path) as made:
        yield made


@pytest.fixture
def empty(tmp_path: Path, templates: dict[str, Path]) -> Iterator["world_module.World"]:
    """A server nobody has used yet."""
    with world_module.copied_world(templates["empty"], tmp_path) as made:
        yield made


@pytest.fixture
def visit() -> Callable[..., Visitor]:
    """A stranger at the site of a world, which is made with these options."""

    def visit_site(world: "world_module.World", **options: object) -> Visitor:
        return Visitor(create_site(world.core, **{**OPTIONS, **options}).test_client())

    return visit_site


@pytest.fixture(scope="session")
def applications(templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, Flask]:
    """The site and the API behind it, put together once: what they are made of is the same for every world."""
    with world_module.copied_world(templates["empty"], tmp_path_factory.mktemp("site")) as made:
        site = create_site(made.core, **OPTIONS)
    dispatcher: Any = site.wsgi_app
    return site, dispatcher.mounts[MOUNT]


@pytest.fixture
def site_of(applications: tuple[Flask, Flask]) -> "Callable[[world_module.World], Flask]":
    """The site of a world; of one at a time."""

    def opened(world: "world_module.World") -> Flask:
        for application in applications:
            application.extensions[EXTENSION] = world.core
        return applications[0]

    return opened


@pytest.fixture
def site(world: "world_module.World", site_of: "Callable[[world_module.World], Flask]") -> Flask:
    """The site of the wholesaler."""
    return site_of(world)


@pytest.fixture
def stranger(site: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(site.test_client())


@pytest.fixture(scope="session")
def cookies(templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The session cookie of each person. Checking a password is slow on purpose, so each signs in once."""
    with world_module.copied_world(templates["used"], tmp_path_factory.mktemp("cookies")) as made:
        found = {}
        for name in (world_module.ADMIN, world_module.SUPPORT):
            visitor = Visitor(create_site(made.core, **OPTIONS).test_client())
            cookie = visitor.sign_in(name, world_module.PASSWORD).client.get_cookie(COOKIE)
            assert cookie is not None
            found[name] = cookie.value
    return found


@pytest.fixture
def signed_in(cookies: dict[str, str]) -> Callable[[Flask, str], Visitor]:
    """Somebody signed in at the wholesaler's site."""

    def at(site: Flask, name: str) -> Visitor:
        visitor = Visitor(site.test_client())
        visitor.client.set_cookie(COOKIE, cookies[name])
        return visitor

    return at


@pytest.fixture
def admin(site: Flask, signed_in: Callable[[Flask, str], Visitor]) -> Visitor:
    """An admin, signed in."""
    return signed_in(site, world_module.ADMIN)


@pytest.fixture
def support(site: Flask, signed_in: Callable[[Flask, str], Visitor]) -> Visitor:
    """A support person, signed in."""
    return signed_in(site, world_module.SUPPORT)


@pytest.fixture(scope="session")
def browse(
    templates: dict[str, Path], cookies: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[tuple[Visitor, Visitor]]]:
    """An admin and a stranger at one wholesaler's site, for tests that only look."""

    @contextmanager
    def at_one_site() -> Iterator[tuple[Visitor, Visitor]]:
        with world_module.copied_world(templates["troubled"], tmp_path_factory.mktemp("browse")) as made:
            site = create_site(made.core, **OPTIONS)
            admin = Visitor(site.test_client())
            admin.client.set_cookie(COOKIE, cookies[world_module.ADMIN])
            yield admin, Visitor(site.test_client())

    return at_one_site
