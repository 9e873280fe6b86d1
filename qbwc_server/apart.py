"""Does something in a process of its own, so that what has to be imported for it does not stay in this one."""

import os
import pickle
import pkgutil
import sys
from collections.abc import Callable
from typing import Any


def apart(work: str, *arguments: Any, **named: Any) -> Any:
    """Call a function in a child of this process, where the system can make one that has all we have; else here.

    Args:
        work: ``module:function``; the module is imported where the work is done.
        arguments, named: go to the child as they are; what the function returns or raises is pickled.

    Raises:
        Exception: whatever the function raised.
    """
    if not hasattr(os, "fork"):
        return _called(work, arguments, named)
    sys.stdout.flush()
    sys.stderr.flush()
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(theirs, lambda: _called(work, arguments, named))
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise RuntimeError(f"{work} ended without an answer")
    value, error = pickle.loads(answer)  # noqa: S301 - from a child of our own
    if error is not None:
        raise error
    return value


def _called(work: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    function: Callable[..., Any] = pkgutil.resolve_name(work)
    return function(*arguments, **named)


def _answer(pipe: int, work: Callable[[], Any]) -> None:
    """In the child: do the work, tell what became of it, and end, whatever the parent had in mind to do next."""
    try:
        try:
            told: tuple[Any, Exception | None] = (work(), None)
        except Exception as error:
            told = (None, error)
        sys.stdout.flush()
        with os.fdopen(pipe, "wb") as answer:
            answer.write(pickle.dumps(told))
    finally:
        os._exit(0)
