"""What was read within a transaction, kept for as long as nothing is written that it could depend on.

Whoever looks at many records one after the other reads the same customers, items and lists over and over.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from qbwc_server.storage.of_transactions import Kept, by_transaction

T = TypeVar("T")

_Answers = dict[Hashable, dict[Hashable, Any]]
_kept: Kept[_Answers] = by_transaction()
"""Transaction → what its answers depend on → question → answer."""


class Listener(Protocol):
    """Hears what is kept and what is to be forgotten."""

    def kept(self, answer: object) -> None:
        """An answer is known."""

    def forgot(self, on: Hashable) -> None:
        """Something was written."""

    def forgot_all(self) -> None:
        """Anything may have been written."""


_listeners: Kept[Listener] = by_transaction()


@contextmanager
def heard_by(conn: Connection, listener: Listener) -> Iterator[None]:
    """Tell somebody of what is kept and forgotten, until the block ends; it remembers in its own way."""
    before = _listeners.get(conn)
    _listeners[conn] = listener
    try:
        yield
    finally:
        if before is None:
            del _listeners[conn]
        else:
            _listeners[conn] = before


@contextmanager
def remembering(conn: Connection) -> Iterator[None]:
    """Answer every question of this transaction once, until the block ends."""
    if conn in _kept:
        yield
        return
    _kept[conn] = {}
    try:
        yield
    finally:
        del _kept[conn]


def recall(conn: Connection, on: Hashable, question: Hashable, read: Callable[[], T]) -> T:
    """The answer to a question, read the first time. What is answered is shared: it must not be changed.

    Args:
        on: what the answer depends on, as `forget` is told.
    """
    kept = _kept.get(conn)
    if kept is None:
        return read()
    answers = kept.setdefault(on, {})
    if question not in answers:
        answers[question] = read()
    answer: T = answers[question]
    return answer


def keep(conn: Connection, on: Hashable, question: Hashable, answer: object) -> None:
    """The answer to a question is known without asking."""
    kept = _kept.get(conn)
    if kept is not None:
        kept.setdefault(on, {})[question] = answer
    listener = _listeners.get(conn)
    if listener is not None:
        listener.kept(answer)


def known(conn: Connection, on: Hashable, question: Hashable) -> Any:
    """The answer to a question that has been answered; None when it has not been, or nothing is remembered."""
    return _kept.get(conn, {}).get(on, {}).get(question)


def forget(conn: Connection, *changed: Hashable) -> None:
    """Something was written: what depends on it is read again."""
    kept = _kept.get(conn)
    if kept is not None:
        for on in changed:
            kept.pop(on, None)
    listener = _listeners.get(conn)
    if listener is not None:
        for on in changed:
            listener.forgot(on)


def forget_all(conn: Connection) -> None:
    """Something was written on which anything may depend."""
    kept = _kept.get(conn)
    if kept is not None:
        kept.clear()
    listener = _listeners.get(conn)
    if listener is not None:
        listener.forgot_all()
