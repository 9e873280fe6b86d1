"""The keys of order systems on the site: made and shown once, listed, revoked."""

import re

from qbwc_server.access import api_keys
from qbwc_server.domain.people import Scope


def form(lab, **more):
    return {"name": "till", "connector": lab.CONNECTOR, "scope": "write", "expires": "", **more}


def key_id(world, name):
    (found,) = (key.id for key in api_keys.every(world.core) if key.name == name)
    return found


def test_a_key_is_shown_once_and_opens_what_was_chosen(admin, world, lab):
    made = admin.post("/api-keys", **form(lab, expires="2027-01-31"))
    assert made.status_code == 302
    page = admin.get(made.location)
    assert admin.get(made.location).text == page.text  # going back to it sends no form
    assert "no-store" in page.headers["Cache-Control"]
    (secret,) = set(re.findall(r"qbwc_[A-Za-z0-9_-]{43}", page.text))
    key = api_keys.authenticate(world.core, secret)
    assert (key.connector, key.scope, f"{key.expires_at:%Y-%m-%d %H:%M}") == (
        lab.CONNECTOR,
        Scope.WRITE,
        "2027-01-31 23:59",
    )
    listed = admin.get("/api-keys").text
    assert "till" in listed
    assert admin.post(f"/api-keys/{key.id}/noted").location == f"/connectors/{lab.CONNECTOR}/set-up"
    assert secret not in listed
    assert secret not in admin.get(f"/api-keys/{key.id}").text


def test_the_form_sent_twice_makes_one_key(admin, world, lab):
    admin.post("/api-keys", **form(lab))
    assert admin.post("/api-keys", **form(lab)).status_code == 409
    assert len(api_keys.every(world.core)) == 1


def test_every_fault_is_shown_beside_its_field_and_no_key_is_made(admin, world, lab):
    answer = admin.post("/api-keys", **form(lab, name="", expires="2001-01-01"))
    assert answer.status_code == 422
    assert 'id="fault-name"' in answer.text
    assert 'id="fault-expires"' in answer.text
    assert 'id="fault-connector"' in admin.post("/api-keys", **form(lab, connector="nope")).text
    assert admin.post("/api-keys", name="till").status_code == 422
    assert api_keys.every(world.core) == []


def test_what_opens_every_connector_is_chosen_on_purpose_and_is_in_the_log_of_people(admin, world, lab):
    admin.post("/api-keys", **form(lab, connector="", scope="all"))
    (key,) = api_keys.every(world.core)
    assert (key.connector, key.scope) == (None, Scope.READ)
    assert "API key created" in admin.get("/audit").text


def test_a_key_of_a_connector_is_in_its_log(admin, lab):
    admin.post("/api-keys", **form(lab))
    log = admin.get(f"/connectors/{lab.CONNECTOR}/log/deeds").text
    assert "API key created" in log
    assert lab.ADMIN in log


def test_a_key_is_revoked_by_whoever_types_its_name(admin, world, lab):
    admin.post("/api-keys", **form(lab))
    path = f"/api-keys/{key_id(world, 'till')}"
    assert admin.post(f"{path}/revoke", name="tell").status_code == 422
    assert api_keys.every(world.core)[0].revoked_at is None
    assert admin.post(f"{path}/revoke", name="till").status_code == 302
    assert api_keys.every(world.core)[0].revoked_at is not None
    assert "Revoke the key" not in admin.get(path).text
    assert admin.post(f"{path}/revoke", name="till").status_code == 302
    assert admin.get("/api-keys/99").status_code == 404


def test_support_sees_no_keys(support):
    assert support.get("/api-keys").status_code == 403
