"""A real server whose files may not grow any more, and then may again: nothing that was accepted is lost."""

import http.client
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from qbwc_server.cli import main
from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.simulator import CompanyFile, WebConnector
from qbwc_server.simulator.web_connector.report import CallEvent, Outcome

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limit of another process is set")

CUSTOMERS = "/api/v1/connectors/harbour/customers/"


pytestmark = pytest.mark.slow


class Served:
    """A server in a process of its own, its connector, the host's key, and the Web Connector of a company file."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.folder = folder
        self.config_path = write_config(folder, port)
        self.server = ServerProcess(self.config_path, port, folder / "server.log")
        card = self.command("connector", "add", "harbour")
        self.key = self.command("api-key", "create", "host", "--connector", "harbour")["key"]
        self.company = CompanyFile.create(None, company_name="Harbour", time_zone="UTC")
        self.server.start()
        self.connector = WebConnector(
            f"{self.server.url}/qbwc",
            card["username"],
            card["password"],
            self.company,
            card["owner_id"],
            card["file_id"],
            sleep=lambda seconds: None,
        )
        self.connector.add_application()

    def command(self, *arguments: str) -> Any:
        done = CliRunner().invoke(main, ["--config", str(self.config_path), *arguments, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def limit_files(self, size: int) -> None:
        """No file of the server may become longer than this, which to it is a disk that is full."""
        process = self.server._process
        assert process is not None
        for each in [process.pid, *children(process.pid)]:
            resource.prlimit(each, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    @property
    def longest(self) -> int:
        """The length of the longest file the server writes."""
        return max(path.stat().st_size for path in self.folder.iterdir())

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """Status, media type and text of one request of the host."""
        client = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
            client.request(method, path, body, headers)
            answer = client.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
        finally:
            client.close()

    def put(self, number: int) -> Any:
        fields = {"name": f"n{number}", "email": f"n{number}@fish.example", "notes": "x" * 3000}
        return self.ask("PUT", f"{CUSTOMERS}n{number}", json.dumps(fields).encode())

    def written(self) -> dict[str, int]:
        """How often QuickBooks was made to create whom."""
        names = [str(entry.name) for entry in self.company.ledger if entry.by == "application"]
        return {name: names.count(name) for name in names}


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, listed) for each in (child, *children(child))]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.server.stop()


NOTHING = 1
"""A limit at which nothing at all can be written."""


def fill(served: Served) -> int:
    """Hand over customers until there is no room for the next one; how many there are."""
    served.limit_files(served.longest + 40_000)
    accepted = 0
    while (answer := served.put(accepted))[0] == 201:
        accepted += 1
        assert accepted < 200
    status, media_type, text = answer
    assert status in (503, 507)
    assert media_type == "application/problem+json"
    assert json.loads(text)["detail"]
    return accepted


def test_hosts_are_told_of_a_full_disk_and_what_they_were_told_is_true(served: Served) -> None:
    accepted = fill(served)
    there = [served.ask("GET", f"{CUSTOMERS}n{number}")[0] for number in range(accepted + 1)]
    assert there == [200] * accepted + [404]
    served.limit_files(NOTHING)
    assert served.put(accepted)[0] in (503, 507)
    assert served.ask("GET", "/readyz")[0] == 503
    assert served.ask("GET", "/healthz")[0] == 200
    served.limit_files(resource.RLIM_INFINITY)
    assert served.put(accepted)[0] == 201
    assert served.ask("GET", "/readyz")[0] == 200


def test_the_web_connector_is_told_of_a_full_disk_and_nothing_is_lost_or_doubled(served: Served) -> None:
    assert served.connector.run_once().outcome is Outcome.DONE
    accepted = fill(served)

    served.limit_files(NOTHING)
    assert served.connector.run_once().outcome is Outcome.BUSY
    for method in ("sendRequestXML", "receiveResponseXML"):  # before and after QuickBooks has done it
        served.limit_files(resource.RLIM_INFINITY)
        full_from(served, method)
        report = served.connector.run_once()
        # every call was answered in proper SOAP, and people are told why nothing came of it
        assert all(call.error is None for call in report.calls), report
        assert report.outcome is Outcome.ERROR, report
        assert "perhaps its disk is full" in (report.last_error or "")
    assert served.written()

    served.limit_files(resource.RLIM_INFINITY)
    served.connector.on_call = None
    served.connector.run()
    assert served.written() == {f"n{number}": 1 for number in range(accepted)}
    assert served.server.is_running


def full_from(served: Served, method: str) -> None:
    """Nothing can be written from this call of the next visit on."""

    def note(event: CallEvent) -> None:
        if event.phase == "before" and event.method == method:
            served.limit_files(NOTHING)

    served.connector.on_call = note


def test_a_large_body_that_finds_no_room_is_refused_whole(served: Served) -> None:
    line = {
        "kind": "customer",
        "external_id": "a",
        "name": "a",
        "email": "a@fish.example",
        "notes": "x" * 3000,
    }
    lines = b"".join(json.dumps({**line, "external_id": f"a{n}"}).encode() + b"\n" for n in range(1000))
    assert len(lines) > 2**20
    served.limit_files(2**20)
    status, media_type, text = served.ask(
        "POST", "/api/v1/connectors/harbour/batch", lines, "application/x-ndjson"
    )
    assert (status, media_type) == (507, "application/problem+json")
    assert "disk is full" in text
    served.limit_files(resource.RLIM_INFINITY)
    assert served.ask("GET", f"{CUSTOMERS}a0")[0] == 404
