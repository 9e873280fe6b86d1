"""How the house is built: how long rooms may be, who may know whom, and that each says what it is for."""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 60

TABLES = (
    "qbxml/records/",
    "qbxml/queries.py",
    "qbxml/status_text.py",
    "qbwc_server/storage/schema.py",
    "qbwc_server/storage/migrations/",
    "qbwc_server/domain/choices/table.py",
)
"""Declarations, row after row: long where there is much to declare."""

LONGER_MODULES: dict[str, int] = {
    "qbwc_server/simulator/quickbooks/company_file.py": 336,
}
"""Modules that were longer when this test was written: they may become shorter, and leave the list then."""

LONGER_FUNCTIONS: dict[str, int] = {}
"""The same of functions."""


CIRCLES = (("qbxml.table", "qbxml.record"),)
"""A record is read by its declarations, and a declaration names the records within it."""


@dataclass(frozen=True)
class Module:
    """One module of the sources."""

    path: Path

    @property
    def place(self) -> str:
        """Its path from the top of the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def name(self) -> str:
        """What it is imported as."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @cached_property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text())

    def line_above(self, node: ast.stmt) -> str:
        return self.lines[node.lineno - 2].strip()

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def imported(self, known: set[str]) -> set[str]:
        """The modules among `known` that it names in an import, for types or for work."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                found |= {f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in known}
                if any(f"{base}.{alias.name}" not in known for alias in node.names):
                    found.add(base)
        return (found & known) - {self.name}

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        up = node.level - 1 if self.is_package else node.level
        return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


MODULES = [
    Module(path)
    for package in ("qbwc_server", "qbxml")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "versions" not in path.parts
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.place)
def test_a_module_opens_with_the_sentence_that_says_what_it_is_for(module: Module) -> None:
    told = ast.get_docstring(module.tree) or ""
    sentence = told.split("\n\n")[0]
    assert sentence[:1].isalnum() or sentence[:1] == "`", sentence
    assert sentence.endswith((".", ":", "?", "…")), sentence


def test_no_module_is_longer_than_it_may_be() -> None:
    lengths = {module.place: len(module.lines) for module in MODULES if not module.place.startswith(TABLES)}
    longer = {place: length for place, length in lengths.items() if length > MOST_LINES}
    grown = {
        place: length for place, length in longer.items() if length > LONGER_MODULES.get(place, MOST_LINES)
    }
    assert grown == {}
    assert set(LONGER_MODULES) - set(longer) == set(), "these are short enough now: take them off the list"


def test_no_function_is_longer_than_it_may_be() -> None:
    longer = {
        f"{module.place}:{function.name}": length
        for module in MODULES
        for function in module.functions()
        if (length := (function.end_lineno or 0) - function.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    }
    grown = {
        place: length
        for place, length in longer.items()
        if length > LONGER_FUNCTIONS.get(place, MOST_LINES_OF_A_FUNCTION)
    }
    assert grown == {}
    assert set(LONGER_FUNCTIONS) - set(longer) == set(), "these are short enough now: take them off the list"


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = {module.name for module in MODULES}
    names = {module.name: module.imported(known) for module in MODULES}
    for one, other in CIRCLES:
        names[one].discard(other)
    while leaves := {name for name, others in names.items() if not others & set(names)}:
        names = {name: others for name, others in names.items() if name not in leaves}
    # what is left is in a circle, or imports what is in one
    while unused := {name for name in names if not any(name in others for others in names.values())}:
        names = {name: others for name, others in names.items() if name not in unused}
    assert {name: others & set(names) for name, others in names.items()} == {}


def test_an_import_within_a_function_says_why() -> None:
    unexplained = [
        f"{module.place}:{node.lineno}"
        for module in MODULES
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not module.line_above(node).startswith(("#", "from ", "import "))
    ]
    assert unexplained == []


def test_a_constant_is_explained_below_it() -> None:
    above = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for folder in ("qbwc_server", "qbxml", "tests", "benchmarks", "clients", "examples")
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.lstrip().startswith("#: ")
    ]
    assert above == []


def test_the_migrations_stand_in_one_line() -> None:
    behind: dict[str, list[str]] = {}
    for path in sorted((ROOT / "qbwc_server/storage/migrations/versions").glob("*.py")):
        values = {
            target.id: ast.literal_eval(each.value)
            for each in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(each, ast.Assign)
            and isinstance(target := each.targets[0], ast.Name)
            and target.id in {"revision", "down_revision"}
        }
        behind.setdefault(values["down_revision"], []).append(values["revision"])
    assert {former: after for former, after in behind.items() if len(after) > 1} == {}


@pytest.mark.parametrize(
    ("contract", "owners"),
    [
        ("Only soap knows Spyne, only web knows Flask, only serve knows granian", {"soap", "web", "serve"}),
        ("Only storage knows SQLAlchemy", {"storage"}),
    ],
)
def test_a_library_of_one_room_is_forbidden_to_every_other(contract: str, owners: set[str]) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (found,) = [each for each in settings["contracts"] if each["name"] == contract]
    rooms = {module.name.split(".")[1] for module in MODULES if module.name.startswith("qbwc_server.")}
    assert {f"qbwc_server.{room}" for room in rooms - owners} | {"qbxml"} == set(found["source_modules"])
