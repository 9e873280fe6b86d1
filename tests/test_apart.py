"""Work in a process of its own: what it returns and raises comes back, and what it imports does not."""

from __future__ import annotations

import os
import sys
from fractions import Fraction

import pytest

from qbwc_server.apart import apart
from qbwc_server.config import ConfigError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="without fork the work is done here")


def process() -> int:
    return os.getpid()


def fail() -> None:
    raise ConfigError("[server] port: 0 is no port")


def die() -> None:
    os._exit(7)


def test_the_work_is_done_in_another_process_and_its_result_comes_back() -> None:
    assert apart(f"{__name__}:process") not in (None, os.getpid())
    assert apart("fractions:Fraction", 1, 2) == Fraction(1, 2)


def test_what_it_raises_is_raised_here() -> None:
    with pytest.raises(ConfigError, match=r"^\[server\] port: 0 is no port$"):
        apart(f"{__name__}:fail")


def test_an_end_without_an_answer_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended without an answer"):
        apart(f"{__name__}:die")


def test_what_the_work_imports_does_not_stay_here() -> None:
    module = "this"  # which nobody imports otherwise
    assert module not in sys.modules
    apart(f"{module}:d.get", "a")
    assert module not in sys.modules


def test_what_is_printed_is_printed_once(capfd: pytest.CaptureFixture[str]) -> None:
    print("before", end=" ")
    apart("builtins:print", "within")
    print("behind")
    assert capfd.readouterr().out == "before within\nbehind\n"
