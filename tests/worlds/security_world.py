"""A server's folder: its configuration, its database, the command line, and the application as one WSGI callable."""

import io
import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from lxml import etree

from qbwc_server.access import users
from qbwc_server.app import application_of
from qbwc_server.cli import main
from qbwc_server.config import Config
from qbwc_server.config.reading import load_config
from qbwc_server.desk.handing_over import host, intake
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.people import Role
from qbwc_server.simulator import CompanyFile
from qbwc_server.sync.core import Core
from qbwc_server.web import create_site
from qbwc_server.wiring import core_from

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures"
TNS = "http://developer.intuit.com/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

_OURS: Any = {None: TNS}
"""The default namespace, which the stubs of lxml do not know."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a WSGI application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def texts(self) -> list[str]:
        """The texts of the one result element of a SOAP answer."""
        body = etree.fromstring(self.body).find(f"{{{SOAP}}}Body")
        assert body is not None
        ((result,),) = body
        return [member.text or "" for member in result] or [result.text or ""]


@dataclass
class Place:
    """One installation of the server; nothing in it is started before it is asked for."""

    folder: Path
    config_path: Path
    _cores: list[Core] = field(default_factory=list)

    @classmethod
    def create(cls, folder: Path, template: Path) -> "Place":
        """With an empty database."""
        with (
            closing(sqlite3.connect(template)) as source,
            closing(sqlite3.connect(folder / "qbwc.db")) as target,
        ):
            source.backup(target)  # what is in its log is copied, too
        path = folder / "config.toml"
        path.write_text(f'database_url = "sqlite:///{(folder / "qbwc.db").as_posix()}"\n', encoding="utf-8")
        return cls(folder, path)

    def adopt_secrets(self, other: "Place") -> None:
        """Take over another folder's secrets file, which its database needs."""
        shutil.copy2(other.folder / "qbwc-secrets.json", self.folder)

    @property
    def database_path(self) -> Path:
        return self.folder / "qbwc.db"

    @property
    def config(self) -> Config:
        return load_config(self.config_path, environ={})

    @cached_property
    def core(self) -> Core:
        """The steps, on the folder's database."""
        self._cores.append(core_from(self.config, create=True))
        return self._cores[-1]

    @cached_property
    def application(self) -> Any:
        """The whole server, SOAP and site, without a process."""
        return application_of(self.core, self.config)

    def close(self) -> None:
        for core in self._cores:
            core.database.close()

    # --- the command line -------------------------------------------------------------------------------------

    def run(self, *arguments: str, text: str | None = None) -> Result:
        """A command, whatever becomes of it."""
        return CliRunner().invoke(main, ["--config", str(self.config_path), *arguments], input=text)

    def command(self, *arguments: str, text: str | None = None) -> Any:
        """The JSON of a command that succeeds."""
        done = self.run(*arguments, "--json", text=text)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def refused(self, *arguments: str, text: str | None = None) -> str:
        """The sentence of a command that fails with exit code 1."""
        done = self.run(*arguments, "--json", text=text)
        assert done.exit_code == 1, done.output
        sentence: str = json.loads(done.stderr)["error"]
        return sentence

    # --- HTTP without a socket --------------------------------------------------------------------------------

    def request(self, method: str, path: str, body: bytes = b"", **environ: Any) -> Reply:
        """One request to the whole application."""
        return wsgi(self.application, method, path, body, **environ)

    def soap(self, method: str, **arguments: str) -> list[str]:
        """A call of the Web Connector; the texts of its result."""
        reply = self.request("POST", "/qbwc", soap_call(method, **arguments))
        assert reply.status == 200, reply.body
        return reply.texts


def wsgi(application: Any, method: str, path: str, body: bytes = b"", **environ: Any) -> Reply:
    """One request to a WSGI application."""
    given = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "HTTP_HOST": "localhost",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        **environ,
    }
    started: list[tuple[str, list[tuple[str, str]]]] = []
    answer = application(given, lambda status, headers, exc_info=None: started.append((status, headers)))
    text = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    status, headers = started[-1]
    return Reply(int(status[:3]), dict(headers), text)


def soap_call(method: str, **arguments: str) -> bytes:
    """A call in the envelope .NET makes."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    call = etree.SubElement(body, f"{{{TNS}}}{method}", nsmap=_OURS)
    for name, value in arguments.items():
        etree.SubElement(call, f"{{{TNS}}}{name}").text = value
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


CUSTOMER = {"name": "Harbour Fish Co", "email": "ap@harbour.example"}


PATH = r"C:\Books\harbour.qbw"


@dataclass
class Shop:
    """A connector, its company file, and the Web Connector between them, call by call over SOAP."""

    place: Place
    name: str
    username: str
    password: str
    company: CompanyFile
    hcp: str

    @classmethod
    def create(cls, place: Place, name: str) -> "Shop":
        """A new connector with a company file of its own."""
        card = place.command("connector", "add", name)
        state = place.folder / f"{name}.json"
        company = CompanyFile.create(state, company_name=f"{name} company", time_zone="UTC")
        company.register(card["owner_id"], card["file_id"])
        hcp = company.hcp_response(card["owner_id"], card["file_id"])
        return cls(place, name, card["username"], card["password"], company, hcp)

    def copied(self, folder: Path) -> "Shop":
        """The same, in another folder; its database must be closed."""
        place = Place.create(folder, self.place.database_path)
        place.adopt_secrets(self.place)
        company = CompanyFile.open(shutil.copy2(self.place.folder / f"{self.name}.json", folder))
        company.path = None  # kept in memory, like the others
        return replace(self, place=place, company=company)

    def call(self, method: str, **arguments: str) -> list[str]:
        """A SOAP call; the texts of its result."""
        return self.place.soap(method, **arguments)

    def authenticate(self, password: str | None = None) -> list[str]:
        """authenticate, with the right password unless told otherwise."""
        return self.call("authenticate", strUserName=self.username, strPassword=password or self.password)

    def send(self, ticket: str) -> str:
        """sendRequestXML, as the first one of a session."""
        return self.call(
            "sendRequestXML",
            ticket=ticket,
            strHCPResponse=self.hcp,
            strCompanyFileName=PATH,
            qbXMLCountry="US",
            qbXMLMajorVers="13",
            qbXMLMinorVers="0",
        )[0]

    def poll(self) -> list[str]:
        """Whole visits until nothing is left; the tickets."""
        tickets: list[str] = []
        for _ in range(6):
            ticket, word, *_ = self.authenticate()
            if word in ("none", "nvu", "busy"):
                return tickets
            tickets.append(ticket)
            self.company.begin_session()
            while text := self.send(ticket):
                done = self.call("receiveResponseXML", ticket=ticket, response=self.company.process(text))
                if not 0 <= int(done[0]) < 100:
                    break
            self.company.end_session()
            self.call("closeConnection", ticket=ticket)
        raise AssertionError("the visits do not come to an end")

    def put(self, external_id: str) -> None:
        """Hand over a customer."""
        fields = {"name": external_id, "email": f"{external_id}@fish.example"}
        intake.put(self.place.core, self.name, Kind.CUSTOMER, external_id, fields, actor="host")

    def states(self) -> dict[str, int]:
        """How many records are in which state."""
        found = host.find(self.place.core, self.name, limit=10_000)
        return dict(Counter(str(item["state"]) for item in found))

    def created(self) -> dict[str, int]:
        """How often QuickBooks executed the writing of what."""
        return dict(Counter(str(entry.name) for entry in self.company.ledger if entry.by == "application"))

    def api_key(self) -> dict[str, str]:
        """The headers of a host application with a new key."""
        made = self.place.command("api-key", "create", f"key of {self.name}", "--connector", self.name)
        return {"Authorization": f"Bearer {made['key']}"}


PERSON, PERSONS_PASSWORD = "Ada Admin", "correct horse battery"


def sign_in(place: Place) -> FlaskClient:
    """An admin, signed in at the site; its forms need no token."""
    site = create_site(place.core, secret_key=b"s" * 32, secure_cookies=False)
    site.config["WTF_CSRF_ENABLED"] = False
    users.add(place.core, PERSON, PERSONS_PASSWORD, Role.ADMIN, actor="cli")
    client = site.test_client()
    assert client.post("/login", data={"name": PERSON, "password": PERSONS_PASSWORD}).status_code == 302
    return client
