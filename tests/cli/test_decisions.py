"""`link`, `unlink`, `void`, `post-as-new`, `queue`, `log` and `connector doctor`, after visits of a Web Connector."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.config.reading import load_config
from qbwc_server.domain.clock import utc_now
from qbwc_server.simulator import WebConnector
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli, Furniture, WithoutHttp

LINE = {"item": {"sku": "A-77"}, "quantity": "2", "rate": "3.50"}


@dataclass
class Pier:
    """A connector with a customer, an item and an invoice in QuickBooks; visited when the test says so."""

    cli: Cli
    company: CompanyFile
    card: dict[str, Any]
    hours: int = 0

    def put(self, kind: str, external_id: str, **fields: object) -> dict[str, Any]:
        """Hand a record over."""
        view: dict[str, Any] = self.cli.json("put", kind, external_id, "-", text=json.dumps(fields))
        return view

    def visit(self) -> None:
        """The Web Connector comes, three hours after its last visit: long enough for a refresh of the lists."""
        later = timedelta(hours=self.hours)
        self.hours += 3
        core = core_from(load_config(), lambda: utc_now() + later)
        connector = WebConnector(
            "", self.card["username"], self.card["password"], self.company, endpoint=WithoutHttp(core)
        )
        connector.run(max_sessions=5)
        core.database.close()

    def view(self, kind: str, external_id: str) -> dict[str, Any]:
        """The record."""
        view: dict[str, Any] = self.cli.json("get", kind, external_id)
        return view


@pytest.fixture
def pier(cli: Cli, furnished: Callable[[Furniture], Path]) -> Pier:
    """Everything synced."""
    shutil.copytree(furnished(_all_synced), cli.folder, dirs_exist_ok=True)
    card = json.loads((cli.folder / "card.json").read_text(encoding="utf-8"))
    return Pier(cli, CompanyFile.open(cli.folder / "company.json"), card, hours=3)


def _all_synced(cli: Cli) -> None:
    card = cli.json("connector", "add", "pier", "--default-income-account", "Sales")
    cli.file("card.json", card)
    made = Pier(cli, CompanyFile.create(cli.folder / "company.json"), card)
    made.put("customer", "c-1", name="Deli", email="deli@x.example")
    made.put("item", "i-1", sku="A-77", name="Oyster", type="non_inventory", price="3.50")
    made.put("invoice", "so-1", ref_number="SO-1", customer={"external_id": "c-1"}, lines=[LINE])
    made.visit()
    assert made.view("invoice", "so-1")["state"] == "synced"


def test_a_record_linked_by_hand_is_synced_and_remembers_who_linked_it(pier: Pier) -> None:
    held = pier.company.person.add("Customer", {"Name": "Bistro"})
    pier.visit()
    pier.put("customer", "c-2", name="Delicatessen")
    linked = pier.cli.json("link", "customer", "c-2", held)
    assert (linked["state"], linked["list_id"], linked["matched_by"]) == ("synced", held, "hand")
    events = pier.cli.json("log", "pier", "--record", "customer", "c-2")
    assert events[-1]["actor"] == "cli"


def test_people_are_told_of_lines_by_their_number_before_and_after_they_are_sent(pier: Pier) -> None:
    line = {**LINE, "desc": "by the\u2010bag"}
    told = json.dumps({"ref_number": "SO-2", "customer": {"external_id": "c-1"}, "lines": [line]})
    looked = pier.cli.words("put", "invoice", "so-2", "-", "--dry-run", text=told)
    assert "line 1, item (" in looked
    assert "warning: line 1, desc: '\u2010' (U+2010) is sent as '-'" in looked
    pier.cli.words("put", "invoice", "so-2", "-", text=told)
    pier.visit()
    assert "warning: line 1, desc: " in pier.cli.words("get", "invoice", "so-2")
    assert pier.view("invoice", "so-2")["warnings"][0].startswith("lines.0.desc: ")


def test_a_list_id_quickbooks_does_not_have_is_refused(pier: Pier) -> None:
    said = pier.cli.fails("link", "customer", "c-1", "80000099-1")["error"]
    assert "QuickBooks' list has no customer with this ListID" in said
    assert "qbwc-server resync pier" in said


def test_an_unlinked_record_is_matched_anew(pier: Pier) -> None:
    held = pier.view("customer", "c-1")["list_id"]
    pier.cli.json("unlink", "customer", "c-1")
    pier.visit()
    again = pier.view("customer", "c-1")
    assert (again["list_id"], again["matched_by"]) == (held, "email")


@pytest.mark.parametrize("command", ["void", "post-as-new"])
def test_what_is_for_documents_is_refused_for_list_records(pier: Pier, command: str) -> None:
    assert pier.cli.run(command, "customer", "c-1").exit_code == 2


def test_a_document_is_not_unlinked(pier: Pier) -> None:
    assert pier.cli.run("unlink", "invoice", "so-1").exit_code == 2


def test_a_voided_invoice_is_void_in_quickbooks_after_the_next_visit(pier: Pier) -> None:
    assert "to be voided at the next visit" in pier.cli.words("void", "invoice", "so-1")
    pier.visit()
    view = pier.view("invoice", "so-1")
    assert (view["state"], view["is_void"]) == ("synced", True)
    assert "  void in QuickBooks" in pier.cli.words("get", "invoice", "so-1")
    assert "TxnVoidRq" in [entry.request for entry in pier.company.ledger]


def test_what_quickbooks_holds_is_not_cancelled(pier: Pier) -> None:
    assert pier.cli.fails("cancel", "invoice", "so-1")["error"].endswith("is in QuickBooks; void it instead")
    assert "set is_active to false" in pier.cli.fails("cancel", "customer", "c-1")["error"]
    assert pier.view("invoice", "so-1")["state"] == pier.view("customer", "c-1")["state"] == "synced"


def test_voiding_what_was_never_sent_cancels_it(pier: Pier) -> None:
    pier.put("invoice", "so-2", ref_number="SO-2", customer={"external_id": "c-1"}, lines=[LINE])
    assert "it never was in QuickBooks" in pier.cli.words("void", "invoice", "so-2")
    assert pier.view("invoice", "so-2")["state"] == "cancelled"


class TestADocumentDeletedInQuickBooks:
    @pytest.fixture
    def deleted(self, pier: Pier) -> Pier:
        """The invoice is gone there, and here everybody knows."""
        pier.visit()  # the customer's list was empty when it was first loaded
        pier.company.person.delete_transaction("Invoice", pier.view("invoice", "so-1")["txn_id"])
        pier.visit()
        assert [error["cause"] for error in pier.cli.json("errors", "list")] == ["document_deleted"]
        return pier

    def test_is_posted_as_new_when_a_person_says_so(self, deleted: Pier) -> None:
        before = deleted.view("invoice", "so-1")["txn_id"]
        assert "to be posted as new" in deleted.cli.words("post-as-new", "invoice", "so-1")
        deleted.visit()
        after = deleted.view("invoice", "so-1")
        assert after["state"] == "synced"
        assert after["txn_id"] not in (before, None)

    def test_is_let_rest_with_a_note(self, deleted: Pier) -> None:
        (error,) = deleted.cli.json("errors", "list")
        told = deleted.cli.json("errors", "dismiss", str(error["id"]), "--note", "Ann ordered it by mistake")
        assert told["close_reason"] == "dismissed by cli: Ann ordered it by mistake"
        assert deleted.view("invoice", "so-1")["state"] == "cancelled"
        assert deleted.cli.json("errors", "list") == []
        (closed,) = deleted.cli.json("errors", "list", "--all")
        assert closed["closed_at"]
        assert "by mistake" in deleted.cli.words("errors", "list", "--all")

    def test_is_not_let_rest_without_a_reason(self, deleted: Pier) -> None:
        (error,) = deleted.cli.json("errors", "list")
        assert deleted.cli.run("errors", "dismiss", str(error["id"])).exit_code == 2
        assert deleted.cli.fails("errors", "dismiss", str(error["id"]), "--note", " ")["faults"]
        assert deleted.view("invoice", "so-1")["state"] == "blocked"


def test_posting_as_new_what_quickbooks_holds_is_refused(pier: Pier) -> None:
    assert "was not deleted" in pier.cli.fails("post-as-new", "invoice", "so-1")["error"]


class TestQueue:
    def test_says_when_nothing_waits(self, pier: Pier) -> None:
        assert "Nothing waits for QuickBooks" in pier.cli.words("queue")
        told = pier.cli.json("queue")
        assert (told["queued"], told["next"], told["later"], told["held"]) == (0, [], [], None)

    def test_shows_what_goes_next_by_priority_and_what_waits_for_what(self, pier: Pier) -> None:
        for number, priority in (("2", "100"), ("3", "7")):
            record = {"name": f"New {number}", "email": f"{number}@x.example"}
            text = json.dumps(record)
            pier.cli.json("put", "customer", f"c-{number}", "-", "--priority", priority, text=text)
        pier.put("invoice", "so-9", ref_number="SO-9", customer={"external_id": "c-3"}, lines=[LINE])
        told = pier.cli.json("queue")
        assert [place["external_id"] for place in told["next"]] == ["c-3", "c-2"]
        (later,) = told["later"]
        assert (later["external_id"], later["waiting_for"]) == ("so-9", ["customer c-3"])
        words = pier.cli.words("queue")
        assert words.index("customer c-3") < words.index("customer c-2")
        assert len(pier.cli.json("queue", "--limit", "1")["next"]) == 1

    def test_says_what_a_setting_keeps_back(self, pier: Pier) -> None:
        pier.put("invoice", "so-9", ref_number="SO-9", customer={"external_id": "c-1"}, lines=[LINE])
        pier.cli.json("connector", "set", "pier", "post_invoices=no")
        told = pier.cli.json("queue")
        assert (told["next"], [place["external_id"] for place in told["later"]]) == ([], ["so-9"])
        assert "post_invoices=no" in pier.cli.words("queue")

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            (("connector", "pause", "pier"), "paused"),
            (("connector", "set", "pier", "read_only=yes"), "only reads"),
        ],
    )
    def test_says_what_holds_everything_back(self, pier: Pier, command: tuple[str, ...], words: str) -> None:
        pier.cli.json(*command)
        assert words in pier.cli.json("queue")["held"]
        assert words in pier.cli.words("queue")

    def test_says_that_the_lists_are_not_there_yet(self, harbour: Cli) -> None:
        assert "lists have not been loaded" in harbour.json("queue")["held"]


class TestLog:
    def test_shows_the_newest_events_oldest_first(self, pier: Pier) -> None:
        events = pier.cli.json("log", "pier", "--limit", "3")
        assert len(events) == 3
        assert [event["id"] for event in events] == sorted(event["id"] for event in events)
        pier.cli.json("connector", "pause", "pier")
        assert pier.cli.json("log", "pier", "--limit", "1")[0]["kind"] is None

    def test_goes_on_after_an_event(self, pier: Pier) -> None:
        last = pier.cli.json("log", "pier")[-1]["id"]
        assert pier.cli.json("log", "pier", "--after", str(last)) == []
        pier.put("customer", "c-2", name="New", email="new@x.example")
        (event, *_) = pier.cli.json("log", "pier", "--after", str(last))
        assert (event["external_id"], event["to"]) == ("c-2", "queued")

    def test_shows_the_life_of_one_record(self, pier: Pier) -> None:
        events = pier.cli.json("log", "pier", "--record", "invoice", "so-1")
        assert events[0]["to"] == "queued"
        assert events[-1]["to"] == "synced"
        assert {event["external_id"] for event in events} == {"so-1"}
        assert "synced: QuickBooks confirmed it" in pier.cli.words(
            "log", "pier", "--record", "invoice", "so-1"
        )

    def test_of_an_unknown_connector_or_record_fails(self, pier: Pier) -> None:
        assert pier.cli.fails("log", "nowhere")["error"]
        assert pier.cli.fails("log", "pier", "--record", "invoice", "so-0")["error"]


class TestDoctor:
    def test_a_healthy_connector_is_told_so(self, pier: Pier) -> None:
        told = pier.cli.json("connector", "doctor", "pier")
        assert told["ok"] is True
        assert {finding["severity"] for finding in told["findings"]} == {"ok"}
        assert "Nothing is wrong" in pier.cli.words("connector", "doctor", "pier")

    def test_a_problem_comes_with_its_remedy_and_exit_code_1(
        self, pier: Pier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("QBWC_PUBLIC_URL", "http://quickbooks.example.com")
        done = pier.cli.run("connector", "doctor", "pier")
        assert done.exit_code == 1
        assert "problem" in done.stdout
        assert "Set public_url" in done.stdout

    def test_a_warning_is_no_problem(self, harbour: Cli) -> None:
        told = harbour.json("connector", "doctor", "harbour")
        assert [finding["severity"] for finding in told["findings"]] == ["warning"]


def test_retry_of_everything_releases_what_can_go_on(pier: Pier) -> None:
    for name in ("c-8", "c-9"):
        pier.put("customer", name, name=f"No Mail {name}")
    assert len(pier.cli.json("errors", "list")) == 2
    pier.cli.json("connector", "set", "pier", "create_without_email=yes")
    retry: Callable[..., Any] = pier.cli.json
    assert retry("errors", "retry", "--all")["still_blocked"] == 0
    assert pier.view("customer", "c-9")["state"] == "queued"
    assert pier.cli.run("errors", "retry", "--all", "--cause", "x").exit_code == 2


def test_many_records_are_linked_by_a_file(pier: Pier) -> None:
    pier.company.person.add("Customer", {"Name": "Bistro", "AccountNumber": "K-2"})
    pier.visit()
    pier.put("customer", "c-2", name="Delicatessen")
    pier.cli.file("links.csv", "Kind;External ID;Account Number\ncustomer;c-2;K-2\ncustomer;c-9;K-2\n")
    looked = pier.cli.run("link", "--from", "links.csv", "--dry-run", "--json")
    assert looked.exit_code == 1
    assert [line["result"] for line in json.loads(looked.stdout)["lines"]] == ["linked", "faulty"]
    assert pier.view("customer", "c-2")["list_id"] is None
    words = pier.cli.run("link", "--from", "links.csv")
    assert words.exit_code == 1
    assert "1 linked, 1 faulty" in words.stdout
    assert "handed over" in words.stdout
    assert pier.view("customer", "c-2")["matched_by"] == "hand"
    again = pier.cli.json("link", "--from", "-", text="kind,external_id,full_name\ncustomer,c-2,Bistro\n")
    assert (again["linked"], again["unchanged"], again["faulty"]) == (0, 1, 0)


@pytest.mark.parametrize(
    "arguments", [("customer", "c-1"), (), ("--dry-run",), ("customer", "c-1", "8-1", "--from", "links.csv")]
)
def test_link_wants_one_record_or_a_file(pier: Pier, arguments: tuple[str, ...]) -> None:
    assert pier.cli.run("link", *arguments).exit_code == 2


def test_a_file_of_links_without_the_columns_says_which(pier: Pier) -> None:
    pier.cli.file("links.csv", "c-1,8-1\n")
    assert "kind, external_id" in str(pier.cli.fails("link", "--from", "links.csv"))
