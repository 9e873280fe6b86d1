"""Faults are written as words, strike where they were told, and leave QuickBooks and the server as they should."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from qbwc_server.simulator import (
    CompanyFile,
    Fault,
    FaultPlan,
    Outcome,
    RequestProcessorError,
    SimulatorError,
    WebConnector,
)
from qbwc_server.simulator.faults import KINDS, METHODS, Scope, describe, random_faults
from tests.worlds.hand_clock import HandClock
from tests.worlds.sim_world import QuickBooks, ScriptedServer, document

ADD = '<CustomerAddRq requestID="{0}"><CustomerAdd><Name>{0}</Name></CustomerAdd></CustomerAddRq>'
OWNER, FILE = "{ABCDEF00-1234-1234-1234-123456789012}", "{ABCDEF00-1234-1234-1234-123456789013}"

Make = Callable[..., WebConnector]


@pytest.fixture
def make(server: ScriptedServer, company: CompanyFile) -> Make:
    """Makes a Web Connector with faults for a server that sends one set a session, of three customers."""

    def made(*faults: str, **given: Any) -> WebConnector:
        defaults: dict[str, Any] = {"sleep": lambda seconds: None}
        plan = FaultPlan.of(faults)
        return WebConnector(
            server.url, "user", "secret", company, OWNER, FILE, faults=plan, **(defaults | given)
        )

    count = iter(range(1, 1000))

    def next_set(**arguments: str) -> str:
        number = next(count)
        return document(
            *(ADD.format(f"{number}{letter}") for letter in "abc"), newMessageSetID=f"set{number}"
        )

    server.script |= {
        "authenticate": [["ticket", ""]],
        "sendRequestXML": next_set,
        "receiveResponseXML": 100,
        "connectionError": "done",
    }
    return made


def names(company: CompanyFile) -> list[str]:
    return [each["Name"] for each in company.records("Customer")]


# -- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop-before@authenticate", Fault("drop-before", "authenticate", 1)),
        ("drop-after@sendRequestXML#2", Fault("drop-after", "sendRequestXML", 2)),
        ("delay@receiveResponseXML#*:900", Fault("delay", "receiveResponseXML", None, "900")),
        ("kill#3:2", Fault("kill", None, 3, "2")),
        ("refuse:0x8004040D", Fault("refuse", None, 1, "0x8004040D")),
        ("clock-jump#2:-3600", Fault("clock-jump", None, 2, "-3600")),
        ("restore#3:1", Fault("restore", None, 3, "1")),
        ("wrong-file", Fault("wrong-file")),
    ],
)
def test_a_fault_is_read_and_written_back(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("explode", "known are"),
        ("drop-before", "@authenticate"),
        ("drop-before@lunch", "@authenticate"),
        ("kill@sendRequestXML", "takes no @METHOD"),
        ("truncate@authenticate", "only receiveResponseXML"),
        ("drop-after@sendRequestXML#0", "counted from 1"),
        ("drop-after@sendRequestXML:5", "takes no argument"),
        ("kill:many", "is no requests"),
        ("refuse:5", "is no hresult"),
        ("DROP BEFORE", "KIND[@METHOD]"),
        ("", "KIND[@METHOD]"),
    ],
)
def test_a_wrong_fault_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(SimulatorError) as caught:
        Fault.parse(text)
    assert said in str(caught.value)


def test_the_help_names_every_kind() -> None:
    lines = describe().splitlines()
    assert [line.split()[0] for line in lines] == list(KINDS)


def test_random_faults_are_reproducible_and_cover_every_kind() -> None:
    first = random_faults(random.Random(7), 400)
    assert first == random_faults(random.Random(7), 400)
    assert first != random_faults(random.Random(8), 400)
    assert {fault.kind for fault in first} == set(KINDS)
    assert all(Fault.parse(str(fault)) == fault for fault in first)


# -- calls ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method", ["authenticate", "sendRequestXML", "receiveResponseXML", "closeConnection"]
)
def test_a_drop_before_never_reaches_the_server(server: ScriptedServer, make: Make, method: str) -> None:
    report = make(f"drop-before@{method}").run_once()
    assert method not in server.methods()
    assert (report.outcome, report.methods[-1]) == (Outcome.FAILED, method)


@pytest.mark.parametrize(
    "method", ["authenticate", "sendRequestXML", "receiveResponseXML", "closeConnection"]
)
def test_a_drop_after_reaches_the_server_and_not_the_client(
    server: ScriptedServer, make: Make, method: str
) -> None:
    report = make(f"drop-after@{method}").run_once()
    assert server.methods()[-1] == method
    assert (report.outcome, report.methods[-1]) == (Outcome.FAILED, method)


def test_an_answer_lost_on_the_way_leaves_the_records_in_quickbooks(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    make("drop-before@receiveResponseXML").run_once()
    assert names(company) == ["1a", "1b", "1c"]


def test_a_fault_strikes_once_at_its_number_over_all_sessions(server: ScriptedServer, make: Make) -> None:
    connector = make("drop-after@sendRequestXML#2")
    assert [connector.run_once().outcome for _ in range(3)] == [Outcome.DONE, Outcome.FAILED, Outcome.DONE]
    assert connector.faults is not None
    assert [str(fault) for fault in connector.faults.fired] == ["drop-after@sendRequestXML#2"]


def test_a_fault_with_a_star_strikes_every_time(server: ScriptedServer, make: Make) -> None:
    connector = make("drop-before@authenticate#*")
    assert [connector.run_once().outcome for _ in range(3)] == [Outcome.FAILED] * 3


def test_a_duplicate_arrives_twice(server: ScriptedServer, make: Make) -> None:
    report = make("duplicate@receiveResponseXML").run_once()
    received = [arguments for name, arguments in server.calls if name == "receiveResponseXML"]
    assert len(received) == 2
    assert received[0] == received[1]
    assert report.outcome is Outcome.DONE


def test_a_late_call_arrives_after_the_next_authenticate(server: ScriptedServer, make: Make) -> None:
    connector = make("late@receiveResponseXML")
    connector.run_once()
    assert server.methods()[-1] == "sendRequestXML"
    server.calls.clear()
    connector.run_once()
    assert server.methods()[:4] == ["serverVersion", "clientVersion", "authenticate", "receiveResponseXML"]
    assert "1a" in server.calls[3][1]["response"]


def test_a_delay_waits_before_the_call(server: ScriptedServer, make: Make) -> None:
    naps: list[tuple[float, str]] = []
    connector = make("delay@receiveResponseXML:700", sleep=lambda s: naps.append((s, server.methods()[-1])))
    connector.run_once()
    assert naps == [(700, "sendRequestXML")]


def test_a_second_web_connector_makes_a_whole_visit_in_between(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    report = make("second@receiveResponseXML").run_once()
    assert report.outcome is Outcome.DONE
    assert server.methods() == [
        "serverVersion",
        "clientVersion",
        "authenticate",
        "sendRequestXML",
        "serverVersion",
        "clientVersion",
        "authenticate",
        "sendRequestXML",
        "receiveResponseXML",
        "closeConnection",
        "receiveResponseXML",
        "closeConnection",
    ]
    assert names(company) == ["1a", "1b", "1c", "2a", "2b", "2c"]


@pytest.mark.parametrize(
    ("kind", "test"),
    [
        ("truncate", lambda text: text.startswith("<?xml") and "</QBXML>" not in text and "1a" in text),
        ("garble", lambda text: text.startswith("<?xml") and "1a" not in text),
        ("empty", lambda text: text == ""),
    ],
)
def test_quickbooks_answer_can_be_spoiled(
    server: ScriptedServer, make: Make, kind: str, test: Callable[[str], bool]
) -> None:
    make(f"{kind}@receiveResponseXML").run_once()
    (arguments,) = (arguments for name, arguments in server.calls if name == "receiveResponseXML")
    assert test(arguments["response"])
    assert arguments["hresult"] == ""


# -- message sets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "made"), [(0, []), (1, ["1a"]), (2, ["1a", "1b"]), (3, ["1a", "1b", "1c"])]
)
def test_a_killed_quickbooks_keeps_what_it_did_and_forgets_the_outcome(
    server: ScriptedServer, make: Make, quickbooks: QuickBooks, after: int, made: list[str]
) -> None:
    make(f"kill:{after}").run_once()
    arguments = dict(server.calls)["receiveResponseXML"]
    assert (arguments["response"], arguments["hresult"]) == ("", "0x80010105")
    assert names(quickbooks.company) == made
    asked = quickbooks.send(newMessageSetID="set1", oldMessageSetID="set1")
    assert asked.get("messageSetStatusCode") == "9002"


def test_more_requests_than_the_set_has_kill_at_its_end(make: Make, company: CompanyFile) -> None:
    make("kill:99").run_once()
    assert names(company) == ["1a", "1b", "1c"]
    assert company.recovery.outcomes["set1"]["answer"] is None


def test_a_refused_set_is_not_executed(server: ScriptedServer, make: Make, company: CompanyFile) -> None:
    make("refuse:0x8004040D").run_once()
    assert dict(server.calls)["receiveResponseXML"]["hresult"] == "0x8004040D"
    assert names(company) == []
    assert company.recovery.outcomes == {}


def test_an_outcome_that_cannot_be_stored_says_9005(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    make("unstored").run_once()
    assert 'messageSetStatusCode="9005"' in dict(server.calls)["receiveResponseXML"]["response"]
    assert names(company) == ["1a", "1b", "1c"]
    assert company.recovery.outcomes["set1"]["answer"] is None


def test_quickbooks_works_again_after_it_was_killed(make: Make, company: CompanyFile) -> None:
    connector = make("kill")
    connector.run_once()
    connector.run_once()
    assert names(company) == ["1a", "2a", "2b", "2c"]


def test_a_crash_takes_the_iterators_along(quickbooks: QuickBooks) -> None:
    company = quickbooks.company
    for name in "ab":
        company.person.add("Customer", {"Name": name})
    first = quickbooks.one('<CustomerQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerQueryRq>')
    company.mishaps.crash_next_set(after_requests=0)
    with pytest.raises(RequestProcessorError, match="0x80010105"):
        quickbooks.send("<HostQueryRq/>")
    on = f'<CustomerQueryRq iterator="Continue" iteratorID="{first.get("iteratorID")}">'
    assert quickbooks.status(f"{on}<MaxReturned>1</MaxReturned></CustomerQueryRq>") == 3000


# -- sessions ------------------------------------------------------------------------------------------------


def test_a_wrong_file_is_open_for_one_session(
    server: ScriptedServer, make: Make, company: CompanyFile
) -> None:
    connector = make("wrong-file#2")
    connector.add_application()
    for _ in range(3):
        connector.run_once()
    described = [arguments["strHCPResponse"] for name, arguments in server.calls if name == "sendRequestXML"]
    assert [FILE in each for each in described] == [True, False, True]
    assert "Sister Company" in described[1]
    assert "BADF11E" in described[1]
    assert [name[0] for name in names(company)] == ["1", "1", "1", "3", "3", "3"]


def test_a_restored_file_forgets_records_and_outcomes(make: Make, company: CompanyFile) -> None:
    connector = make("restore#3:2")
    for _ in range(3):
        connector.run_once()
    assert names(company) == ["1a", "1b", "1c", "3a", "3b", "3c"]
    assert list(company.recovery.outcomes) == ["set1", "set3"]


def test_without_a_session_the_last_one_is_undone(make: Make, company: CompanyFile) -> None:
    connector = make("restore#2")
    for _ in range(2):
        connector.run_once()
    assert names(company) == ["2a", "2b", "2c"]


def test_the_clock_of_the_pc_jumps_and_stays(make: Make, company: CompanyFile, clock: HandClock) -> None:
    connector = make("clock-jump#2:-3600", "restore#3:1")
    for _ in range(3):
        connector.run_once()
    (record,) = (each for each in company.records("Customer") if each["Name"] == "3a")
    assert record["TimeCreated"] == "2026-11-20T09:00:00-05:00"


def test_several_faults_work_together(server: ScriptedServer, make: Make, company: CompanyFile) -> None:
    connector = make(
        "kill#1:2", "drop-before@receiveResponseXML#1", "restore#2:1", "duplicate@authenticate#2"
    )
    first = connector.run_once()
    assert (first.outcome, names(company)) == (Outcome.FAILED, ["1a", "1b"])
    second = connector.run_once()
    assert (second.outcome, names(company)) == (Outcome.DONE, ["2a", "2b", "2c"])
    assert server.methods().count("authenticate") == 3
    assert connector.faults is not None
    assert len(connector.faults.fired) == 4


@pytest.mark.parametrize("seed", range(20))
def test_no_mixture_of_faults_breaks_the_simulator_itself(
    make: Make, company: CompanyFile, seed: int
) -> None:
    faults = random_faults(random.Random(seed), 6, up_to=6)
    connector = make(*(str(fault) for fault in faults))
    reports = [connector.run_once() for _ in range(6)]
    assert {report.outcome for report in reports} <= {Outcome.DONE, Outcome.FAILED}
    assert len(names(company)) == len(set(names(company)))


def test_every_kind_has_a_scope_and_every_method_is_known() -> None:
    assert {kind.scope for kind in KINDS.values()} == set(Scope)
    assert "authenticate" in METHODS
