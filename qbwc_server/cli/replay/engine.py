"""What this server makes of the records of a bundle: handed to a fresh connector, and a visit of the simulator."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qbwc_server.cli.replay.bundle import Bundle
from qbwc_server.cli.simulate import visits
from qbwc_server.config import Config
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.handing_over import intake
from qbwc_server.desk.views import record_views
from qbwc_server.domain.faults import Conflict, InvalidInput
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.settings import ConnectorSettings
from qbwc_server.simulator import CompanyFile, SoapCallError, WebConnector
from qbwc_server.sync.core import Core
from qbwc_server.visit.calls import WebConnectorCalls
from qbwc_server.wiring import core_from

NAME = "replay"
_ACTOR = "replay"
_MOST_VISITS = 10
_LEFT_OUT = frozenset({"quiet_hours", "quiet_days", "company_file", "run_every_minutes"})
"""Settings that would keep the visit away."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A record, then and now.

    Attributes:
        before, now: its state; None: it was not accepted.
        causes_before, causes: of the error records in its way.
        told: what they say now, or why it was not accepted.
    """

    kind: str
    external_id: str
    before: str | None
    now: str | None
    causes_before: tuple[str, ...]
    causes: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the same became of it."""
        return self.before == self.now and set(self.causes_before) == set(self.causes)


def outcomes(bundle: Bundle, company: CompanyFile) -> list[Outcome]:
    """What became of each record; the database it is tried in is gone afterwards."""
    with _fresh() as core:
        new = connectors.add(core, NAME, settings=_settings(bundle), actor=_ACTOR)
        refused = {_name(item): told for item in bundle["records"] if (told := _put(core, item))}
        card = new.connector
        caller = WebConnector(
            "http://127.0.0.1/qbwc",
            card.username,
            new.password,
            company,
            card.owner_id,
            card.file_id,
            endpoint=_InProcess(WebConnectorCalls(core)),
            sleep=lambda _: None,
        )
        caller.add_application()
        for _ in visits(caller, _MOST_VISITS):
            pass
        return [_outcome(core, bundle, item, refused) for item in bundle["records"]]


@contextmanager
def _fresh() -> Iterator[Core]:
    with tempfile.TemporaryDirectory(prefix="qbwc-replay-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        config = Config(
            database_url=f"sqlite:///{(folder / 'qbwc.db').as_posix()}",
            secrets_file=folder / "secrets.json",
            public_url="http://127.0.0.1",
        )
        core = core_from(config, create=True)
        try:
            yield core
        finally:
            core.database.close()


def _settings(bundle: Bundle) -> dict[str, Any]:
    """The settings of the bundle, as far as this version has them."""
    known = set(ConnectorSettings.model_fields) - _LEFT_OUT
    return {
        name: value
        for name, value in bundle.content["connector"]["settings"].items()
        if name in known and value is not None
    }


def _name(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item.get("kind")), str(item.get("external_id"))


def _put(core: Core, item: Mapping[str, Any]) -> tuple[str, ...]:
    """Hand it over; why it was not accepted, if it was not."""
    kind, external_id = _name(item)
    try:
        intake.put(core, NAME, Kind(kind), external_id, item.get("content") or {}, actor=_ACTOR)
    except InvalidInput as error:
        return tuple(fault.in_words for fault in error.faults)
    except (Conflict, ValueError) as error:
        return (str(error),)
    return ()


def _outcome(
    core: Core, bundle: Bundle, item: Mapping[str, Any], refused: Mapping[tuple[str, str], tuple[str, ...]]
) -> Outcome:
    kind, external_id = _name(item)
    before = tuple(
        str(error["cause"])
        for error in bundle["errors"]
        if _name(error) == (kind, external_id) and not error.get("closed_at")
    )
    if (kind, external_id) in refused:
        return Outcome(kind, external_id, item.get("state"), None, before, (), refused[kind, external_id])
    view = record_views.view(core, NAME, Kind(kind), external_id)
    causes = tuple(str(error["cause"]) for error in view["errors"])
    told = tuple(str(error["message"]) for error in view["errors"])
    return Outcome(kind, external_id, item.get("state"), str(view["state"]), before, causes, told)


class _InProcess:
    """The Web Connector's calls without a network between."""

    def __init__(self, calls: WebConnectorCalls) -> None:
        self._calls = calls

    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Make one call, as `simulator.Endpoint` wants it."""
        given = list(arguments.values())
        match method:
            case "serverVersion":
                return self._calls.server_version()
            case "clientVersion":
                return self._calls.client_version(*given)
            case "authenticate":
                return self._calls.authenticate(*given, address="replay")
            case "sendRequestXML":
                return self._calls.send_request_xml(*given)
            case "receiveResponseXML":
                return self._calls.receive_response_xml(*given)
            case "connectionError":
                return self._calls.connection_error(*given)
            case "getLastError":
                return self._calls.get_last_error(*given)
            case "closeConnection":
                return self._calls.close_connection(*given)
        raise SoapCallError(method, "no such call")
