"""docs/security.md names a test for every threat; each of them exists."""

import ast
import re

import pytest

from tests.worlds.security_world import ROOT

_ROW = re.compile(r"^\| (?P<threat>[^|*][^|]*) \| (?P<measure>[^|]*) \| (?P<test>[^|]*) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [match.groupdict() for match in _ROW.finditer(DOCUMENT) if match["threat"] != "Threat"]


def test_the_threat_model_has_rows() -> None:
    table = [line for line in DOCUMENT.splitlines() if line.startswith("|")]
    headings = [line for line in table if line.startswith(("| Threat", "|---", "| **"))]
    # every row is read: one that is written otherwise would escape the tests below
    assert len(ROWS) == len(table) - len(headings) > 40


@pytest.mark.parametrize("row", ROWS, ids=[row["threat"] for row in ROWS])
def test_every_threat_names_a_test_that_exists(row: dict[str, str]) -> None:
    found = _TEST.fullmatch(row["test"].strip())
    assert found, row
    assert row["measure"].strip()
    module = ast.parse((ROOT / found[1]).read_text(encoding="utf-8"))
    assert found[2] in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
