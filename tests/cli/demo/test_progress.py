"""How the demonstration tells how far it is."""

from io import StringIO

from qbwc_server.cli.demo.progress import Advance, telling
from qbwc_server.cli.output import Console


def told(*, terminal: bool, silent: bool = False) -> str:
    """What is printed of one step and three answers, two of them alike."""
    paper = StringIO()
    with telling(Console(paper, terminal, width=100), silent=silent) as teller:
        teller.step("Handed over 88 records")
        for settled in (0, 47, 47):
            teller.advance(Advance(settled, 88, 2, 1 + settled))
    return paper.getvalue()


def test_a_pipe_gets_plain_lines_and_none_twice() -> None:
    assert told(terminal=False).splitlines() == [
        "- Handed over 88 records",
        "  round trip 1: 0 of 88 records settled (2 blocked)",
        "  round trip 48: 47 of 88 records settled (2 blocked)",
    ]


def test_a_terminal_gets_a_bar() -> None:
    words = told(terminal=True)
    assert "47/88" in words
    assert "48 round trips, 2 blocked" in words


def test_a_machine_gets_nothing() -> None:
    assert told(terminal=False, silent=True) == ""
