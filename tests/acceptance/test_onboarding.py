"""Onboarding over real HTTP: from a printed link to the first lists read, wrong turns included, and nothing written."""

from __future__ import annotations

import re

import requests
from lxml import etree

from qbwc_server.simulator import WebConnector
from qbwc_server.simulator.quickbooks.company_file import CompanyFile
from tests.worlds.change_world import House

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def ticks(page: str) -> int:
    """How many steps are ticked."""
    return page.count("tick-done")


def test_the_person_at_the_pc_gets_from_the_link_to_the_lists_by_it_alone(house: House) -> None:
    house.command("connector", "add", "onboarded")
    url = house.command("connector", "onboard", "onboarded")["url"]
    path = url[url.index("/onboard/") :]
    address = f"http://127.0.0.1:{house.server.port}{path}"
    browser = requests.Session()
    page = browser.get(address, timeout=20).text
    assert ticks(page) == 0
    qwc = etree.fromstring(browser.get(f"{address}/connector.qwc", timeout=20).content)
    shown = browser.post(f"{address}/password", {"csrf_token": TOKEN.search(page)[1]}, timeout=20).text
    password = re.search(r'id="secret">([^<]+)<', shown)[1]
    assert ticks(shown) == 1

    company = CompanyFile.create(None, company_name="Größe & Söhne")
    before = company.ledger
    url, username, *ids = (qwc.findtext(name) for name in ("AppURL", "UserName", "OwnerID", "FileID"))
    visitor = WebConnector(url, username, password[:-1], company, *ids)
    visitor.add_application()
    visitor.run(max_sessions=2)
    page = browser.get(address, timeout=20).text
    assert "came with a wrong password" in page
    assert ticks(page) == 3  # opened, downloaded, added: it has called

    visitor.password = password
    company.person.block_sessions("0x80040420", "denied")
    visitor.run(max_sessions=2)
    page = browser.get(address, timeout=20).text
    assert "came with a wrong password" not in page
    assert "was told not to let this application in" in page
    assert ticks(page) == 4

    company.person.unblock()
    visitor.run(max_sessions=2)
    page = browser.get(address, timeout=20).text
    assert "wrong-turn" not in page
    assert "Größe &amp; Söhne" in page
    assert "All is set up." in page
    assert ticks(page) == 6
    assert company.ledger == before
    assert path.rpartition("/")[2] not in house.server.log_path.read_text(encoding="utf-8")
    assert "/onboard/***" in house.server.log_path.read_text(encoding="utf-8")
