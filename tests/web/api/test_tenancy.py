"""No route leads from one connector to another, or tells that there is one."""

import sqlite3
from collections.abc import Iterator

import pytest
from flask import Flask

from qbwc_server.domain.kinds import Kind

QUIET = {"api_key", "user"}
"""Tables a request may change that was refused: when a key was last used."""


def addresses(api: Flask, connector: str, error_id: int) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address that exists, for every route about a connector."""
    adapter = api.url_map.bind("")
    # what others are about is removed last
    for rule in sorted(api.url_map.iter_rules(), key=lambda rule: rule.endpoint == "remove_webhook"):
        if "connector" not in rule.arguments:
            continue
        for kind in Kind if "kind" in rule.arguments else [Kind.INVOICE]:
            values = {
                "connector": connector,
                "kind": kind,
                "external_id": "SO-1041" if kind is Kind.INVOICE else f"{kind}-1",
                "error_id": error_id,
                "ruling_id": 1,
                "list_name": "customers",
                "key_name": "order system",
                "webhook_id": 1,
                "delivery_id": 1,
                "request_id": 1,
            }
            path = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
            for method in sorted(rule.methods):
                yield f"{rule.endpoint} {kind}", method, path.removeprefix("/v1")


def contents(database: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
        for name in names
        if name not in QUIET
    }


@pytest.fixture
def database(world, lab, tmp_path):
    """The very file, beside the server."""
    connection = sqlite3.connect(tmp_path / lab.FILE)
    connection.execute(
        "INSERT INTO ruling SELECT 1, id, 'customer', 'email:x@x', 'email:x@x', NULL, 'ann', created_at "
        "FROM connector WHERE name = ?",
        (lab.CONNECTOR,),
    )
    connection.commit()
    yield connection
    connection.close()


BODIES = {
    "PUT": {"list_id": "8000000F-1700000000"},
    "POST": {"cause_key": "sku:OY-100"},
    "PATCH": {"read_only": True},
}

RECORDS = {
    Kind.CUSTOMER: {"name": "Somebody", "email": "some@body.example"},
    Kind.VENDOR: {"name": "Anybody", "email": "any@body.example"},
    Kind.ITEM: {"sku": "NEW-1"},
    Kind.INVOICE: {"customer": "Harbour Fish Co", "lines": [{"item": {"sku": "OY-100"}}]},
    Kind.PURCHASE_ORDER: {"vendor": "Ice & Crates", "lines": [{"item": {"sku": "MU-1"}}]},
}


def test_the_key_of_another_connector_finds_nothing_and_changes_nothing(api, rival, host, database, lab):
    hooks = f"/connectors/{lab.CONNECTOR}/webhooks"
    assert host.post(hooks, {"url": "https://orders.example.com/"}).json["id"] == 1
    assert host.post(f"{hooks}/1/test").json["id"] == 1
    (error_id,) = database.execute("SELECT min(id) FROM error WHERE closed_at IS NULL").fetchone()
    before = contents(database)
    seen = 0
    for endpoint, method, path in addresses(api, lab.CONNECTOR, error_id):
        answer = rival.client.open(
            f"/api/v1{path}",
            method=method,
            json=BODIES.get(method),
            headers={"Authorization": f"Bearer {rival.key}"},
        )
        assert answer.status_code == 404, (endpoint, method)
        if method != "HEAD":
            missing = rival.client.open(
                f"/api/v1{path.replace(lab.CONNECTOR, 'no-such-connector')}",
                method=method,
                json=BODIES.get(method),
                headers={"Authorization": f"Bearer {rival.key}"},
            )
            assert missing.text.replace("no-such-connector", lab.CONNECTOR) == answer.text, (endpoint, method)
        seen += 1
    assert seen >= 60
    assert contents(database) == before


def test_without_a_key_every_route_is_closed_and_nothing_changes(api, nobody, database, lab):
    before = contents(database)
    for endpoint, method, path in addresses(api, lab.CONNECTOR, 1):
        answer = nobody.client.open(f"/api/v1{path}", method=method, json=BODIES.get(method))
        assert answer.status_code == 401, (endpoint, method)
    assert contents(database) == before


def test_the_same_addresses_do_something_for_the_right_key(api, host, database, lab):
    """So that the tests above cannot pass on addresses that lead nowhere."""
    for kind, content in RECORDS.items():
        place = f"/connectors/{lab.CONNECTOR}/{kind.plural}/{kind}-1"
        assert host.put(place, content).status_code == 201
    hooks = f"/connectors/{lab.CONNECTOR}/webhooks"
    assert host.post(hooks, {"url": "https://orders.example.com/"}).json["id"] == 1
    assert host.post(f"{hooks}/1/test").json["id"] == 1
    (error_id,) = database.execute("SELECT min(id) FROM error WHERE closed_at IS NULL").fetchone()
    reached = {
        endpoint
        for endpoint, method, path in addresses(api, lab.CONNECTOR, error_id)
        if host.client.open(
            f"/api/v1{path}",
            method=method,
            json=BODIES.get(method),
            headers={"Authorization": f"Bearer {host.key}"},
        ).status_code
        != 404
    }
    everything = {endpoint for endpoint, _, _ in addresses(api, lab.CONNECTOR, error_id)}
    assert {name.partition(" ")[0] for name in everything} == {
        rule.endpoint for rule in api.url_map.iter_rules() if "connector" in rule.arguments
    }
    assert everything == reached


def test_ids_of_anothers_error_records_are_not_retried(rival, host, lab):
    (error, *_) = host.get(f"/connectors/{lab.CONNECTOR}/errors").json["errors"]
    place = f"/connectors/{lab.FRESH}/errors"
    assert rival.post(f"{place}/retry", {"ids": [error["id"]]}).status_code == 404
    assert rival.post(f"{place}/retry", {"cause_key": error["cause_key"]}).status_code == 404
    assert rival.post(f"{place}/{error['id']}/dismiss", {"note": "mine"}).status_code == 404
    assert rival.get(f"{place}/{error['id']}").status_code == 404
    shown = host.get(f"/connectors/{lab.CONNECTOR}/errors/{error['id']}").json
    answer = {"choice": "dismiss", "token": shown["token"]}
    assert rival.post(f"{place}/{error['id']}/answer", answer).status_code == 404
    assert host.get(f"/connectors/{lab.CONNECTOR}/errors/{error['id']}").json == shown


def test_lists_of_one_connector_hold_nothing_of_another(rival, lab):
    for part in ("invoices", "errors", "errors?group_by=cause_key", "quickbooks/customers", "events"):
        answer = rival.get(f"/connectors/{lab.FRESH}/{part}").json
        assert lab.CONNECTOR not in str(answer)
        assert not any(answer[name] for name in ("records", "errors", "groups", "entries") if name in answer)
    assert {event["type"] for event in answer["events"]} == {"connector.added", "connector.key_created"}


def test_the_same_external_id_is_another_record_for_another_connector(rival, host, lab):
    theirs = {"customer": "Somebody Else", "lines": [{"item": "Thing"}]}
    assert rival.put(f"/connectors/{lab.FRESH}/invoices/SO-1041", theirs).status_code == 201
    ours = host.get(f"/connectors/{lab.CONNECTOR}/invoices/SO-1041").json
    assert ours["record"]["customer"] == {"email": "ap@harbour.example"}
    assert ours["revision"] == 1
