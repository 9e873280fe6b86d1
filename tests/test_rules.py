"""Rules of the code that no tool holds for us."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "qbwc_server"


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the server, and where it is."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(SOURCES)}:{node.lineno} {node.name}", node


def has_default(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    arguments = function.args
    by_place = [*arguments.posonlyargs, *arguments.args]
    with_default = by_place[len(by_place) - len(arguments.defaults) :] if arguments.defaults else []
    by_name = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return name in {each.arg for each in with_default} | {each.arg for each, given in by_name if given}


def test_nobody_acts_by_default() -> None:
    """Whoever writes says who did it; a default would put it down to somebody else."""
    checked = [(where, function) for where, function in functions()]
    assert len(checked) > 1000
    assert [where for where, function in checked if has_default(function, "actor")] == []


def test_apostrophes_are_of_one_kind() -> None:
    """The straight one, as in QuickBooks' own names: what is searched, compared or copied has one spelling."""
    tables = {"domain/typed.py"}
    told = (path for path in SOURCES.rglob("*") if path.suffix in {".py", ".html", ".js"})
    curly = {str(path.relative_to(SOURCES)) for path in told if "’" in path.read_text(encoding="utf-8")}
    assert curly == tables
