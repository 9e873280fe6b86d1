"""Somebody who types what a page says, in a folder of his own, with a server of his own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from qbwc_server.cli.demo.server import free_port

SHELL = "; ".join(
    ("[ ! -f .shell ] || . ./.shell", "trap 'export -p >.shell; declare -f >>.shell; jobs -p >>.jobs' EXIT")
)
"""What is exported or left running in one block is there in the next: a reader has one shell."""


@dataclass
class Reader:
    """Somebody who types what a page says."""

    folder: Path
    environment: dict[str, str]
    port: int
    own_port: int
    server: "subprocess.Popen[bytes] | None" = None
    said: list[str] = field(default_factory=list)

    def follow(self, block: str) -> None:
        """Run a block; every command in it must succeed."""
        if block.strip() == "qbwc-server serve":
            self._serve()
            return
        # the tests' server listens on another port than the one somebody may be using
        done = self._run(self.here(block))
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        self.said.append(done.stdout)
        if password := re.search(r"Password +(\S+)", done.stdout):
            self.environment["QBWC_SIMULATE_PASSWORD"] = password[1]
        if re.search(r" &$", block, re.M):
            wait_for(self._answers)

    def here(self, text: str) -> str:
        """What the page says, with the ports of this reader."""
        return (
            text.replace("localhost:8000", f"127.0.0.1:{self.port}")
            .replace("localhost:5005", f"127.0.0.1:{self.own_port}")
            .replace("port=5005", f"port={self.own_port}")
        )

    def _run(self, block: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{SHELL}\n{block}"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=180,
        )

    def _answers(self) -> bool:
        """Whether the reader's own program is there."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.own_port), timeout=5):
            return True
        return False

    def _serve(self) -> None:
        command = ["qbwc-server", "serve"]
        with (self.folder / "serve.log").open("wb") as log:
            self.server = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )
        wait_for(self._is_up)

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def leave(self) -> None:
        """End what runs."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(30)
        jobs = self.folder / ".jobs"
        for pid in jobs.read_text().split() if jobs.exists() else ():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGTERM)


def wait_for(condition: Callable[[], object]) -> None:
    """Until it is so; fails when that takes too long."""
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def reading(folder: Path) -> Iterator[Reader]:
    """A reader in a folder."""
    port = free_port()
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QBWC_")}
    # no terminal to draw on, and another port than the one somebody may be using
    environment |= {"PATH": path, "QBWC_SERVER_PORT": str(port), "PYTHONIOENCODING": "utf-8"}
    made = Reader(folder, environment, port, free_port())
    try:
        yield made
    finally:
        made.leave()
