"""Host applications at the wholesaler's site; every answer they get is held against the documentation."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.test import TestResponse

from qbwc_server.access import api_keys
from qbwc_server.sync.core import Core
from qbwc_server.web.api.connectors import LISTS
from qbwc_server.web.api.routes import documentation as made_documentation

BASE = "/api/v1"
PROBLEM = "application/problem+json"


@cache
def documentation() -> dict[str, Any]:
    """The OpenAPI document as a host gets it."""
    return json.loads(json.dumps(made_documentation()))


@cache
def _validator(schema: str) -> Draft202012Validator:
    wanted = {"$ref": f"#/components/schemas/{schema}", "components": documentation()["components"]}
    return Draft202012Validator(wanted, format_checker=FormatChecker())


def check_against(schema: str, value: object) -> None:
    """Fail unless the value fits the schema of the documentation."""
    found = [f"{error.json_path}: {error.message}" for error in _validator(schema).iter_errors(value)]
    assert not found, (schema, found, value)


@dataclass(frozen=True, slots=True)
class Documented:
    """Holds answers against the documentation."""

    api: Flask

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """What the documentation says of this request; None: the API has no such address or method."""
        try:
            endpoint, values = self.api.url_map.bind("").match(path.removeprefix("/api"), method)
        except (NotFound, MethodNotAllowed):
            return None
        name = endpoint.replace("record", values["kind"]) if "kind" in values else endpoint
        if "list_name" in values:
            if values["list_name"] not in LISTS:
                return None
            name = f"{endpoint}_{values['list_name'].replace('-', '_')}"
        found = [
            operation
            for operations in documentation()["paths"].values()
            for operation in operations.values()
            if operation["operationId"] == name
        ]
        assert len(found) == 1, name
        return found[0]

    def may_be_sent(self, method: str, path: str, body: object) -> bool:
        """Whether the documentation allows this JSON body here; whatever stands in lines has its own answer."""
        operation = self.operation(method, path)
        asked = (operation or {}).get("requestBody", {}).get("content", {}).get("application/json")
        if asked is None or "$ref" not in asked["schema"]:
            return True
        return bool(_validator(asked["schema"]["$ref"].rpartition("/")[2]).is_valid(body))

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Fail unless the answer is what the documentation says."""
        assert answer.status_code < 500, answer.text
        operation = self.operation(method, path)
        status = str(answer.status_code)
        if answer.status_code >= 400:
            assert answer.content_type == PROBLEM, answer.text
            check_against("Problem", answer.json)
            assert answer.json["status"] == answer.status_code
            assert operation is None or status in operation["responses"], (method, path, status)
            return
        assert operation is not None, (method, path)
        contents = operation["responses"][status].get("content", {})
        assert not contents or answer.content_type in contents
        for schema in (contents[answer.content_type]["schema"],) if contents else ():
            if "oneOf" in schema:  # one, or several in an array
                schema = schema["oneOf"][isinstance(answer.json, list)]
            if schema.get("type") == "array":
                values, schema = answer.json, schema["items"]
            elif answer.content_type.endswith("ndjson"):
                values = map(json.loads, answer.text.splitlines())
            else:
                values = [answer.json]
            for value in values:
                check_against(schema["$ref"].rpartition("/")[2], value)


@dataclass(frozen=True, slots=True)
class Host:
    """A host application with a key; None: it has none."""

    client: FlaskClient
    documented: Documented
    key: str | None

    def ask(self, method: str, path: str, body: object = None, **options: Any) -> TestResponse:
        """Send a request with a JSON body (bytes are sent as they are); `path` is below ``/api/v1``."""
        headers = dict(options.pop("headers", {}))
        if self.key is not None:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None:
            options["data"] = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        answer = self.client.open(BASE + path, method=method, headers=headers, **options)
        self.documented.check(method, BASE + path.partition("?")[0], answer)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.ask("GET", path, **options)

    def put(self, path: str, body: object, **options: Any) -> TestResponse:
        """PUT."""
        return self.ask("PUT", path, body, **options)

    def post(self, path: str, body: object = None, **options: Any) -> TestResponse:
        """POST."""
        return self.ask("POST", path, body, **options)

    def delete(self, path: str) -> TestResponse:
        """DELETE."""
        return self.ask("DELETE", path)

    def batch(self, connector: str, *lines: object) -> list[dict[str, Any]]:
        """The answers to lines, each an object or a raw string."""
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        answer = self.post(
            f"/connectors/{connector}/batch",
            text.encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def check() -> Callable[[str, object], None]:
    """Holds a value against a schema of the documentation."""
    return check_against


@pytest.fixture
def paper() -> dict[str, Any]:
    """The documentation."""
    return documentation()


@pytest.fixture
def api(applications: tuple[Flask, Flask]) -> Flask:
    """The API alone, for its table of addresses."""
    return applications[1]


@pytest.fixture
def visit_as(site: Flask, api: Flask) -> Callable[[str | None], Host]:
    """Makes a host application with a given key."""
    return lambda key: Host(site.test_client(use_cookies=False), Documented(api), key)


def new_key(core: Core, name: str, connector: str | None) -> str:
    """The secret of a new key."""
    return api_keys.create(core, name, connector=connector, actor="cli").secret


@pytest.fixture
def host(world: Any, lab: Any, visit_as: Callable[[str | None], Host]) -> Host:
    """The wholesaler's order system: its key opens the busy connector."""
    return visit_as(new_key(world.core, "order system", lab.CONNECTOR))


@pytest.fixture
def rival(world: Any, lab: Any, visit_as: Callable[[str | None], Host]) -> Host:
    """Somebody else's: its key opens the other connector."""
    return visit_as(new_key(world.core, "rival", lab.FRESH))


@pytest.fixture
def head_office(world: Any, visit_as: Callable[[str | None], Host]) -> Host:
    """Its key opens every connector."""
    return visit_as(new_key(world.core, "head office", None))


@pytest.fixture
def nobody(visit_as: Callable[[str | None], Host]) -> Host:
    """No key at all."""
    return visit_as(None)
