"""Every failure is one problem document: never a page, never a traceback."""

import pytest

from qbwc_server.desk import overview
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.faults import DatabaseUnavailable, SchemaMismatch
from qbwc_server.web.api.bodies import LARGEST_OBJECT

CUSTOMER = {"name": "Pier Grill", "email": "pay@pier.example"}


@pytest.fixture
def place(lab) -> str:
    """The address of a record that is not there yet."""
    return f"/connectors/{lab.CONNECTOR}/customers/new"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"name=Pier",
        b'{"name": "Pier"} x',
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b"{'name': 'Pier'}",
        b'{"name": "\xff"}',
        b'"text"',
        b"[]",
        b"null",
        b"7",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        '{"name": "Pier"}'.encode("utf-16"),
    ],
)
def test_what_is_no_json_object_cannot_be_read(host, place, body):
    answer = host.put(place, body)
    assert answer.status_code == 400
    assert answer.json["title"] == "The request cannot be read"
    assert host.get(place).status_code == 404


def test_a_byte_order_mark_does_no_harm(host, place):
    assert host.put(place, b'\xef\xbb\xbf{"name": "Pier", "email": "a@b.example"}').status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"name": "a\\u0000b"}', "/name"),
        (b'{"name": "a\\ud800"}', "/name"),
        (b'{"a~/b": ["\\udfff"]}', "/a~0~1b/0"),
        (b'{"price": 1E999999999}', "/price"),
        (b'{"price": 1E-999999999}', "/price"),
        (b'{"x": {"y\\ud800": 1}}', "/x"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "/a" * 32),
    ],
)
def test_values_no_database_and_no_field_could_hold_are_faults(host, place, body, pointer):
    answer = host.put(place, body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == [pointer]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
    ],
)
def test_another_media_type_is_refused(host, place, headers):
    assert host.put(place, CUSTOMER, headers=headers).status_code == 415


def test_parameters_of_the_media_type_do_no_harm(host, place):
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}
    assert host.put(place, CUSTOMER, headers=headers).status_code == 201


def test_a_body_over_the_limit_is_refused(host, place):
    exact = b'{"name": "' + b"x" * (LARGEST_OBJECT - 12) + b'"}'
    assert len(exact) == LARGEST_OBJECT
    assert host.put(place, exact).status_code == 422
    answer = host.put(place, exact + b" ")
    assert answer.status_code == 413
    assert str(LARGEST_OBJECT) in answer.json["detail"]


def test_a_body_that_is_shorter_than_declared_is_refused(host, place):
    """Even one that happens to be JSON as far as it came."""
    body = b'{"name": "Pier", "email": "a@b.example"}'
    for more in ({"wsgi.input_terminated": True}, {}):
        answer = host.put(place, body, environ_overrides={"CONTENT_LENGTH": "1000", **more})
        assert answer.status_code == 400
        assert host.get(place).status_code == 404


def test_an_address_that_does_not_exist_is_not_found(host):
    for path in (
        "",
        "/",
        "/connector",
        "/connectors/",
        "/connectors/x/unicorns",
        "/connectors/a%20b",
        "/../..",
    ):
        answer = host.get(path)
        assert answer.status_code == 404, path
    assert "/api/v1/openapi.json" in answer.json["detail"]


def test_everything_under_api_is_the_apis(site, host):
    headers = {"Authorization": f"Bearer {host.key}"}
    for path in ("/api", "/api/", "/api/v2/connectors", "/api/v1x"):
        answer = site.test_client().get(path, headers=headers)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path
    assert site.test_client().get("/apiary", headers=headers).content_type.startswith("text/html")


@pytest.mark.parametrize("method", ["POST", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_refused_with_those_there_are(host, place, method):
    answer = host.ask(method, place, {} if method in ("POST", "PATCH") else None)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, PUT"


@pytest.mark.parametrize("failure", [DatabaseUnavailable("no disk"), SchemaMismatch("too old")])
def test_a_database_that_does_not_answer_is_told_with_when_to_come_again(host, place, monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(intake, "put", fail)
    answer = host.client.put(
        f"/api/v1{place}", json=CUSTOMER, headers={"Authorization": f"Bearer {host.key}"}
    )
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert str(failure) not in answer.text


def test_the_database_may_fail_before_the_key_is_known(host, world, place):
    world.core.database.close()
    with world.core.database.begin() as conn:
        conn.exec_driver_sql("DROP TABLE api_key")
    answer = host.client.get(f"/api/v1{place}", headers={"Authorization": f"Bearer {host.key}"})
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")


def test_what_nobody_expected_is_logged_and_told_without_details(host, lab, monkeypatch, caplog):
    def fail(*_):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(overview, "health", fail)
    answer = host.client.get(
        f"/api/v1/connectors/{lab.CONNECTOR}", headers={"Authorization": f"Bearer {host.key}"}
    )
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "secret detail" not in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert host.key not in caplog.text


def test_the_type_of_a_problem_is_an_address_in_the_documentation(host, nobody, place, paper):
    for answer in (nobody.get(place), host.get(place), host.put(place, b"{"), host.put(place, {"x": 1})):
        path, _, fragment = answer.json["type"].partition("#")
        assert nobody.client.get(path).status_code == 200
        found = paper
        for step in fragment.strip("/").split("/"):
            found = found[step]
        assert found["description"] == answer.json["title"]


@pytest.mark.parametrize(
    ("method", "path", "body", "pointers"),
    [
        (
            "PUT",
            "/customers/new?wait=61&foo=1",
            {"name": 5, "nonsense": 1},
            {"/wait", "/foo", "/name", "/nonsense"},
        ),
        ("POST", "/requests?wait=61", {"qbxml": 5, "follow": "x"}, {"/wait", "/qbxml", "/follow"}),
        (
            "POST",
            "/webhooks",
            {"url": "http://10.0.0.1/", "types": ["boat.sunk", 5]},
            {"/url", "/types/0", "/types/1"},
        ),
        (
            "POST",
            "/api-keys",
            {"name": " ", "scope": "god", "expires": "yesterday", "z": 1},
            {"/name", "/scope", "/expires", "/z"},
        ),
    ],
)
def test_what_is_wrong_in_form_and_in_meaning_in_address_and_in_body_is_told_at_once(
    host, lab, method, path, body, pointers
):
    answer = host.ask(method, f"/connectors/{lab.CONNECTOR}{path}", body)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["faults"]} == pointers
