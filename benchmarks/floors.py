"""What the server is measured against: the least that could do the same, on the same server program.

    python benchmarks/floors.py soap PORT FOLDER        a Spyne service that hands out and takes in recorded texts
    python benchmarks/floors.py flask PORT FOLDER       a Flask route that stores each body with one INSERT

`drain.py` starts them. Neither imports anything of the server but what lets Spyne be imported on newer Pythons.
"""

# ruff: noqa: N802, N803, N805 - the names are the Web Connector's, and a method of Spyne is given a context

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

NAMESPACE = "http://developer.intuit.com/"


class Recorded:
    """The message sets of a drain, as they went out."""

    def __init__(self, folder: Path) -> None:
        self.requests = [path.read_text("utf-8") for path in sorted(folder.glob("*.request.xml"))]
        self.place = 0

    def next(self) -> str:
        """The next one, "" when there is none left."""
        text = self.requests[self.place] if self.place < len(self.requests) else ""
        self.place += 1
        return text


def soap(folder: Path) -> Callable[..., Any]:
    """The eight methods of a visit, each doing nothing; the user `idle` has nothing to do."""
    _spyne_import().prepare()
    from spyne import Application, Array, Integer32, Unicode, rpc
    from spyne.protocol.soap import Soap11
    from spyne.server.wsgi import WsgiApplication
    from spyne.service import ServiceBase

    recorded = Recorded(folder)

    class QBWebConnectorSvc(ServiceBase):
        @rpc(Unicode, _returns=Unicode)
        def serverVersion(ctx: Any, strVersion: str) -> str:
            return "floor"

        @rpc(Unicode, _returns=Unicode)
        def clientVersion(ctx: Any, strVersion: str) -> str:
            return ""

        @rpc(Unicode, Unicode, _returns=Array(Unicode))
        def authenticate(ctx: Any, strUserName: str, strPassword: str) -> list[str]:
            recorded.place = 0
            return ["ticket", "none" if strUserName == "idle" else ""]

        @rpc(Unicode, Unicode, Unicode, Unicode, Unicode, Unicode, _returns=Unicode)
        def sendRequestXML(
            ctx: Any,
            ticket: str,
            strHCPResponse: str,
            strCompanyFileName: str,
            qbXMLCountry: str,
            qbXMLMajorVers: str,
            qbXMLMinorVers: str,
        ) -> str:
            return recorded.next()

        @rpc(Unicode, Unicode, Unicode, Unicode, _returns=Integer32)
        def receiveResponseXML(
            ctx: Any,
            ticket: str,
            response: str,
            hresult: str,
            message: str,
        ) -> int:
            return 50 if recorded.place < len(recorded.requests) else 100

        @rpc(Unicode, _returns=Unicode)
        def getLastError(ctx: Any, ticket: str) -> str:
            return ""

        @rpc(Unicode, _returns=Unicode)
        def closeConnection(ctx: Any, ticket: str) -> str:
            return "OK"

    application = Application(
        [QBWebConnectorSvc],
        tns=NAMESPACE,
        name="QBWebConnectorSvc",
        in_protocol=Soap11(huge_tree=True),
        out_protocol=Soap11(),
    )
    server: Callable[..., Any] = WsgiApplication(application, max_content_length=sys.maxsize)
    return server


def _spyne_import() -> Any:
    """The module that lets Spyne be imported, without the package round it, which changes Spyne's settings."""
    spec = importlib.util.find_spec("qbwc_server")
    if spec is None or spec.origin is None:
        raise SystemExit("qbwc_server is not installed")
    path = Path(spec.origin).parent / "soap" / "spyne_import.py"
    loaded = importlib.util.spec_from_file_location("spyne_import", path)
    if loaded is None or loaded.loader is None:
        raise SystemExit(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(module)
    return module


def flask(folder: Path) -> Callable[..., Any]:
    """One route, one table, one INSERT a body, committed as safely as ours."""
    import json

    import sqlalchemy as sa
    from flask import Flask, request

    engine = sa.create_engine(f"sqlite:///{folder / 'flask.db'}")

    @sa.event.listens_for(engine, "connect")
    def _as_ours(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    metadata = sa.MetaData()
    table = sa.Table(
        "record",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("external_id", sa.String, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    metadata.create_all(engine)
    app = Flask(__name__)

    @app.put("/records/<external_id>")
    def put(external_id: str) -> tuple[dict[str, Any], int]:
        content = json.loads(request.get_data())
        with engine.begin() as conn:
            conn.execute(sa.insert(table).values(external_id=external_id, content=content))
        return {"external_id": external_id, "state": "queued", "record": content}, 201

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    return app


def main() -> None:
    """Serve one of them, with the settings of `qbwc_server.serve` and without its log."""
    which, port, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    server = Granian(
        which,
        address="127.0.0.1",
        port=port,
        workers=1,
        blocking_threads=512,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
    )
    build = {"soap": soap, "flask": flask}[which]
    server.serve(target_loader=lambda *_: build(folder), wrap_loader=False)


if __name__ == "__main__":
    main()
