"""What CONTRIBUTING says of this repository is true: its paths, its targets, and the lists of what to touch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEPS = {
    part.split("**")[0].split(" of ")[0]: part
    for part in GUIDE.split("## To add")[1].split("## A test")[0].split("\n**")[1:]
}
"""The lists of what to touch, by what is added."""

PATH = re.compile(r"`((?:qbwc_server|qbxml|tests|docs|benchmarks)/[\w./]*)`")


@pytest.mark.parametrize("path", sorted(set(PATH.findall(GUIDE))))
def test_every_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_target_is_one_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)", re.sub(r"\s+", " ", GUIDE)):
        assert re.search(rf"^({target}|[a-z ]* {target})\b.*:", makefile, re.M), target


def test_it_says_what_to_touch_for_each_thing_that_is_added() -> None:
    assert set(STEPS) == {"a list", "a kind", "a cause", "a type", "a setting", "a route", "an operation"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources."""
    for name in ("qbwc_server", "qbxml", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def put(copy: Path, name: str, before: str, line: str) -> None:
    """Put a line into a file of the copy, before one that is there."""
    text = (copy / name).read_text(encoding="utf-8")
    assert text.count(f"{before}\n") == 1, (name, before)
    (copy / name).write_text(text.replace(f"{before}\n", f"{line}\n{before}\n"), encoding="utf-8")


def told(copy: Path, *arguments: str) -> str:
    """What Python says that runs on the copy."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_rows(copy: Path) -> None:
    """Run the tests that hold the rows complete on the copy."""
    test = "tests/domain/test_in_quickbooks.py"
    (copy / test).parent.mkdir(parents=True)
    shutil.copy(ROOT / test, copy / test)
    told(copy, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(copy), "-p", "no:cacheprovider", test)


def documented(copy: Path) -> list[str]:
    """The paths of the API's documentation."""
    program = "from qbwc_server.web.api import openapi, routes; print(*openapi.document(routes.DOCUMENTED)['paths'])"
    return told(copy, "-c", program).split()


def test_a_list_is_added_in_the_places_it_names(copy: Path) -> None:
    kinds, rows = "qbwc_server/domain/kinds.py", "qbwc_server/domain/in_quickbooks.py"
    assert {kinds, rows} <= set(PATH.findall(STEPS["a list"]))
    put(copy, kinds, '    JOB_TYPE = "job_type"', '    ITEM_GROUP = "item_group"')
    put(
        copy,
        rows,
        '    ListName.JOB_TYPE: OfList("JobType", _PROFILES + "Job Type List", named_by=("job_type",)),',
        '    ListName.ITEM_GROUP: OfList("ItemGroup", "Lists > Item List"),',
    )
    check_rows(copy)
    assert any(path.endswith("/quickbooks/item-groups") for path in documented(copy))


def test_a_kind_is_added_in_the_places_it_names(copy: Path) -> None:
    kinds, rows = "qbwc_server/domain/kinds.py", "qbwc_server/domain/in_quickbooks.py"
    written, shown = "qbwc_server/domain/host_records/", "qbwc_server/web/api/record_schemas.py"
    assert {kinds, rows, written, shown} <= set(PATH.findall(STEPS["a kind"]))
    put(copy, kinds, '    INVOICE = "invoice"', '    EMPLOYEE = "employee"')
    put(copy, rows, "    Kind.INVOICE: OfKind(", '    Kind.EMPLOYEE: OfKind("Employee", rank=400),')
    put(copy, f"{written}__init__.py", "    Kind.INVOICE: HostInvoice,", "    Kind.EMPLOYEE: qb.Employee,")
    put(copy, shown, "    Kind.INVOICE: {", '    Kind.EMPLOYEE: {"name": "Ann"},')
    check_rows(copy)
    assert any(path.endswith("/employees/{external_id}") for path in documented(copy))
