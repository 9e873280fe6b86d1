"""Error records through the API: listed, grouped, retried, let rest."""

from urllib.parse import quote

import pytest

from qbwc_server.desk.views import base


@pytest.fixture
def place(lab) -> str:
    """The address of the busy connector's error records."""
    return f"/connectors/{lab.CONNECTOR}/errors"


def test_open_error_records_are_listed_oldest_first(host, place):
    found = host.get(place).json["errors"]
    assert {error["cause_key"] for error in found} >= {"sku:OY-100", "email:nobody@else.example", "sku:CR-0"}
    assert [error["id"] for error in found] == sorted(error["id"] for error in found)
    assert all(error["closed_at"] is None for error in found)


def test_closed_ones_are_listed_on_demand(host, place, lab, world):
    assert host.get(f"{place}?state=closed").json["errors"] == []
    lab.cure_sku(world)
    host.post(f"{place}/retry", {"cause_key": "sku:OY-100"})
    closed = host.get(f"{place}?state=closed").json["errors"]
    assert {error["cause_key"] for error in closed} == {"sku:OY-100"}
    assert all(error["close_reason"] for error in closed)
    everything = host.get(f"{place}?state=all").json["errors"]
    assert len(everything) == len(closed) + len(host.get(place).json["errors"])


def test_one_cause_alone(host, place):
    found = host.get(f"{place}?cause=refused").json["errors"]
    assert [error["external_id"] for error in found] == ["SO-1046"]


def test_a_cause_that_does_not_exist_is_refused(host, place):
    answer = host.get(f"{place}?cause=bad_luck")
    assert [fault["pointer"] for fault in answer.json["faults"]] == ["/cause"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cause_key=sku:oy-100", {"SO-1041", "SO/1042 ä&?#%41"}),
        ("sub_reason=sku_unknown&cause_key=sku:cr-0", None),
        ("kind=invoice&external_id=SO-1046", {"SO-1046"}),
        ("external_id=SO-1046&cause=refused", {"SO-1046"}),
        ("external_id=SO-1046&cause=number_conflict", set()),
        ("external_id=nobody", set()),
        ("kind=vendor", set()),
        ("actor=host&external_id=SO-1046", set()),
        ("sub_reason=no_such_word", set()),
    ],
)
def test_error_records_are_found_by_what_is_known_of_them(host, place, query, found):
    answer = host.get(f"{place}?{query}").json["errors"]
    assert found is None or {error["external_id"] for error in answer} == found


@pytest.mark.parametrize("name", ["cause", "sub_reason", "actor", "cause_key", "kind", "external_id"])
def test_a_filter_finds_exactly_the_error_records_that_say_so(host, place, name, lab, world):
    host.put(f"/connectors/{lab.CONNECTOR}/invoices/bad-1", {"colour": "red"})
    lab.cure_sku(world)
    host.post(f"{place}/retry", {"cause_key": "sku:OY-100"})
    for state in ("open", "closed", "all"):
        every = host.get(f"{place}?state={state}").json["errors"]
        for value in {error[name] for error in every if error[name] is not None}:
            found = host.get(f"{place}?state={state}&{name}={quote(value, safe='')}").json["errors"]
            assert found == [error for error in every if error[name] == value], (state, value)


def test_groups_are_those_of_whoever_must_act_or_of_one_key(host, place):
    everything = host.get(f"{place}?group_by=cause_key").json["groups"]
    for name in ("actor", "cause_key"):
        for value in {group[name] for group in everything}:
            found = host.get(f"{place}?group_by=cause_key&{name}={quote(value, safe='')}").json["groups"]
            assert found == [group for group in everything if group[name] == value], value


@pytest.mark.parametrize(
    ("query", "pointer", "words"),
    [
        ("group_by=cause_key&kind=invoice", "/kind", "together with group_by"),
        ("who=host", "/who", "did you mean actor?"),
        ("kind=invoices", "/kind", "did you mean invoice?"),
        ("external_id=", "/external_id", "is empty"),
        ("actor=nobody", "/actor", "must be one of host, staff, quickbooks_user"),
    ],
)
def test_a_hurried_question_about_errors_is_told_what_is_meant(host, place, query, pointer, words):
    answer = host.get(f"{place}?{query}")
    assert answer.status_code == 422
    (fault,) = answer.json["faults"]
    assert fault["pointer"] == pointer
    assert words in fault["message"]


def test_a_cause_key_is_told_once_with_all_that_waits_behind_it(host, place):
    groups = {group["cause_key"]: group for group in host.get(f"{place}?group_by=cause_key").json["groups"]}
    group = groups["sku:OY-100"]
    assert group["count"] == 2
    assert {error["external_id"] for error in group["errors"]} == {"SO-1041", "SO/1042 ä&?#%41"}


def test_behind_one_cause_not_thousands_are_listed(host, place, lab, world, monkeypatch):
    monkeypatch.setattr(base, "MOST_LISTED", 3)
    lab.many_invoices(world, 5, sku="OY-100")
    (group,) = (
        group
        for group in host.get(f"{place}?group_by=cause_key").json["groups"]
        if group["cause_key"] == "sku:OY-100"
    )
    assert (group["count"], len(group["errors"])) == (7, 3)


@pytest.mark.parametrize("grouped", [False, True])
def test_pages_give_each_once_and_in_order(host, place, grouped):
    name, query = ("groups", "group_by=cause_key") if grouped else ("errors", "state=open")
    whole = host.get(f"{place}?{query}").json[name]
    assert len(whole) > 2
    paged, cursor = [], ""
    while cursor is not None:
        behind = f"&cursor={cursor}" if cursor else ""
        page = host.get(f"{place}?{query}&limit=1{behind}").json
        paged += page[name]
        cursor = page["next"]
    assert paged == whole


def test_fixing_a_cause_releases_all_behind_its_key(host, place, lab, world):
    assert host.post(f"{place}/retry", {"cause_key": "sku:OY-100"}).json == {
        "released": 0,
        "still_blocked": 2,
        "unchanged": 0,
        "unchanged_since": None,
    }
    lab.cure_sku(world)
    assert host.post(f"{place}/retry", {"cause_key": "sku:OY-100"}).json == {
        "released": 2,
        "still_blocked": 0,
        "unchanged": 0,
        "unchanged_since": None,
    }


def test_some_error_records_are_retried_by_their_ids(host, place):
    ids = [error["id"] for error in host.get(f"{place}?cause=refused").json["errors"]]
    answer = host.post(f"{place}/retry", {"ids": ids}).json
    assert (answer["released"], answer["still_blocked"]) == (1, 0)
    assert host.get(f"{place}?cause=refused").json["errors"] == []


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, [""]),
        ({"ids": [1], "cause_key": "sku:x"}, [""]),
        ({"ids": []}, ["/ids"]),
        ({"ids": "1"}, ["/ids"]),
        ({"ids": [1] * 1001}, ["/ids"]),
        ({"ids": [1, "2", True, 0, -1, 2**31, None]}, [f"/ids/{n}" for n in range(1, 7)]),
        ({"cause_key": 7}, ["/cause_key"]),
        ({"cause_key": None}, ["/cause_key"]),
        ({"cause_key": "sku:x", "force": True}, ["/force"]),
    ],
)
def test_a_retry_of_nobody_knows_what_is_refused(host, place, body, pointers):
    answer = host.post(f"{place}/retry", body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == pointers


@pytest.mark.parametrize("body", [{"cause_key": "sku:NONE"}, {"ids": [2**31 - 1]}])
def test_a_retry_of_what_is_not_open_is_not_found(host, place, body):
    assert host.post(f"{place}/retry", body).status_code == 404


def test_one_error_record(host, place):
    (error, *_) = host.get(place).json["errors"]
    shown = host.get(f"{place}/{error['id']}").json
    assert shown == {**error, **{name: shown[name] for name in ("waiting", "choices", "token", "answered")}}


@pytest.mark.parametrize("error_id", ["0", "-1", "2147483647", "2147483648", "9" * 5000, "x", "1.0", "١"])
def test_an_error_record_that_does_not_exist_is_not_found(host, place, error_id):
    assert host.get(f"{place}/{error_id}").status_code == 404


def test_an_error_record_is_let_rest_with_a_note(host, place, lab):
    (error,) = host.get(f"{place}?cause=refused").json["errors"]
    answer = host.post(f"{place}/{error['id']}/dismiss", {"note": "posted by hand"}).json
    assert answer["closed_at"] is not None
    assert "posted by hand" in answer["close_reason"]
    assert host.get(f"/connectors/{lab.CONNECTOR}/invoices/SO-1046").json["state"] == "cancelled"
    assert host.post(f"{place}/{error['id']}/dismiss", {"note": "again"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/note"]),
        ({"note": " "}, ["/note"]),
        ({"note": 1}, ["/note"]),
        ({"note": "because", "why": "x"}, ["/why"]),
    ],
)
def test_without_a_note_it_does_not_rest(host, place, body, pointers):
    (error, *_) = host.get(place).json["errors"]
    answer = host.post(f"{place}/{error['id']}/dismiss", body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == pointers
    assert host.get(f"{place}/{error['id']}").json["closed_at"] is None
