"""Changes and voids of which nobody knows whether they were made: what QuickBooks holds tells, and else a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from freezegun import freeze_time

from qbwc_server.desk.deciding import answering
from qbwc_server.desk.error_records import choices, errors
from qbwc_server.desk.handing_over import intake
from qbwc_server.domain.causes import ChangedInQuickbooks
from qbwc_server.domain.faults import Conflict
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.domain.retries import MOST_ATTEMPTS, MOST_QUESTIONS
from qbwc_server.storage import records
from qbwc_server.sync import keeping
from qbwc_server.sync.turn import turn
from tests.sync.test_recovery import lose
from tests.worlds.sync_world import START, Answer, World, line, message_set_of, refusing, writes_in


@pytest.fixture
def known(world: World) -> World:
    """Customer ``c`` and item ``i`` are in QuickBooks, and invoice ``x``."""
    world.basics()
    world.invoice("x")
    world.poll()
    return world


def list_id(world: World) -> str:
    return str(world.view(Kind.CUSTOMER, "c")["list_id"])


def in_quickbooks(world: World) -> dict[str, object]:
    """Customer ``c`` as QuickBooks has it."""
    return dict(world.company.find("Customer", ListID=list_id(world)))


def untold(text: str) -> Answer:
    """QuickBooks answers each write with an internal error, which does not tell whether it was made."""
    answers = "".join(
        f'<{request.tag.removesuffix("Rq")}Rs requestID="{request.get("requestID")}" statusCode="1000" '
        'statusSeverity="Error" statusMessage="There has been an internal error."/>'
        for request in message_set_of(text)
    )
    return Answer(f'<?xml version="1.0"?><QBXML><QBXMLMsgsRs>{answers}</QBXMLMsgsRs></QBXML>')


def test_a_void_that_was_made_and_never_answered_is_found_and_not_made_again(known: World) -> None:
    intake.void(known.core, "acme", Kind.INVOICE, "x", actor="host")
    lose(known, executed=True)
    visit = known.poll()
    assert [name for text in visit.texts for name in writes_in(text)] == []
    view = known.view(Kind.INVOICE, "x")
    assert (view["state"], view["is_void"], view["proof"]) == ("synced", True, "probe")


def test_a_change_of_what_was_deleted_meanwhile_is_for_a_person(known: World) -> None:
    known.put(Kind.CUSTOMER, "d", {"name": "Dock", "email": "d@fish.example"})
    known.poll()
    known.put(Kind.CUSTOMER, "d", {"name": "Dock", "email": "d@fish.example", "phone": "555"})
    lose(known, executed=False)
    known.company.person.delete("Customer", known.view(Kind.CUSTOMER, "d")["list_id"])
    known.poll()
    assert known.causes(Kind.CUSTOMER, "d") == [("record_deleted", None)]


def test_a_change_that_a_person_wrote_over_meanwhile_is_made_once_more(known: World) -> None:
    known.customer("c", phone="555")
    lose(known, executed=True)
    known.company.person.edit("Customer", list_id(known), {"Phone": "999"})
    known.poll()
    assert known.causes(Kind.CUSTOMER, "c") == [("changed_in_quickbooks", None)]
    assert in_quickbooks(known)["Phone"] == "999", "nobody is written over unasked"


def test_a_change_that_quickbooks_never_tells_of_ends_with_a_person(make_world: Callable[..., World]) -> None:
    """It is not sent for ever even when the record is another one each time it is looked at."""
    with freeze_time(START) as time:
        world = make_world(settings={"host_wins": True, "refresh_minutes": 10_000})
        world.customer("c")
        world.poll()
        world.customer("c", phone="555")
        for number in range(MOST_ATTEMPTS + 1):
            assert world.state(Kind.CUSTOMER, "c") != "blocked"
            visit = world.visit()
            while not writes_in(text := visit.send()):
                visit.receive(visit.process(text))
            visit.receive(untold(text))
            visit.close()
            world.company.person.edit("Customer", list_id(world), {"Notes": f"note {number}"})
            time.tick(timedelta(hours=2))
        assert world.causes(Kind.CUSTOMER, "c") == [("uncertain", None)]
        assert world.poll().answer[1] == "none"


def test_a_late_answer_that_tells_nothing_leaves_it_to_be_asked_for(make_world: Callable[..., World]) -> None:
    with freeze_time(START) as time:
        world = make_world()
        world.warm()
        world.customer("c")
        first = world.visit()
        text = first.send()
        first.process(text)
        time.tick(timedelta(hours=2))
        second = world.visit()
        first.receive(untold(text))
        assert world.state(Kind.CUSTOMER, "c") == "uncertain"
        second.close()
        time.tick(timedelta(hours=2))
        world.poll()
        assert world.state(Kind.CUSTOMER, "c") == "synced"
        assert world.posted() == {"Customer c": 1}


def test_an_answer_about_what_is_no_longer_on_its_way_changes_nothing_and_holds_nobody_up(
    world: World,
) -> None:
    """However it came about: nothing but a record that is on its way is judged by an answer to it."""
    world.warm()
    world.customer("c")
    world.customer("d")
    visit = world.visit()
    text = visit.send()
    with world.core.database.begin() as conn:
        conn.exec_driver_sql("UPDATE record SET state = 'cancelled' WHERE external_id = 'c'")
    visit.receive(visit.process(text))
    visit.run()
    assert (world.state(Kind.CUSTOMER, "c"), world.state(Kind.CUSTOMER, "d")) == ("cancelled", "synced")


def test_an_answer_under_the_name_of_another_is_read_all_the_same_and_holds_nobody_up(world: World) -> None:
    """A query's answer is read as it comes: kept back with those of writes, it could not be read any more."""
    world.warm()
    world.customer("c")
    world.customer("d")
    visit = world.visit()
    answer = visit.process(visit.send())
    misnamed = answer.response.replace("CustomerAddRs", "CustomerQueryRs", 2)
    visit.receive(Answer(misnamed))
    visit.run()
    assert (world.state(Kind.CUSTOMER, "c"), world.state(Kind.CUSTOMER, "d")) == ("synced", "synced")


def test_a_question_that_is_refused_when_its_late_answer_is_there_keeps_nobody_waiting(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as time:
        world = make_world()
        world.warm()
        world.customer("c")
        first = world.visit()
        late = first.process(first.send())
        time.tick(timedelta(hours=2))
        second = world.visit()
        second.send()
        first.receive(late)
        with world.core.database.read() as conn:
            (before,) = records.page(conn, 1, kind=Kind.CUSTOMER)
        assert before.state is State.SYNCED
        second.receive(Answer("", "0x80040400", "QuickBooks found an error when parsing."))
        with world.core.database.read() as conn:
            assert records.page(conn, 1, kind=Kind.CUSTOMER) == [before]
        second.close()


def test_a_change_that_quickbooks_will_not_show_is_asked_for_later(known: World) -> None:
    known.customer("c", phone="555")
    lose(known, executed=True)
    visit = known.poll(fault=refusing("CustomerQueryRs", 3260))
    assert [name for text in visit.texts for name in writes_in(text)] == []
    view = known.view(Kind.CUSTOMER, "c")
    assert view["state"] == "uncertain"
    assert view["not_before"]


def test_when_the_whole_question_is_refused_again_and_again_a_person_is_asked(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as time:
        world = make_world(settings={"refresh_minutes": 10_000})
        world.customer("c")
        world.poll()
        world.customer("c", phone="555")
        lose(world, executed=False)
        for _ in range(MOST_QUESTIONS + 1):
            assert world.state(Kind.CUSTOMER, "c") == "uncertain"
            visit = world.visit()
            assert not writes_in(visit.send())
            visit.receive(
                Answer("", "0x80040400", "QuickBooks found an error when parsing the provided XML.")
            )
            visit.close()
            time.tick(timedelta(hours=3))
        assert world.causes(Kind.CUSTOMER, "c") == [("uncertain", None)]
        assert "Phone" not in in_quickbooks(world)


def test_what_is_sent_again_and_again_without_any_answer_ends_with_a_person_who_is_told_no_code(
    make_world: Callable[..., World],
) -> None:
    with freeze_time(START) as time:
        world = make_world(settings={"refresh_minutes": 10_000})
        world.warm()
        world.customer("c")
        for _ in range(10):
            visit = world.visit()
            if visit.is_open:
                while not writes_in(text := visit.send()) and visit.receive(visit.process(text)) < 100:
                    pass
            visit.close()
            time.tick(timedelta(hours=2))
        (error,) = world.view(Kind.CUSTOMER, "c")["errors"]
        assert (error["cause"], error["quickbooks"]) == ("uncertain", None)
        assert world.posted() == {}


@pytest.mark.parametrize("recovery", [True, False])
def test_what_was_voided_while_nobody_knew_of_it_and_is_not_in_quickbooks_is_never_sent(
    make_world: Callable[..., World], recovery: bool
) -> None:
    world = make_world(settings={"message_set_recovery": recovery})
    world.basics()
    world.poll()
    world.invoice("x")
    lose(world, executed=False)
    intake.void(world.core, "acme", Kind.INVOICE, "x", actor="host")
    world.poll()
    if recovery:
        # the identical set went out once more, so that it is there, and is void
        assert world.view(Kind.INVOICE, "x")["state"] == "synced"
    else:
        assert world.view(Kind.INVOICE, "x")["state"] == "cancelled"
        assert world.posted(Kind.INVOICE) == {}


def test_what_quickbooks_has_otherwise_than_it_was_told_is_said_on_the_record(known: World) -> None:
    known.customer("c", phone="555", fax="777")
    known.poll()
    known.customer("c", phone="556")

    def kept(text: str, answer: Answer) -> Answer:
        return Answer(answer.response.replace("<Phone>556</Phone>", "<Phone>5-56</Phone><Fax>777</Fax>"))

    known.poll(fault=kept)
    view = known.view(Kind.CUSTOMER, "c")
    assert view["state"] == "synced"
    assert sorted(view["warnings"]) == [
        "fax: QuickBooks kept “777”.",
        "phone: QuickBooks has “5-56” instead of “556”.",
    ]


def test_a_change_told_by_its_ids_alone_keeps_the_name_that_is_known(known: World) -> None:
    """As QuickBooks answers a message set that it is sent again."""
    known.customer("c", phone="555")

    def ids_alone(text: str, answer: Answer) -> Answer:
        if not writes_in(text):
            return answer
        (response,) = message_set_of(answer.response)
        (there,) = response
        ids = "".join(f"<{name}>{there.findtext(name)}</{name}>" for name in ("ListID", "EditSequence"))
        return Answer(
            f'<?xml version="1.0"?><QBXML><QBXMLMsgsRs><CustomerModRs requestID="{response.get("requestID")}" '
            'statusCode="0" statusSeverity="Info" statusMessage="Status OK">'
            f"<ErrorRecovery>{ids}</ErrorRecovery></CustomerModRs></QBXMLMsgsRs></QBXML>"
        )

    known.poll(fault=ids_alone)
    view = known.view(Kind.CUSTOMER, "c")
    assert (view["state"], view["full_name"]) == ("synced", "Customer c")


# --- what a person changed in QuickBooks ----------------------------------------------------------------------


def keep(world: World) -> None:
    """Staff let QuickBooks have what stands there."""
    (found,) = errors.find(world.core, connector="acme")
    offer = choices.of_error(world.core, "acme", found.id)
    answering.answer(world.core, "acme", offer.stored.id, "keep", offer.token, actor="anna")


def test_what_a_person_changed_stays_where_staff_say_so_and_the_record_tells_what_differs(
    known: World,
) -> None:
    known.company.person.edit("Customer", list_id(known), {"Phone": "999"})
    known.customer("c", phone="555")
    known.poll()
    assert known.causes(Kind.CUSTOMER, "c") == [("changed_in_quickbooks", None)]
    keep(known)
    view = known.view(Kind.CUSTOMER, "c")
    assert (view["state"], view["warnings"]) == (
        "synced",
        ["phone: QuickBooks keeps “999”, as anna decided."],
    )
    assert known.poll().answer[1] == "none"
    assert in_quickbooks(known)["Phone"] == "999"


def test_lines_a_person_changed_are_not_written_over_unasked(known: World) -> None:
    txn_id = known.view(Kind.INVOICE, "x")["txn_id"]
    new = {
        "TxnLineID": "-1",
        "ItemRef": {"ListID": known.view(Kind.ITEM, "i")["list_id"]},
        "Quantity": "7",
        "Rate": "9.50",
    }
    known.company.person.edit_transaction("Invoice", txn_id, {}, [new])
    known.invoice("x", lines=[line("i", quantity="3")])
    known.poll()
    assert known.causes(Kind.INVOICE, "x") == [("changed_in_quickbooks", None)]
    (held,) = known.company.records("Invoice")
    assert [each["Quantity"] for each in held["lines"]] == ["7"]


def test_what_is_nothing_in_quickbooks_cannot_be_kept_there(world: World) -> None:
    world.customer("c")
    cause = ChangedInQuickbooks("customer c", {"phone": ("1", "2")})
    with turn(world.core, "acme") as (conn, connector):
        (record,) = records.page(conn, connector.id, kind=Kind.CUSTOMER)
        with pytest.raises(Conflict, match="customer c is nothing in QuickBooks"):
            keeping.keep(conn, connector, record, cause, now=world.clock(), actor="anna")
    assert world.state(Kind.CUSTOMER, "c") == "queued"
