"""How long a text is in bytes: an answer of QuickBooks is not held a second time just to be measured."""

_PIECE = 256 * 1024


def is_longer_than(limit: int, text: str) -> bool:
    """Whether the text has more than so many bytes in UTF-8."""
    if len(text) > limit or text.isascii():
        return len(text) > limit
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    return sum(len(piece.encode("utf-8", "surrogatepass")) for piece in pieces) > limit
