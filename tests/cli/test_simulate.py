"""`qbwc-server simulate`: a Web Connector and a QuickBooks against a real server."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.simulator import CompanyFile, FaultPlan
from tests.worlds.cli_world import Cli

pytestmark = pytest.mark.slow  # a program of its own against a server of its own

SISTER = "Sister Company, Inc."


@dataclass(frozen=True, slots=True)
class Scene:
    """A server that is up, with one connector."""

    cli: Cli
    server: ServerProcess
    card: dict[str, Any]

    @property
    def soap_url(self) -> str:
        """Where the Web Connector calls."""
        return self.server.url + "/qbwc"


@pytest.fixture
def scene(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The server's own configuration holds for the commands too."""
    port = free_port()
    config = write_config(cli.folder, port)
    monkeypatch.setenv("QBWC_CONFIG", str(config))
    with ServerProcess(config, port, cli.folder / "server.log") as server:
        yield Scene(cli, server, cli.json("connector", "add", "harbour"))


def test_a_record_reaches_the_simulated_company_file_which_is_kept(scene: Scene) -> None:
    cli = scene.cli
    cli.json("put", "customer", "c-1", "-", text='{"name": "Söhne & Co", "email": "a@b.example"}')
    cli.words("connector", "qwc", "harbour", "-o", "harbour.qwc")
    arguments = ("simulate", "--qwc", "harbour.qwc", "--company-file", "books.json")
    told = cli.json(*arguments, "--password", scene.card["password"])
    assert [session["outcome"] for session in told["sessions"]] == ["done", "nothing_to_do"]
    assert told["written"] == {"CustomerAddRq": 1}
    assert cli.json("get", "customer", "c-1")["state"] == "synced"
    assert "Söhne & Co" in (cli.folder / "books.json").read_text(encoding="utf-8")
    again = cli.json(*arguments, "--password", scene.card["password"])
    assert again["round_trips"] == 0
    assert again["written"] == {}


def test_address_and_user_may_be_named_and_the_password_come_from_the_environment(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QBWC_SIMULATE_PASSWORD", scene.card["password"])
    words = scene.cli.words("simulate", "--url", scene.soap_url, "--username", scene.card["username"])
    assert "visit 1: Finished" in words
    assert "1 round trip," in words
    assert "written to QuickBooks: nothing" in words


def test_a_wrong_password_ends_with_exit_code_1_and_what_the_web_connector_would_show(scene: Scene) -> None:
    arguments = ("--url", scene.soap_url, "--username", scene.card["username"], "--password", "wrong")
    done = scene.cli.run("simulate", *arguments, "--json")
    assert done.exit_code == 1
    (session,) = json.loads(done.stdout)["sessions"]
    assert (session["outcome"], session["error_code"]) == ("refused", "QBWC1040")


def test_a_server_that_is_not_there_ends_with_exit_code_1(cli: Cli) -> None:
    url = f"http://localhost:{free_port()}/qbwc"
    done = cli.run("simulate", "--url", url, "--username", "u", "--password", "p", "--json")
    assert done.exit_code == 1
    (session,) = json.loads(done.stdout)["sessions"]
    assert session["outcome"] == "failed"


def test_the_ticket_is_not_told(scene: Scene) -> None:
    arguments = ("--url", scene.soap_url, "--username", scene.card["username"])
    told = scene.cli.json("simulate", *arguments, "--password", scene.card["password"])
    assert not [key for session in told["sessions"] for key in session if "ticket" in key]


def test_a_file_that_is_no_qwc_is_refused(cli: Cli) -> None:
    cli.file("harbour.qwc", "not XML")
    assert "harbour.qwc" in cli.fails("simulate", "--qwc", "harbour.qwc", "--password", "p")["error"]


def test_without_an_address_it_is_a_usage_error(cli: Cli) -> None:
    assert cli.run("simulate", "--username", "u", "--password", "p").exit_code == 2


def test_a_fault_strikes_and_the_next_visits_make_up_for_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = scene.cli
    cli.json("put", "customer", "c-1", "-", text='{"name": "Söhne & Co", "email": "a@b.example"}')
    cli.words("connector", "qwc", "harbour", "-o", "harbour.qwc")
    monkeypatch.setenv("QBWC_SIMULATE_PASSWORD", scene.card["password"])
    told = cli.json("simulate", "--qwc", "harbour.qwc", "--fault", "drop-before@closeConnection")
    assert told["faults"] == ["drop-before@closeConnection#1"]
    assert [session["error_code"] for session in told["sessions"]] == ["QBWC1044", None]
    assert told["written"] == {"CustomerAddRq": 1}
    assert cli.json("get", "customer", "c-1")["state"] == "synced"


def test_a_fault_that_there_is_none_of_is_a_usage_error(cli: Cli) -> None:
    done = cli.run("simulate", "--url", "http://x", "--username", "u", "--password", "p", "--fault", "flood")
    assert done.exit_code == 2
    assert "drop-after" in done.stderr


def test_the_faults_are_told_to_a_machine_too(cli: Cli) -> None:
    for options in (("--list-faults", "--json"), ("--json", "--list-faults")):
        told = {item["fault"]: item for item in json.loads(cli.run("simulate", *options).stdout)}
        assert told["kill"]["argument"] == "requests"
        assert told["drop-after"] == {
            "fault": "drop-after",
            "meaning": "the server answers, the answer is lost",
            "argument": None,
            "counts": "calls of one SOAP method",
            "method": None,
        }


def test_the_kinds_of_fault_can_be_listed_with_where_they_strike(cli: Cli) -> None:
    words = cli.words("simulate", "--list-faults")
    assert "drop-after" in words
    examples = re.findall(r"--fault (\S+)", words)
    assert len(examples) == 2
    FaultPlan.of(examples)


def test_a_fault_that_fits_one_call_only_is_listed_with_that_call(cli: Cli) -> None:
    lines = {line.split()[0]: line for line in cli.words("simulate", "--list-faults").splitlines() if line}
    told = {
        item["fault"]: item["method"]
        for item in json.loads(cli.run("simulate", "--list-faults", "--json").stdout)
    }
    for kind in ("truncate", "garble", "empty"):
        assert "(@receiveResponseXML)" in lines[kind]
        assert told[kind] == "receiveResponseXML"


def test_another_company_file_is_found_to_be_another_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = scene.cli
    monkeypatch.setenv("QBWC_SIMULATE_PASSWORD", scene.card["password"])
    cli.words("connector", "qwc", "harbour", "-o", "harbour.qwc")
    visit = ("simulate", "--qwc", "harbour.qwc", "--company-file")
    cli.json(*visit, "books.json")
    cli.json("put", "customer", "c-1", "-", text='{"name": "Söhne & Co", "email": "a@b.example"}')
    CompanyFile.create("sister.json", company_name=SISTER)
    done = cli.run(*visit, "sister.json", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["written"]) == (1, {})
    assert len(told["sessions"]) == 2, "turned away with the same words, it goes on coming"
    (error,) = cli.json("errors", "list")
    assert error["cause"] == "wrong_company_file"
    assert SISTER in error["message"]
    cli.words("connector", "confirm", "harbour", "--company", SISTER)
    assert cli.json(*visit, "sister.json")["written"] == {"CustomerAddRq": 1}
    assert "sister.qbw" in cli.words("connector", "show", "harbour")
