"""The bytes of a text are counted without encoding all of it."""

from hypothesis import given
from hypothesis import strategies as st

from qbwc_server.visit.text_size import is_longer_than


@given(st.text(max_size=50), st.integers(0, 200))
def test_the_length_is_told_in_bytes(text: str, limit: int) -> None:
    assert is_longer_than(limit, text) is (len(text.encode()) > limit)


def test_the_length_of_a_text_longer_than_any_buffer_is_told_to_the_byte() -> None:
    text = "Café 𝄞 Oysters\n" * 100_000
    size = len(text.encode())
    assert not is_longer_than(size, text)
    assert is_longer_than(size - 1, text)
