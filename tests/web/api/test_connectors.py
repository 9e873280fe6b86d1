"""Connectors through the API: their health and settings, Resync, and what QuickBooks' lists hold."""

import pytest

from qbwc_server.domain.kinds import ListName
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import lists
from qbwc_server.web.api.connectors import LISTS


@pytest.fixture
def place(lab) -> str:
    """The address of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}"


def names(answer) -> list[str]:
    """The full names among the entries of a list."""
    return [entry["full_name"] for entry in answer.json["entries"]]


# --- health -------------------------------------------------------------------------------------------------


def test_a_connector_tells_its_health_its_queue_and_its_last_visit(host, place):
    card = host.get(place).json
    assert card["counts"]["queued"] == 1
    assert card["counts"]["synced"] == 1
    assert card["open_errors"] >= card["counts"]["blocked"] > 0
    assert card["mood"] == "attention"
    assert card["headline"]
    assert card["last_seen_at"] is not None
    assert card["live_session"] is None
    assert card["last_session"]["end_reason"] == "closed by the Web Connector"
    assert card["company_file"]["company_name"] == "Harbour Fish Co"


def test_it_tells_how_old_the_list_cache_is(host, place, lab, world):
    ages = {item["list"]: item for item in host.get(place).json["lists"]}
    assert set(ages) == {name for name in ListName if not name.is_on_demand}
    assert ages["customer"]["entries"] == 1
    first = ages["customer"]["age_seconds"]
    world.clock.forward(seconds=90)
    (later,) = (item for item in host.get(place).json["lists"] if item["list"] == "customer")
    assert later["age_seconds"] == first + 90


def test_a_session_that_is_going_on_is_told(host, place, lab, world):
    lab.go_live(world)
    card = host.get(place).json
    assert card["live_session"]["ended_at"] is None


def test_a_connector_never_used_is_told_without_inventing_anything(head_office, lab):
    card = head_office.get(f"/connectors/{lab.FRESH}").json
    assert card["mood"] == "never_seen"
    assert card["last_seen_at"] is None
    assert card["company_file"] is None
    assert all(item["loaded_at"] is None and item["age_seconds"] is None for item in card["lists"])


def test_no_answer_about_a_connector_holds_its_credentials(host, place, lab, world):
    with world.core.database.begin() as conn:
        connector = connector_rows.by_name(conn, lab.CONNECTOR)
    for path in (place, "/connectors", f"{place}/settings", f"{place}/events"):
        text = host.get(path).text
        for secret in (connector.password_digest, connector.username, connector.file_id, connector.owner_id):
            assert secret not in text


# --- Resync -------------------------------------------------------------------------------------------------


def test_a_resync_is_asked_for(host, place, world):
    answer = host.post(f"{place}/resync")
    assert answer.status_code == 202
    assert answer.json["resync_requested_at"] == world.clock().isoformat()
    assert answer.json == {**host.get(place).json, "already_asked": False}


def test_a_second_resync_while_one_waits_is_told_so_and_changes_nothing(host, place, world):
    asked = host.post(f"{place}/resync").json["resync_requested_at"]
    events = host.get(f"{place}/events").json
    world.clock.forward(minutes=3)
    answer = host.post(f"{place}/resync")
    assert answer.status_code == 202
    assert (answer.json["already_asked"], answer.json["resync_requested_at"]) == (True, asked)
    assert host.get(f"{place}/events").json == events


# --- settings -----------------------------------------------------------------------------------------------


def test_settings_are_changed_one_by_one(host, place):
    before = host.get(f"{place}/settings").json
    answer = host.ask("PATCH", f"{place}/settings", {"default_terms": "Net 30", "batch_size": 20})
    assert answer.status_code == 200
    assert answer.json == before | {"default_terms": "Net 30", "batch_size": 20}
    assert host.get(place).json["settings"] == answer.json


def test_a_merge_patch_is_the_same(host, place):
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = host.ask("PATCH", f"{place}/settings", {"default_terms": None}, headers=headers)
    assert (answer.status_code, answer.json["default_terms"]) == (200, None)


def test_every_fault_of_the_settings_is_listed_and_none_is_set(host, place):
    before = host.get(f"{place}/settings").json
    wrong = {"self": 1, "batch_sise": 10, "batch_size": 0, "read_only": "perhaps", "host_wins": True}
    answer = host.ask("PATCH", f"{place}/settings", wrong)
    assert answer.status_code == 422
    pointers = {fault["pointer"] for fault in answer.json["faults"]}
    assert pointers == {"/self", "/batch_sise", "/batch_size", "/read_only"}
    assert host.get(f"{place}/settings").json == before


def test_terms_quickbooks_does_not_have_are_refused(host, place):
    answer = host.ask("PATCH", f"{place}/settings", {"default_terms": "Net 31"})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == ["/default_terms"]


def test_nothing_to_set_is_nothing_set(host, place):
    assert host.ask("PATCH", f"{place}/settings", {}).json == host.get(f"{place}/settings").json


# --- QuickBooks' lists --------------------------------------------------------------------------------------


def test_every_list_of_the_cache_has_an_address(host, place):
    assert set(LISTS.values()) == set(ListName)
    for name in LISTS:
        assert host.get(f"{place}/quickbooks/{name}").status_code == 200


def test_a_list_quickbooks_does_not_have_is_not_found(host, place):
    answer = host.get(f"{place}/quickbooks/unicorns")
    assert answer.status_code == 404
    assert "ship-methods" in answer.json["detail"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("customers?email=AP@Harbour.example", ["Harbour Fish Co"]),
        ("customers?email=ap@harbour.example&name=harbour%20fish%20co", ["Harbour Fish Co"]),
        ("customers?email=ap@harbour.example&name=other", []),
        ("customers?email=nobody@else.example", []),
        ("customers?name=HARBOUR%20fish%20Co", ["Harbour Fish Co"]),
        ("items?sku=mu-1", ["Mussels 5kg"]),
        ("items?sku=MU-1&name=Old%20Crate", []),
        ("items?name=Old%20Crate", ["Old Crate"]),
        ("terms?name=net%2030", ["Net 30"]),
        ("customers", ["Harbour Fish Co"]),
        ("accounts", []),
    ],
)
def test_a_list_is_searched_as_records_are_matched(host, place, query, found):
    assert names(host.get(f"{place}/quickbooks/{query}")) == found


def test_what_is_inactive_is_told_and_what_is_deleted_is_left_out(host, place, lab, world):
    (entry,) = host.get(f"{place}/quickbooks/items?sku=CR-0").json["entries"]
    assert entry["is_active"] is False
    with world.core.database.begin() as conn:
        tenant = connector_rows.by_name(conn, lab.CONNECTOR).id
        lists.mark_deleted(conn, tenant, ListName.ITEM, [entry["list_id"]])
    assert names(host.get(f"{place}/quickbooks/items?sku=CR-0")) == []
    assert names(host.get(f"{place}/quickbooks/items")) == ["Mussels 5kg"]


def test_it_is_told_when_a_list_was_loaded(host, head_office, place, lab):
    assert host.get(f"{place}/quickbooks/customers").json["loaded_at"] is not None
    unknown = head_office.get(f"/connectors/{lab.FRESH}/quickbooks/customers").json
    assert unknown == {"entries": [], "next": None, "loaded_at": None}


@pytest.mark.parametrize(("query", "pointer"), [("items?email=a@b.c", "/email"), ("customers?sku=1", "/sku")])
def test_what_a_list_does_not_have_is_not_searched_for(host, place, query, pointer):
    answer = host.get(f"{place}/quickbooks/{query}")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == [pointer]


def test_a_long_list_comes_in_pages(host, place, lab, world):
    with world.core.database.begin() as conn:
        tenant = connector_rows.by_name(conn, lab.CONNECTOR).id
        (known,) = lists.by_sku(conn, tenant, "MU-1")
        made = [
            known._replace(list_id=f"9{number:03}-1", full_name=f"Item {number}", sku="SAME")
            for number in range(7)
        ]
        lists.store(conn, tenant, made, load=1)
    for query in ("items?limit=3", "items?sku=same&limit=3"):
        seen, cursor = [], ""
        while cursor is not None:
            behind = f"&cursor={cursor}" if cursor else ""
            page = host.get(f"{place}/quickbooks/{query}{behind}").json
            seen += [entry["list_id"] for entry in page["entries"]]
            cursor = page["next"]
        assert len(seen) == len(set(seen)) == (9 if query.startswith("items?limit") else 7)
        assert seen == sorted(seen)


def test_the_rules_to_match_by_are_set_in_their_order(host, place):
    rules = {"match_customers_by": ["account_number", "email"]}
    answer = host.ask("PATCH", f"{place}/settings", rules)
    assert (answer.status_code, answer.json["match_customers_by"]) == (200, ["account_number", "email"])
    answer = host.ask("PATCH", f"{place}/settings", {"match_customers_by": ["sku"], "match_items_by": []})
    assert answer.status_code == 422
    words = {fault["pointer"]: fault["message"] for fault in answer.json["faults"]}
    assert words == {
        "/match_customers_by": "use one or several of: email, name, account_number",
        "/match_items_by": "use one or several of: part_number, name, sub_name, barcode",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("read_only", 0), ("read_only", "true"), ("host_wins", None), ("batch_size", "5"), ("batch_size", True)],
)
def test_a_setting_in_json_has_its_own_type(host, lab, name, value):
    place = f"/connectors/{lab.CONNECTOR}/settings"
    answer = host.ask("PATCH", place, {name: value})
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["faults"]]) == (422, [f"/{name}"])
    assert host.ask("PATCH", place, {name: ""}).status_code == 200
