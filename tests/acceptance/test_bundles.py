"""A bundle is fetched from the site, passed on, and run again where nothing of the server that made it is known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from qbwc_server.cli import main
from tests.worlds.change_world import House, Office

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def person(house: House) -> Iterator[requests.Session]:
    """Somebody of support, signed in."""
    given = ["--config", str(house.server.config_path), "user", "add", "Bea", "--role", "support"]
    done = CliRunner().invoke(main, [*given, "--password-stdin"], input=PASSWORD)
    assert done.exit_code == 0, done.output
    with requests.Session() as session:
        url = f"{house.server.url}/login"
        token = re.search(r'name="csrf_token" value="([^"]+)"', session.get(url, timeout=30).text)
        assert token is not None
        form = {"csrf_token": token[1], "name": "Bea", "password": PASSWORD}
        assert session.post(url, data=form, headers={"Referer": url}, timeout=30).ok
        yield session


def replayed(path: Path) -> dict[str, Any]:
    """What `replay` says in a folder with nothing in it."""
    done = CliRunner().invoke(main, ["replay", str(path), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    assert not list(path.parent.glob("*.db"))
    return told


@pytest.fixture
def fetched(office: Office, person: requests.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Saves a bundle of this office to a file, as somebody does who mails it."""
    monkeypatch.chdir(tmp_path)

    def fetch(path: str) -> Path:
        answer = person.get(f"{office.house.server.url}/connectors/{office.name}{path}", timeout=30)
        assert answer.status_code == 200, answer.text
        file = tmp_path / "bundle.json"
        file.write_bytes(answer.content)
        return file

    return fetch


def visits(office: Office, person: requests.Session) -> list[str]:
    """The addresses of the visits, the newest first."""
    page = person.get(f"{office.house.server.url}/connectors/{office.name}/log", timeout=30).text
    found = re.findall(rf'href="/connectors/{office.name}(/log/visits/\d+)"', page)
    return list(dict.fromkeys(found))


@pytest.mark.slow
def test_what_went_well_goes_well_again(office: Office, person: requests.Session, fetched: Any) -> None:
    office.invoice("inv-1", ref_number="SO-77", memo="Für Jürgen")
    office.visit()
    office.synced("invoices/inv-1")
    file = fetched("/bundle/invoices/inv-1")
    for word in ("Jürgen", "SO-77", "inv-1", "Harbour", "OYS", "h@x.example"):
        assert word not in file.read_text(encoding="utf-8")
    told = replayed(file)
    assert told["compared"] == 1
    assert told["differ"] == 0, [each["differences"] for each in told["exchanges"]]
    assert {(each["kind"], each["now"], each["same"]) for each in told["records"]} == {
        ("customer", "synced", True),
        ("item", "synced", True),
        ("invoice", "synced", True),
    }
    assert told["not_laid_in"] == []


def test_what_only_the_real_company_file_refused_is_told(
    office: Office, person: requests.Session, fetched: Any
) -> None:
    office.company.person.close_books("2026-12-31")
    office.invoice("inv-2", ref_number="SO-78")
    office.visit()
    cause = office.blocked("invoices/inv-2")["cause"]
    (newest, *_) = visits(office, person)
    told = replayed(fetched(f"{newest}/bundle"))
    (exchange,) = [each for each in told["exchanges"] if each["differences"]]
    assert exchange["operation"] == "add"
    assert exchange["bundle"]["status"] not in (0, None)
    assert exchange["simulated"]["status"] == 0
    (invoice,) = [each for each in told["records"] if each["kind"] == "invoice"]
    assert (invoice["before"], invoice["causes_before"], invoice["now"], invoice["same"]) == (
        "blocked",
        [cause],
        "synced",
        False,
    )


def test_what_our_own_rules_stop_is_stopped_again(office: Office, fetched: Any) -> None:
    office.invoice("inv-3", ref_number="SO-79", customer={"email": "nobody@nowhere.example"})
    office.visit()
    cause = office.blocked("invoices/inv-3")["cause"]
    told = replayed(fetched("/bundle/invoices/inv-3"))
    (invoice,) = [each for each in told["records"] if each["kind"] == "invoice"]
    assert (invoice["now"], invoice["causes"], invoice["same"]) == ("blocked", [cause], True)


BROKEN = {
    "format": "qbwc-server bundle 1",
    "connector": {"settings": {}},
    "sessions": [],
    "message_sets": [{"request_xml": "<QBXML/>", "requests": [5]}],
    "records": [{}],
    "list_entries": [],
    "errors": [],
    "events": [],
}


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"format": "qbwc-server bundle 1"}', "\x00", '{"format": "other"}', json.dumps(BROKEN)],
)
def test_what_is_no_bundle_is_refused_in_words(tmp_path: Path, text: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(text)
    done = CliRunner().invoke(main, ["replay", str(file)])
    assert done.exit_code == 1
    assert "bundle" in done.output
    assert "Traceback" not in done.output
