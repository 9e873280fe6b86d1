"""What commands print: JSON for machines, tables and sentences for people."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

from rich.console import Console

from qbwc_server.cli.output import plain, say, table, to_json, visible
from qbwc_server.domain.kinds import Kind


@dataclass(frozen=True, slots=True)
class Line:
    """Something to print."""

    kind: Kind
    rate: Decimal


def on_paper() -> Console:
    """A console that is no terminal, narrow on purpose."""
    return Console(file=StringIO(), width=40, markup=False)


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
    assert plain({"a": None, "b": 0, "c": False, "d": "", "e": []}) == {
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
    target.print(table(("ID",), [("[bold]c-2",)]))
    assert "[red]c-1[/red]" in printed(target)
    assert "[bold]c-2" in printed(target)


def test_control_characters_are_written_out() -> None:
    assert visible("a\x1b[2Jb\x9b\r\n\tc") == "a\\x1b[2Jb\\x9b\\x0d\n\tc"
