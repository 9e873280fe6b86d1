"""Every choice of every cause, over HTTP: offered as data, answered by the API alone, judged from the company file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from qbwc_server.access import api_keys
from qbwc_server.domain.choices import WAYS, Action
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.people import Scope
from qbwc_server.simulator import CompanyFile
from tests.worlds.acceptance_world import Json
from tests.worlds.cause_world import (
    CASES,
    DAY,
    EMAIL,
    OTHER_EMAIL,
    Case,
    House,
    open_house,
    person,
    there,
    written_by_us,
)
from tests.worlds.choice_world import ApiStage, api_stage, before_the_choice
from tests.worlds.receiver import Reply, receiving

QUICK = (
    "customer_not_matched-several",
    "customer_not_matched-email_unknown",
    "item_not_matched-creation_off",
    "number_conflict",
    "changed_in_quickbooks",
    "document_deleted",
)
"""One of each sort for every day; the others take a minute."""
KEPT = ("vendor_not_matched-several", "customer_not_matched-name_unknown", "item_not_matched-id_unknown")


def cases() -> Iterator[object]:
    for case in CASES:
        # vendors are matched as customers are; of what is named by name or ListID one of each stands for all
        alike = case.id.startswith("vendor_") or case.id.endswith(("-name_unknown", "-id_unknown"))
        how = pytest.mark.thorough if alike and case.id not in KEPT else pytest.mark.slow
        yield pytest.param(case, id=case.id, marks=() if case.id in QUICK else how)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("choices")) as made:
        yield made


PUT_RIGHT = {
    "not_permitted": person(lambda p, s: p.allow("InvoiceAdd")),
    "closed_period": person(lambda p, s: p.close_books(None)),
    "refused": person(lambda p, s: p.allow("InvoiceAdd")),
    "number_conflict": person(
        lambda p, s: p.edit_transaction("Invoice", s.notes["rival"], {"RefNumber": "X-1"})
    ),
    "uncertain": person(lambda p, s: p.delete_transaction("Invoice", s.the_invoice())),
    "link_refused": lambda s: None,
}
"""What somebody does in QuickBooks before it is tried again."""

_numbers = count()


@pytest.mark.parametrize("case", cases())
def test_whatever_is_offered_of_a_cause_can_be_answered_and_does_what_it_says(
    house: House, case: Case
) -> None:
    number, offered = 0, 1
    while number < offered:
        stage = before_the_choice(house, case, f"choice-{next(_numbers)}")
        error = stage.the_error()
        answerable = [each for each in error["choices"] if each["answerable"]]
        walk(stage, case, error, answerable[number])
        number, offered = number + 1, len(answerable)


def walk(stage: ApiStage, case: Case, error: Json, choice: Json) -> None:
    """Answer one choice on a stage of its own, and judge."""
    action = choice["action"]
    assert choice["label"], choice["consequence"]
    value = value_for(stage, case, choice) if choice["needs"] else None
    more = {} if value is None else {"value": value}
    written, ledger = written_by_us(stage), len(stage.company.ledger)
    if action == Action.RESYNC:
        resynced(stage, case, choice)
        return
    if action == Action.RETRY:
        PUT_RIGHT[case.cause](stage)
    status, told = stage.answer(error, choice["id"], **more)
    assert status == 200, (choice, told)
    assert (told["choice"], told["answered"], told["still_waiting"]) == (choice["id"], 1, 0), choice
    assert told["error"]["closed_at"] is not None
    assert told["error"]["choices"] == []
    stage.until_idle()
    view = stage.view(*case.blocked)
    if action == Action.DISMISS:
        assert (view["state"], written_by_us(stage)) == ("cancelled", written)
        return
    assert (view["state"], view["errors"]) == ("synced", []), (choice, view["errors"])
    found = there(stage, case.blocked[0], view)
    chosen = (choice["candidate"] or {"id": value})["id"]
    if action == Action.LINK:
        assert chosen in ids_in(found, case.blocked[0])
    elif action == Action.CREATE:
        (added,) = stage.company.ledger[ledger:]
        assert (added.by, added.request.endswith("AddRq")) == ("application", True)
        assert added.name == view["full_name"]
    elif action == Action.POST_AS_NEW:
        assert view["txn_id"] != stage.notes["posted"]
    elif action == Action.OVERWRITE:
        assert found["Memo"] == "two"
    elif action == Action.KEEP:
        assert (found["Memo"], written_by_us(stage)) == ("by hand", written)
        assert "QuickBooks keeps “by hand”" in view["warnings"][-1]
    elif action == Action.UNLINK_OTHER:
        assert view["list_id"] == stage.notes["Harbour Fish"]


def ids_in(found: Json, kind: Kind) -> set[str]:
    """The ids by which a record in the company file may be what was chosen, or name it."""
    parties = [found.get(name, {}).get("ListID") for name in ("CustomerRef", "VendorRef")]
    items = [line["ItemRef"]["ListID"] for line in found.get("lines", ())]
    own = found.get("TxnID") if kind.is_document else found.get("ListID")
    return {each for each in (*parties, *items, own) if each}


def value_for(stage: ApiStage, case: Case, choice: Json) -> str:
    """What somebody picks: by the picker, where it is an entry of a list."""
    needs = choice["needs"]
    if needs["name"] == "txn_id":
        return stage.write_invoice(RefNumber="BY-HAND")
    wanted = {"customers": "Regular", "vendors": "Supplier", "items": "Ice", "accounts": "Sales"}
    list_name = needs["look_up"]
    entries = stage.get(f"quickbooks/{list_name}?q={wanted[list_name][:4].lower()}")["entries"]
    (picked,) = [entry for entry in entries if entry["full_name"] == wanted[list_name]]
    return picked[needs["name"]]


def resynced(stage: ApiStage, case: Case, choice: Json) -> None:
    """Somebody puts it right in QuickBooks, and nobody asks for a Resync but the answer."""
    stage.asks_for_resyncs = False
    case.mend(stage)
    is_open = bool(stage.open())
    if is_open:
        stage.decide(choice["id"])
        stage.until_idle()
    view = stage.view(*case.blocked)
    assert (view["state"], view["errors"]) == ("synced" if is_open else view["state"], [])


@pytest.mark.parametrize("case", cases())
def test_a_cause_of_content_is_settled_by_handing_over_and_says_so(house: House, case: Case) -> None:
    stage = before_the_choice(house, case, f"put-{next(_numbers)}")
    error = stage.the_error()
    for choice in error["choices"]:
        if not choice["answerable"]:
            status, told = stage.answer(error, choice["id"])
            assert (status, told["faults"][0]["pointer"]) == (422, "/choice")
            assert "not answered but done" in told["faults"][0]["message"]
    case.mend(stage)
    stage.until_idle()
    assert stage.open() == []
    view = stage.view(*case.blocked)
    assert view["state"] == "synced"
    assert there(stage, case.blocked[0], view)


OF_CONNECTORS = {"quickbooks_unreachable", "wrong_company_file", "bad_credentials", "version_unsupported"}


def test_every_cause_has_a_way_out_and_every_cause_of_a_record_is_walked() -> None:
    assert all(any(way.action is Action.DISMISS for way in ways) for ways in WAYS.values())
    names = {cause.name for cause in WAYS}
    # test_truth.py, below, and test_raw_requests.py
    others = {"not_accepted", "webhook_disabled", "request_uncertain"}
    assert {case.cause for case in CASES} | OF_CONNECTORS | others == names


# --- what stands in the way of the connector, and of its webhooks --------------------------------------------


def test_a_quickbooks_that_is_too_old_is_let_be_told_again_and_settled_by_a_newer_one(house: House) -> None:
    stage = api_stage(house, "versions")
    stage.invoice()
    spoken = stage.company.host["SupportedQBXMLVersion"]
    stage.company.host["SupportedQBXMLVersion"] = ["99.0"]
    stage.visit()
    error = stage.the_error()
    assert (error["cause"], error["actor"], error["kind"]) == ("version_unsupported", "quickbooks_user", None)
    assert [each["id"] for each in error["choices"]] == ["dismiss"]
    status, told = stage.answer(error, "dismiss", note="the PC is updated tonight")
    assert (status, told["answered"], told["error"]["choices"]) == (200, 1, [])
    assert told["error"]["answered"]["actor"] == "host (key of versions)"
    assert stage.open() == []
    # it was let be, and is not gone: nothing was cancelled, and whoever comes next is told again
    assert stage.view(Kind.INVOICE, "inv")["state"] == "queued"
    stage.visit()
    assert stage.the_error()["id"] > error["id"]
    stage.company.host["SupportedQBXMLVersion"] = spoken
    stage.until_idle()
    assert stage.open() == []
    assert stage.view(Kind.INVOICE, "inv")["state"] == "synced"
    assert stage.company.records("Invoice")


def test_a_webhook_that_was_disabled_is_enabled_and_goes_on_where_it_stopped(house: House) -> None:
    stage = api_stage(house, "hooks")
    with receiving() as receiver:
        receiver.answering = lambda _: Reply(410)
        asked = {"url": receiver.url, "types": ["*"], "allow_private": True}
        status, made = stage.ask("POST", "webhooks", asked)
        assert status == 201, made
        stage.customer()
        error = wait_for(lambda: stage.open() and stage.the_error())
        assert (error["cause"], error["actor"]) == ("webhook_disabled", "staff")
        offered = {each["action"]: each["answerable"] for each in error["choices"]}
        assert offered == {"enable_webhook": False, "dismiss": True}
        status, told = stage.answer(error, "enable_webhook")
        assert (status, told["faults"][0]["pointer"]) == (422, "/choice")
        # who lets it be is rid of the error, and the webhook stays as it is
        assert stage.answer(error, "dismiss")[0] == 200
        assert stage.open() == []
        assert stage.get(f"webhooks/{made['id']}")["disabled_at"] is not None
        receiver.answering = lambda _: Reply()
        assert stage.ask("PATCH", f"webhooks/{made['id']}", {"enabled": True})[0] == 200
        wait_for(lambda: any(event["external_id"] == "c" for event in receiver.events))
    assert stage.open() == []


def wait_for(condition: Callable[[], Any]) -> Any:
    """What is delivered comes by itself, soon."""
    until = time.monotonic() + 10
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


# --- tokens, and two at once --------------------------------------------------------------------------------


def two_customers(house: House, name: str, invoices: int = 0) -> ApiStage:
    """A customer of whom QuickBooks has two, and invoices that wait for it."""
    stage = api_stage(house, name)
    for each in ("First", "Second"):
        stage.enter("Customer", each, Email=EMAIL)
    stage.visit()
    stage.customer()
    for number in range(invoices):
        given = {"ref_number": f"N-{number}", "customer": {"external_id": "c"}}
        line = {"item": {"full_name": "Ice"}, "quantity": "1", "rate": "2"}
        stage.put(Kind.INVOICE, f"inv-{number}", **given, txn_date=DAY, lines=[line])
    return stage


def first_error(stage: ApiStage) -> Json:
    return stage.get(f"errors/{stage.open()[0]['id']}")


def links(error: Json) -> list[Json]:
    return [each for each in error["choices"] if each["action"] == "link" and each["candidate"]]


def test_candidates_are_data_and_so_is_what_the_host_has_to_do(house: House) -> None:
    stage = two_customers(house, "as-data")
    where = {"BillAddress": {"City": "Kiel"}, "Phone": "0431 77"}
    stage.edit("Customer", "Second", AccountNumber="AC-2", **where)
    owed = [{"Desc": "Ice", "Amount": "12.50"}]
    stage.company.person.add_transaction("Invoice", {"CustomerRef": "Second"}, owed)
    lines = [{"item": {"full_name": "Ice"}, "quantity": "1", "rate": "2"}]
    for number, whose in (("A-1", stage.notes["First"]), ("A-2", stage.notes["Second"])):
        stage.put(
            Kind.INVOICE, number, ref_number=number, customer={"list_id": whose}, txn_date=DAY, lines=lines
        )
    stage.until_idle()
    error = stage.the_error()
    assert [each["name"] for each in error["candidates"]] == ["First", "Second"]
    second = links(error)[1]
    assert second["id"] == f"link:{stage.notes['Second']}"
    told = second["candidate"]
    assert (told["id"], told["email"], told["account_number"]) == (stage.notes["Second"], EMAIL, "AC-2")
    # as it was when the list was read; our own invoice came after
    assert (told["city"], told["phone"], told["balance"], told["currency"]) == (
        "Kiel",
        "0431 77",
        "12.50",
        None,
    )
    there = stage.company.find("Customer", ListID=stage.notes["Second"])
    assert (told["told_at"] is not None, there["TotalBalance"]) == (True, "14.50")
    last = {"kind": "invoice", "external_id": "A-2", "number": "A-2", "date": DAY, "amount": "2.00"}
    assert told["last_document"] == last
    assert links(error)[0]["candidate"]["last_document"]["number"] == "A-1"
    # the balance tells nobody from another: with another one the token stays good
    stage.resync()
    stage.until_idle()
    again = stage.the_error()
    assert links(again)[1]["candidate"]["balance"] == "14.50"
    assert again["token"] == error["token"]
    assert second["record"] == {"kind": "customer", "external_id": "c"}
    (again,) = [each for each in error["choices"] if each["action"] == "hand_over_again"]
    assert (again["answerable"], again["actor"]) == (False, "host")
    assert again["fields"] == ["/email", "/name"]


def test_one_answer_settles_all_that_wait_behind_the_key_whichever_it_is_given_to(house: House) -> None:
    stage = two_customers(house, "all-behind", invoices=3)
    error = stage.get(f"errors/{stage.open()[-1]['id']}")
    assert (error["kind"], error["waiting"]) == ("invoice", 4)
    status, told = stage.answer(error, links(error)[1]["id"])
    assert (status, told["answered"], told["still_waiting"]) == (200, 4, 0)
    stage.until_idle()
    assert stage.open() == []
    invoices = stage.company.records("Invoice")
    assert {each["CustomerRef"]["ListID"] for each in invoices} == {stage.notes["Second"]}
    assert len(invoices) == 3


def test_of_two_who_answer_at_once_one_wins_and_the_other_is_told_what_was_decided(house: House) -> None:
    stage = two_customers(house, "at-once", invoices=2)
    error = first_error(stage)
    wanted = [each["id"] for each in links(error)]
    with ThreadPoolExecutor(2) as both:
        outcomes = list(both.map(lambda choice: stage.answer(error, choice), wanted))
    assert sorted(status for status, _ in outcomes) == [200, 409]
    (won,) = [told for status, told in outcomes if status == 200]
    (lost,) = [told for status, told in outcomes if status == 409]
    assert "was answered by host (key of at-once)" in lost["detail"]
    assert lost["error"]["answered"]["choice"] == won["choice"]
    assert stage.view(Kind.CUSTOMER, "c")["list_id"] == won["choice"].partition(":")[2]


def test_an_answer_to_what_is_not_so_any_more_is_refused_with_what_is(house: House) -> None:
    stage = two_customers(house, "stale")
    error = stage.the_error()
    # the record was handed over anew
    stage.customer(phone="555-1")
    status, told = stage.answer(error, links(error)[0]["id"])
    assert (status, "Customer c was changed since" in told["detail"]) == (409, True)
    assert told["error"]["token"] != error["token"]
    # a candidate became another one
    error = stage.the_error()
    stage.edit("Customer", "First", Name="First and only")
    stage.visit()
    status, told = stage.answer(error, links(error)[1]["id"])
    assert (status, told["status"]) == (409, 409)
    # a token of nothing
    error = stage.the_error()
    status, told = stage.answer({**error, "token": "x.y.z.0"}, links(error)[1]["id"])
    assert (status, told["error"]["token"]) == (409, error["token"])
    # closed meanwhile
    stage.edit("Customer", "Second", Email=OTHER_EMAIL)
    stage.until_idle()
    status, told = stage.answer(error, links(error)[1]["id"])
    assert (status, "is closed" in told["detail"], told["error"]["choices"]) == (409, True, [])
    assert stage.view(Kind.CUSTOMER, "c")["list_id"] == stage.notes["First"]


def test_what_comes_after_the_look_is_not_let_be_with_the_rest(house: House) -> None:
    stage = two_customers(house, "let-be", invoices=2)
    error = first_error(stage)
    line = {"item": {"full_name": "Ice"}, "quantity": "1", "rate": "2"}
    stage.put(Kind.INVOICE, "late", ref_number="L", customer={"email": EMAIL}, txn_date=DAY, lines=[line])
    status, told = stage.answer(error, "dismiss", note="ordered by mistake")
    assert (status, told["answered"]) == (200, 3)
    states = {each: stage.view(Kind.INVOICE, each)["state"] for each in ("inv-0", "inv-1", "late")}
    assert states == {"inv-0": "cancelled", "inv-1": "cancelled", "late": "blocked"}
    stage.until_idle()
    assert written_by_us(stage) == 0


def test_many_are_answered_in_slices(house: House) -> None:
    stage = api_stage(house, "slices")
    stage.visit()
    line = {"item": {"full_name": "Ice"}, "quantity": "1", "rate": "2"}
    lines = [
        {"kind": "invoice", "external_id": f"m-{number}", "ref_number": f"M-{number}", "txn_date": DAY,
         "customer": {"email": "nobody@x.example"}, "lines": [line]}
        for number in range(450)
    ]  # fmt: skip
    stage.send_lines("batch", lines)
    error = first_error(stage)
    assert error["waiting"] == 450
    (choice,) = [each for each in error["choices"] if each["action"] == "link"]
    status, told = stage.answer(error, choice["id"], value=stage.notes["Regular"])
    assert (status, told["answered"], told["still_waiting"]) == (200, 450, 0)
    assert stage.open() == []


# --- what is said for good ----------------------------------------------------------------------------------


def test_what_was_ruled_counts_for_the_next_invoice_until_it_is_taken_back(house: House) -> None:
    stage = api_stage(house, "rulings")
    stage.visit()
    stage.invoice({"email": "typo@x.example"})
    stage.decide("link", value=stage.notes["Regular"])
    stage.until_idle()
    line = {"item": {"full_name": "Ice"}, "quantity": "1", "rate": "2"}
    given = {"customer": {"email": "TYPO@x.example"}, "txn_date": DAY, "lines": [line]}
    stage.put(Kind.INVOICE, "second", ref_number="S-2", **given)
    stage.until_idle()
    assert [each["CustomerRef"]["FullName"] for each in stage.company.records("Invoice")] == ["Regular"] * 2
    (ruling,) = stage.get("rulings")["rulings"]
    assert (ruling["key"], ruling["list"], ruling["list_id"]) == (
        "email:typo@x.example",
        "customers",
        stage.notes["Regular"],
    )
    assert stage.ask("DELETE", f"rulings/{ruling['id']}")[0] == 200
    assert stage.ask("DELETE", f"rulings/{ruling['id']}")[0] == 404
    stage.put(Kind.INVOICE, "third", ref_number="S-3", **given)
    assert stage.the_error()["cause_key"] == "email:typo@x.example"


# --- connectors ---------------------------------------------------------------------------------------------


def test_the_causes_of_a_connector_are_settled_over_the_api(house: House) -> None:
    stage = api_stage(house, "of-connectors")
    stage.visit()
    stage.invoice()
    stage.company.person.block_sessions("0x80040414", "A modal dialog box is showing.")
    stage.visit()
    stage.company.person.unblock()
    assert stage.decide("retry")["error"]["closed_at"]

    right, stage.web_connector.password = stage.web_connector.password, "guessed"
    stage.visit()
    error = stage.the_error()
    assert {each["action"] for each in error["choices"]} == {"new_password", "dismiss"}
    stage.decide("dismiss")
    stage.web_connector.password = right

    other = CompanyFile.create(None, company_name="Sister, Inc.")
    other.register(str(stage.web_connector.owner_id), "{00000000-0000-0000-0000-000000000001}")
    own, stage.web_connector.company_file = stage.web_connector.company_file, other
    stage.visit()
    error = stage.the_error()
    status, told = stage.answer(error, "confirm", value="Brother, Inc.")
    assert (status, told["faults"][0]["pointer"]) == (422, "/value")
    stage.decide("confirm", value="Sister, Inc.")
    assert stage.open() == []
    stage.web_connector.company_file = own
    stage.visit()
    stage.decide("confirm", value="of-connectors")
    stage.until_idle()
    assert stage.view(Kind.INVOICE, "inv")["state"] == "synced"
    assert other.ledger == ()


def test_what_was_not_accepted_says_where_its_faults_are(house: House) -> None:
    stage = api_stage(house, "not-accepted")
    assert stage.ask("PUT", "customers/c", {"name": 7, "fax": ["x"]})[0] == 422
    error = stage.the_error()
    (again,) = [each for each in error["choices"] if each["action"] == "hand_over_again"]
    assert again["record"] == {"kind": "customer", "external_id": "c"}
    assert again["fields"] == [fault["pointer"] for fault in error["faults"]]
    stage.customer()
    assert stage.open() == []
    assert stage.ask("PUT", "customers/d", {"name": 7})[0] == 422
    stage.decide("dismiss")
    assert stage.open() == []


# --- the picker ---------------------------------------------------------------------------------------------


def test_a_picker_finds_by_what_somebody_types(house: House) -> None:
    stage = api_stage(house, "picker")
    stage.enter("Customer", "Bay Harbour", Email="office@bay.example")
    stage.enter("Customer", "Harbour Fish", Email="ap@fish.example")
    stage.enter("Customer", "Harbour Retired", IsActive="false")
    stage.enter("ItemNonInventory", "Oysters", ManufacturerPartNumber="OYS-100")
    stage.visit()

    def names(query: str) -> list[str]:
        return [each["full_name"] for each in stage.get(f"quickbooks/{query}")["entries"]]

    assert names("customers?q=harb") == ["Harbour Fish", "Harbour Retired", "Bay Harbour"]
    assert names("customers?q=harb&limit=1") == ["Harbour Fish"]
    assert names("customers?q=ap@f") == ["Harbour Fish"]
    assert names("customers?q=bay.example") == ["Bay Harbour"]
    assert names("items?q=oys-1") == ["Oysters"]
    assert names("items?q=s-100") == ["Oysters"]
    assert names(f"customers?q={stage.notes['Harbour Fish']}") == ["Harbour Fish"]
    assert names("customers?q=h") == names("customers?q=%25%25") == []
    status, told = stage.ask("GET", "quickbooks/customers?q=harb&name=x")
    assert (status, told["faults"][0]["pointer"]) == (422, "/name")


def test_a_key_that_may_only_write_records_says_nothing_for_good(house: House) -> None:
    stage = two_customers(house, "scoped")
    made = api_keys.create(house.core, "writer", connector="scoped", scope=Scope.WRITE, actor="staff")
    stage.key = made.secret
    error = stage.the_error()
    assert {each["action"] for each in error["choices"] if each["scope"] == "manage"} == {"link", "create"}
    assert stage.answer(error, "create")[0] == 403
    assert stage.the_error()["token"] == error["token"]
    assert stage.answer(error, "dismiss")[0] == 200
