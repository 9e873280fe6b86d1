"""A real server over HTTP, in a thread of the process that tests."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from qbwc_server.access import api_keys
from qbwc_server.app import application_of
from qbwc_server.config import Config
from qbwc_server.courier.post import PostOffice
from qbwc_server.desk.administration import connectors
from qbwc_server.desk.feeds import waits
from qbwc_server.domain.clock import Clock
from qbwc_server.in_process import Connector
from qbwc_server.sync.core import Core
from qbwc_server.wiring import core_from

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

CONNECTOR = "harbour"

_DATABASE, _SECRETS = "qbwc.db", "qbwc-secrets.json"
_ACTOR = "tests"
_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Card:
    """What the .qwc holds, and the password that is typed into the Web Connector."""

    username: str
    password: str
    owner_id: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        url: its address.
        connector: the name of its connector.
        key: an API key for it.
        database_url: of its database, for `qbwc_server.Connector`.
    """

    url: str
    connector: str
    key: str = field(repr=False)
    database_url: str
    web_connector: Card = field(repr=False)
    _core: Core = field(repr=False)

    @property
    def api(self) -> str:
        """The address of the connector in the API."""
        return f"{self.url}/api/v1/connectors/{self.connector}"

    @property
    def soap_url(self) -> str:
        """Where the Web Connector calls."""
        return f"{self.url}/qbwc"

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """A request to the API: status and answer.

        Args:
            path: below the connector's address (``invoices/SO-1042``).
            body: what is sent as JSON.
        """
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.api}/{path}".rstrip("/"),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - the same
                return answer.status, _read(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _read(error.read())

    def in_process(self) -> Connector:
        """The same connector without HTTP; close it, or use it as a context."""
        return Connector(self.connector, database_url=self.database_url, clock=self._core.clock)

    def deliver(self) -> None:
        """Send the webhooks what is due by now; here nothing is sent by itself."""
        office = PostOffice(self._core)
        office.look()
        office.wait()


def make_template(folder: Path) -> None:
    """An empty database and its secrets."""
    core_from(_config(folder, ""), create=True).database.close()


@contextmanager
def running(folder: Path, template: Path, clock: Clock, settings: Mapping[str, Any]) -> Iterator[Server]:
    """A server on a copy of `template` in `folder`, until the block ends."""
    for name in (_DATABASE, _SECRETS):
        shutil.copy(template / name, folder / name)
    application = _Later()
    http = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    config = _config(folder, f"http://127.0.0.1:{http.port}")
    core = core_from(config, clock)
    application.is_there(application_of(core, config))
    thread = threading.Thread(target=_serve, args=[http], name="qbwc-server", daemon=True)
    thread.start()
    try:
        yield _set_up(core, config, settings)
    finally:
        waits.close(core)
        http.shutdown()
        thread.join()
        http.server_close()
        core.database.close()


def _serve(http: BaseWSGIServer) -> None:
    http.serve_forever(poll_interval=0.02)


def _set_up(core: Core, config: Config, settings: Mapping[str, Any]) -> Server:
    new = connectors.add(core, CONNECTOR, settings=settings, actor=_ACTOR)
    key = api_keys.create(core, "tests", connector=CONNECTOR, actor=_ACTOR)
    made = new.connector
    card = Card(made.username, new.password, made.owner_id, made.file_id)
    return Server(config.public_url, CONNECTOR, key.secret, config.database_url, card, core)


def _config(folder: Path, public_url: str) -> Config:
    return Config(
        database_url=f"sqlite:///{(folder / _DATABASE).as_posix()}",
        secrets_file=folder / _SECRETS,
        public_url=public_url or "http://127.0.0.1",
    )


def _read(text: bytes) -> Any:
    """The JSON of an answer; of a batch, that of its lines."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return [json.loads(line) for line in text.splitlines()]


class _Later:
    """An application that is made when the address it is to have is known."""

    def __init__(self) -> None:
        self._application: WSGIApplication | None = None

    def is_there(self, application: WSGIApplication) -> None:
        """From now on it answers."""
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._application is None:
            raise RuntimeError("the server is called before it is there")
        return self._application(environ, start_response)


class _Quiet(WSGIRequestHandler):
    """Whose tests these are wants no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""
