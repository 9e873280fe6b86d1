"""Tables for a person, drawn by rich: for the commands that have some."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console as RichConsole
from rich.table import Table
from rich.text import Text

from qbwc_server.cli.output import PIPED_WIDTH, Console, visible

Cell = str | int | None


def table(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str | None = None) -> Table:
    """A plain table; None is an empty cell."""
    made = Table(*headings, box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for row in rows:
        made.add_row(*map(_cell, row))
    return made


def _cell(value: Cell) -> Text:
    return Text("" if value is None else visible(str(value)))


def draw(target: Console, made: Table) -> None:
    """Print a table."""
    drawn_on(target).print(made)


def drawn_on(target: Console) -> RichConsole:
    """The same place, for what rich draws.

    Markup is off: ids and names come from other people and may hold square brackets.
    """
    width = target.width or (None if target.is_terminal else PIPED_WIDTH)
    return RichConsole(
        file=target.file,
        width=width,
        force_terminal=target.is_terminal or None,
        markup=False,
        highlight=False,
        emoji=False,
    )
