"""`qbwc-server serve` as a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from qbwc_server.cli.demo.server import ServerProcess, ServerStartError, free_port, write_config
from qbwc_server.serve import STOP_SECONDS
from tests.worlds.cli_world import Cli


@pytest.fixture
def server(cli: Cli) -> Iterator[ServerProcess]:
    """A server on a fresh database, not yet started."""
    port = free_port()
    made = ServerProcess(write_config(cli.folder, port), port, cli.folder / "server.log")
    yield made
    made.stop()


def setup_address(log: Path) -> str | None:
    """The one-time address in the server's output."""
    found = re.search(r"http://\S+/setup/\S+", log.read_text())
    return found[0] if found else None


def test_on_a_database_without_users_it_prints_an_address_that_creates_the_first_admin(
    server: ServerProcess,
) -> None:
    server.start()
    address = setup_address(server.log_path)
    assert address is not None
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200
        assert b"password" in answer.read().lower()


def test_once_there_is_a_user_it_prints_none(cli: Cli, server: ServerProcess) -> None:
    config = ("--config", str(server.config_path))
    cli.words(*config, "db", "upgrade")
    cli.json(*config, "user", "add", "ann", "--role", "admin", "--password-stdin", text="a long password\n")
    server.start()
    assert server.url in server.log_path.read_text()
    assert setup_address(server.log_path) is None


@pytest.mark.slow
def test_a_stopped_server_can_be_started_again_at_the_same_address(server: ServerProcess) -> None:
    server.start()
    server.stop()
    assert not server.is_running
    server.start()
    assert server.is_running
    server.kill()
    server.start()
    assert server.is_running


@pytest.mark.slow
def test_when_only_its_parent_was_killed_another_takes_its_place_at_once(server: ServerProcess) -> None:
    server.start()
    pid = server.pid
    os.kill(pid, signal.SIGKILL)
    while server.is_running:
        time.sleep(0.01)
    server.start()
    # the workers of the one before might have answered: wait for what only the new one says
    deadline = time.monotonic() + 30
    while server.log_path.read_text().count("Web Connector  http") < 2:
        assert server.is_running, server.log_path.read_text()
        assert time.monotonic() < deadline, server.log_path.read_text()
        time.sleep(0.1)
    assert server.pid != pid


def test_a_second_server_on_a_sqlite_file_is_refused_and_spoils_nothing(
    cli: Cli, server: ServerProcess
) -> None:
    server.start()
    told = cli.fails("--config", str(server.config_path), "serve", "--port", str(free_port()))["error"]
    assert "another server is at work on this database" in told
    assert f"{server.url}, process {server.pid}" in told
    assert "--workers" in told
    address = setup_address(server.log_path)
    assert address is not None
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200


def test_the_processes_of_one_server_share_a_sqlite_file(server: ServerProcess) -> None:
    text = server.config_path.read_text()
    server.config_path.write_text(text + "workers = 2\n")
    server.start()
    assert server.is_running


@pytest.mark.slow
def test_told_to_stop_while_a_worker_still_starts_it_ends_at_once(server: ServerProcess) -> None:
    text = server.config_path.read_text()
    server.config_path.write_text(text + "workers = 3\n")
    server.start()
    os.kill(server.pid, signal.SIGTERM)
    # a worker that missed it would be waited for three times as long
    deadline = time.monotonic() + STOP_SECONDS / 3
    while server.is_running:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_json_names_the_addresses(cli: Cli) -> None:
    port = str(free_port())
    command = [sys.executable, "-m", "qbwc_server.cli", "serve", "--port", port, "--json"]
    with subprocess.Popen(command, cwd=cli.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        text = b""
        while not text.endswith(b"}\n"):
            text += process.stdout.readline()
        process.terminate()
    told = json.loads(text)
    assert told["site_url"] == f"http://localhost:{port}"
    assert told["soap_url"] == f"http://localhost:{port}/qbwc"
    assert told["setup_url"].startswith(f"http://localhost:{port}/setup/")


def test_a_taken_port_is_refused_before_anything_is_promised(cli: Cli) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        assert port in cli.fails("serve", "--port", port)["error"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--tls-cert", "cert.pem"), "tls_key"),
        (("--tls-cert", "cert.pem", "--tls-key", "key.pem"), "cert.pem"),
    ],
)
def test_options_that_cannot_work_are_refused_in_a_sentence(
    cli: Cli, options: tuple[str, ...], named: str
) -> None:
    assert named in cli.fails("serve", *options)["error"]


@pytest.mark.parametrize("options", [("--port", "99999"), ("--port", "http"), ("--workers", "0")])
def test_a_number_that_cannot_be_is_a_usage_error(cli: Cli, options: tuple[str, ...]) -> None:
    done = cli.run("serve", *options)
    assert done.exit_code == 2
    assert f"{options[0]} must be a whole number from 1 to " in done.stderr


def test_a_server_that_ends_at_once_is_reported_with_the_end_of_its_log(
    cli: Cli, server: ServerProcess
) -> None:
    server.config_path.write_text("colour = 'red'\n")
    with pytest.raises(ServerStartError, match="colour"):
        server.start()
    assert not server.is_running


@pytest.mark.slow
def test_a_server_does_not_outlive_whoever_started_it(cli: Cli, server: ServerProcess) -> None:
    program = (
        "import sys, time, pathlib; from qbwc_server.cli.demo.server import ServerProcess;"
        "s = ServerProcess(pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path('log')); s.start();"
        "print('up', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(server.config_path), str(server.port)]
    with subprocess.Popen(command, cwd=cli.folder, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"up\n"
        starter.kill()
    deadline = time.monotonic() + 30
    while is_listening(server.port):
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.1)


def is_listening(port: int) -> bool:
    """Whether anybody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
