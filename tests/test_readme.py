"""The README's commands, run as they stand, in order, in one folder.

Blocks marked ``bash`` are run; ``console`` blocks (installing, make) are not, because a test must not install
anything or run the tests. ``qbwc-server serve`` is left running for the blocks after it.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from qbwc_server.cli import main
from qbwc_server.config import keys
from qbwc_server.config.reading import ENV_CONFIG, environment_name
from qbwc_server.domain import causes
from tests.worlds.reader import Reader, reading

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOSTS = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", README, re.M | re.S)
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.M | re.S)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who followed every runnable block."""
    with reading(tmp_path_factory.mktemp("readme")) as made:
        for block in BLOCKS:
            made.follow(block)
        yield made


def every_command_can_be_run_as_it_stands(reader: Reader) -> None:
    assert len(reader.said) >= 6


def the_invoice_of_the_readme_reaches_quickbooks(reader: Reader) -> None:
    assert "invoice so-1042: synced" in "".join(reader.said)
    books = json.loads((reader.folder / "books.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in books["ledger"] if entry["request"] == "InvoiceAddRq"] == ["SO-1042"]


def the_customer_without_email_is_explained(reader: Reader) -> None:
    assert "Customer c-8 has no billing email" in "".join(reader.said)


def the_purchase_order_from_the_spreadsheet_reaches_quickbooks(reader: Reader) -> None:
    books = json.loads((reader.folder / "books.json").read_text(encoding="utf-8"))
    written = [entry["name"] for entry in books["ledger"] if entry["request"] == "PurchaseOrderAddRq"]
    assert written == ["PO-7"]


def a_program_hears_that_the_invoice_is_in_quickbooks(reader: Reader) -> None:
    (said,) = (text for text in reader.said if '"events"' in text)
    answers = list(documents(said))
    assert [set(answer) & {"events", "records", "groups", "state"} for answer in answers] == [
        {"events"},
        {"events"},
        {"state"},
        {"records"},
        {"groups"},
    ]
    feed, chosen, invoice, blocked, groups = answers
    assert {"invoice.synced", "customer.blocked"} <= {event["type"] for event in chosen["events"]}
    assert "customer.synced" not in {event["type"] for event in chosen["events"]}
    ended = {(event["kind"], event["external_id"]): event["to"] for event in feed["events"]}
    assert (ended["invoice", "so-1042"], invoice["state"]) == ("synced", "synced")
    assert blocked["records"] == []
    assert "record:customer c-8" in [group["cause_key"] for group in groups["groups"]]


def documents(text: str) -> Iterator[dict[str, Any]]:
    """JSON documents that stand one behind the other."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        found, end = decoder.raw_decode(text)
        yield found
        text = text[end:].lstrip()


def the_program_of_the_page_for_hosts_hears_it_too(reader: Reader) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", HOSTS, re.M | re.S)
    make_key = ["qbwc-server", "api-key", "create", "page", "--connector", "harbour", "--json"]
    folder, environment = reader.folder, reader.environment
    made = subprocess.run(make_key, cwd=folder, env=environment, capture_output=True, check=True, timeout=60)
    environment = environment | {
        "QBWC_API": f"http://127.0.0.1:{reader.port}/api/v1/connectors/harbour",
        "QBWC_API_KEY": json.loads(made.stdout)["key"],
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "invoice so-1042 is in QuickBooks" in done.stdout
    assert "customer c-8 is blocked" in done.stdout


def once_the_customer_has_an_email_it_goes_on_by_itself(reader: Reader) -> None:
    assert "customer c-8: queued (changed)" in "".join(reader.said)
    assert "No errors: nothing stands in the way." in "".join(reader.said)


@pytest.mark.slow
def test_whoever_follows_it_from_top_to_bottom_sees_what_it_says(reader: Reader) -> None:
    """One test for all it says, as they follow one reader: everything that is typed is typed once."""
    for claim in (
        every_command_can_be_run_as_it_stands,
        the_invoice_of_the_readme_reaches_quickbooks,
        the_customer_without_email_is_explained,
        the_purchase_order_from_the_spreadsheet_reaches_quickbooks,
        a_program_hears_that_the_invoice_is_in_quickbooks,
        the_program_of_the_page_for_hosts_hears_it_too,
        once_the_customer_has_an_email_it_goes_on_by_itself,
    ):
        claim(reader)


def test_its_programs_run_as_they_stand() -> None:
    (program,) = PROGRAMS
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    assert "<CustomerAdd><Name>K&#252;ste &amp; Co</Name>" in done.stdout
    assert "7 0 ['80000001-1700000000']" in done.stdout


def test_every_command_it_names_exists() -> None:
    blocks = re.findall(r"^```(?:bash|console)\n(.*?)^```$", README, re.M | re.S)
    code = "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", README)])
    typed = re.findall(r"^(?:\$ )?qbwc-server (?:--config \S+ )?([a-z-]+)(?: ([a-z-]+)\b)?", code, re.M)
    assert len(typed) > 20
    for name, second in typed:
        command = main.commands[name]
        if isinstance(command, click.Group):
            assert second in command.commands, f"{name} {second}"


def test_the_commands_for_windows_exist() -> None:
    named = re.findall(r"Scripts\\(pip|activate|qbwc-server)(?: ([a-z]+))?", README)
    assert {program for program, _ in named} == {"pip", "activate", "qbwc-server"}
    assert all(word in main.commands for program, word in named if program == "qbwc-server")


def test_every_cause_is_in_the_table() -> None:
    catalogue = {
        cause.name
        for cause in vars(causes).values()
        if isinstance(cause, type)
        and issubclass(cause, causes.Cause)
        and isinstance(getattr(cause, "name", None), str)
    }
    (table,) = re.findall(r"^\| Cause \|.*?\n\n", README, re.M | re.S)
    assert (
        set(re.findall(r"`([a-z_]+)`", table.replace("`host_wins`", "").replace("`link`", ""))) == catalogue
    )


def test_every_file_it_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_setting_it_names_exists() -> None:
    names = {environment_name(key) for key in keys()} | {ENV_CONFIG}
    named = set(re.findall(r"\bQBWC_[A-Z_]+[A-Z]\b", README))
    assert named
    assert named <= names
