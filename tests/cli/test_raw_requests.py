"""`qbwc-server request` and `requests`."""

import threading

from qbwc_server.config.reading import load_config
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.web_connector.connector import WebConnector
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli, WithoutHttp

QUERY = "<CustomerQueryRq><ActiveStatus>All</ActiveStatus></CustomerQueryRq>"
ADD = "<CustomerAddRq><CustomerAdd><Name>By hand</Name></CustomerAdd></CustomerAddRq>"


def visit(card: dict[str, str], company: CompanyFile) -> None:
    """The Web Connector comes."""
    core = core_from(load_config())
    try:
        endpoint = WithoutHttp(core)
        WebConnector("", card["username"], card["password"], company, endpoint=endpoint).run(max_sessions=5)
    finally:
        core.database.close()


def test_a_request_is_answered_by_the_next_visit(cli: Cli) -> None:
    card = cli.json("connector", "add", "harbour")
    company = CompanyFile.create()
    company.person.add("Customer", {"Name": "Regular"})
    made = cli.json("request", "-", text=QUERY)
    assert (made["name"], made["state"], made["response"]) == ("CustomerQueryRq", "queued", None)
    assert "CustomerQueryRq" in cli.words("queue")
    visit(card, company)
    shown = cli.json("requests", "show", str(made["id"]))
    assert (shown["state"], shown["status_code"]) == ("answered", 0)
    assert "<FullName>Regular</FullName>" in shown["response"]
    assert "<FullName>Regular</FullName>" in cli.words("requests", "show", str(made["id"]))
    (listed,) = cli.json("requests", "list", "--state", "answered")
    assert listed["id"] == made["id"]
    assert cli.json("requests", "list", "--state", "queued,sent") == []
    assert cli.json("requests", "list") == [listed]
    assert "CustomerQueryRq" in cli.words("requests", "list")
    assert "request answered" in cli.words("log", "harbour")


def test_whoever_waits_sees_the_answer_and_the_exit_code_tells_how_it_ended(cli: Cli) -> None:
    card = cli.json("connector", "add", "harbour")
    company = CompanyFile.create()
    late = threading.Timer(0.7, visit, (card, company))
    late.start()
    done = cli.json("request", "-", "--wait", "20", text=ADD)
    late.join()
    assert (done["state"], done["writes"]) == ("answered", True)
    assert [item["Name"] for item in company.records("Customer")] == ["By hand"]
    nobody_comes = cli.run("request", "-", "--wait", "1", "--json", text=QUERY)
    assert nobody_comes.exit_code == 1
    assert '"queued"' in nobody_comes.stdout


def test_a_request_in_a_file_is_taken_and_can_be_taken_back(harbour: Cli) -> None:
    file = harbour.file(
        "ask.xml",
        f'<?xml version="1.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">{ADD}</QBXMLMsgsRq></QBXML>',
    )
    made = harbour.json("request", str(file))
    assert harbour.json("requests", "cancel", str(made["id"]))["state"] == "cancelled"
    assert harbour.json("queue")["requests"] == []


def test_what_is_wrong_is_said_in_plain_words(harbour: Cli) -> None:
    (fault,) = harbour.fails("request", "-", text="<CustomrQueryRq/>")["faults"]
    assert "did you mean CustomerQueryRq" in fault["message"]
    assert harbour.fails("request", "-", "--follow", text=QUERY)["faults"]
    assert "no such request" in harbour.fails("requests", "show", "7")["error"]
    assert harbour.run("requests", "list", "--state", "lost").exit_code == 2
    harbour.json("connector", "set", "harbour", "read_only=true")
    assert "read_only" in harbour.fails("request", "-", text=ADD)["error"]
