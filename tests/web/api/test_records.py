"""Records through the API: handed over, looked at, tried again, voided, taken back, linked."""

import re
from urllib.parse import quote

import pytest
from sqlalchemy import update

from qbwc_server.domain.causes import DocumentDeleted, Uncertain
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import connectors as connector_rows
from qbwc_server.storage import errors as error_rows
from qbwc_server.storage import records as rows
from qbwc_server.storage.schema import record as record_table

CONTENT = {
    Kind.CUSTOMER: {"name": "Pier Grill", "email": "pay@pier.example"},
    Kind.VENDOR: {"name": "Rope & Tackle", "email": "rope@tackle.example"},
    Kind.ITEM: {"sku": "LB-9", "name": "Lobster 9lb", "price": "88.00"},
    Kind.INVOICE: {"customer": "Harbour Fish Co", "lines": [{"item": {"sku": "MU-1"}, "quantity": "2"}]},
    Kind.PURCHASE_ORDER: {"vendor": "Ice & Crates", "lines": [{"item": {"sku": "MU-1"}, "rate": "1.00"}]},
}
SYNCED, REFUSED, BLOCKED, QUEUED = "SO-1045", "SO-1046", "SO-1041", "SO-1040"


@pytest.fixture
def base(lab) -> str:
    """The address of the busy connector."""
    return f"/connectors/{lab.CONNECTOR}"


def stored(world, lab, kind, external_id):
    """The record as the database has it."""
    with world.core.database.begin() as conn:
        connector = connector_rows.by_name(conn, lab.CONNECTOR)
        return rows.find(conn, connector.id, kind, external_id)


def block_for(world, lab, external_id, cause):
    """Have an invoice blocked for a cause that only QuickBooks can tell."""
    record = stored(world, lab, Kind.INVOICE, external_id)
    now = world.clock()
    with world.core.database.begin() as conn:
        if record.state is State.SYNCED:
            rows.move(conn, record, State.BLOCKED, now=now, actor="quickbooks")
        else:
            conn.execute(update(record_table).where(record_table.c.id == record.id).values(state="blocked"))
        error_rows.open_error(conn, record.connector_id, record.id, cause, now=now)


# --- handing over -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_a_record_is_created_then_changed_then_left_alone(host, base, kind):
    place = f"{base}/{kind.plural}/new"
    first = host.put(place, CONTENT[kind])
    assert first.status_code == 201
    assert (first.json["kind"], first.json["external_id"], first.json["revision"]) == (kind, "new", 1)
    assert first.json["record"] == CONTENT[kind]
    assert kind.id_name in first.json

    again = host.put(place, CONTENT[kind])
    assert (again.status_code, again.json) == (200, first.json)

    other = {"is_active": False} if not kind.is_document else {"memo": "x"}
    changed = host.put(place, CONTENT[kind] | other)
    assert (changed.status_code, changed.json["revision"]) == (200, 2)
    assert host.get(place).json == changed.json


def test_the_answer_says_what_stands_in_the_way(host, base):
    lines = [{"item": {"sku": "OY-100"}}]
    answer = host.put(f"{base}/invoices/new", {"customer": "Harbour Fish Co", "lines": lines}).json
    assert answer["state"] == "blocked"
    (error,) = answer["errors"]
    assert (error["cause"], error["cause_key"]) == ("item_not_matched", "sku:OY-100")
    assert error["remedy"]


@pytest.mark.parametrize(
    "nothing", ["", " ", {"sku": " "}, {"external_id": ""}, {"full_name": "\t"}, {}, None]
)
def test_a_reference_of_spaces_says_nothing(host, base, nothing):
    line = {"item": nothing, "desc": "Catch of the day", "quantity": "1"}
    answer = host.put(f"{base}/invoices/new", {"customer": "Harbour Fish Co", "lines": [line]})
    assert answer.status_code == 201
    assert [error["sub_reason"] for error in answer.json["errors"]] == ["sku_missing"]


def test_a_field_nobody_knows_is_a_fault_even_when_it_is_empty(host, base):
    answer = host.put(f"{base}/items/new", {"sku": "A", "colour": ""})
    assert [fault["pointer"] for fault in answer.json["faults"]] == ["/colour"]
    lines = [{"item": {"sku": "MU-1", "colour": ""}}]
    answer = host.put(f"{base}/invoices/new", {"customer": "Harbour Fish Co", "lines": lines})
    assert [fault["pointer"] for fault in answer.json["faults"]] == ["/lines/0/item/colour"]


def test_numbers_keep_every_digit(host, base):
    body = (
        b'{"customer": "Harbour Fish Co", "lines":'
        b' [{"item": {"sku": "MU-1"}, "quantity": 0.10000, "rate": 1234567890.12345}]}'
    )
    (line,) = host.put(f"{base}/invoices/exact", body).json["record"]["lines"]
    assert line["quantity"] == "0.10000"
    assert line["rate"] == "1234567890.12345"


def test_a_number_comes_back_as_text_however_it_was_sent(host, base):
    lines = [{"item": {"sku": "MU-1"}, "quantity": 2, "rate": "2"}]
    body = {"customer": "Harbour Fish Co", "lines": lines, "is_to_be_printed": True, "exchange_rate": None}
    path = f"{base}/invoices/whole"
    for answer in (host.put(path, body), host.put(path, body), host.get(path)):
        assert answer.json["record"]["lines"] == [{"item": {"sku": "MU-1"}, "quantity": "2", "rate": "2"}]
        assert answer.json["record"]["is_to_be_printed"] is True
        assert answer.json["record"]["exchange_rate"] is None
        assert answer.json["revision"] == 1


def test_every_fault_is_listed_with_its_place_and_nothing_is_stored(host, base):
    body = {
        "ref_number": "LONGER-THAN-ELEVEN",
        "customer": {"external_id": "c", "email": "a@b.c"},
        "lines": [{"item": {"sku": "MU-1"}, "quantity": "many"}, {"item": {"sku": "MU-1"}, "colour": "red"}],
    }
    answer = host.put(f"{base}/invoices/new", body)
    assert answer.status_code == 422
    pointers = {fault["pointer"] for fault in answer.json["faults"]}
    assert pointers == {"/ref_number", "/customer", "/lines/0/quantity", "/lines/1/colour"}
    assert host.get(f"{base}/invoices/new").status_code == 404


def test_a_void_document_is_not_changed_any_more(host, base, world, lab):
    assert host.post(f"{base}/invoices/{SYNCED}/void").status_code == 200
    answer = host.put(f"{base}/invoices/{SYNCED}", CONTENT[Kind.INVOICE])
    assert answer.status_code == 409
    assert "void" in answer.json["detail"]


PRINTABLE = [
    "plain",
    "a/b",
    "a//b",
    "a/../b",
    "voids",
    "a/retry-2",
    "...",
    "with space",
    "100%",
    "%2F",
    "a%20b",
    "a%2Fb",
    "a+b",
    "a?b#c&d=e",
    "ä ö ü ß",
    "発注-42",
    "🦪",
    "'; DROP TABLE record; --",
    '"quoted"',
    "<b>",
    "x" * 200,
]
WITHOUT_EDGES = [
    " x",
    "x ",
    " ",
    "/x",
    "x/",
    "x//",
    "/",
    "x /",
    ".",
    "..",
    "void",
    "retry",
    "post-as-new",
    "x/void",
    "x/post-as-new",
    "x/y/retry",
]
TOLD, UNTOLD = "told", "untold"
"""Whether the server in front tells how the address was sent; granian does not."""


def told_or_not(how):
    return {} if how is TOLD else {"environ_overrides": {"REQUEST_URI": "", "RAW_URI": ""}}


@pytest.mark.parametrize("how", [TOLD, UNTOLD])
@pytest.mark.parametrize("external_id", PRINTABLE)
def test_an_external_id_may_be_any_printable_text(host, base, external_id, how):
    place, told = f"{base}/customers/{quote(external_id, safe='')}", told_or_not(how)
    assert host.put(place, CONTENT[Kind.CUSTOMER], **told).json["external_id"] == external_id
    assert host.get(place, **told).json["external_id"] == external_id
    assert host.post(f"{place}/retry", **told).json["external_id"] == external_id
    assert host.ask("DELETE", place, **told).json["external_id"] == external_id
    listed = host.get(f"{base}/customers").json["records"]
    assert [view["external_id"] for view in listed] == [external_id]


@pytest.mark.parametrize("external_id", WITHOUT_EDGES)
def test_an_external_id_has_no_space_slash_or_reserved_word_at_its_edges(host, base, external_id):
    answer = host.put(f"{base}/customers/{quote(external_id, safe='')}", CONTENT[Kind.CUSTOMER])
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["faults"]]) == (
        422,
        ["/external_id"],
    )
    assert host.get(f"{base}/customers").json["records"] == []


@pytest.mark.parametrize("how", [TOLD, UNTOLD])
@pytest.mark.parametrize("external_id", [item for item in WITHOUT_EDGES if item not in (".", "..")])
def test_no_address_makes_a_record_whose_id_has_a_space_slash_or_reserved_word_at_its_edges(
    host, base, external_id, how
):
    for safe in ("", "/"):
        place = f"{base}/customers/{quote(external_id, safe=safe)}"
        answer = host.put(place, CONTENT[Kind.CUSTOMER], **told_or_not(how))
        assert answer.status_code in (404, 405, 422), (place, answer.json)
    assert host.get(f"{base}/customers").json["records"] == []


@pytest.mark.parametrize("step", ["x3/", "x3//", "a/b", "/a", "a//b", "SO/1042/"])
def test_an_address_with_a_slash_too_many_is_not_there(host, base, step):
    answer = host.put(f"{base}/invoices/{step}", CONTENT[Kind.INVOICE])
    assert answer.status_code == 404
    assert "%2F" in answer.json["detail"]
    assert host.get(f"{base}/invoices/{step}").status_code == 404


def test_below_a_prefix_a_slash_is_told_from_one_within_an_id(host, base):
    for sent, status in (("a%2Fb", 405), ("a/b", 404)):
        uri = f"https://shop.example/quickbooks/api/v1{base}/customers/{sent}/void?x=%2F"
        answer = host.get(f"{base}/customers/a/b/void", environ_overrides={"REQUEST_URI": uri})
        assert answer.status_code == status, sent


@pytest.mark.parametrize("external_id", [" x", "x/", "void", "x/void"])
def test_a_record_taken_in_under_such_an_id_before_is_still_reached(host, base, world, lab, external_id):
    with world.core.database.begin() as conn:
        connector = connector_rows.by_name(conn, lab.CONNECTOR)
        rows.add(
            conn,
            connector.id,
            Kind.CUSTOMER,
            external_id,
            {"name": "Old"},
            now=world.clock(),
            actor="host",
        )
    place = f"{base}/customers/{quote(external_id, safe='')}"
    assert host.get(place).json["external_id"] == external_id
    assert host.post(f"{place}/retry").json["external_id"] == external_id
    assert host.delete(place).json["state"] == "cancelled"


@pytest.mark.parametrize("external_id", [*PRINTABLE, *WITHOUT_EDGES])
def test_the_documented_pattern_of_an_external_id_is_the_rule(paper, external_id):
    pattern = paper["components"]["schemas"]["BatchLine"]["properties"]["external_id"]["pattern"]
    assert bool(re.search(pattern, external_id)) == (external_id in PRINTABLE)


@pytest.mark.parametrize("path", ["%0A", "a%00b", "%E2%80%A8", "x" * 201, "%C2%AD", "x%20", "x%C2%A0"])
def test_an_external_id_that_cannot_be_printed_is_refused(host, base, path):
    answer = host.put(f"{base}/customers/{path}", CONTENT[Kind.CUSTOMER])
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == ["/external_id"]


def test_an_address_that_is_not_utf8_is_refused_instead_of_guessed_at(host, base):
    # as a server hands the byte 0xFF over: WSGI has bytes as latin-1 text
    raw = {"PATH_INFO": f"/api/v1{base}/customers/\xff"}
    for answer in (
        host.get(f"{base}/customers/x", environ_overrides=raw),
        host.get(f"{base}/quickbooks/customers?name=%FF"),
    ):
        assert (answer.status_code, answer.json["detail"]) == (400, "The address is not UTF-8.")


# --- looking ------------------------------------------------------------------------------------------------


def test_a_record_tells_how_it_fares(host, base):
    view = host.get(f"{base}/invoices/{SYNCED}").json
    assert (view["state"], view["txn_id"], view["ref_number"]) == ("synced", "1A2B-1700000001", "1045")
    view = host.get(f"{base}/invoices/{REFUSED}").json
    assert view["errors"][0]["quickbooks"]["code"] == "3180"


def test_a_record_nobody_handed_over_is_not_found(host, base):
    answer = host.get(f"{base}/invoices/nope")
    assert answer.status_code == 404
    assert "nope" in answer.json["detail"]


# --- taking back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("external_id", [QUEUED, BLOCKED])
def test_what_was_not_sent_is_cancelled_once_and_for_all(host, base, external_id):
    for _ in range(2):
        answer = host.delete(f"{base}/invoices/{external_id}")
        assert (answer.status_code, answer.json["state"], answer.json["errors"]) == (200, "cancelled", [])


def test_what_quickbooks_holds_is_not_cancelled_but_voided(host, base):
    answer = host.delete(f"{base}/invoices/{SYNCED}")
    assert answer.status_code == 409
    assert "void it instead" in answer.json["detail"]
    assert host.get(f"{base}/invoices/{SYNCED}").json["state"] == "synced"


def test_a_list_record_that_quickbooks_holds_is_retired_instead(host, base):
    place = f"{base}/customers/known"
    assert host.put(place, {"name": "Harbour", "email": "ap@harbour.example"}).json["state"] == "synced"
    answer = host.delete(place)
    assert answer.status_code == 409
    assert "is_active" in answer.json["detail"]


@pytest.mark.parametrize("state", [State.SENT, State.UNCERTAIN])
def test_what_is_on_its_way_is_not_cancelled(host, base, world, lab, state):
    record = stored(world, lab, Kind.INVOICE, QUEUED)
    with world.core.database.begin() as conn:
        conn.execute(update(record_table).where(record_table.c.id == record.id).values(state=state))
    assert host.delete(f"{base}/invoices/{QUEUED}").status_code == 409
    assert stored(world, lab, Kind.INVOICE, QUEUED).state is state


def test_what_quickbooks_may_hold_is_not_cancelled(host, base, world, lab):
    block_for(world, lab, QUEUED, Uncertain(f"invoice {QUEUED}"))
    answer = host.delete(f"{base}/invoices/{QUEUED}")
    assert answer.status_code == 409
    assert stored(world, lab, Kind.INVOICE, QUEUED).state is State.BLOCKED


def test_a_cancelled_record_may_be_taken_up_again(host, base):
    host.delete(f"{base}/invoices/{QUEUED}")
    answer = host.put(f"{base}/invoices/{QUEUED}?revive=true", CONTENT[Kind.INVOICE])
    assert (answer.status_code, answer.json["state"]) == (200, "queued")


def test_taking_back_what_never_was_is_not_found(host, base):
    assert host.delete(f"{base}/invoices/nope").status_code == 404


# --- trying again -------------------------------------------------------------------------------------------


def test_a_blocked_record_goes_on_once_its_cause_is_gone(host, base, world, lab):
    place = f"{base}/invoices/{BLOCKED}/retry"
    assert host.post(place).json["state"] == "blocked"
    lab.cure_sku(world)
    answer = host.post(place).json
    assert (answer["state"], answer["errors"]) == ("queued", [])


def test_what_quickbooks_refused_is_sent_again(host, base):
    assert host.post(f"{base}/invoices/{REFUSED}/retry").json["state"] == "queued"


def test_a_queued_record_is_left_as_it_is(host, base):
    before = host.get(f"{base}/invoices/{QUEUED}").json
    assert host.post(f"{base}/invoices/{QUEUED}/retry").json == before


def test_there_is_nothing_to_retry_on_a_synced_record(host, base):
    assert host.post(f"{base}/invoices/{SYNCED}/retry").status_code == 409


@pytest.mark.parametrize("action", ["retry", "void", "post-as-new"])
def test_nothing_can_be_done_with_a_record_nobody_handed_over(host, base, action):
    assert host.post(f"{base}/invoices/nope/{action}").status_code == 404


# --- voiding and posting anew -------------------------------------------------------------------------------


def test_a_synced_document_is_queued_to_be_voided(host, base):
    answer = host.post(f"{base}/invoices/{SYNCED}/void").json
    assert (answer["state"], answer["is_void"]) == ("queued", True)
    assert host.post(f"{base}/invoices/{SYNCED}/void").json["revision"] == answer["revision"]


def test_a_document_that_was_never_sent_is_cancelled_instead_of_voided(host, base):
    assert host.post(f"{base}/invoices/{QUEUED}/void").json["state"] == "cancelled"


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.VENDOR, Kind.ITEM])
@pytest.mark.parametrize("action", ["void", "post-as-new"])
def test_list_records_are_neither_voided_nor_posted_anew(host, base, kind, action):
    place = f"{base}/{kind.plural}/new"
    host.put(place, CONTENT[kind])
    assert host.post(f"{place}/{action}").status_code == 409


def test_a_document_deleted_in_quickbooks_is_posted_as_new(host, base, world, lab):
    block_for(world, lab, SYNCED, DocumentDeleted("invoice 1045", f"invoice {SYNCED}", "1A2B-1"))
    answer = host.post(f"{base}/invoices/{SYNCED}/post-as-new").json
    assert (answer["state"], answer["txn_id"]) == ("queued", None)


def test_a_document_that_still_exists_is_not_posted_twice(host, base):
    assert host.post(f"{base}/invoices/{SYNCED}/post-as-new").status_code == 409


# --- linking ------------------------------------------------------------------------------------------------


def test_a_customer_is_linked_by_hand_and_let_go_again(host, base):
    host.put(f"{base}/customers/c", {"name": "Nobody Knows"})
    (known,) = host.get(f"{base}/quickbooks/customers").json["entries"]
    linked = host.put(f"{base}/links/customers/c", {"list_id": known["list_id"]}).json
    assert (linked["state"], linked["list_id"], linked["matched_by"]) == ("synced", known["list_id"], "hand")
    free = host.delete(f"{base}/links/customers/c").json
    assert free["list_id"] is None


def test_a_document_is_linked_by_its_txn_id(host, base):
    answer = host.put(f"{base}/links/invoices/{REFUSED}", {"txn_id": "AB-1"}).json
    assert (answer["state"], answer["txn_id"]) == ("queued", "AB-1")


def test_a_link_to_what_quickbooks_is_not_known_to_have_is_a_conflict_that_a_refresh_may_end(host, base):
    host.put(f"{base}/customers/c", CONTENT[Kind.CUSTOMER])
    answer = host.put(f"{base}/links/customers/c", {"list_id": "80000001-1"})
    assert answer.status_code == 409
    assert "no customer with this ListID" in answer.json["detail"]
    assert "Resync" in answer.json["detail"]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/list_id"]),
        ({"txn_id": "1-2"}, ["/txn_id", "/list_id"]),
        ({"list_id": 7}, ["/list_id"]),
        ({"list_id": None}, ["/list_id"]),
        ({"list_id": ""}, ["/list_id"]),
        ({"list_id": "x" * 37}, ["/list_id"]),
    ],
)
def test_a_link_that_cannot_be_is_refused(host, base, body, pointers):
    host.put(f"{base}/customers/c", CONTENT[Kind.CUSTOMER])
    answer = host.put(f"{base}/links/customers/c", body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["faults"]] == pointers


def test_a_link_takes_the_kind_by_its_own_word_too(host, base):
    answer = host.put(f"{base}/links/invoice/{REFUSED}", {"txn_id": "AB-1"})
    assert (answer.status_code, answer.json["txn_id"]) == (200, "AB-1")


def test_two_records_are_not_linked_to_the_same_document(host, base):
    answer = host.put(f"{base}/links/invoices/{REFUSED}", {"txn_id": "1A2B-1700000001"})
    assert answer.status_code == 409


def test_a_document_is_not_let_go(host, base):
    assert host.delete(f"{base}/links/invoices/{SYNCED}").status_code == 409


def test_the_history_says_which_host_it_was(host, base):
    host.post(f"{base}/invoices/{REFUSED}/retry")
    (*_, last) = host.get(f"{base}/events?limit=500").json["events"]
    assert (last["external_id"], last["actor"]) == (REFUSED, "host (order system)")
