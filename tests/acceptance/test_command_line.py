"""The command line beside a running server: what is broken off is taken up, and what is typed is posted once."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from urllib.request import Request, urlopen

from tests.worlds.acceptance_world import World, written_twice

MANY = 900


def customers() -> str:
    """Customers QuickBooks does not have."""
    records = (
        {"external_id": f"n-{number}", "name": f"New {number}", "email": f"n{number}@new.example"}
        for number in range(MANY)
    )
    return "".join(json.dumps(record) + "\n" for record in records)


def test_an_import_broken_off_and_run_again_reaches_quickbooks_once(world: World) -> None:
    file = world.folder / "customers.ndjson"
    file.write_text(customers(), encoding="utf-8")
    command = [sys.executable, "-m", "qbwc_server.cli", "--config", str(world.server.config_path)]
    importing = subprocess.Popen(
        [*command, "import", "customer", str(file)],
        cwd=world.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    # looked at in the file itself: a command would take about as long as the whole import
    deadline = time.monotonic() + 60
    while not taken_in(world) and time.monotonic() < deadline:
        time.sleep(0.002)
    importing.send_signal(signal.SIGINT)
    out, err = importing.communicate(timeout=60)
    assert (importing.returncode, out) == (130, ""), err
    before = world.command("connector", "show", "seafood")["counts"]["queued"]
    assert 0 < before < MANY
    assert f"broken off: {before:,} of {MANY:,} taken in; run it again, nothing is doubled" in err
    again = world.command("import", "customer", str(file))
    assert (again["unchanged"], again["created"]) == (before, MANY - before)
    world.visit()
    assert written_twice(world.company) == []
    names = Counter(record["Name"] for record in world.company.records("Customer"))
    assert all(names[f"New {number}"] == 1 for number in range(MANY))


def taken_in(world: World) -> bool:
    with closing(sqlite3.connect(world.folder / "qbwc.db")) as conn:
        return bool(conn.execute("SELECT EXISTS (SELECT 1 FROM record)").fetchone()[0])


def test_the_command_line_lists_what_the_api_lists_and_tries_again_by_name(world: World) -> None:
    world.hand_over_everything()
    world.visit()
    key = world.command("api-key", "create", "shop", "--connector", "seafood")["key"]
    address = f"{world.server.url}/api/v1/connectors/seafood/invoices?state=blocked&limit=3"
    with urlopen(Request(address, headers={"Authorization": f"Bearer {key}"}), timeout=30) as answer:
        over_rest = json.load(answer)
    typed = ("records", "list", "--kind", "invoice", "--state", "blocked", "--limit", "3")
    assert world.command(*typed) == over_rest
    assert len(over_rest["records"]) == 3
    (found,) = world.command("records", "list", "--number", "SO-1041")["records"]
    assert found["external_id"] == "inv-1041"
    deli = world.view("customer", "c-14")["record"] | {"email": "c14@deli.example"}
    world.command("put", "customer", "c-14", "-", text=json.dumps([deli]))
    assert world.command("retry", "invoice", "inv-1041")["state"] == "queued"
    world.visit()
    assert world.company.find("Invoice", RefNumber="SO-1041")
    assert written_twice(world.company) == []
