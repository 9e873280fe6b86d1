"""`put`, `get`, `cancel` and `import`."""

import json

import pytest

from tests.worlds.cli_world import Cli

CUSTOMER = {"name": "Küstenfisch & Söhne", "email": "ap@kueste.example"}


def test_a_record_put_is_got(harbour: Cli) -> None:
    put = harbour.json("put", "customer", "c-1", harbour.file("c.json", CUSTOMER))
    assert (put["state"], put["created"], put["changed"]) == ("queued", True, True)
    got = harbour.json("get", "customer", "c-1")
    assert got == {key: value for key, value in put.items() if key not in ("created", "changed")}
    assert got["record"] == CUSTOMER


def test_a_record_may_come_by_stdin(harbour: Cli) -> None:
    assert harbour.json("put", "customer", "c-1", "-", text=json.dumps(CUSTOMER))["created"]


def test_the_byte_order_mark_of_windows_editors_does_no_harm(harbour: Cli) -> None:
    text = harbour.file("c.json", "\ufeff" + json.dumps(CUSTOMER))
    assert harbour.json("put", "customer", "c-1", text)["record"] == CUSTOMER


def test_the_same_content_again_changes_nothing(harbour: Cli) -> None:
    file = harbour.file("c.json", CUSTOMER)
    harbour.json("put", "customer", "c-1", file)
    again = harbour.json("put", "customer", "c-1", file)
    assert (again["created"], again["changed"], again["revision"]) == (False, False, 1)


def test_all_faults_of_a_record_are_listed_with_their_pointers(harbour: Cli) -> None:
    line = {"item": {"sku": "A-1"}, "quantity": "a dozen"}
    file = harbour.file("i.json", {"ref_number": "SO-1", "colour": "red", "lines": [line]})
    error = harbour.fails("put", "invoice", "i-1", file)
    assert {"/colour", "/lines/0/quantity"} <= {fault["pointer"] for fault in error["faults"]}


def test_people_are_told_of_faults_by_line_and_field(harbour: Cli) -> None:
    file = harbour.file("i.json", {"ref_number": "SO-1", "lines": [{"item": "A-1", "quantity": "a dozen"}]})
    done = harbour.run("put", "invoice", "i-1", file)
    assert "  line 1, quantity: a number expected" in done.stderr
    assert "/lines" not in done.stderr


@pytest.mark.parametrize("text", ["", "{", "[1]", '"name"', '{"name": NaN}'])
def test_what_is_not_a_json_object_is_refused_in_a_sentence(harbour: Cli, text: str) -> None:
    assert harbour.fails("put", "customer", "c-1", "-", text=text)["error"]


def test_what_stdin_must_hold_is_told_with_an_example(harbour: Cli) -> None:
    told = harbour.fails("put", "customer", "c-1", "-", text="[1]")["error"]
    assert told.startswith('stdin must hold one JSON object, such as {"name"')


def test_a_record_that_is_sent_later_says_when(harbour: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    put = harbour.json("put", "customer", "c-1", "-", text=json.dumps(CUSTOMER))
    later = {**put, "not_before": "2026-11-22T13:52:24.123456+00:00"}
    monkeypatch.setattr("qbwc_server.desk.views.record_views.view", lambda *_: later)
    assert "not before: 2026-11-22 13:52 UTC" in harbour.words("get", "customer", "c-1")


def test_bytes_that_are_no_text_are_refused_in_a_sentence(harbour: Cli) -> None:
    assert "UTF-8" in harbour.fails("put", "customer", "c-1", "-", text=b'{"name": "K\xfcste"}')["error"]


def test_a_missing_file_is_named(harbour: Cli) -> None:
    assert "nowhere.json" in harbour.fails("put", "customer", "c-1", "nowhere.json")["error"]


def test_a_record_nobody_put_is_not_got(harbour: Cli) -> None:
    assert "c-9" in harbour.fails("get", "customer", "c-9")["error"]


def test_an_unknown_kind_is_a_usage_error(harbour: Cli) -> None:
    assert harbour.run("get", "sausage", "s-1").exit_code == 2


def test_a_cancelled_record_stays_cancelled_until_it_is_revived(harbour: Cli) -> None:
    file = harbour.file("c.json", CUSTOMER)
    harbour.json("put", "customer", "c-1", file)
    assert harbour.json("cancel", "customer", "c-1")["state"] == "cancelled"
    assert "was cancelled at" in harbour.run("put", "customer", "c-1", file).stderr
    assert harbour.json("put", "customer", "c-1", file, "--revive")["state"] == "queued"


def test_a_csv_file_may_count_versions(harbour: Cli) -> None:
    file = harbour.file("c.csv", "external_id,name,version\nc-1,Harbour,7\n")
    assert harbour.json("import", "customer", file)["created"] == 1
    assert harbour.json("get", "customer", "c-1")["version"] == 7
    older = harbour.file("d.csv", "external_id,name,version\nc-1,Harbor,6\n")
    assert "version 7" in harbour.run("import", "customer", older).stdout


class TestTheConnectorMayBeLeftOut:
    def test_when_there_is_exactly_one(self, harbour: Cli) -> None:
        assert harbour.json("put", "customer", "c-1", harbour.file("c.json", CUSTOMER))["created"]

    def test_but_not_when_there_are_several(self, harbour: Cli) -> None:
        harbour.json("connector", "add", "pier")
        done = harbour.run("put", "customer", "c-1", harbour.file("c.json", CUSTOMER))
        assert done.exit_code == 2
        assert "harbour, pier" in done.stderr
        named = harbour.json("put", "customer", "c-1", "c.json", "--connector", "pier")
        assert named["created"]
        assert harbour.fails("get", "customer", "c-1", "--connector", "harbour")

    def test_and_when_there_is_none_it_says_how_to_make_one(self, cli: Cli) -> None:
        assert "connector add" in cli.fails("get", "customer", "c-1")["error"]

    def test_an_unknown_one_is_refused(self, harbour: Cli) -> None:
        assert harbour.fails("get", "customer", "c-1", "--connector", "nowhere")["error"]


class TestImport:
    LINES = (
        '{"external_id": "c-1", "name": "One", "email": "one@x.example"}',
        "",
        '{"external_id": "c-2", "name": "Two", "email": "two@x.example", "colour": "red"}',
        '{"name": "Nameless"}',
        "not json",
        '{"external_id": "c-3", "name": "Three", "email": "three@x.example"}',
    )

    def test_good_lines_go_in_and_bad_ones_are_listed(self, harbour: Cli) -> None:
        done = harbour.run("import", "customer", harbour.file("c.ndjson", "\n".join(self.LINES)), "--json")
        outcome = json.loads(done.stdout)
        assert done.exit_code == 1
        assert [(entry["line"], entry["result"]) for entry in outcome["records"]] == [
            (1, "created"),
            (3, "faulty"),
            (4, "faulty"),
            (5, "faulty"),
            (6, "created"),
        ]
        assert (outcome["created"], outcome["faulty"]) == (2, 3)
        assert outcome["records"][1]["faults"][0]["pointer"] == "/colour"
        assert harbour.json("get", "customer", "c-3")["state"] == "queued"

    def test_a_person_sees_line_place_and_problem(self, harbour: Cli) -> None:
        words = harbour.run("import", "customer", harbour.file("c.ndjson", "\n".join(self.LINES))).stdout
        assert "2 created, 3 faulty" in words
        assert "colour" in words
        assert "/colour" not in words

    def test_a_dry_run_stores_nothing(self, harbour: Cli) -> None:
        lines = "\n".join((self.LINES[0], self.LINES[5]))
        outcome = harbour.json("import", "customer", harbour.file("c.ndjson", lines), "--dry-run")
        assert (outcome["dry_run"], outcome["created"]) == (True, 2)
        assert harbour.fails("get", "customer", "c-1")

    def test_again_it_changes_nothing(self, harbour: Cli) -> None:
        file = harbour.file("c.ndjson", self.LINES[0])
        assert harbour.json("import", "customer", file)["created"] == 1
        assert harbour.json("import", "customer", file)["unchanged"] == 1

    def test_an_empty_file_is_no_error(self, harbour: Cli) -> None:
        assert harbour.json("import", "customer", harbour.file("c.ndjson", ""))["records"] == []
