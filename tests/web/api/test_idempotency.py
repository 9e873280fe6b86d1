"""Which requests take an Idempotency-Key, and what one may look like."""

import pytest

from qbwc_server.web.api.idempotency import Again
from qbwc_server.web.api.routes import SERVED

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.mark.parametrize("key", ["", "k" * 256, "caf\xe9", "a\tb"])
def test_a_key_has_a_few_printable_characters(host, lab, key):
    answer = host.post(f"/connectors/{lab.CONNECTOR}/resync", headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json["detail"]


@pytest.mark.parametrize("key", ["k", "k" * 255, '"quoted one"'])
def test_any_printable_key_is_taken(host, lab, key):
    place = f"/connectors/{lab.CONNECTOR}/resync"
    answers = [host.post(place, headers={"Idempotency-Key": key}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]


def test_under_another_name_it_is_refused(host, lab):
    answer = host.post(f"/connectors/{lab.CONNECTOR}/resync", headers={"X-Idempotency-Key": "k"})
    assert answer.status_code == 400
    assert "write Idempotency-Key" in answer.json["detail"]


def test_what_may_be_repeated_anyhow_takes_none(host, lab):
    place = f"/connectors/{lab.CONNECTOR}"
    asked: tuple[tuple[str, str, object], ...] = (
        ("PUT", "/customers/x", {"name": "Pier", "email": "a@b.example"}),
        ("DELETE", "/customers/x", None),
        ("GET", "/customers/x", None),
        ("PATCH", "/settings", {"host_wins": True}),
        ("POST", "/batch", []),
        ("POST", "/links", []),
        ("POST", "/preview", []),
    )
    for method, path, body in asked:
        answer = host.ask(method, place + path, body, headers=KEY)
        assert answer.status_code == 400, (method, path)
        assert "may be sent again" in answer.json["detail"]
    assert host.get(f"{place}/customers/x").status_code == 404


def test_an_answer_about_a_record_keeps_its_etag(host, lab):
    place = f"/connectors/{lab.CONNECTOR}/customers/x"
    host.put(place, {"name": "Pier", "email": "a@b.example"})
    first, again = (host.post(f"{place}/void", headers=KEY) for _ in range(2))
    assert first.status_code == again.status_code
    assert first.headers.get("ETag") == again.headers.get("ETag")


def test_what_may_harm_when_it_is_done_twice_is_never_done_again_unasked():
    careful = {route.name for route in SERVED if route.is_keyed and route.again is not Again.IS_DONE}
    assert careful == {
        "create_request",
        "post_record_as_new",
        "create_api_key",
        "create_webhook",
        "rotate_webhook_secret",
    }
