"""`qbwc-server demo` as somebody types it: it judges itself, says what happened, and leaves nothing running."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.worlds.acceptance_world import BLOCKED, KINDS, Json, to_be_created, to_be_synced

COMMAND = [sys.executable, "-m", "qbwc_server.cli", "demo"]
PATIENCE = 120


def demo(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """A whole demonstration."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE
    )


def answers(url: str) -> bool:
    """Whether anybody answers at the address."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class TestForAMachine:
    """`demo --json`."""

    @pytest.fixture(scope="class")
    @staticmethod
    def told(tmp_path_factory: pytest.TempPathFactory) -> Json:
        """What it printed; a second run in the same folder."""
        folder = tmp_path_factory.mktemp("demo")
        done = demo("--json", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert list(folder.iterdir()) == [], "the demonstration leaves no files behind"
        told: Json = json.loads(done.stdout)
        return told

    def test_exactly_the_seeded_cases_are_blocked(self, told: Json) -> None:
        blocked = {
            (error["kind"], error["external_id"]): (error["cause"], error["sub_reason"], error["cause_key"])
            for group in told["blocked"]
            for error in group["errors"]
        }
        assert blocked == BLOCKED
        assert told["as_expected"] is True

    def test_everything_else_is_synced(self, told: Json) -> None:
        assert told["records"] == {kind: self.expected(kind) for kind in KINDS}

    @staticmethod
    def expected(kind: str) -> dict[str, int]:
        """How the records of a kind are to fare."""
        synced, created = len(to_be_synced(kind)), len(to_be_created(kind))
        fates = {"found": synced - created, "created": created, "synced": synced}
        blocked = sum(1 for blocked_kind, _ in BLOCKED if blocked_kind == kind)
        return {**fates, "blocked": blocked} if blocked else fates

    def test_it_tells_the_round_trips(self, told: Json) -> None:
        print(f"round trips of the demonstration: {told['round_trips']}")
        assert 0 < told["round_trips"] <= 8
        assert told["round_trips"] == sum(session["round_trips"] for session in told["sessions"])

    def test_its_server_is_gone(self, told: Json) -> None:
        assert not answers(told["site"]["url"] + "/healthz")


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator["subprocess.Popen[str]"]:
    """A demonstration at work; it is ended in any case."""
    with subprocess.Popen(
        # whoever runs the tests in the background has Ctrl-C ignored, which children would inherit
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        args=[*COMMAND, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said_until(process: "subprocess.Popen[str]", mark: str) -> str:
    """What it prints up to the line with the mark."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if mark in line:
            return said
    raise AssertionError(f"it ended before it said {mark!r}:\n{said}")


@pytest.mark.slow
def test_a_person_reads_how_it_went_and_may_look_around_until_ctrl_c(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    with running("--keep-running", "--folder", str(kept), cwd=tmp_path) as process:
        words = said_until(process, "Ctrl-C")
        assert "round trip 1: " in words, "progress is shown while it works"
        invoices = len(to_be_synced("invoice"))
        assert re.search(rf"^ *invoices +{invoices} +0 +{invoices} +6 +0", words, re.M)
        assert "Line 2 of invoice inv-1043 has no SKU" in words
        assert "What to do:" in words
        assert re.search(r"took \d+ round trips", words)
        assert re.search(r"^Password +\S{12,}$", words, re.M)
        site = re.search(r"^Site +(http://localhost:\d+)$", words, re.M)
        assert site is not None
        assert answers(site[1] + "/support")
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert not answers(site[1] + "/support")
    assert (kept / "qbwc.db").exists()
    assert demo("--folder", str(kept), cwd=tmp_path).returncode == 1, "a folder that is in use is refused"


@pytest.mark.slow
def test_ended_in_the_middle_of_its_work_it_leaves_no_server_behind(tmp_path: Path) -> None:
    with running(cwd=tmp_path) as process:
        words = said_until(process, "round trip 1:")
        port = re.search(r"on port (\d+)", words)
        assert port is not None
        assert answers(f"http://127.0.0.1:{port[1]}/healthz")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(PATIENCE) == 130
        assert not answers(f"http://127.0.0.1:{port[1]}/healthz")
