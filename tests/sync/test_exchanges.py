"""What was said between this server and QuickBooks, cut out for people."""

import pytest

from qbwc_server.desk.documents import exchanges
from qbwc_server.desk.records import lives
from qbwc_server.domain.faults import NotFound
from qbwc_server.domain.kinds import Kind
from qbwc_server.storage import sessions

TWO = (
    '<?xml version="1.0" encoding="windows-1252"?><QBXML><QBXMLMsgsRs>'
    '<A requestID="1"><Name>Fjord &amp; S\u00f6hne</Name></A><B requestID="2"/></QBXMLMsgsRs></QBXML>'
)


def test_only_the_element_with_the_request_id_is_cut_out_and_indented():
    assert exchanges.cut(TWO, "1") == ('<A requestID="1">\n  <Name>Fjord &amp; S\u00f6hne</Name>\n</A>')
    assert exchanges.cut(TWO, "2") == '<B requestID="2"/>'


@pytest.mark.parametrize("text", [None, "", "  ", "no XML", "<A requestID='1'>", "<A><B></A>"])
def test_a_text_that_is_gone_or_broken_gives_nothing(text):
    assert exchanges.cut(text, "1") is None


def test_an_element_that_is_not_there_gives_nothing():
    assert exchanges.cut(TWO, "3") is None


def test_entities_of_a_document_are_never_resolved():
    text = '<!DOCTYPE A [<!ENTITY file SYSTEM "file:///etc/hostname">]><A requestID="1">&file;</A>'
    assert "file:///" not in (exchanges.cut(text, "1") or "")
    assert exchanges.cut(text, "1") in (None, '<A requestID="1">&file;</A>')


def test_a_real_exchange_shows_the_record_alone_and_the_whole_set_all(world):
    for number in ("1", "2"):
        world.put(
            Kind.CUSTOMER, f"c-{number}", {"name": f"Customer {number}", "email": f"{number}@x.example"}
        )
    world.poll()
    (said,) = lives.life(world.core, "acme", Kind.CUSTOMER, "c-1").conversations
    assert said.request.startswith("<CustomerAddRq ")
    assert said.response.startswith("<CustomerAddRs ")
    assert "Customer 1" in said.request
    assert "Customer 2" not in said.request + said.response
    whole = exchanges.whole(world.core, "acme", said.exchange.message_set_id)
    assert "Customer 1" in whole.request
    assert "Customer 2" in whole.request
    assert "Customer 2" in whole.response


def test_texts_that_were_removed_are_not_there(world):
    world.put(Kind.CUSTOMER, "c-1", {"name": "Customer 1", "email": "1@x.example"})
    world.poll()
    (said,) = lives.life(world.core, "acme", Kind.CUSTOMER, "c-1").conversations
    with world.core.database.begin() as conn:
        sessions.change_set(conn, said.exchange.message_set_id, text="", response=None)
    (after,) = lives.life(world.core, "acme", Kind.CUSTOMER, "c-1").conversations
    assert (after.request, after.response) == (None, None)


def test_what_does_not_exist_is_not_found(world):
    with pytest.raises(NotFound):
        lives.life(world.core, "acme", Kind.CUSTOMER, "nobody")
    with pytest.raises(NotFound):
        exchanges.whole(world.core, "acme", 99)
