"""The last words of the demonstration hold for what is there when it has said them."""

from io import StringIO
from pathlib import Path

import pytest

from qbwc_server.cli.demo.cast import Login
from qbwc_server.cli.demo.result import print_way_in
from qbwc_server.cli.output import Console

SITE = "http://localhost:4711"


def told(*, stays_up: bool = False, kept_in: Path | None = None) -> str:
    """How somebody gets in, in words."""
    target = Console(file=StringIO(), width=200)
    print_way_in(target, SITE, Login("demo", "the-password"), stays_up=stays_up, kept_in=kept_in)
    assert isinstance(target.file, StringIO)
    return target.file.getvalue()


def test_no_site_and_password_are_told_of_a_server_that_is_gone() -> None:
    words = told()
    assert SITE not in words
    assert "the-password" not in words
    assert "The server ends now" in words
    assert "demo --keep-running" in words


@pytest.mark.parametrize(("stays_up", "kept_in"), [(True, None), (False, Path("kept")), (True, Path("kept"))])
def test_site_and_password_are_told_where_they_can_be_used(stays_up: bool, kept_in: Path | None) -> None:
    words = told(stays_up=stays_up, kept_in=kept_in)
    assert SITE in words
    assert "the-password" in words
    assert "ends now" not in words
    assert ("To look around later" in words) is (kept_in is not None)
