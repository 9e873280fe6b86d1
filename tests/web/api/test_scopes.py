"""What a key of each scope may be used for: every route says it, and nothing else is let through."""

from itertools import product

import pytest

from qbwc_server.access import api_keys
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.people import Scope
from qbwc_server.web.api.routes import SERVED
from qbwc_server.web.api.serving import VERSION

SCOPES = {
    Scope.READ: {
        "get_connector",
        "get_counts",
        "get_error",
        "get_health_check",
        "get_queue",
        "get_record",
        "get_request",
        "get_settings",
        "list_connectors",
        "list_errors",
        "list_events",
        "list_records",
        "list_rulings",
        "list_requests",
        "look_up",
        "openapi",
        "preview",
    },
    Scope.WRITE: {
        "answer_error",
        "cancel_record",
        "cancel_request",
        "create_request",
        "dismiss_error",
        "post_record_as_new",
        "put_batch",
        "put_record",
        "resync",
        "retry_errors",
        "retry_record",
        "void_record",
    },
    Scope.MANAGE: {
        "change_settings",
        "change_webhook",
        "create_api_key",
        "create_webhook",
        "get_webhook",
        "get_webhook_delivery",
        "link_batch",
        "link_record",
        "list_api_keys",
        "pause_connector",
        "resume_connector",
        "list_webhook_deliveries",
        "list_webhooks",
        "remove_webhook",
        "replay_webhook",
        "resend_webhook_delivery",
        "revoke_api_key",
        "take_back_ruling",
        "rotate_webhook_secret",
        "test_webhook",
        "unlink_record",
    },
}
"""What every route needs. A new one is put here on purpose: whoever only reads must change nothing, and whoever hands
records over must neither change settings nor say what something is in QuickBooks."""


def test_what_every_route_needs_was_decided_on_purpose():
    needed = {scope: {route.name for route in SERVED if route.needs is scope} for scope in Scope}
    assert needed == SCOPES


@pytest.fixture
def key_of(world, lab, visit_as):
    """A host application whose key has a scope."""

    def made(scope):
        secret = api_keys.create(
            world.core, f"key {scope}", connector=lab.CONNECTOR, scope=Scope(scope), actor="cli"
        ).secret
        return visit_as(secret)

    return made


def _value(name, lab):
    values = {
        "connector": lab.CONNECTOR,
        "kind": Kind.CUSTOMER,
        "external_id": "nobody",
        "error_id": 99,
        "ruling_id": 99,
        "list_name": "customers",
        "key_name": "no such key",
        "webhook_id": 99,
        "delivery_id": 99,
        "request_id": 99,
    }
    return values[name]


def test_a_key_does_what_its_scope_says_and_nothing_else(api, key_of, lab):
    hosts = {scope: key_of(scope) for scope in Scope}
    adapter = api.url_map.bind("")
    refused = 0
    for route, scope in product(SERVED, Scope):
        rule = next(rule for rule in api.url_map.iter_rules() if rule.endpoint == route.name)
        address = adapter.build(
            rule.endpoint, {name: _value(name, lab) for name in rule.arguments}, method=route.method
        ).removeprefix(VERSION)
        answer = hosts[scope].ask(route.method, address, b"not json")
        if scope.covers(route.needs):
            assert answer.status_code not in (401, 403), (route.name, scope)
            continue
        refused += 1
        assert answer.status_code == 403, (route.name, scope)
        assert f"of scope {route.needs}" in answer.json["detail"]
        assert f"scope of this one is {scope}" in answer.json["detail"]
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert refused == len(SCOPES[Scope.WRITE]) + 2 * len(SCOPES[Scope.MANAGE])


def test_a_key_that_reads_changes_nothing(key_of, world, lab):
    reader = key_of("read")
    place = f"/connectors/{lab.CONNECTOR}/customers/new"
    assert reader.put(place, {"name": "New Co"}).status_code == 403
    assert reader.get(place).status_code == 404


def test_another_connector_is_not_there_whatever_the_scope(key_of, lab):
    assert key_of("read").post(f"/connectors/{lab.FRESH}/resync").status_code == 404


# --- keys made with keys ------------------------------------------------------------------------------------


@pytest.fixture
def place(lab):
    """The address of the keys of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}/api-keys"


def test_a_key_made_by_the_api_works_at_once_and_is_shown_once(host, visit_as, place, lab):
    made = host.post(place, {"name": "till", "scope": "write", "expires": "2099-12-31"})
    assert made.status_code == 201
    assert made.json["scope"] == "write"
    assert made.json["connector"] == lab.CONNECTOR
    assert made.json["expires_at"] == "2099-12-31T23:59:59+00:00"
    till = visit_as(made.json["key"])
    assert till.get(f"/connectors/{lab.CONNECTOR}").status_code == 200
    assert till.get(place).status_code == 403
    listed = host.get(place)
    assert [key["name"] for key in listed.json["api_keys"]] == ["order system", "till"]
    assert made.json["key"] not in listed.text


def test_without_a_scope_it_may_do_everything_its_maker_may(host, place):
    made = host.post(place, {"name": "till"}).json
    assert (made["scope"], made["expires_at"]) == ("manage", None)


def test_a_key_for_all_connectors_makes_one_for_this_connector_only(head_office, visit_as, place, lab):
    till = visit_as(head_office.post(place, {"name": "till"}).json["key"])
    assert till.get(f"/connectors/{lab.FRESH}").status_code == 404


def test_all_faults_of_a_key_to_make_are_told_at_once(host, place):
    def pointers(body):
        answer = host.post(place, body)
        assert answer.status_code == 422, answer.text
        return [fault["pointer"] for fault in answer.json["faults"]]

    assert pointers({"scopes": "read", "scope": "all", "expires": 3}) == [
        "/scopes",
        "/name",
        "/scope",
        "/expires",
    ]
    assert pointers({"name": " ", "expires": "2001-01-01"}) == ["/name", "/expires"]
    assert pointers({"name": "till", "connector": "pier"}) == ["/connector"]
    assert len(host.get(place).json["api_keys"]) == 1


def test_a_name_that_is_taken_is_told(host, place):
    assert host.post(place, {"name": "order system"}).status_code == 409


def test_a_revoked_key_opens_nothing_and_a_key_may_revoke_itself(host, visit_as, place):
    till = visit_as(host.post(place, {"name": "till / one"}).json["key"])
    gone = till.delete(f"{place}/till%20%2F%20one")
    assert gone.status_code == 200
    assert gone.json["revoked_at"] is not None
    assert till.get(place).status_code == 401
    assert host.delete(f"{place}/till%20%2F%20one").status_code == 404


def test_the_keys_of_others_are_neither_seen_nor_revoked(host, rival, head_office, place):
    assert host.delete(f"{place}/rival").status_code == 404
    assert host.delete(f"{place}/head%20office").status_code == 404
    assert [key["name"] for key in host.get(place).json["api_keys"]] == ["order system"]


def test_a_key_that_expired_says_so_to_whoever_holds_it_and_to_nobody_else(host, visit_as, place, world, lab):
    till = visit_as(host.post(place, {"name": "till", "expires": "2027-01-31"}).json["key"])
    world.clock.forward(days=365)
    answer = till.get(f"/connectors/{lab.CONNECTOR}")
    assert answer.status_code == 401
    assert "expired on 2027-01-31 at 23:59 UTC" in answer.json["detail"]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert "expired" not in visit_as(till.key[:-1] + "~").get(place).text
    api_keys.revoke(world.core, "till", actor="cli")
    assert "unknown or revoked" in till.get(place).text
