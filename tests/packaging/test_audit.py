"""The audit of dependencies fails on what can be put right, and says so when it could not look."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / ".ci" / "audit.py"


@pytest.fixture
def audit(tmp_path):
    """Runs the audit with a pip-audit that prints this and ends so."""

    def run(printed, *options, ends=0, complaint=""):
        tool = tmp_path / "pip-audit"
        tool.write_text(
            f"#!{sys.executable}\nimport sys\nprint({printed!r})\nprint({complaint!r}, file=sys.stderr)\n"
            f"sys.exit({ends})\n"
        )
        tool.chmod(0o755)
        command = [sys.executable, str(AUDIT), "--tool", str(tool), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def found(*packages):
    return json.dumps({"dependencies": list(packages), "fixes": []})


GOOD = {"name": "flask", "version": "3.1.3", "vulns": []}
BAD = {"name": "lxml", "version": "4.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["4.9.1", "5.0"]}]}
HOPELESS = {"name": "spyne", "version": "2.14.0", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
SKIPPED = {"name": "own", "skip_reason": "Dependency not found on PyPI"}


def test_nothing_known_is_success(audit):
    told = audit(found(GOOD, SKIPPED))
    assert told.returncode == 0
    assert "own: not looked at" in told.stdout
    assert "1 packages looked at, 0 known faults" in told.stdout


@pytest.mark.parametrize("options", [(), ("--where-possible",)])
def test_a_known_fault_with_a_cure_fails(audit, options):
    told = audit(found(GOOD, BAD, HOPELESS), *options, ends=1)
    assert told.returncode == 1
    assert "lxml 4.0: PYSEC-1, put right in 4.9.1, 5.0" in told.stdout


def test_a_known_fault_without_a_cure_is_told_and_does_not_fail(audit):
    told = audit(found(GOOD, HOPELESS), ends=1)
    assert told.returncode == 0
    assert "spyne 2.14.0: PYSEC-2, no version puts it right yet" in told.stdout


@pytest.mark.parametrize(
    ("printed", "complaint", "reason"),
    [
        ("", "Traceback\nFailed to resolve 'pypi.org'\n", "Failed to resolve"),
        ("No known vulnerabilities found", "", "could not look"),
        (found(SKIPPED, SKIPPED), "", "does not tell of known faults"),
        (found(), "", "does not tell of known faults"),
    ],
    ids=["no network", "another output", "an index without faults", "nothing"],
)
def test_where_nothing_can_be_found_out_it_says_so_and_passes_only_if_that_was_wanted(
    audit, printed, complaint, reason
):
    strict = audit(printed, complaint=complaint, ends=1)
    lenient = audit(printed, "--where-possible", complaint=complaint, ends=1)
    assert (strict.returncode, lenient.returncode) == (2, 0)
    for told in (strict, lenient):
        assert "THE DEPENDENCIES WERE NOT AUDITED" in told.stdout
        assert reason in told.stdout
