"""Who may come in: hosts with a good key, and with nothing else."""

from datetime import timedelta

import pytest

from qbwc_server.access import api_keys
from qbwc_server.storage.schema import api_key as table


@pytest.fixture
def place(lab) -> str:
    """The address of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}"


def test_without_a_key_the_answer_says_how_to_send_one(nobody, place):
    answer = nobody.get(place)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "error=" not in answer.headers["WWW-Authenticate"]
    assert "Authorization: Bearer KEY" in answer.json["detail"]


def test_an_address_that_does_not_exist_is_closed_too(nobody):
    assert nobody.get("/no/such/thing").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer qbwc_" + "A" * 43,
        "Bearer qbwc_" + "A" * 42,
        "Bearer qbwc_" + "ü" * 43,
        "qbwc_" + "A" * 43,
        "Bearer a, Bearer b",
        "Bearer " + "A" * 5000,
    ],
)
def test_what_is_no_good_key_is_refused(nobody, place, header):
    answer = nobody.get(place, headers={"Authorization": header})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_scheme_may_be_written_in_any_case(host, nobody, place):
    assert nobody.get(place, headers={"Authorization": f"bearer {host.key}"}).status_code == 200


def test_a_revoked_key_opens_nothing_from_then_on(host, world, place):
    assert host.get(place).status_code == 200
    api_keys.revoke(world.core, "order system", actor="cli")
    assert host.get(place).status_code == 401


def test_a_key_under_another_digest_key_opens_nothing(host, world, place):
    """A stolen database, or one whose secrets were lost, is worth nothing."""
    assert api_keys.authenticate(world.core, host.key) is not None
    with world.core.database.begin() as conn:
        conn.execute(table.update().values(digest="0" * 64))
    assert host.get(place).status_code == 401


def test_a_session_of_the_site_opens_nothing(site, cookies, lab, place):
    client = site.test_client()
    client.set_cookie("qbwc_session", cookies[lab.ADMIN])
    assert client.get("/").status_code == 200
    assert client.get(f"/api/v1{place}").status_code == 401


def test_no_answer_sets_a_cookie(host, nobody, place):
    for answer in (host.get(place), nobody.get(place), nobody.get("/openapi.json")):
        assert "Set-Cookie" not in answer.headers


def test_a_form_of_another_site_needs_no_token_because_it_has_no_key(site, place):
    assert site.test_client().post(f"/api/v1{place}/resync", data={"a": "b"}).status_code == 401


def test_a_key_for_one_connector_sees_only_that_one(host, lab):
    listed = host.get("/connectors").json["connectors"]
    assert [item["name"] for item in listed] == [lab.CONNECTOR]


def test_a_key_for_all_sees_all(head_office, lab):
    listed = head_office.get("/connectors").json["connectors"]
    assert [item["name"] for item in listed] == [lab.CONNECTOR, lab.FRESH]
    for name in (lab.CONNECTOR, lab.FRESH):
        assert head_office.get(f"/connectors/{name}").status_code == 200
    first, second = listed
    page = head_office.get("/connectors?limit=1").json
    assert page == {"connectors": [first], "next": lab.CONNECTOR}
    assert head_office.get(f"/connectors?limit=1&cursor={page['next']}").json == {
        "connectors": [second],
        "next": None,
    }
    assert head_office.get("/connectors?cursor=%2B").status_code == 422


def test_its_last_use_is_noted_to_the_minute(host, world, place):
    def noted():
        (key,) = (key for key in api_keys.every(world.core) if key.name == "order system")
        return key.last_used_at

    assert noted() is None
    first = world.clock()
    host.get(place)
    world.clock.forward(seconds=59)
    host.get(place)
    assert noted() == first
    world.clock.forward(seconds=1)
    host.get(place)
    assert noted() == first + timedelta(minutes=1)


def test_answers_are_kept_by_nobody_and_never_drawn_as_a_page(host, place):
    headers = host.get(place).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
