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
        behind = f"&cursor={cursor}" if cursor else ""
        page = host.get(f"{address}{joint}limit={limit}{behind}").json
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


def test_records_in_any_of_several_states_are_listed(host, place):
    some = ids(host.get(f"{place}/invoices?state=synced,blocked").json["records"])
    assert set(some) == {
        external_id
        for state in ("synced", "blocked")
        for external_id in ids(host.get(f"{place}/invoices?state={state}").json["records"])
    }
    assert len(some) > 1
    assert ids(host.get(f"{place}/invoices?state=synced&state=blocked").json["records"]) == some


def test_an_empty_parameter_is_refused_as_it_would_narrow_nothing(host, place):
    answer = host.get(f"{place}/invoices?state=&ref_number=%20&cursor=&limit=")
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json["faults"]} == {
        "/state",
        "/ref_number",
        "/cursor",
        "/limit",
    }
    assert {fault["message"] for fault in answer.json["faults"]} == {
        "is empty: leave it out, or give a value"
    }


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
        ("limit=1&limit=2", ["/limit"]),
        ("list_id=8-1", ["/list_id"]),
        ("vendor=x&q=x", ["/vendor", "/q"]),
        ("q=a+b+c+d+e+f+g+h+i", ["/q"]),
        ("q=" + "x" * 256, ["/q"]),
        ("stat=synced&limit=x", ["/stat", "/limit"]),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(host, place, query, pointers):
    answer = host.get(f"{place}/invoices?{query}")
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == pointers


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("number=1042", "there is no such parameter; did you mean ref_number?"),
        ("status=synced", "there is no such parameter; did you mean state?"),
        ("udpated_after=2026-11-20", "; did you mean updated_after"),
        ("colour=red", "there is no such parameter; there are ref_number, txn_id, "),
        ("state=bloked", "did you mean blocked?"),
        (
            "created_after=2026-11-20",
            "with its offset, such as 2026-11-20T15:04:05Z; if that is UTC, write 2026-",
        ),
        ("created_after=2026-11-20T10:30", "if that is UTC, write 2026-11-20T10:30:00Z"),
        ("list_id=8-1", "invoices have no ListID"),
        ("vendor=v-1", "invoices have no vendor"),
        ("q=%23", "write at least 2 letters or digits"),
    ],
)
def test_a_hurried_question_is_told_what_is_meant(host, place, query, words):
    (fault,) = host.get(f"{place}/invoices?{query}").json["faults"]
    assert words in fault["message"]


# --- found by what is known of them ---------------------------------------------------------------------------


@pytest.fixture
def harbour(host, place) -> None:
    """A customer and two invoices of theirs, named in different ways, and a purchase order."""
    host.put(f"{place}/customers/c-7", {"name": "Quay & Sons", "email": "ap@quay.example; boss@quay.example"})
    lines = [{"item": {"sku": "MU-1"}, "quantity": "1"}]
    by_id = {"ref_number": "QS-77 1", "customer": {"external_id": "c-7"}, "lines": lines}
    host.put(f"{place}/invoices/q-1", by_id)
    by_name = {"ref_number": "QS-78", "po_number": "4711/a", "customer": "Quay & Sons", "lines": lines}
    host.put(f"{place}/invoices/q-2", by_name)
    host.put(f"{place}/items/i-9", {"sku": "QUAY-9", "name": "Quay rope", "type": "service"})
    order = {"ref_number": "QS-78", "vendor": {"email": "sales@net.example"}, "lines": lines}
    host.put(f"{place}/purchase-orders/p-1", order)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("invoices?ref_number=QS-78", ["q-2"]),
        ("invoices?ref_number=qs-77%201", ["q-1"]),
        ("invoices?ref_number=%20QS-78%20", ["q-2"]),
        ("invoices?ref_number=QS", []),
        ("purchase-orders?ref_number=qs-78", ["p-1"]),
        ("invoices?customer=c-7", ["q-1", "q-2"]),
        ("invoices?customer=quay%20%26%20sons", ["q-1", "q-2"]),
        ("invoices?customer=boss@quay.example", ["q-1", "q-2"]),
        ("invoices?customer=c-8", []),
        ("invoices?customer=c-7&ref_number=qs-78", ["q-2"]),
        ("invoices?customer=c-7&state=synced", []),
        ("purchase-orders?vendor=SALES@net.example", ["p-1"]),
        ("invoices?q=quay", ["q-1", "q-2"]),
        ("invoices?q=qs-7", ["q-1", "q-2"]),
        ("invoices?q=78", ["q-2"]),
        ("invoices?q=4711", ["q-2"]),
        ("invoices?q=quay%2078", ["q-2"]),
        ("invoices?q=ap@quay.ex", ["q-1", "q-2"]),
        ("customers?q=sons", ["c-7"]),
        ("items?q=quay-9", ["i-9"]),
        ("invoices?q=nowhere", []),
    ],
)
@pytest.mark.usefixtures("harbour")
def test_records_are_found_by_what_is_known_of_them(host, place, query, found):
    answer = host.get(f"{place}/{query}")
    assert answer.status_code == 200, answer.json
    assert ids(answer.json["records"]) == found


@pytest.mark.usefixtures("harbour")
def test_what_is_in_quickbooks_is_found_by_its_id(host, place):
    synced = host.get(f"{place}/invoices/SO-1045").json
    for query in (
        f"txn_id={synced['txn_id']}",
        f"q={synced['txn_id']}",
        f"ref_number={synced['ref_number']}",
    ):
        assert ids(host.get(f"{place}/invoices?{query}").json["records"]) == ["SO-1045"], query
    assert ids(host.get(f"{place}/customers?list_id={synced['txn_id']}").json["records"]) == []


@pytest.mark.usefixtures("harbour")
def test_what_an_invoice_says_no_longer_does_not_find_it(host, place):
    lines = [{"item": {"sku": "MU-1"}, "quantity": "1"}]
    host.put(f"{place}/invoices/q-2", {"ref_number": "QS-79", "customer": "Other Pier", "lines": lines})
    for query in ("ref_number=QS-78", "q=4711", "q=78"):
        assert ids(host.get(f"{place}/invoices?{query}").json["records"]) == [], query
    for query in ("ref_number=QS-79", "customer=other%20pier", "q=pier"):
        assert ids(host.get(f"{place}/invoices?{query}").json["records"]) == ["q-2"], query


def test_what_was_handed_over_in_a_time_is_listed_in_that_order(host, place, world):
    begin = world.clock()
    for external_id in ("n-1", "n-2", "n-3"):
        world.clock.forward(seconds=60)
        host.put(f"{place}/invoices/{external_id}", INVOICE)
    world.clock.forward(seconds=60)
    host.put(f"{place}/invoices/n-1", INVOICE | {"memo": "changed"})
    after = begin.strftime("%Y-%m-%dT%H:%M:%SZ")
    new = f"{place}/invoices?created_after={after}"
    assert [external_id for page in pages(host, new, 1) for external_id in ids(page)] == ["n-1", "n-2", "n-3"]
    changed = f"{place}/invoices?updated_after={after}"
    assert ids(host.get(changed).json["records"]) == ["n-2", "n-3", "n-1"]
    third = host.get(f"{place}/invoices/n-3").json["created_at"].replace("+", "%2B")
    assert ids(host.get(f"{new}&created_before={third}").json["records"]) == ["n-1", "n-2"]
    assert ids(host.get(f"{changed}&updated_before={third}").json["records"]) == ["n-2"]


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
    whole = host.get(f"{place}/events?limit=500").json
    end = whole["next"]
    nothing = {"events": [], "next": end, "mark": whole["mark"], "more": False}
    assert host.get(f"{place}/events?after={end}").json == nothing
    host.post(f"{place}/resync")
    (event,) = host.get(f"{place}/events?after={end}").json["events"]
    assert event["type"] == "connector.resync_requested"


@pytest.mark.parametrize("after", ["-1", "x", "2147483648", "1.5"])
def test_a_place_the_feed_cannot_have_is_refused(host, place, after):
    assert host.get(f"{place}/events?after={after}").status_code == 422
