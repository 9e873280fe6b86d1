"""A full run of the real server, and then every place it wrote to is searched for what nobody may read there."""

import base64
import contextlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from click.testing import CliRunner
from lxml import etree

from qbwc_server.cli import main
from qbwc_server.cli.demo.server import ServerProcess, free_port, write_config
from qbwc_server.simulator import CompanyFile
from tests.worlds.security_world import PATH, SOAP, soap_call

PERSONS_PASSWORD = "correct horse battery staple"
WRONG_PASSWORD = "wrong-guess-of-an-attacker"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Run:
    """One server from its first start to its end: its secrets by name, and everything it said, by place."""

    folder: Path
    server: ServerProcess
    secrets: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    opener: OpenerDirector = field(default_factory=lambda: build_opener(HTTPCookieProcessor()))

    def command(self, *arguments: str, text: str | None = None) -> Any:
        done = CliRunner().invoke(
            main, ["--config", str(self.server.config_path), *arguments, "--json"], input=text
        )
        assert done.exit_code == 0, done.output
        self._note("command " + " ".join(arguments), done.output)
        return json.loads(done.stdout)

    def fetch(self, path: str, data: bytes | None = None, **headers: str) -> str:
        """Open a page or send something; whatever is answered is kept."""
        request = Request(f"http://127.0.0.1:{self.server.port}{path}", data, headers)
        try:
            answer = self.opener.open(request)
        except HTTPError as refusal:
            answer = refusal
        text = answer.read().decode("utf-8", "replace")
        self._note(f"{path} -> {answer.status}", text)
        return text

    def form(self, path: str, page: str | None = None, **values: str) -> str:
        """Fill in a form as a browser does."""
        found = _TOKEN.search(self.fetch(page or path))
        assert found is not None
        return self.fetch(path, urlencode({"csrf_token": found[1], **values}).encode())

    def soap(self, method: str, **arguments: str) -> list[str]:
        body = soap_call(method, **arguments)
        text = self.fetch("/qbwc", body, **{"Content-Type": "text/xml; charset=utf-8"})
        ((result,),) = etree.fromstring(text.encode()).find(f"{{{SOAP}}}Body")
        return [member.text or "" for member in result] or [result.text or ""]

    def _note(self, place: str, text: str) -> None:
        self.said[f"{len(self.said)}: {place}"] = text


def add_connector(run: Run, name: str) -> Any:
    card = run.command("connector", "add", name)
    run.said.popitem()  # it is shown this once
    run.secrets[f"password of {name}"] = card["password"]
    return card


def cycle(run: Run, card: Any) -> None:
    """A whole visit, and what goes wrong around it."""
    company = CompanyFile.create(None, company_name="harbour", time_zone="UTC")
    company.register(card["owner_id"], card["file_id"])
    for password in (WRONG_PASSWORD, card["password"]):
        answer = run.soap("authenticate", strUserName=card["username"], strPassword=password)
    run.said.popitem()  # the ticket is given here and nowhere else
    ticket = run.secrets["ticket"] = answer[0]
    company.begin_session()
    hcp = company.hcp_response(card["owner_id"], card["file_id"])
    asked = {"strHCPResponse": hcp, "strCompanyFileName": PATH, "qbXMLMajorVers": "13", "qbXMLMinorVers": "0"}
    while text := run.soap("sendRequestXML", ticket=ticket, **asked)[0]:
        (progress,) = run.soap("receiveResponseXML", ticket=ticket, response=company.process(text))
        if progress == "100":
            break
    run.soap("receiveResponseXML", ticket=ticket, response="<broken", hresult="", message=ticket)
    run.soap("connectionError", ticket=ticket, hresult="0x80040408", message="no")
    run.soap("getLastError", ticket=ticket)
    run.soap("closeConnection", ticket=ticket)
    run.soap("sendRequestXML", ticket="not-" + ticket, **asked)
    run.fetch("/qbwc", soap_call("authenticate", strPassword=card["password"]) + b"<broken")


def look_around(run: Run) -> None:
    """Every page an admin opens, and a few that are not there."""
    base = "/connectors/harbour"
    for path in (
        "/",
        "/users",
        "/support",
        "/readyz",
        base,
        f"{base}/errors",
        f"{base}/records",
        f"{base}/log",
        f"{base}/log/everything",
        "/audit",
    ):
        run.fetch(path)
    for path in (f"{base}/connector.qwc", f"{base}/settings", f"{base}/password", f"{base}/full-reset"):
        run.fetch(path)
    run.fetch("/no-such-page?password=" + WRONG_PASSWORD)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    port = free_port()
    config = write_config(folder, port)
    with config.open("a") as file:
        file.write('[logging]\nlevel = "debug"\n')
    made = Run(folder, ServerProcess(config, port, folder / "server.log"))
    with made.server:
        whole_run(made)
    return made


def whole_run(run: Run) -> None:
    """From the first start to a revoked key."""
    token = re.search(r"/setup/(\S+)", run.server.log_path.read_text())
    assert token is not None
    run.secrets["setup token"] = token[1]
    address = f"/setup/{token[1]}"
    run.form(address, name="Ada", password=PERSONS_PASSWORD, again=PERSONS_PASSWORD)
    run.fetch(address)
    run.said = {
        place.replace(token[1], "TOKEN"): text.replace(address, "") for place, text in run.said.items()
    }
    run.secrets["password of a person"] = PERSONS_PASSWORD
    run.secrets["password somebody guessed"] = WRONG_PASSWORD
    card = add_connector(run, "harbour")
    run.command("put", "customer", "c", "-", text='{"name": "Fish", "email": "f@fish.example"}')
    key = run.command("api-key", "create", "shop")["key"]
    run.said.popitem()
    run.secrets["API key"] = key
    for bearer in (key, key[:-1] + "x", "Bearer"):
        for path in ("/api/v1/connectors/harbour", "/api/v1/connectors/harbour/errors", "/api/v1/nothing"):
            run.fetch(path, Authorization=f"Bearer {bearer}")
    cycle(run, card)
    run.form("/login", name="Ada", password=WRONG_PASSWORD)
    run.form("/login", name="Ada", password=PERSONS_PASSWORD)
    look_around(run)
    opener: Any = run.opener
    cookies = [c.value for h in opener.handlers if isinstance(h, HTTPCookieProcessor) for c in h.cookiejar]
    run.secrets["cookie"] = str(cookies[0])
    run.secrets["new password of harbour"] = run.command("connector", "rotate-password", "harbour")[
        "password"
    ]
    run.said.popitem()
    for command in (
        ("connector", "list"),
        ("connector", "show", "harbour"),
        ("errors", "list"),
        ("api-key", "list"),
    ):
        run.command(*command)
    keys = json.loads((run.folder / "qbwc-secrets.json").read_text())
    run.secrets |= {"cookie key": keys["site_key"], "digest key": keys["digest_key"]}
    run.command("api-key", "revoke", "shop")


def spellings(secret: str) -> Iterator[bytes]:
    """A secret as it might have been written down."""
    raw = secret.encode()
    yield raw
    yield base64.b64encode(raw).rstrip(b"=")
    yield raw.hex().encode()
    with contextlib.suppress(ValueError):
        yield bytes.fromhex(secret)


def test_the_run_went_through_everything(run: Run) -> None:
    assert set(run.secrets) == {
        "setup token",
        "password of a person",
        "password somebody guessed",
        "password of harbour",
        "API key",
        "ticket",
        "cookie",
        "new password of harbour",
        "cookie key",
        "digest key",
    }
    assert all(len(secret) > 20 for secret in run.secrets.values())
    assert len(run.said) > 30
    assert "Sign out" in "".join(run.said.values())
    assert run.command("get", "customer", "c")["state"] == "synced"


def test_no_secret_is_in_any_line_of_the_log(run: Run) -> None:
    lines = run.server.log_path.read_bytes().splitlines()
    assert len(lines) > 30
    # the address of the first administrator's form is told to whoever starts the server, once
    told = [line for line in lines if run.secrets["setup token"].encode() in line]
    assert len(told) == 1
    assert b'"' not in told[0]
    for name, secret in run.secrets.items():
        for spelling in spellings(secret):
            found = [line for line in lines if spelling in line and line not in told]
            assert not found, (name, found)


def test_no_secret_is_on_any_page_or_in_any_answer_but_the_one_that_gives_it(run: Run) -> None:
    for name, secret in run.secrets.items():
        for place, text in run.said.items():
            assert not any(spelling in text.encode() for spelling in spellings(secret)), (name, place)


def test_no_secret_is_in_any_column_of_the_database(run: Run) -> None:
    values = []
    with contextlib.closing(sqlite3.connect(run.folder / "qbwc.db")) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                values += [
                    (table, value if isinstance(value, bytes) else str(value).encode()) for value in row
                ]
    assert {"connector", "session", "api_key", "user", "event", "error"} <= {table for table, _ in values}
    values += [(table, unpacked(value)) for table, value in values]
    for name, secret in run.secrets.items():
        for spelling in spellings(secret):
            found = [table for table, value in values if spelling in value]
            assert not found, (name, found)


def unpacked(value: bytes) -> bytes:
    """A packed text as it was."""
    try:
        return zlib.decompress(value)
    except zlib.error:
        return b""


def test_no_secret_is_in_any_file_but_the_one_kept_for_the_two_keys(run: Run) -> None:
    for path in run.folder.iterdir():
        data = path.read_bytes()
        for name, secret in run.secrets.items():
            allowed = (path.name == "qbwc-secrets.json" and name.endswith(" key") and "API" not in name) or (
                path.name == "server.log" and name == "setup token"
            )
            assert allowed or not any(spelling in data for spelling in spellings(secret)), (path.name, name)
