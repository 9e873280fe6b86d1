"""Versions and priorities as hosts write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qbwc_server.domain.faults import InvalidInput
from qbwc_server.domain.order import priority_of, version_of


@pytest.mark.parametrize("whole", [7, Decimal("7.0"), Decimal("7")])
def test_a_whole_number_may_be_written_with_a_point(whole: Any) -> None:
    assert (version_of(whole), priority_of(whole)) == (7, 7)
    assert isinstance(priority_of(whole), int)


@pytest.mark.parametrize("wrong", [True, -1, "7", Decimal("7.5"), Decimal("1E30"), 10**30])
def test_what_is_no_whole_number_is_refused(wrong: Any) -> None:
    for read in (version_of, priority_of):
        with pytest.raises(InvalidInput):
            read(wrong)


def test_none_is_none_said() -> None:
    assert version_of(None) is priority_of(None) is None
