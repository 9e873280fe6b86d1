"""Long commands say how far they are, on stderr only, and can be broken off without harm."""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.cli import long_work as module
from qbwc_server.cli.long_work import long_work
from qbwc_server.config.reading import load_config
from qbwc_server.desk.deciding import bulk_links, link_lines
from qbwc_server.desk.handing_over import batches, host, lines
from qbwc_server.sync import allowance, resolve
from qbwc_server.wiring import core_from
from tests.worlds.cli_world import Cli


def customers(many: int) -> str:
    """So many records, a line each."""
    return "".join(
        json.dumps({"external_id": f"c-{number}", "name": f"C {number}"}) + "\n" for number in range(many)
    )


# --- telling ------------------------------------------------------------------------------------------------------


def test_without_a_terminal_a_line_is_told_every_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "EVERY_SECONDS", 0.05)
    with long_work("taking in", 5_000) as work:
        work.reach(933)
        time.sleep(0.2)
    told = capsys.readouterr()
    assert told.out == ""
    assert "taking in: 933 of 5,000" in told.err.splitlines()


def test_what_is_short_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with long_work("taking in", 5) as work:
        assert list(work.counted(range(5))) == [0, 1, 2, 3, 4]
    assert work.done == 5
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_a_line_moves_and_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        """What is written to somebody's screen."""

        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with long_work("taking in", 5_000) as work:
        work.reach(933)
        time.sleep(0.3)
    shown = screen.getvalue()
    assert "taking in" in shown
    assert "933/5000" in shown
    assert shown.rstrip().endswith(("\x1b[2K", "\x1b[?25h", "\x1b[1A\x1b[2K"))


def test_a_long_import_tells_how_far_it_is_and_stays_one_document(
    harbour: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY_SECONDS", 0.001)
    done = harbour.run("import", "customer", "-", "--json", text=customers(600))
    assert json.loads(done.stdout)["created"] == 600
    assert " of 600" in done.stderr


# --- breaking off -------------------------------------------------------------------------------------------------


@pytest.fixture
def pressing(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Ctrl-C (or another signal) while a line of an import is being read."""
    chosen: dict[str, Any] = {"signal": signal.SIGINT, "at": 30}
    read, seen = lines.line_of, [0]

    def pressed(*arguments: Any) -> Any:
        seen[0] += 1
        if seen[0] == chosen["at"]:
            os.kill(os.getpid(), chosen["signal"])
        return read(*arguments)

    for where in (batches, lines):
        monkeypatch.setattr(where, "line_of", pressed)
    return chosen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_broken_off_says_what_was_taken_in(
    harbour: Cli, pressing: dict[str, Any], number: signal.Signals
) -> None:
    pressing["signal"] = number
    done = harbour.run("import", "customer", "-", text=customers(100))
    assert done.exit_code == 130
    assert done.stdout == ""
    assert "broken off: 30 of 100 taken in; run it again, nothing is doubled" in done.stderr
    assert counted() == 30
    again = json.loads(harbour.run("import", "customer", "-", "--json", text=customers(100)).stdout)
    assert (again["unchanged"], again["created"]) == (30, 70)


def counted() -> int:
    """How many records the database has."""
    core = core_from(load_config())
    try:
        return len(host.find(core, "harbour", limit=1000))
    finally:
        core.database.close()


def test_a_machine_reads_it_as_json(harbour: Cli, pressing: dict[str, Any]) -> None:
    done = harbour.run(
        "import", "customer", "-", "--json", text='{"external_id": "x", "colour": 1}\n' + customers(50)
    )
    assert (done.exit_code, done.stdout) == (130, "")
    assert json.loads(done.stderr) == {
        "error": "broken off: 29 of 51 taken in, 1 faulty; run it again, nothing is doubled",
        "faults": [],
    }


def test_pressed_at_the_very_end_it_changes_nothing(harbour: Cli, pressing: dict[str, Any]) -> None:
    assert harbour.run("import", "customer", "-", text=customers(30)).exit_code == 0


def test_the_handlers_of_others_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), long_work("taking in", 1):
        raise ZeroDivisionError
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_outside_the_main_thread_it_works_without_signals() -> None:
    done: list[int] = []

    def work() -> None:
        with long_work("taking in", 3) as some:
            done.extend(some.counted(range(3)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [0, 1, 2]


def test_a_file_of_links_can_be_broken_off_and_linked_again(
    harbour: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = link_lines.understood
    seen = [0]

    def pressed(line: Any) -> Any:
        seen[0] += 1
        if seen[0] == 150:
            os.kill(os.getpid(), signal.SIGINT)
        return read(line)

    monkeypatch.setattr(bulk_links, "understood", pressed)
    rows = "".join(f"customer,c-{number},8-{number}\n" for number in range(500))
    done = harbour.run("link", "--from", "-", text=f"kind,external_id,list_id\n{rows}")
    assert done.exit_code == 130
    assert "broken off: 0 of 500 lines linked; run it again, nothing is doubled" in done.stderr


def test_retries_are_told_and_broken_off_between_slices(
    blocked: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "AT_ONCE", 1)
    retry = resolve.retry

    def pressed(*arguments: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return retry(*arguments, **options)

    monkeypatch.setattr(resolve, "retry", pressed)
    done = blocked.run("errors", "retry", "--all")
    assert done.exit_code == 130
    assert "broken off: 1 of 3 tried again; run it again for the others" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_real_program_is_broken_off_by_a_signal(harbour: Cli, number: signal.Signals) -> None:
    file = harbour.file("c.ndjson", customers(5_000))
    command = [sys.executable, "-m", "qbwc_server.cli", "import", "customer", file]
    process = subprocess.Popen(
        command, cwd=harbour.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not has_records(harbour.folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert f"broken off: {counted_all():,} of 5,000 taken in; run it again, nothing is doubled" in err


def has_records(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "qbwc.db")) as conn:
        return bool(conn.execute("SELECT count(*) > 20 FROM record").fetchone()[0])


def counted_all() -> int:
    with closing(sqlite3.connect("qbwc.db")) as conn:
        return int(conn.execute("SELECT count(*) FROM record").fetchone()[0])
