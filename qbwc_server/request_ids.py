"""The id of the request that is being answered: the one it came with, or a new one; for every line of the log about it.

The process that watches the workers writes such lines, too, and has nothing else to do with requests: this is all it
has to know.
"""

import re
from contextvars import ContextVar
from uuid import uuid4

NOBODYS = "-"
_SANE = re.compile(r"[!-~]{1,128}")
"""Printable, without blanks: it stands between others in a line of the log."""

_current: ContextVar[str] = ContextVar("request_id", default=NOBODYS)


def current() -> str:
    """The id of the request that is being answered; `NOBODYS` where none is."""
    return _current.get()


def begin(sent: str | None) -> str:
    """A request is being answered from now on; its id is the one it came with, where a log can show that as it is."""
    request_id = sent if sent is not None and _SANE.fullmatch(sent) else uuid4().hex
    _current.set(request_id)
    return request_id


def end() -> None:
    """It has been answered."""
    _current.set(NOBODYS)
