"""Pages of records and the feed of events: filtered, in order, nothing missed."""

from urllib.parse import quote

import pytest

INVOICE = {"customer": {"email": "ap@harbour.example"}, "lines": [{"item": {"sku": "MU-1"}, "quantity": "1"}]}


@pytest.fixture
def place(lab) -> str:
    """The address of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}"


def pages(host, address: str, limit: int = 2):
    """Every page of a list, each fetched when it is wanted."""
    cursor = ""
    while cursor is not None:
        joint = "&" if "?" in address else "?"
        page = host.get(f"{address}{joint}limit={limit}&cursor={cursor}").json
        yield page["records"]
        cursor = page["next"]


def ids(views) -> list[str]:
    """The external ids of records."""
    return [view["external_id"] for view in views]


# --- records ------------------------------------------------------------------------------------------------


def test_a_page_holds_records_as_they_are_shown_one_by_one(host, place):
    page = host.get(f"{place}/invoices").json
    assert len(page["records"]) == 7
    assert page["next"] is None
    for view in page["records"]:
        assert host.get(f"{place}/invoices/{quote(view['external_id'], safe='')}").json == view


def test_pages_hold_each_record_once(host, place):
    whole = ids(host.get(f"{place}/invoices").json["records"])
    paged = [external_id for page in pages(host, f"{place}/invoices") for external_id in ids(page)]
    assert paged == whole


def test_only_records_of_the_kind_are_listed(host, place):
    host.put(f"{place}/customers/c", {"name": "Pier Grill", "email": "pay@pier.example"})
    assert ids(host.get(f"{place}/customers").json["records"]) == ["c"]
    assert host.get(f"{place}/purchase-orders").json == {"records": [], "next": None}


def test_only_records_in_a_state_are_listed(host, place):
    assert ids(host.get(f"{place}/invoices?state=synced").json["records"]) == ["SO-1045"]
    assert ids(host.get(f"{place}/invoices?state=cancelled").json["records"]) == []


def test_an_empty_parameter_is_none(host, place):
    assert host.get(f"{place}/invoices?state=&updated_after=&cursor=&limit=").status_code == 200


def test_only_what_changed_later_is_listed(host, place, world):
    before = world.clock()
    world.clock.forward(seconds=5)
    host.put(f"{place}/invoices/SO-1040", INVOICE | {"memo": "changed"})
    for moment in (
        before.isoformat(),
        quote(before.isoformat()),
        before.strftime("%Y-%m-%dT%H:%M:%SZ"),
        before.isoformat().replace("09:34:00+00:00", "04:34:00-05:00"),
    ):
        found = host.get(f"{place}/invoices?updated_after={moment}").json["records"]
        assert ids(found) == ["SO-1040"], moment
    assert ids(host.get(f"{place}/invoices?updated_after={found[0]['updated_at']}").json["records"]) == []


def test_what_is_new_comes_on_a_later_page_and_moves_no_other(host, place, world):
    whole = ids(host.get(f"{place}/invoices").json["records"])
    seen = []
    for number, page in enumerate(pages(host, f"{place}/invoices")):
        seen += ids(page)
        if number < 2:
            world.clock.forward(seconds=1)
            host.put(f"{place}/invoices/new-{number}", INVOICE)
    assert seen == [*whole, "new-0", "new-1"]


def test_what_changes_meanwhile_is_not_missed(host, place, world):
    whole = ids(host.get(f"{place}/invoices").json["records"])
    seen = []
    for number, page in enumerate(pages(host, f"{place}/invoices")):
        seen += ids(page)
        if number == 0:
            world.clock.forward(seconds=1)
            host.put(f"{place}/invoices/{whole[0]}", INVOICE | {"memo": "changed"})
            host.put(f"{place}/invoices/{whole[-1]}", INVOICE | {"memo": "changed"})
    assert set(seen) == set(whole)
    assert seen[-2:] == [whole[0], whole[-1]]


def test_many_records_of_one_moment_are_told_apart(host, place, lab, world):
    lab.many_invoices(world, 25)
    paged = [external_id for page in pages(host, f"{place}/invoices", limit=7) for external_id in ids(page)]
    assert len(paged) == len(set(paged)) == 32


def test_more_than_is_asked_for_never_comes(host, place, lab, world):
    lab.many_invoices(world, 110)
    assert len(host.get(f"{place}/invoices").json["records"]) == 100
    assert len(host.get(f"{place}/invoices?limit=105").json["records"]) == 105


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("state=lost", ["/state"]),
        ("limit=0", ["/limit"]),
        ("limit=501", ["/limit"]),
        ("limit=-1", ["/limit"]),
        ("limit=1e2", ["/limit"]),
        ("limit=" + "9" * 5000, ["/limit"]),
        ("limit=%D9%A1", ["/limit"]),
        ("updated_after=yesterday", ["/updated_after"]),
        ("updated_after=2026-11-20", ["/updated_after"]),
        ("updated_after=2026-11-20T10:00:00", ["/updated_after"]),
        ("updated_after=0001-01-01T00:00:00%2B05:00", ["/updated_after"]),
        ("cursor=x", ["/cursor"]),
        ("cursor=%00", ["/cursor"]),
        ("cursor=bnVsbA", ["/cursor"]),
        ("cursor=MQ", ["/cursor"]),
        ("cursor=WzEsMl0", ["/cursor"]),
        ("state=synced&state=queued", ["/state"]),
        ("stat=synced&limit=x", ["/stat", "/limit"]),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(host, place, query, pointers):
    answer = host.get(f"{place}/invoices?{query}")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == pointers


def test_a_cursor_of_another_list_is_refused(host, place):
    cursor = host.get(f"{place}/errors?limit=1").json["next"]
    assert host.get(f"{place}/errors?limit=1&cursor={cursor}").status_code == 200
    assert host.get(f"{place}/invoices?cursor={cursor}").status_code == 422


# --- the feed -----------------------------------------------------------------------------------------------


def test_the_feed_tells_everything_in_order_and_can_be_replayed(host, place):
    whole = host.get(f"{place}/events?limit=500").json
    assert whole["more"] is False
    numbers = [event["id"] for event in whole["events"]]
    assert numbers == sorted(set(numbers))
    assert whole["next"] == numbers[-1]

    after, seen, more = "0", [], True
    while more:
        page = host.get(f"{place}/events?limit=3&after={after}").json
        seen += page["events"]
        after, more = page["next"], page["more"]
    assert seen == whole["events"]
    assert host.get(f"{place}/events?limit=500").json == whole


def test_the_feed_tells_the_life_of_a_record(host, place):
    host.put(f"{place}/invoices/new", INVOICE)
    host.delete(f"{place}/invoices/new")
    life = [
        (event["from"], event["to"])
        for event in host.get(f"{place}/events?limit=500").json["events"]
        if event["external_id"] == "new"
    ]
    assert life == [(None, "queued"), ("queued", "cancelled")]


def test_whoever_has_heard_everything_goes_on_from_the_same_place(host, place):
    end = host.get(f"{place}/events?limit=500").json["next"]
    assert host.get(f"{place}/events?after={end}").json == {"events": [], "next": end, "more": False}
    host.post(f"{place}/resync")
    (event,) = host.get(f"{place}/events?after={end}").json["events"]
    assert event["type"] == "connector.resync_requested"


@pytest.mark.parametrize("after", ["-1", "x", "2147483648", "1.5"])
def test_a_place_the_feed_cannot_have_is_refused(host, place, after):
    assert host.get(f"{place}/events?after={after}").status_code == 422
