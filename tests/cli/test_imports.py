"""`import` of JSON arrays and CSV; of NDJSON see test_records.py."""

import json
from typing import Any

import pytest

from tests.worlds.cli_world import Cli

CUSTOMERS = """external_id,name,email,is_active,bill_address.addr1,bill_address.city,terms
c-1,"Fish, Ltd",ap@fish.example,yes,"1, Wharf",Portland,Net 30

c-2,Küste,ap@kueste.example,,,Hamburg,
"""
ORDERS = """external_id,ref_number,txn_date,customer.email,line.item.sku,line.quantity,line.rate,line.desc
so-1,SO-1,2026-11-20,ap@fish.example,A-77,12,9.50,"Oysters,
by the bag"
so-2,SO-2,2026-11-21,ap@kueste.example,A-77,1,9.50,
so-1,,,,B-1,2.25,4.1250,
"""


def imported(cli: Cli, kind: str, name: str, text: str, *options: str) -> dict[str, Any]:
    """What `import --json` tells, whatever became of it."""
    done = cli.run("import", kind, cli.file(name, text), *options, "--json")
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (1 if told["faulty"] else 0)
    return told


def faults(told: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Row, pointer and words of every fault."""
    return [
        (item["line"], fault["pointer"], fault["message"])
        for item in told["records"]
        for fault in item["faults"]
    ]


class TestCsv:
    def test_a_row_is_a_record_and_a_dotted_column_a_field_within_a_field(self, harbour: Cli) -> None:
        assert imported(harbour, "customer", "c.csv", CUSTOMERS)["created"] == 2
        assert harbour.json("get", "customer", "c-1")["record"] == {
            "name": "Fish, Ltd",
            "email": "ap@fish.example",
            "is_active": True,
            "bill_address": {"addr1": "1, Wharf", "city": "Portland"},
            "terms": "Net 30",
        }

    def test_an_empty_cell_says_nothing(self, harbour: Cli) -> None:
        imported(harbour, "customer", "c.csv", CUSTOMERS)
        record = harbour.json("get", "customer", "c-2")["record"]
        assert record == {"name": "Küste", "email": "ap@kueste.example", "bill_address": {"city": "Hamburg"}}

    def test_vendors_and_items_come_the_same_way(self, harbour: Cli) -> None:
        vendors = "external_id,name,email\nv-1,Boat Co,boat@x.example\n"
        items = "external_id,sku,name,type,price,cost,income_account\ni-1,A-77,Oyster,non_inventory,9.50,6,Sales\n"
        assert imported(harbour, "vendor", "v.csv", vendors)["created"] == 1
        assert imported(harbour, "item", "i.csv", items)["created"] == 1
        assert harbour.json("get", "item", "i-1")["record"]["price"] == "9.50"

    def test_rows_with_the_same_external_id_are_the_lines_of_one_document(self, harbour: Cli) -> None:
        told = imported(harbour, "invoice", "o.csv", ORDERS)
        assert [(item["line"], item["external_id"], item["result"]) for item in told["records"]] == [
            (2, "so-1", "created"),
            (4, "so-2", "created"),
        ]
        record = harbour.json("get", "invoice", "so-1")["record"]
        assert record["customer"] == {"email": "ap@fish.example"}
        assert record["lines"] == [
            {"item": {"sku": "A-77"}, "quantity": "12", "rate": "9.50", "desc": "Oysters,\nby the bag"},
            {"item": {"sku": "B-1"}, "quantity": "2.25", "rate": "4.1250"},
        ]

    def test_purchase_orders_too(self, harbour: Cli) -> None:
        text = "external_id,vendor,line.item.sku,line.quantity\npo-1,Boat Co,A-77,3\n"
        assert imported(harbour, "purchase_order", "p.csv", text)["created"] == 1
        assert harbour.json("get", "purchase_order", "po-1")["record"]["vendor"] == "Boat Co"

    @pytest.mark.parametrize("mark", [";", "\t"])
    def test_semicolons_and_tabs_separate_as_well(self, harbour: Cli, mark: str) -> None:
        text = f"external_id{mark}name{mark}email\nc-1{mark}A, B{mark}a@b.example\n"
        imported(harbour, "customer", "c.csv", text)
        assert harbour.json("get", "customer", "c-1")["record"]["name"] == "A, B"

    def test_a_fault_names_its_row_and_the_others_go_in(self, harbour: Cli) -> None:
        text = "external_id,name,email,colour\nc-1,One,1@x.example,\nc-2,Two,2@x.example,red\n,Three,,\n"
        told = imported(harbour, "customer", "c.csv", text)
        assert told["created"] == 1
        assert [(line, pointer) for line, pointer, _ in faults(told)] == [(3, "/colour"), (4, "/external_id")]

    def test_a_fault_in_a_line_of_a_document_names_the_row_of_that_line(self, harbour: Cli) -> None:
        ((line, pointer, words),) = faults(
            imported(
                harbour,
                "invoice",
                "o.csv",
                ORDERS.replace("2.25", "2,25x").replace("B-1,2,25x", 'B-1,"2,25x"'),
            )
        )
        assert (line, pointer) == (2, "/lines/1/quantity")
        assert words.endswith("(row 5)")

    def test_what_rows_of_one_document_say_differently_is_a_fault(self, harbour: Cli) -> None:
        told = imported(harbour, "invoice", "o.csv", ORDERS.replace("so-1,,,", "so-1,SO-9,,"))
        assert faults(told) == [(2, "/ref_number", "row 5 says 'SO-9', and row 2 'SO-1'")]
        assert harbour.json("get", "invoice", "so-2")["state"] == "queued"

    @pytest.mark.parametrize(
        ("text", "pointer", "words"),
        [
            ("external_id,name\nc-1,One\nc-1,Other\n", "/external_id", "is in row 2 already"),
            ("external_id,name,is_active\nc-1,One,perhaps\n", "/is_active", "neither true nor false"),
            ("external_id,name\nc-1,One,more\n", "", "'more' stands in a column without a name"),
            ("external_id,bill_address,bill_address.city\nc-1,a,b\n", "/bill_address/city", "a part of it"),
        ],
    )
    def test_what_cannot_be_meant_is_a_fault(self, harbour: Cli, text: str, pointer: str, words: str) -> None:
        ((_, found, said),) = faults(imported(harbour, "customer", "c.csv", text))
        assert found == pointer
        assert words in said

    @pytest.mark.parametrize("text", ["", "external_id,name\n"])
    def test_a_file_without_rows_is_no_error(self, harbour: Cli, text: str) -> None:
        assert "no records" in harbour.words("import", "customer", harbour.file("c.csv", text))

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("name,email\nOne,a@b.example\n", "external_id"),
            ("external_id,name,name\nc-1,a,b\n", "twice: name"),
            ("external_id,line.item.sku\nc-1,A\n", "has no lines"),
            ('external_id,name\nc-1,"open\n', "line 2 is not CSV"),
        ],
    )
    def test_a_file_that_is_wrong_as_a_whole_is_refused_in_a_sentence(
        self, harbour: Cli, text: str, words: str
    ) -> None:
        assert words in harbour.fails("import", "customer", harbour.file("c.csv", text))["error"]
        assert harbour.fails("get", "customer", "c-1")


class TestArray:
    def test_every_element_is_a_record_with_exact_numbers(self, harbour: Cli) -> None:
        text = '[{"external_id": "i-1", "sku": "A", "name": "A", "price": 16.1250}, {"sku": "B"}]'
        told = imported(harbour, "item", "i.json", text)
        assert (told["created"], told["faulty"], told["records"][1]["line"]) == (1, 1, 2)
        assert harbour.json("get", "item", "i-1")["record"]["price"] == "16.1250"

    @pytest.mark.parametrize("text", ["[", '[{"external_id": "c-1"}', "[1,]"])
    def test_one_that_is_not_whole_is_refused_as_a_whole(self, harbour: Cli, text: str) -> None:
        assert harbour.fails("import", "customer", harbour.file("c.json", text))["faults"]

    @pytest.mark.parametrize("text", ["{}", "7", "[7]", '["c-1"]'])
    def test_what_is_no_record_is_a_fault(self, harbour: Cli, text: str) -> None:
        assert imported(harbour, "customer", "c.json", text)["faulty"] == 1


def test_the_format_may_be_named_for_stdin(harbour: Cli) -> None:
    done = harbour.run("import", "customer", "-", "--format", "csv", "--json", text=CUSTOMERS)
    assert json.loads(done.stdout)["created"] == 2


def test_a_dry_run_of_a_csv_file_stores_nothing(harbour: Cli) -> None:
    assert imported(harbour, "customer", "c.csv", CUSTOMERS, "--dry-run")["created"] == 2
    assert harbour.fails("get", "customer", "c-1")


def test_a_file_as_windows_saves_it_says_how_it_is_to_be_saved(harbour: Cli) -> None:
    (harbour.folder / "c.csv").write_bytes("external_id,name\nc-1,Müller\n".encode("cp1252"))
    assert "CSV UTF-8" in harbour.fails("import", "customer", "c.csv")["error"]


def test_of_very_many_faults_a_person_is_shown_some_and_told_how_many_more(
    harbour: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbwc_server.cli.import_faults.MOST_FAULTS", 3)
    rows = "".join(f"c-{number},red\n" for number in range(8))
    file = harbour.file("c.csv", f"external_id,colour\n{rows}")
    done = harbour.run("import", "customer", file)
    assert done.stdout.count("there is no such field") == 3
    assert "and 5 more faults" in done.stdout
    assert len(faults(imported(harbour, "customer", "d.csv", f"external_id,colour\n{rows}"))) == 8


# --- JSON of any form ---------------------------------------------------------------------------------------------

ONE = '{"external_id": "a", "name": "A", "email": "a@b.example"}'
PRETTY = json.dumps({"external_id": "a", "name": "A", "bill_address": {"city": "Bari"}}, indent=2)


@pytest.mark.parametrize(
    "text", [ONE, f"[{ONE}]", f"\n[\n{ONE}\n]\n", f"\ufeff[{ONE}]", PRETTY, f"{ONE}\n\n"]
)
@pytest.mark.parametrize("file", ["-", "c.ndjson", "c.json", "c.txt"])
def test_json_is_taken_in_whatever_form_it_comes(harbour: Cli, text: str, file: str) -> None:
    if file != "-":
        harbour.file(file, text)
    done = harbour.run("import", "customer", file, "--json", text=text.encode())
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["created"], told["records"][0]["line"]) == (1, told["records"][0]["line"])


def test_of_an_array_the_position_is_told_and_of_lines_the_line(harbour: Cli) -> None:
    wrong = '{"external_id": "b", "colour": 1}'
    for text, line, word in ((f"[{ONE},\n{wrong}]", 2, "Record"), (f"{ONE}\n\n{wrong}\n", 3, "Line")):
        done = harbour.run("import", "customer", "-", "--json", text=text)
        assert [item["line"] for item in json.loads(done.stdout)["records"]][1] == line
        assert word in harbour.run("import", "customer", "-", text=text).stdout


def test_one_broken_line_among_others_holds_up_none(harbour: Cli) -> None:
    done = harbour.run("import", "customer", "-", "--json", text='{"external_id": \n' + ONE + "\n")
    assert json.loads(done.stdout)["created"] == 1


def test_put_takes_the_only_record_of_an_array(harbour: Cli) -> None:
    assert harbour.json("put", "customer", "c-1", "-", text='[{"name": "A", "email": "a@b.example"}]')[
        "created"
    ]
    said = harbour.fails("put", "customer", "c-1", "-", text='[{"name": "A"}, {"name": "B"}]')["error"]
    assert "use import" in said
