"""Every choice of every cause, over HTTP: offered as data, answered by the API alone, judged from the company file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from qbwc_server.domain.choices import WAYS, Action
from qbwc_server.domain.kinds import Kind
from tests.worlds.acceptance_world import Json
from tests.worlds.cause_world import CASES, Case, House, open_house, person, there, written_by_us
from tests.worlds.choice_world import ApiStage, before_the_choice

QUICK = (
    "customer_not_matched-several",
    "customer_not_matched-email_unknown",
    "item_not_matched-creation_off",
    "number_conflict",
    "changed_in_quickbooks",
    "document_deleted",
)
"""One of each sort for every day; the others take a minute."""


def cases() -> Iterator[object]:
    for case in CASES:
        yield pytest.param(case, id=case.id, marks=() if case.id in QUICK else pytest.mark.slow)


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
    assert {case.cause for case in CASES} | OF_CONNECTORS | {"not_accepted"} == names
