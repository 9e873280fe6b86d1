"""The feed of a connector: chosen by type, kind and record, refused where nobody can go on from."""

import pytest

from qbwc_server.domain.event_types import TYPES
from tests.web.api.test_pages import INVOICE


@pytest.fixture
def place(lab):
    return f"/connectors/{lab.CONNECTOR}"


def types(answer):
    assert answer.status_code == 200, answer.text
    return {event["type"] for event in answer.json["events"]}


def test_every_event_is_of_a_documented_type_and_names_its_record(host, place):
    events = host.get(f"{place}/events?limit=500").json["events"]
    assert {event["type"] for event in events} <= set(TYPES)
    for event in events:
        assert event["type"].startswith(f"{event['kind'] or 'connector'}.")
        assert (event["external_id"] is None) == (event["kind"] is None)


def test_types_are_chosen_one_by_one_by_pattern_and_several_at_once(host, place):
    host.put(f"{place}/invoices/new", INVOICE)
    host.delete(f"{place}/invoices/new")
    only = f"{place}/events?limit=500&external_id=new&type="
    assert types(host.get(f"{only}invoice.cancelled")) == {"invoice.cancelled"}
    both = {"invoice.handed_over", "invoice.cancelled"}
    assert types(host.get(f"{only}invoice.cancelled,invoice.handed_over")) == both
    assert types(host.get(f"{only}invoice.cancelled&type=invoice.handed_over")) == both
    assert types(host.get(f"{only}invoice.*")) == both
    assert types(host.get(f"{only}connector.*")) == set()


def test_the_events_of_one_record_are_its_life(host, place):
    host.put(f"{place}/invoices/new", INVOICE)
    answer = host.get(f"{place}/events?kind=invoice&external_id=new").json
    assert [event["type"] for event in answer["events"]] == ["invoice.handed_over"]
    assert answer["more"] is False
    assert host.get(f"{place}/events?kind=customer&external_id=new").json["events"] == []


@pytest.mark.parametrize(
    ("query", "pointer", "words"),
    [
        ("type=invoice.synct", "/type", "did you mean invoice.synced"),
        ("type=invoice.synced,nothing", "/type", "there is no type nothing"),
        ("type=" + "*" * 3000 + "x", "/type", "there is no type"),
        ("kind=receipt", "/kind", "must be one of"),
        ("after=-1", "/after", "whole number"),
        ("wat=1", "/wat", "no such parameter"),
    ],
)
def test_what_is_no_choice_is_refused_with_its_place(host, place, query, pointer, words):
    answer = host.get(f"{place}/events?{query}")
    assert answer.status_code == 422
    (fault,) = answer.json["faults"]
    assert fault["pointer"] == pointer
    assert words in fault["message"]
    assert len(fault["message"]) < 300


def test_whoever_comes_with_a_place_of_another_feed_is_told(host, rival, place, lab):
    end = host.get(f"{place}/events?limit=500").json["next"]
    gone = host.get(f"{place}/events?after={end + 1}")
    assert gone.status_code == 410
    assert "restored from a backup" in gone.json["detail"]
    assert rival.get(f"/connectors/{lab.FRESH}/events?after={end}").status_code == 410


def test_the_mark_tells_a_place_from_one_that_only_looks_the_same(host, place):
    whole = host.get(f"{place}/events?limit=500").json
    good = f"{place}/events?after={whole['next']}"
    assert host.get(f"{good}&mark={whole['mark']}").status_code == 200
    assert host.get(f"{good}&mark=0000000000000000").status_code == 410
    part = host.get(f"{place}/events?limit=2").json
    assert (part["more"], part["next"]) == (True, part["events"][-1]["id"])
    assert host.get(f"{place}/events?after={part['next']}&mark={part['mark']}").status_code == 200


def test_whoever_hears_only_some_goes_on_behind_everything(host, place):
    whole = host.get(f"{place}/events?limit=500").json
    none = host.get(f"{place}/events?type=connector.full_reset").json
    assert (none["events"], none["next"], none["mark"]) == ([], whole["next"], whole["mark"])


def test_a_setting_that_was_nothing_before_is_told_as_nothing(host, lab):
    path = f"/connectors/{lab.CONNECTOR}"
    for terms in ("Net 30", None):
        before = host.get(f"{path}/settings").json["default_terms"]
        assert host.ask("PATCH", f"{path}/settings", {"default_terms": terms}).status_code == 200
        told = host.get(f"{path}/events?type=connector.settings_changed&limit=500").json["events"][-1]
        assert told["data"]["changes"] == [{"setting": "default_terms", "old": before, "new": terms}]
