"""What commands print: JSON for machines, tables and sentences for people."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest

from qbwc_server.cli.output import Console, say, to_json, visible
from qbwc_server.cli.tables import draw, table
from qbwc_server.domain.kinds import Kind


@dataclass(frozen=True, slots=True)
class Line:
    """Something to print."""

    kind: Kind
    rate: Decimal


def on_paper() -> Console:
    """A console that is no terminal, narrow on purpose."""
    return Console(StringIO(), width=40)


def printed(target: Console) -> str:
    assert isinstance(target.file, StringIO)
    return target.file.getvalue()


def test_values_keep_their_digits_and_their_time_zone() -> None:
    moment = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
    value = {Kind.INVOICE: (Line(Kind.ITEM, Decimal("9.50")),), "at": moment, "id": UUID(int=1)}
    assert json.loads(to_json(value)) == {
        "invoice": [{"kind": "item", "rate": "9.50"}],
        "at": "2026-11-22T10:30:00+00:00",
        "id": "00000000-0000-0000-0000-000000000001",
    }


def test_absent_zero_false_and_empty_stay_apart() -> None:
    assert json.loads(to_json({"a": None, "b": 0, "c": False, "d": "", "e": ()})) == {
        "a": None,
        "b": 0,
        "c": False,
        "d": "",
        "e": [],
    }


def test_json_is_ascii_where_the_stream_holds_no_more() -> None:
    assert "ü" in to_json("ü", encoding="UTF-8")
    assert to_json("ü", encoding="cp1252").isascii()
    assert to_json("ü", encoding=None).isascii()


def test_an_address_is_never_broken_over_two_lines() -> None:
    target, address = on_paper(), "https://quickbooks.example.com/connectors/harbour/connector.qwc"
    say(target, address)
    assert address in printed(target)


def test_square_brackets_are_data_and_not_markup() -> None:
    target = on_paper()
    say(target, "customer [red]c-1[/red]")
    draw(target, table(("ID",), [("[bold]c-2",)]))
    assert "[red]c-1[/red]" in printed(target)
    assert "[bold]c-2" in printed(target)


def test_control_characters_are_written_out() -> None:
    assert visible("a\x1b[2Jb\x9b\r\n\tc") == "a\\x1b[2Jb\\x9b\\x0d\n\tc"


def styled(text: str, style: str) -> str:
    target = Console(StringIO(), is_terminal=True)
    say(target, text, style)
    return printed(target)


@pytest.fixture(autouse=True)
def _a_terminal_of_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_a_terminal_gets_styles_line_by_line_and_a_pipe_none() -> None:
    assert styled("one\ntwo", "bold red") == "\x1b[1;31mone\x1b[0m\n\x1b[1;31mtwo\x1b[0m\n"
    target = on_paper()
    say(target, "one", "bold red")
    assert printed(target) == "one\n"


def test_whoever_wants_no_colours_keeps_what_is_bold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert styled("one", "bold red") == "\x1b[1mone\x1b[0m\n"
    assert styled("one", "green") == "one\n"


def test_a_terminal_that_knows_no_styles_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert styled("one", "bold red") == "one\n"


def test_tabulators_are_spaces() -> None:
    assert styled("a\tb", "") == "a       b\n"
