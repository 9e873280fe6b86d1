"""Whatever is posted to the Web Connector's address gets a documented answer or a SOAP fault, and breaks nothing."""

import os
import random
from typing import Any

import pytest
from lxml import etree

from tests.worlds.fuzzing import NASTY, Errors, Growth, mutated, wanted
from tests.worlds.security_world import FIXTURES, SOAP, TNS, Place, Reply, Shop, soap_call, wsgi

pytestmark = pytest.mark.slow  # many bodies that mean nothing

BODIES = wanted("FUZZ_BODIES", 3_000 if "THOROUGH" in os.environ else 300)
CHARSETS = (
    *["text/xml; charset=utf-8"] * 80,
    "text/xml",
    "",
    "text/xml; charset=utf-16",
    "text/xml; charset=iso-8859-1",
    "text/xml; charset=klingon",
    "text/xml; charset=base64",
    "text/xml; charset=idna",
    "text/xml; charset=utf-7",
    "application/soap+xml; charset=UTF-8",
    'multipart/related; boundary="a"; type="text/xml"',
    "text/xml; charset=" + "x" * 5_000,
    "text/xml; charset=\x00",
)


@pytest.fixture
def shop(place: Place) -> Shop:
    made = Shop.create(place, "harbour")
    for number in range(3):
        made.put(f"c{number}")
    return made


def seeds() -> list[bytes]:
    """Every request of the fixtures, and the answers of QuickBooks in the envelope of receiveResponseXML."""
    calls = [path.read_bytes() for path in sorted(FIXTURES.glob("soap/*.request.xml"))]
    answers = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("qbxml/*.xml"))]
    assert len(calls) >= 12
    return calls + [soap_call("receiveResponseXML", ticket="TICKET", response=text) for text in answers]


def wrong_with(reply: Reply) -> str | None:
    """What may not be in an answer."""
    if b"Traceback" in reply.body or b'File "' in reply.body:
        return "a traceback"
    if reply.status not in (200, 400, 500):
        return f"status {reply.status}"
    if reply.status == 400:
        return None
    if reply.headers["Content-Type"] != "text/xml; charset=utf-8":
        return f"{reply.status} as {reply.headers['Content-Type']}"
    (child,) = etree.fromstring(reply.body).find(f"{{{SOAP}}}Body")
    if reply.status == 200:
        return None if child.tag.endswith("Response") and len(child) == 1 else "no result"
    if child.tag != f"{{{SOAP}}}Fault":
        return "500 without a fault"
    code = child.findtext("faultcode") or ""
    return None if code.endswith("Client") else f"the fault is {code}: {child.findtext('faultstring')}"


class Visitor:
    """Posts mutated calls; knows a good ticket, its session kept open, and now and then the password."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._seeds = seeds()
        self._ticket = ""
        self.request_ids: list[str] = []

    def post(self, number: int) -> tuple[bytes, Reply]:
        """The input with this number, and what came of it."""
        chance = random.Random(number)
        if number % 200 == 0:
            self._renew()
        body = self._known(chance, chance.choice(self._seeds))
        if chance.random() < 0.6:
            body = mutated(chance, body)
        environ = {"CONTENT_TYPE": chance.choice(CHARSETS), "REMOTE_ADDR": f"192.0.2.{chance.randrange(250)}"}
        if chance.random() < 0.1:
            environ["HTTP_SOAPACTION"] = chance.choice(NASTY)
        return body, wsgi(self._shop.place.application, "POST", "/qbwc", body, **environ)

    def _renew(self) -> None:
        ticket, word, *_ = self._shop.authenticate()
        if word not in ("none", "busy", "nvu"):
            self._ticket = ticket
            text = self._shop.send(ticket)
            found: Any = etree.fromstring(text.encode()).xpath("//@requestID") if text else []
            self.request_ids = found

    def _known(self, chance: random.Random, body: bytes) -> bytes:
        """The call with what an insider knows: ticket, user name, password, the ids of open requests."""
        root = etree.fromstring(body)
        for element in root.iter(f"{{{TNS}}}ticket", f"{{{TNS}}}wcTicket"):
            if chance.random() < 0.8:
                element.text = self._ticket
        for name, value in (("strUserName", self._shop.username), ("strPassword", self._shop.password)):
            for element in root.iter(f"{{{TNS}}}{name}"):
                if chance.random() < 0.5:
                    element.text = value
        for element in root.iter(f"{{{TNS}}}response"):
            self._address(chance, element)
        return etree.tostring(root, xml_declaration=True, encoding="utf-8")

    def _address(self, chance: random.Random, element: etree._Element) -> None:
        text = element.text or ""
        if self.request_ids and chance.random() < 0.8:
            name = chance.choice(self.request_ids)
            text = text.replace('requestID="', f'requestID="{name}" was="')
        if chance.random() < 0.7:
            inner = mutated(chance, text.encode("utf-8", "replace")).decode("utf-8", "replace")
            text = "".join(c for c in inner if c in "\t\n\r" or 0x20 <= ord(c) <= 0xD7FF)
        element.text = text


@pytest.mark.search
def test_fuzzed_bodies_get_an_answer_or_a_fault_and_memory_does_not_grow(shop: Shop) -> None:
    visitor, growth = Visitor(shop), Growth(BODIES)
    statuses: dict[int, int] = {}
    with Errors() as errors:
        for number in range(BODIES):
            growth.at(number)
            body, reply = visitor.post(number)
            assert not errors.records, (number, body, errors.records)
            assert wrong_with(reply) is None, (number, wrong_with(reply), body, reply)
            statuses[reply.status] = statuses.get(reply.status, 0) + 1
    grown = growth.mb()
    print(f"{BODIES} bodies: {statuses}, memory grew by {grown:.1f} MB")
    # both kinds of answers came up, so the mutations are neither all too wild nor all harmless
    assert min(statuses.get(200, 0), statuses.get(500, 0)) > BODIES / 20
    assert grown < 16


def test_after_it_all_the_records_still_reach_quickbooks_once(shop: Shop) -> None:
    visitor = Visitor(shop)
    for number in range(200):
        visitor.post(number)
    shop.poll()
    created = shop.created()
    assert all(count == 1 for count in created.values()), created
