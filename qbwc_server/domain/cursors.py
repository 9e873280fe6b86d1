"""Where a page of a longer list ends, as a text: written for whoever goes on from there, and read strictly."""

import re
from datetime import UTC, datetime, timedelta

from qbwc_server.domain.connectors import NAME_PATTERN

LARGEST_ID = 2**31 - 1
"""The largest number a row can have (PostgreSQL's integer)."""

ROW, CHANGE, ENTRY = "[0-9]{1,10}", "[0-9]{1,16}-[0-9]{1,10}", "[!-~]{1,36}"
CONNECTOR = NAME_PATTERN.pattern
"""The forms of these texts."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOREIGN = "is not a cursor of an answer to this question"


def cursor(place: object) -> str:
    """The form of the place where the next page begins: every text of its form is a place."""
    if isinstance(place, tuple):
        moment, row = place
        return f"{(moment - _EPOCH) // timedelta(microseconds=1)}-{row}"
    return str(place)


def read_row(text: str) -> int:
    """The id of a row.

    Raises:
        ValueError: the text has another form.
    """
    if re.fullmatch(ROW, text, re.ASCII) is None:
        raise ValueError(_FOREIGN)
    return min(int(text), LARGEST_ID)


def read_change(text: str) -> tuple[datetime, int]:
    """A moment and the id of a row.

    Raises:
        ValueError: the text has another form.
    """
    if re.fullmatch(CHANGE, text, re.ASCII) is None:
        raise ValueError(_FOREIGN)
    moment, _, row = text.partition("-")
    return _EPOCH + timedelta(microseconds=int(moment)), read_row(row)


def read_list_id(text: str) -> str:
    """A ListID.

    Raises:
        ValueError: the text has another form.
    """
    if re.fullmatch(ENTRY, text) is None:
        raise ValueError(_FOREIGN)
    return text


def read_connector(text: str) -> str:
    """The name of a connector.

    Raises:
        ValueError: the text has another form.
    """
    if NAME_PATTERN.fullmatch(text) is None:
        raise ValueError(_FOREIGN)
    return text
