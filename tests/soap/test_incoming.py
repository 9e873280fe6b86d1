"""Reading an envelope: cut anywhere, in any encoding, with anything in it; and what is refused."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from qbwc_server.soap.incoming import (
    MAX_MARKUP,
    MAX_TAG,
    EnvelopeError,
    as_utf8,
    bounded_markup,
    read_envelope,
    without_control_characters,
)


def cut(data, positions):
    """`data` in pieces."""
    marks = sorted({0, len(data), *(position % (len(data) + 1) for position in positions)})
    return [data[start:end] for start, end in itertools.pairwise(marks)]


def allowed(code):
    """Whether XML 1.0 has this character (its production [2])."""
    return (
        code in (9, 10, 13)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


CODES = st.one_of(
    st.integers(0, 0x40),
    st.integers(0xD7F0, 0xE010),
    st.integers(0xFFF0, 0x10010),
    st.integers(0x10FFF0, 0x110010),
    st.integers(0, 0x2000000),
)
FORMS = st.sampled_from(["&#{:d};", "&#x{:x};", "&#x{:X};", "&#00{:d};", "&#x0000{:x};"])
CUTS = st.lists(st.integers(0, 10_000), max_size=30)


@given(code=CODES, form=FORMS)
def test_exactly_the_references_that_xml_forbids_are_left_out(code, form):
    reference = form.format(code).encode()
    cleaned = b"".join(without_control_characters([b"a" + reference + b"b"]))
    assert cleaned == (b"a" + reference + b"b" if allowed(code) else b"ab")
    if allowed(code):
        assert read_envelope([b"<a>" + reference + b"</a>"], None).text in (chr(code), "\n")


@given(text=st.text(max_size=200), references=st.lists(st.tuples(CODES, FORMS), max_size=10), cuts=CUTS)
def test_the_same_text_arrives_wherever_the_body_is_cut(text, references, cuts):
    written = "".join(
        character.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
        for character in text
    ) + "".join(form.format(code) for code, form in references)
    read = "".join(c for c in text if allowed(ord(c))) + "".join(chr(c) for c, _ in references if allowed(c))
    body = f"<a b='1'>{written}</a>".encode()
    assert (read_envelope(cut(body, cuts), "utf-8").text or "") == read


@given(data=st.binary(max_size=300), cuts=CUTS)
def test_any_bytes_are_parsed_or_refused_and_cutting_them_changes_nothing(data, cuts):
    def outcome(chunks):
        try:
            return etree.tostring(read_envelope(chunks, None))
        except EnvelopeError:
            return "refused"

    assert outcome(cut(data, cuts)) == outcome([data])


@given(
    parts=st.lists(
        st.sampled_from(
            [
                "<b>",
                "</b>",
                "<b c='>'/>",
                '<b c="\'>"/>',
                "text",
                "<!-- <x> -->",
                "<![CDATA[<x>]]>",
                "]]",
                "<?p <x>?>",
            ]
        ),
        max_size=20,
    ),
    cuts=CUTS,
)
def test_the_markup_scan_passes_on_every_byte(parts, cuts):
    data = "".join(parts).encode()
    assert b"".join(bounded_markup(cut(data, cuts))) == data


# --- encodings -------------------------------------------------------------------------------------------------

TEXT = '<?xml version="1.0" encoding="{}"?><a>Café Ünlü</a>'


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [
        ("utf-8", None),
        ("utf-8", "UTF8"),
        ("utf-8", '"utf-8"'),
        ("utf-8-sig", None),
        ("utf-8-sig", "utf-8"),
        ("utf-16", None),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16le"),
        ("iso-8859-1", "iso-8859-1"),
        ("windows-1252", "Windows-1252"),
    ],
)
def test_the_content_type_or_the_byte_order_mark_names_the_encoding(encoding, charset):
    body = TEXT.format(encoding).encode(encoding)
    assert read_envelope([body], charset).text == "Café Ünlü"
    assert read_envelope([bytes([byte]) for byte in body], charset).text == "Café Ünlü"


@pytest.mark.parametrize("charset", ["klingon", "base64", "utf-16", "ascii\0"])
def test_an_encoding_that_does_not_fit_is_refused(charset):
    with pytest.raises(EnvelopeError):
        read_envelope([b"<a>\xff\xdc"], charset)


def test_bytes_that_are_not_utf8_are_refused():
    with pytest.raises(EnvelopeError, match="not well-formed"):
        read_envelope([b"<a>Caf\xe9</a>"], None)


# --- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
        b"<!doctype a><a/>",
        b'<a><!ENTITY b "c"></a>',
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_document_types_and_entities_are_refused(body, size):
    with pytest.raises(EnvelopeError):
        read_envelope([body[i : i + size] for i in range(0, len(body), size)], None)


def test_an_undeclared_entity_is_refused():
    with pytest.raises(EnvelopeError, match="not well-formed"):
        read_envelope([b"<a>&b;</a>"], None)


def bomb(unit, start=b"<a>"):
    """A document without end: whoever reads all of it has lost."""
    yield start
    while True:
        yield unit * (65536 // len(unit))


@pytest.mark.parametrize(
    "body",
    [
        bomb(b"<b/>"),
        bomb(b"<b>"),
        bomb(b'<b c="d"/>'),
        bomb(b' b=">"', b"<a"),
        bomb(b' xmlns:b="c"', b"<a"),
        bomb(b"b", b"<"),
        bomb(b"b", b'<a b="'),
        bomb(b"<![CDATA[b]]>"),
        bomb(b"<!--b-->"),
        bomb(b"<?b c?>"),
        bomb(b"<![CDATA[<b/>", b'<!DOCTYPE a [<!ENTITY b "'),
    ],
)
def test_a_flood_of_markup_is_refused_while_it_comes_in(body):
    started = time.monotonic()
    with pytest.raises(EnvelopeError):
        read_envelope(body, None)
    assert time.monotonic() - started < 2


def test_a_long_tag_in_tiny_pieces_costs_little():
    pieces = [b"<a"] + [b" "] * (MAX_TAG + 10)
    started = time.monotonic()
    with pytest.raises(EnvelopeError, match="too long"):
        read_envelope(pieces, None)
    assert time.monotonic() - started < 2


def test_the_bounds_leave_room_for_every_call_there_is():
    tags = "".join(f"<parameter{number}>x</parameter{number}>" for number in range(100))
    assert len(tags) * 10 < MAX_MARKUP
    assert len(read_envelope([f"<a>{tags}</a>".encode()], None)) == 100


def test_a_body_that_ends_early_is_refused():
    with pytest.raises(EnvelopeError, match="not well-formed"):
        read_envelope([b"<a><b>text"], None)


def test_a_failure_of_the_connection_is_not_taken_for_a_bad_request():
    def broken():
        yield b"<a>"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        read_envelope(broken(), None)


def test_utf8_is_passed_on_as_it_comes():
    assert list(as_utf8([b"<a>", b"", b"b", b"</a>"], "utf-8")) == [b"<a>", b"", b"b", b"</a>"]
