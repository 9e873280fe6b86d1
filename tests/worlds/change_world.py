"""A host that speaks HTTP, a real server, and company files of their own: what a change does in QuickBooks.

Every test has a connector and a company file to itself; the server process is shared. The judge is the company file.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

from click.testing import CliRunner

from qbwc_server.cli import main
from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.simulator import CompanyFile, WebConnector
from qbwc_server.simulator.web_connector.report import CallEvent, SessionReport
from tests.worlds.acceptance_world import LEASE_SECONDS, Json

DAY = "2026-11-20"
_NUMBERS = count(1)


@dataclass
class House:
    """The server process of many tests."""

    server: ServerProcess

    @classmethod
    def build(cls, folder: Path) -> Self:
        port = free_port()
        config = write_config(folder, port)
        with config.open("a", encoding="utf-8") as file:
            file.write(f"[session]\nlease_seconds = {LEASE_SECONDS}\n")
        return cls(ServerProcess(config, port, folder / "server.log"))

    def command(self, *arguments: str) -> Any:
        """What a command of the command line prints as JSON."""
        given = ["--config", str(self.server.config_path), *arguments, "--json"]
        done = CliRunner().invoke(main, given, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def office(self) -> Office:
        """A connector, its company file with a few entries, and the host's key."""
        name = f"office-{next(_NUMBERS)}"
        card = self.command("connector", "add", name, "--default-income-account", "Sales")
        key = self.command("api-key", "create", name, "--connector", name)["key"]
        company = CompanyFile.create(None, company_name=name)
        visitor = WebConnector(
            card["soap_url"], card["username"], card["password"], company, card["owner_id"], card["file_id"]
        )
        visitor.add_application()
        return Office(self, name, key, company, visitor)


@dataclass
class Office:
    """One connector with everybody who has to do with it."""

    house: House
    name: str
    key: str
    company: CompanyFile
    web_connector: WebConnector

    # --- the host -------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A request of the host: status and answer."""
        request = urllib.request.Request(
            f"{self.house.server.url}/api/v1/connectors/{self.name}/{path}".rstrip("/"),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def batch(self, lines: Sequence[Json]) -> list[Json]:
        """Hand over many records in one request; what became of each line."""
        request = urllib.request.Request(
            f"{self.house.server.url}/api/v1/connectors/{self.name}/batch",
            method="POST",
            data="\n".join(map(json.dumps, lines)).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return [json.loads(line) for line in answer]

    def put(self, path: str, **fields: Any) -> Json:
        """Hand over a record; ``put("customers/c", name=…)``."""
        status, answer = self.call("PUT", path, fields)
        assert status in (200, 201), answer
        view: Json = answer
        return view

    def view(self, path: str) -> Json:
        status, answer = self.call("GET", path)
        assert status == 200, answer
        view: Json = answer
        return view

    def customer(self, external_id: str = "c", **fields: Any) -> Json:
        return self.put(f"customers/{external_id}", **{"name": "Harbour", "email": "h@x.example", **fields})

    def vendor(self, external_id: str = "v", **fields: Any) -> Json:
        return self.put(f"vendors/{external_id}", **{"name": "Boats", "email": "b@x.example", **fields})

    def item(self, external_id: str = "i", **fields: Any) -> Json:
        return self.put(
            f"items/{external_id}", **{"sku": "OYS", "name": "Oysters", "price": "9.50", **fields}
        )

    def invoice(self, external_id: str = "inv", **fields: Any) -> Json:
        given: Json = {
            "ref_number": "SO-1",
            "txn_date": DAY,
            "customer": {"external_id": "c"},
            "lines": [{"item": {"external_id": "i"}, "quantity": "2", "rate": "9.50"}],
        }
        return self.put(f"invoices/{external_id}", **{**given, **fields})

    # --- the Web Connector and QuickBooks -------------------------------------------------------------------

    def visit(self) -> tuple[SessionReport, ...]:
        """Visits until nothing is left to do, which end well in the Web Connector's window."""
        reports = self.web_connector.run(max_sessions=8)
        assert [report.error_code for report in reports] == [None] * len(reports)
        return reports

    def lose_the_answer(self, request: str) -> None:
        """A visit that ends, as if the PC had lost power, when QuickBooks has carried out such a request and before
        its answer is passed on; and the time after which the server takes it for lost."""

        class PowerCut(Exception):
            pass

        def cut(event: CallEvent) -> None:
            if event.phase == "before" and event.method == "receiveResponseXML" and request in self.written():
                raise PowerCut

        self.web_connector.on_call = cut
        try:
            self.web_connector.run(until_idle=False, max_sessions=1)
        except PowerCut:
            time.sleep(LEASE_SECONDS + 0.1)
        finally:
            self.web_connector.on_call = None

    def synced(self, path: str) -> Json:
        """The record, which QuickBooks holds at its latest revision and of which nothing is complained."""
        view = self.view(path)
        assert (view["state"], view["errors"]) == ("synced", []), view
        assert view["revision"] == view["synced_revision"]
        return view

    def blocked(self, path: str) -> Json:
        """The one error record of a record that is blocked."""
        view = self.view(path)
        assert view["state"] == "blocked", view
        (error,) = view["errors"]
        found: Json = error
        return found

    def refresh(self) -> None:
        """A Resync asked for by the host, carried out."""
        assert self.call("POST", "resync")[0] in (200, 202)
        self.visit()

    def there(self, path: str) -> Json:
        """The record as the company file has it."""
        view = self.view(path)
        kinds = {"customers": "Customer", "vendors": "Vendor", "items": "Item", "invoices": "Invoice"}
        kind = kinds.get(path.partition("/")[0], "PurchaseOrder")
        id_name = "TxnID" if kind in ("Invoice", "PurchaseOrder") else "ListID"
        return self.company.find(kind, **{id_name: view["list_id" if id_name == "ListID" else "txn_id"]})

    def written(self) -> list[str]:
        """The requests by which the server wrote, in order."""
        return [entry.request for entry in self.company.ledger if entry.by == "application"]
