"""The command line run in process, in a folder of its own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from qbwc_server.cli import main
from qbwc_server.config.reading import load_config
from qbwc_server.simulator import WebConnector
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from qbwc_server.simulator.web_connector.report import Outcome
from qbwc_server.simulator.web_connector.soap_client import Argument
from qbwc_server.simulator.web_connector.soap_client import Result as SoapResult
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls
from qbwc_server.wiring import core_from


@dataclass(frozen=True, slots=True)
class Cli:
    """Runs commands in process; database and secrets are real files in `folder`."""

    folder: Path

    def run(self, *arguments: str, text: str | bytes | None = None) -> Result:
        """A command, whatever becomes of it."""
        return CliRunner().invoke(main, list(arguments), input=text)

    def words(self, *arguments: str, text: str | None = None) -> str:
        """What a command that succeeds says to a person."""
        done = self.run(*arguments, text=text)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *arguments: str, text: str | None = None) -> Any:
        """The document a command that succeeds prints for a machine, and nothing else on stdout."""
        return json.loads(self.words(*arguments, "--json", text=text))

    def fails(self, *arguments: str, text: str | bytes | None = None) -> dict[str, Any]:
        """The error object of a command that fails with exit code 1."""
        done = self.run(*arguments, "--json", text=text)
        assert done.exit_code == 1, done.output
        assert done.stdout == ""
        error: dict[str, Any] = json.loads(done.stderr)
        assert set(error) == {"error", "faults"}
        return error

    def file(self, name: str, content: object) -> str:
        """A file in the folder: text as it is, anything else as JSON."""
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).write_text(text, encoding="utf-8")
        return name


Furniture = Callable[[Cli], None]
"""Some commands that are run in an empty folder."""


class WithoutHttp:
    """Takes the simulated Web Connector's calls straight to the server's session: HTTP is tested elsewhere."""

    def __init__(self, core: Core) -> None:
        self._calls = WebConnectorCalls(core)

    def call(self, method: str, arguments: Mapping[str, Argument]) -> SoapResult:
        """One SOAP call."""
        calls, given = self._calls, list(arguments.values())
        match method:
            case "authenticate":
                return calls.authenticate(str(given[0]), str(given[1]), address="127.0.0.1")
            case "sendRequestXML":
                ticket, hcp, company, country, major, minor = given
                return calls.send_request_xml(
                    str(ticket), str(hcp), str(company), str(country), int(major), int(minor)
                )
            case "receiveResponseXML":
                return calls.receive_response_xml(*map(str, given))
            case "serverVersion":
                return calls.server_version()
            case "clientVersion":
                return calls.client_version(str(given[0]))
            case "getLastError":
                return calls.get_last_error(str(given[0]))
            case _:
                return calls.close_connection(str(given[0]))


def visit(cli: Cli, username: str, password: str) -> None:
    """The Web Connector comes until there is nothing left to do."""
    core = core_from(load_config())
    company = CompanyFile.create()
    connector = WebConnector("", username, password, company, endpoint=WithoutHttp(core))
    assert connector.run(max_sessions=5)[-1].outcome in (Outcome.NOTHING_TO_DO, Outcome.REFUSED)
    core.database.close()
