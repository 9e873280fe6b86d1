"""Faults of an input: each with the place it was found at."""

from __future__ import annotations

from qbwc_server.domain.faults import Fault, InvalidInput


def test_a_pointer_escapes_what_it_must() -> None:
    fault = Fault.of({"loc": ("lines", 0, "a/b~c"), "msg": "Value error, no good", "type": "value_error"})
    assert fault == Fault("/lines/0/a~1b~0c", "no good")
    assert Fault.of({"loc": (), "msg": "x", "type": "missing"}, "better words") == Fault("", "better words")


def test_every_fault_is_in_the_sentence() -> None:
    error = InvalidInput([Fault("/name", "too long"), Fault("", "not an object")])
    assert str(error) == "/name: too long; /: not an object"
    assert len(error.faults) == 2
