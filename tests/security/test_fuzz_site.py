"""Whatever is sent to the pages and the REST API is answered below 500, without a traceback, in constant memory."""

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from qbwc_server.access import api_keys
from qbwc_server.desk.administration import registered
from qbwc_server.desk.error_records import errors
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.web import create_site
from qbwc_server.web.api import create_api
from tests.worlds import site_world as lab
from tests.worlds.fuzzing import NASTY, Errors, Growth, mutated, wanted
from tests.worlds.security_world import FIXTURES

pytestmark = pytest.mark.slow  # many bodies that mean nothing

INPUTS = wanted("FUZZ_FORMS", 1_000 if "THOROUGH" in os.environ else 300)

SLOW = {"sign_in.enter", "sign_in.claim", "users.add"}
"""Checking a password is slow on purpose, so these are left to every fiftieth visit."""
LEAVING = {"sign_in.leave"}
"""Ends the visitor's own session."""

_FIELDS = re.compile(r'(?:name|formaction)="([a-z_]+)"')


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator["Visitor"]:
    with lab.empty_world(tmp_path) as world:
        lab.populate(world)
        yield Visitor(world)


class Visitor:
    """An admin with a key of the API who sends nonsense to every address there is."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._site = create_site(world.core, secret_key=b"s" * 32, secure_cookies=False)
        self._site.config["WTF_CSRF_ENABLED"] = False
        self._pages = _rules(self._site)
        self._api = _rules(create_api(world.core, secure=False))
        self._key = api_keys.create(world.core, "fuzz", connector=None, actor="cli").secret
        self._seeds = [path.read_bytes() for path in sorted(FIXTURES.glob("json/*.json"))]
        self._seeds += [path.read_bytes() for path in sorted(FIXTURES.glob("json/*.ndjson"))]
        self._error_ids = [error.id for error in errors.find(world.core)]
        self._client = self._site.test_client()
        self._cookie = self._sign_in(self._client)
        self._fields = self._names_of_fields()
        assert len(self._seeds) > 5
        assert len(self._fields) > 20

    def _sign_in(self, client: FlaskClient) -> str:
        assert client.post("/login", data={"name": lab.ADMIN, "password": lab.PASSWORD}).status_code == 302
        cookie = client.get_cookie("qbwc_session")
        assert cookie is not None
        return cookie.value

    def _names_of_fields(self) -> list[str]:
        """What the forms of the site call their fields."""
        names: set[str] = {
            "state",
            "cause",
            "cursor",
            "after",
            "limit",
            "next",
            "q",
            "email",
            "sku",
            "group_by",
        }
        chance = random.Random(0)
        for method, rule in self._pages:
            if method == "GET" and not rule.endpoint.endswith("static"):
                names.update(_FIELDS.findall(self._client.get(self._address(chance, rule, 0.0)).text))
        return sorted(names)

    # --- one visit --------------------------------------------------------------------------------------------

    def visit(self, number: int) -> tuple[str, str, Any, Any]:
        """Send the input with this number: method, address, what was sent, the answer."""
        chance = random.Random(number)
        if number % 100 == 0:
            self._tidy()
        if chance.random() < 0.5:
            return self._visit_api(chance)
        return self._visit_page(chance, number)

    def _tidy(self) -> None:
        """Connectors and time move on, or throttles and a heap of new connectors would be all there is to see."""
        self._world.clock.forward(minutes=20)
        self._client.set_cookie("qbwc_session", self._sign_in(self._site.test_client()))
        assert len(registered.names(self._world.core)) < 400

    def _visit_page(self, chance: random.Random, number: int) -> tuple[str, str, Any, Any]:
        left_out = LEAVING if number % 50 == 0 else LEAVING | SLOW
        method, rule = chance.choice([pair for pair in self._pages if pair[1].endpoint not in left_out])
        path, form = self._address(chance, rule, 0.3), self._form(chance)
        if method == "GET" or chance.random() < 0.1:
            path += "?" + "&".join(f"{name}={_quoted(value)}" for name, value in form.items())
        given: dict[str, Any] = {"data": form} if method == "POST" else {}
        if chance.random() < 0.1:
            given = {"data": mutated(chance, _encoded(form)), "content_type": _content_type(chance)}
        return method, path, given, self._client.open(path, method=method, headers=_headers(chance), **given)

    def _visit_api(self, chance: random.Random) -> tuple[str, str, Any, Any]:
        method, rule = chance.choice(self._api)
        path = "/api" + self._address(chance, rule, 0.2)
        if chance.random() < 0.5:
            path += "?" + "&".join(f"{name}={_quoted(value)}" for name, value in self._form(chance).items())
        body = self._json(chance) if method not in ("GET", "DELETE") else b""
        kind = "application/x-ndjson" if rule.rule.endswith("/batch") else "application/json"
        headers = {"Authorization": f"Bearer {self._key}", **_headers(chance)}
        if chance.random() < 0.05:
            headers["Authorization"] = _header(chance.choice(NASTY))
        content_type = kind if chance.random() < 0.9 else _content_type(chance)
        answer = self._client.open(path, method=method, data=body, content_type=content_type, headers=headers)
        return method, path, body, answer

    def _address(self, chance: random.Random, rule: Rule, wild: float) -> str:
        """An address under `rule`, its parts known or nonsense."""
        known: dict[str, list[str]] = {
            "name": [lab.CONNECTOR, lab.FRESH],
            "connector": [lab.CONNECTOR, lab.FRESH],
            "kind": [kind.plural if rule.rule.startswith("/v1") else kind.value for kind in Kind],
            "external_id": ["SO-1041", "SO-1045", "c-1", lab.ODD_ID],
            "error_id": [str(number) for number in self._error_ids],
            "set_id": ["1"],
            "token": ["some-token"],
            "filename": ["site.css"],
            "list_name": [name.value for name in ListName],
        }

        def value(match: re.Match[str]) -> str:
            nonsense = chance.random() < wild
            return _quoted(chance.choice(NASTY) if nonsense else chance.choice(known.get(match[1], ["1"])))

        return re.sub(r"<(?:[^<>]*:)?(\w+)>", value, rule.rule)

    def _form(self, chance: random.Random) -> dict[str, str]:
        values = (
            *NASTY,
            "on",
            "yes",
            "invoice",
            "SKU-1",
            "record:invoice SO-1041",
            lab.CONNECTOR,
            "2026-11-20",
        )
        return {chance.choice(self._fields): chance.choice(values) for _ in range(chance.randrange(8))}

    def _json(self, chance: random.Random) -> bytes:
        body = chance.choice(self._seeds)
        if chance.random() < 0.5:
            return mutated(chance, body)
        try:
            document = json.loads(body)
        except ValueError:
            return mutated(chance, body)
        return json.dumps(_changed(chance, document)).encode("utf-8", "surrogatepass")


def _rules(site: Flask) -> list[tuple[str, Rule]]:
    """Every method and address of an application."""
    wanted_methods = {"GET", "POST", "PUT", "DELETE", "PATCH"}
    return [
        (method, rule)
        for rule in site.url_map.iter_rules()
        for method in sorted(rule.methods & wanted_methods)
    ]


def _quoted(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def _encoded(form: dict[str, str]) -> bytes:
    return "&".join(f"{name}={_quoted(value)}" for name, value in form.items()).encode() or b"a=b"


def _content_type(chance: random.Random) -> str:
    return chance.choice(
        (
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=klingon",
            "multipart/form-data",
            'multipart/form-data; boundary="x"',
            "text/plain",
            "application/json; charset=utf-16",
            "application/x-ndjson",
            "",
        )
    )


def _header(value: str) -> str:
    return "".join(c for c in value if " " <= c <= "~")


def _headers(chance: random.Random) -> dict[str, str]:
    names = (
        "Accept",
        "Accept-Language",
        "If-Match",
        "If-None-Match",
        "Range",
        "Referer",
        "X-Forwarded-For",
        "Host",
    )
    return {name: _header(chance.choice(NASTY)) or "x" for name in names if chance.random() < 0.03}


def _changed(chance: random.Random, value: Any) -> Any:
    """A JSON document with some of its values exchanged."""
    if chance.random() < 0.12:
        odd: tuple[Any, ...] = (None, True, 0, -1, 1e308, 10**400, 0.1, [], {}, [[]], {"a": {}}, "\ud800")
        return chance.choice((*NASTY, *odd))
    if isinstance(value, dict):
        return {_key(chance, name): _changed(chance, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_changed(chance, inner) for inner in value] * chance.choice((1, 1, 1, 1, 40))
    return value


def _key(chance: random.Random, name: str) -> str:
    return name if chance.random() < 0.95 else chance.choice(NASTY)


@pytest.mark.search
def test_fuzzed_forms_and_api_calls_are_answered_below_500_and_memory_does_not_grow(visitor: Visitor) -> None:
    growth = Growth(INPUTS)
    statuses: dict[int, int] = {}
    with Errors() as found:
        for number in range(INPUTS):
            growth.at(number)
            method, path, sent, answer = visitor.visit(number)
            seen = (number, method, path, sent, answer.status_code, found.records)
            assert answer.status_code < 500, seen
            assert not found.records, seen
            assert b"Traceback (most recent" not in answer.data, seen
            assert b'File "/' not in answer.data, seen
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            answer.close()
    grown = growth.mb()
    print(f"{INPUTS} inputs: {dict(sorted(statuses.items()))}, memory grew by {grown:.1f} MB")
    assert statuses[200] > INPUTS / 20
    assert sum(number for status, number in statuses.items() if status >= 400) > INPUTS / 20
    assert grown < 24
