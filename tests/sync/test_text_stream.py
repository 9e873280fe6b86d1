"""A text read as a file is the same bytes, however it is read."""

from hypothesis import given
from hypothesis import strategies as st

from qbwc_server.sync.text_stream import as_utf8_file


@given(st.text(max_size=300), st.integers(1, 50))
def test_the_bytes_are_those_of_the_text(text: str, size: int) -> None:
    file = as_utf8_file(text)
    pieces = []
    while piece := file.read(size):
        pieces.append(piece)
    assert b"".join(pieces) == text.encode()


def test_a_text_longer_than_any_buffer_arrives_whole() -> None:
    text = "Café 𝄞 Oysters\n" * 100_000
    assert as_utf8_file(text).read() == text.encode()


def test_half_a_surrogate_pair_is_passed_on_for_the_reader_to_refuse() -> None:
    assert as_utf8_file("a\ud800b").read() == b"a\xed\xa0\x80b"
