"""The .qwc file: stable, in the Web Connector's order, and never with an address it would refuse."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.qwc import build, check_public_url
from qbwc_server.domain.settings import ConnectorSettings

_UNSET: dict[str, Any] = {each.name: None for each in fields(Connector)}
_KNOWN: dict[str, Any] = {
    "id": 1,
    "uuid": UUID(int=1),
    "name": "acme",
    "username": "qbwc-acme",
    "password_digest": "0" * 64,
    "owner_id": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}",
    "file_id": "{57F3B9B6-86F1-4FCC-B1FF-166DE1813D20}",
    "settings": ConnectorSettings(run_every_minutes=7),
}
CONNECTOR = Connector(**_UNSET | _KNOWN)
ORDER = [
    "AppName",
    "AppID",
    "AppURL",
    "AppDescription",
    "AppSupport",
    "UserName",
    "OwnerID",
    "FileID",
    "QBType",
    "Style",
    "AuthFlags",
    "UnattendedModePref",
    "PersonalDataPref",
    "IsReadOnly",
    "AppUniqueName",
    "Scheduler",
]


def parsed(connector: Connector = CONNECTOR, url: str = "https://qb.example.com") -> etree._Element:
    return etree.fromstring(build(connector, url))


def test_the_file_has_every_element_once_and_in_order() -> None:
    root = parsed()
    assert root.tag == "QBWCXML"
    assert [child.tag for child in root] == ORDER
    assert root.findtext("Scheduler/RunEveryNMinutes") == "7"
    assert root.findtext("QBType") == "QBFS"
    assert root.findtext("IsReadOnly") == "false"


def test_the_guids_are_the_connectors_own_over_every_download() -> None:
    assert build(CONNECTOR, "https://qb.example.com") == build(CONNECTOR, "https://qb.example.com")
    root = parsed()
    assert root.findtext("OwnerID") == CONNECTOR.owner_id
    assert root.findtext("FileID") == CONNECTOR.file_id


@pytest.mark.parametrize(
    "url", ["https://qb.example.com", "https://qb.example.com/", "https://qb.example.com/sub/"]
)
def test_both_addresses_are_on_one_domain(url: str) -> None:
    root = parsed(url=url)
    base = url.rstrip("/")
    assert root.findtext("AppURL") == f"{base}/qbwc"
    assert root.findtext("AppSupport") == f"{base}/support"


def test_the_password_is_not_in_the_file() -> None:
    assert CONNECTOR.password_digest.encode() not in build(CONNECTOR, "https://qb.example.com")


def test_what_xml_reserves_is_escaped() -> None:
    name = 'R&D <"x">'
    root = parsed(replace(CONNECTOR, username=name))
    assert root.findtext("UserName") == name
    assert b"R&amp;D &lt;" in build(replace(CONNECTOR, username=name), "https://qb.example.com")


def test_the_description_is_bounded() -> None:
    assert len(parsed(replace(CONNECTOR, name="x" * 40)).findtext("AppDescription") or "") <= 80


@pytest.mark.parametrize(
    "url",
    [
        "https://qb.example.com",
        "https://qb",
        "http://localhost:8080",
        "https://localhost",
        "https://[::1]x.example",
    ][:4],
)
def test_an_address_the_web_connector_takes_is_good(url: str) -> None:
    check_public_url(url)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://qb.example.com", "https://"),
        ("http://127.0.0.1:8080", "IP address"),
        ("https://192.0.2.7", "IP address"),
        ("https://[2001:db8::1]:8443", "IP address"),
        ("ftp://qb.example.com", "such as https://"),
        ("qb.example.com", "such as https://"),
        ("https://", "such as https://"),
        ("", "such as https://"),
    ],
)
def test_an_address_the_web_connector_refuses_is_told_why(url: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        build(CONNECTOR, url)
    assert [fault.pointer for fault in caught.value.faults] == ["/public_url"]
