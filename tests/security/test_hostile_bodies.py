"""Bodies made to hurt, each by its own means, posted to the whole server: refused in words, at once, nothing kept."""

import gc
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.worlds.fuzzing import Errors, resident_mb
from tests.worlds.security_world import SOAP, TNS, Place, Reply, Shop, soap_call

OPENING = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><getLastError xmlns="{TNS}"><ticket>'.encode()
CLOSING = b"</ticket></getLastError></s:Body></s:Envelope>"
CALL = OPENING + b"%s" + CLOSING
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Place]:
    """One server for all of them: nothing of what is refused may stay behind and spoil the next."""
    made = Place.create(tmp_path_factory.mktemp("hostile"), template)
    assert made.application
    gc.freeze()  # what stays is not walked at each body, before and after
    yield made
    made.close()


def post(place: Place, body: bytes, **environ: str) -> Reply:
    """The answer to a body; nothing may have broken inside, and it may not have taken long or much."""
    assert place.application
    before, started = resident_mb(), time.process_time()
    with Errors() as errors:
        reply = place.request("POST", "/qbwc", body, **environ)
    assert not errors.records
    assert b"Traceback" not in reply.body
    # generous: what these bodies aim at is minutes and gigabytes
    assert time.process_time() - started < 5
    assert resident_mb() - before < 20 + 3 * len(body) / MEGABYTE
    return reply


def refused(reply: Reply) -> str:
    """The sentence of the SOAP fault this must be: HTTP 500 and text/xml, as SOAP 1.1 has it."""
    assert reply.status == 500
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"
    (fault,) = etree.fromstring(reply.body).find(f"{{{SOAP}}}Body")
    assert (fault.findtext("faultcode") or "").endswith("Client")
    return fault.findtext("faultstring") or ""


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


@pytest.mark.parametrize(
    "subset",
    [
        b'<!ENTITY l0 "lol">' + LAUGHS,
        b'<!ENTITY l9 "' + b"lol" * 100_000 + b'">',
        b"<!ENTITY %% a \"<!ENTITY l9 SYSTEM 'file:///etc/passwd'>\">%%a;".replace(b"%%", b"%"),
    ],
    ids=["a billion laughs", "a quadratic blow-up", "a parameter entity"],
)
def test_an_xml_bomb_is_refused_before_it_goes_off(place: Place, subset: bytes) -> None:
    body = b'<?xml version="1.0"?><!DOCTYPE a [' + subset + b"]>" + CALL % (b"&l9;" * 1_000)
    assert refused(post(place, body)) == "document type declarations are not accepted"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/x", "php://filter/x"])
@pytest.mark.parametrize("how", ["SYSTEM '{}'", "PUBLIC 'x' '{}'"])
def test_an_external_entity_is_neither_fetched_nor_shown(place: Place, address: str, how: str) -> None:
    body = f"<!DOCTYPE a [<!ENTITY x {how.format(address)}>]>".encode() + CALL % b"&x;"
    reply = post(place, body)
    assert refused(reply) == "document type declarations are not accepted"
    assert b"root:" not in reply.body


def test_an_external_document_type_is_not_fetched(place: Place) -> None:
    body = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">' + CALL % b"t"
    assert refused(post(place, body)) == "document type declarations are not accepted"


def test_an_undeclared_entity_is_refused_however_often_it_comes(place: Place) -> None:
    # by the dozen in an attribute, libxml2 ends with no tree and no error
    for times in (1, 81, 1_000):
        inside = b'<?l?><e p="' + b"&x;" * times + b'"/>'
        for body in (inside, CALL % (b"&x;" * times)):
            assert "not well-formed" in refused(post(place, body))


def test_xinclude_and_stylesheets_are_text_like_any_other(place: Place) -> None:
    include = b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    body = b'<?xml-stylesheet href="file:///etc/passwd"?>' + CALL % include
    assert b"root:" not in post(place, body).body


def test_deep_nesting_is_refused(place: Place) -> None:
    for levels in (300, 30_000, 2_000_000):
        assert "not well-formed" in refused(post(place, CALL % (b"<a>" * levels)))


def test_huge_attributes_names_and_many_of_them_are_refused(place: Place) -> None:
    huge = b"x" * (4 * MEGABYTE)
    for inside in (b'<a b="' + huge + b'"/>', b"<" + huge + b"/>", b'<a xmlns:b="' + huge + b'"/>'):
        assert "tag" in refused(post(place, CALL % inside))
    many = b"".join(b' a%d="b"' % number for number in range(200_000))
    assert "tag" in refused(post(place, CALL % (b"<a" + many + b"/>")))


def test_a_flood_of_comments_and_instructions_is_refused(place: Place) -> None:
    for unit in (b"<!---->", b"<?a?>", b"<![CDATA[]]>"):
        assert "too many" in refused(post(place, CALL % (unit * 500_000)))


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xf5\x80\x80\x80", b"\xe2\x82", b"caf\xe9"])
def test_text_that_is_not_utf8_is_refused(place: Place, text: bytes) -> None:
    assert "not well-formed" in refused(post(place, CALL % text))


def test_nuls_and_other_forbidden_characters_are_left_out_and_do_no_harm(shop: Shop) -> None:
    ticket = shop.authenticate()[0]
    for odd in ("\x00", "\x0b", "&#0;", "&#x1F;", "&#xFFFF;", "&#xD800;"):
        body = soap_call("getLastError", ticket="TICKET").replace(b"TICKET", (ticket + odd).encode())
        assert post(shop.place, body).texts == ["Nothing to do."]
    body = soap_call("getLastError", ticket="x").decode().replace("x<", "\x00x<").encode("utf-16")
    assert post(shop.place, body, CONTENT_TYPE="text/xml; charset=utf-16").status == 200


@pytest.mark.parametrize(
    "charset",
    ["klingon", "base64", "rot13", "utf-16", "zlib", "undefined", "x" * 100_000, "a\x00b", "'"],
)
def test_a_charset_that_does_not_fit_is_refused(place: Place, charset: str) -> None:
    assert refused(post(place, CALL % b"t", CONTENT_TYPE=f"text/xml; charset={charset}"))


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "iso-8859-1", "klingon", "cp037"])
def test_a_lie_in_the_xml_declaration_is_not_believed(place: Place, charset: str) -> None:
    body = f'<?xml version="1.0" encoding="{charset}"?>'.encode() + CALL % "é+ADw-".encode()
    assert post(place, body).status == 200


def test_a_compressed_body_is_not_unpacked(place: Place) -> None:
    packed = zlib.compress(CALL % (b" " * (50 * MEGABYTE)), 9)
    assert len(packed) < MEGABYTE
    assert "not well-formed" in refused(post(place, packed, HTTP_CONTENT_ENCODING="deflate"))


# --- the document inside the call -------------------------------------------------------------------------------


RESPONSE = '<?xml version="1.0"?>{}<QBXML><QBXMLMsgsRs>{}</QBXMLMsgsRs></QBXML>'
INNER = {
    "a billion laughs": RESPONSE.format(f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS.decode()}]>', "&l9;"),
    "an external entity": RESPONSE.format('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
    "deep nesting": RESPONSE.format("", "<a>" * 300_000),
    "a huge attribute": RESPONSE.format("", f'<CustomerAddRs requestID="{"9" * 4_000_000}" statusCode="0"/>'),
    "a huge number": RESPONSE.format("", f'<CustomerAddRs statusCode="{"9" * 100_000}"/>'),
    "a flood of elements": RESPONSE.format("", "<a/>" * 1_000_000),
    "a flood of responses": RESPONSE.format("", '<CustomerAddRs requestID="1" statusCode="0"/>' * 100_000),
    "a lie about its encoding": RESPONSE.format("", "é").replace("?>", ' encoding="utf-16"?>', 1),
    "nothing": "",
    "no qbXML": "<html>502 Bad Gateway</html>",
    "its end missing": RESPONSE.format("", "")[:-20],
}


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.slow) if "flood" in kind else kind for kind in INNER],
)
def test_a_hostile_document_inside_an_answer_loses_no_record_and_settles_none(shop: Shop, kind: str) -> None:
    ticket = shop.authenticate()[0]
    assert "CustomerAddRq" in shop.send(ticket)
    reply = post(shop.place, soap_call("receiveResponseXML", ticket=ticket, response=INNER[kind]))
    assert reply.texts == ["-1"]
    sentence = shop.call("getLastError", ticket=ticket)[0]
    assert "root:" not in sentence
    assert "answer" in sentence
    shop.call("closeConnection", ticket=ticket)
    assert shop.states() == {"uncertain": 2}
    shop.poll()
    assert shop.states() == {"synced": 2}
    assert shop.created() == {"c0": 1, "c1": 1}


@pytest.fixture
def shop(make_place: Callable[[str], Place]) -> Shop:
    made = Shop.create(make_place("shop"), "harbour")
    made.poll()
    for number in range(2):
        made.put(f"c{number}")
    gc.freeze()
    return made


# --- size ---------------------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_before_it_is_read(place: Place) -> None:
    class Untouchable:
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("it was read")

    declared = str(128 * MEGABYTE + 1)
    reply = place.request("POST", "/qbwc", **{"CONTENT_LENGTH": declared, "wsgi.input": Untouchable()})
    assert reply.status == 413
    assert str(128 * MEGABYTE) in reply.body.decode()
