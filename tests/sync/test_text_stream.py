"""A text read as a file is the same bytes, however it is read."""

from hypothesis import given
from hypothesis import strategies as st

from qbwc_server.visit.text_stream import as_utf8_file, is_longer_than


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


@given(st.text(max_size=50), st.integers(0, 200))
def test_the_length_is_told_in_bytes(text: str, limit: int) -> None:
    assert is_longer_than(limit, text) is (len(text.encode()) > limit)


def test_the_length_of_a_text_longer_than_any_buffer_is_told_to_the_byte() -> None:
    text = "Café 𝄞 Oysters\n" * 100_000
    size = len(text.encode())
    assert not is_longer_than(size, text)
    assert is_longer_than(size - 1, text)
