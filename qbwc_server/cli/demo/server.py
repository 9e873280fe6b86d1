"""The real server, `qbwc-server serve`, as a process of ours: started, waited for, stopped."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

START_SECONDS = 60.0
STOP_SECONDS = 10.0
LOG_TAIL_LINES = 15


class ServerStartError(RuntimeError):
    """The server ended or stayed silent; the message holds the last lines of its log."""


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_config(folder: Path, port: int) -> Path:
    """A configuration file for a server on `port` whose database and secrets live in `folder`."""
    folder = folder.resolve()
    path = folder / "config.toml"
    values: Mapping[str, str] = {
        "database_url": f"sqlite:///{(folder / 'qbwc.db').as_posix()}",
        "public_url": f"http://localhost:{port}",
    }
    # a JSON string without \\u escapes is a TOML string
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    lines += ["", "[server]", 'host = "127.0.0.1"', f"port = {port}", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


class ServerProcess:
    """`qbwc-server serve` with a configuration file, on a loopback port.

    The process leads a session of its own: Ctrl-C at the terminal reaches only us, and `kill` reaches its
    workers too. It ends when its stdin is closed, so it does not outlive us even when we are killed.
    """

    def __init__(self, config_path: Path, port: int, log_path: Path) -> None:
        self.config_path = config_path
        self.port = port
        self.log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the site."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        """The process that was started, the parent of those that serve.

        Raises:
            ServerStartError: none was.
        """
        if self._process is None:
            raise ServerStartError("the server was not started")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it says that it is ready.

        Raises:
            ServerStartError: it ended, or was not ready within `START_SECONDS`.
        """
        self.stop()  # one that ended by itself is still known
        command = [sys.executable, "-P", "-m", "qbwc_server.cli", "--config", str(self.config_path)]
        command += ["serve", "--stop-at-eof"]
        # the caller's own QBWC_* settings must not reach a server that has its own file
        environment = {key: value for key, value in os.environ.items() if not key.startswith("QBWC_")}
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.kill()
            raise

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServerStartError(f"the server ended at once:\n{self._log_tail()}")
            if _answers(f"http://127.0.0.1:{self.port}/readyz"):
                return
            time.sleep(0.05)
        raise ServerStartError(f"the server was not ready after {START_SECONDS:.0f} s:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def stop(self) -> None:
        """End the server in good order; after `STOP_SECONDS` without manners."""
        process = self._process
        if process is None:
            return
        process.terminate()  # does nothing to one that has ended
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._forget(process)

    def kill(self) -> None:
        """End the server and its workers on the spot, as a power cut would."""
        process = self._process
        if process is None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        self._forget(process)

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()
        self._process = None


def _answers(url: str) -> bool:
    """Whether a GET of the address is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - a loopback address of our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
