"""A host that knows nothing but the REST API: it hands over, looks at what stands in the way, and answers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qbwc_server.access import api_keys
from qbwc_server.domain.kinds import Kind

from .acceptance_world import Json
from .cause_world import Case, House, Stage, bring_about


@dataclass
class ApiStage(Stage):
    """As `Stage`; but whatever the host and staff do, they do over HTTP."""

    url: str = ""
    key: str = ""
    asks_for_resyncs: bool = True

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Json]:
        """A request below the connector's address: status and answer."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/connectors/{self.name}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def send_lines(self, path: str, lines: Iterable[Json]) -> None:
        """Many records, one a line."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/connectors/{self.name}/{path}",
            data="".join(json.dumps(line) + "\n" for line in lines).encode(),
            method="POST",
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert all(json.loads(line)["result"] == "created" for line in answer)

    def get(self, path: str) -> Json:
        """What is there."""
        status, found = self.ask("GET", path)
        assert status == 200, found
        return found

    def put(self, kind: Kind, external_id: str, **fields: Any) -> None:
        """Hand a record over."""
        status, told = self.ask("PUT", f"{kind.plural}/{external_id}", fields)
        assert status in (200, 201), told

    def settings(self, **values: Any) -> None:
        """Set some settings."""
        status, told = self.ask("PATCH", "settings", values)
        assert status == 200, told

    def resync(self) -> None:
        """Have the lists read anew, unless it is left to somebody else."""
        if not self.asks_for_resyncs:
            return
        status, told = self.ask("POST", "resync", {})
        assert status == 202, told

    def retry(self) -> None:
        """Try again what stands in the way."""
        (error,) = self.open()
        status, told = self.ask("POST", "errors/retry", {"cause_key": error["cause_key"]})
        assert (status, told["released"]) == (200, 1), told

    def view(self, kind: Kind, external_id: str) -> Json:
        """A record."""
        return self.get(f"{kind.plural}/{external_id}")

    def open(self) -> list[Json]:
        """What stands in the way."""
        found: list[Json] = self.get("errors")["errors"]
        return found

    def the_error(self) -> Json:
        """The one error record that is open, with its choices."""
        (error,) = self.open()
        return self.get(f"errors/{error['id']}")

    def answer(self, error: Json, choice: str, **more: str) -> tuple[int, Json]:
        """Answer an error record with one of its choices."""
        body = {"choice": choice, "token": error["token"], **more}
        return self.ask("POST", f"errors/{error['id']}/answer", body)

    def decide(self, choice: str, **more: str) -> Json:
        """Answer the one error record that is open; it must be taken."""
        error = self.the_error()
        status, told = self.answer(error, choice, **more)
        assert status == 200, told
        return told


def api_stage(house: House, name: str, settings: Json | None = None) -> ApiStage:
    """A connector of its own with a key of its own."""
    made = house.stage_of(ApiStage, name, settings or {})
    made.url = house.url.removesuffix("/qbwc")
    made.key = api_keys.create(house.core, f"key of {name}", connector=name, actor="staff").secret
    return made


def before_the_choice(house: House, case: Case, name: str) -> ApiStage:
    """A stage on which a cause has come about and is told."""
    stage = api_stage(house, name, case.settings)
    bring_about(stage, case)
    stage.until_idle()
    assert stage.view(*case.blocked)["state"] == "blocked"
    return stage
