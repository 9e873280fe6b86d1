"""Failures become pages in plain words, and nothing of the inside gets out."""

import pytest

from qbwc_server.desk import overview
from qbwc_server.desk.administration import connectors
from qbwc_server.domain.faults import Conflict, Fault, InvalidInput


@pytest.mark.parametrize(
    ("path", "status"),
    [("/no-such-page", 404), ("/connectors/no-such", 404), ("/logout", 405), ("/?x=%00", 400)],
)
def test_a_failure_has_its_status_and_a_way_out(admin, path, status):
    answer = admin.get(path)
    assert answer.status_code == status
    assert "Go to the connectors" in answer.text


def test_a_stranger_is_told_not_found_without_the_names_of_the_people(stranger, lab):
    answer = stranger.get("/no-such-page")
    assert answer.status_code == 404
    assert lab.ADMIN not in answer.text


def test_a_fault_in_the_program_shows_no_traceback(admin, monkeypatch):
    def explode(core, **_):
        raise RuntimeError("secret-detail")

    monkeypatch.setattr(overview, "page", explode)
    answer = admin.get("/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    for inside in ("secret-detail", "Traceback", "RuntimeError", ".py"):
        assert inside not in answer.text
    assert answer.headers["Content-Security-Policy"]


def test_a_database_that_cannot_be_used_is_told_as_passing_trouble(admin, world):
    with world.core.database.begin() as conn:
        conn.exec_driver_sql("DROP TABLE user")
    answer = admin.get("/")
    assert answer.status_code == 503
    assert "nothing that was queued is lost" in answer.text
    assert "no such table" not in answer.text


@pytest.mark.parametrize(
    ("failure", "status", "words"),
    [
        (Conflict("it is on its way"), 409, "It is on its way."),
        (InvalidInput([Fault("/a", "is odd"), Fault("/b", "is even")]), 400, "b: is even"),
    ],
)
def test_a_refusal_of_the_server_is_told_in_its_own_words(admin, lab, monkeypatch, failure, status, words):
    def refuse(*args, **kwargs):
        raise failure

    monkeypatch.setattr(connectors, "resync", refuse)
    answer = admin.post(f"/connectors/{lab.CONNECTOR}/resync")
    assert answer.status_code == status
    assert words in answer.text


def test_a_form_that_is_far_too_large_is_refused(admin, lab):
    answer = admin.post(f"/connectors/{lab.CONNECTOR}/resync", filler="x" * (2 * 1024 * 1024))
    assert answer.status_code == 413


def test_what_somebody_typed_is_never_taken_as_markup(admin, world):
    nasty = "<script>alert(1)</script>"
    answers = [
        admin.post("/connectors/new", name=nasty, company_file=nasty),
        admin.post("/users", name=nasty, password="x", again="y"),
        admin.get(f"/connectors/harbour-fish/records/invoices/{nasty}"),
        admin.get(f"/connectors/harbour-fish/errors?cause={nasty}"),
    ]
    for answer in answers:
        assert nasty not in answer.text


@pytest.mark.parametrize("host", ["a" * 5_000, "a..b", "<script>", "a b", "é" * 70, "x:y:z", "%00"])
@pytest.mark.parametrize("path", ["/", "/login", "/no-such-page", "/?x=%00", "/connectors/no-such"])
def test_a_host_header_that_names_no_host_is_refused_in_words(stranger, admin, host, path):
    for visitor in (stranger, admin):
        answer = visitor.client.get(path, headers={"Host": host})
        assert answer.status_code < 500
        assert "Traceback" not in answer.text
