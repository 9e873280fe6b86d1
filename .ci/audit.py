"""Compares the installed dependencies with the public list of known faults, by pip-audit.

    python .ci/audit.py [--where-possible] [--tool PATH]

Ends with 0 when nothing is known that another version puts right, 1 when something is, and 2 when it could not be
found out, which takes the network; with --where-possible that is 0 too, and said as plainly. Run it with the Python
whose packages are meant. pip-audit is installed beside them, in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OWN_ENVIRONMENT = ROOT / ".venv-audit"
MOST_SECONDS = 300


class NotPossible(Exception):
    """Nothing could be found out; the sentence says why."""


def installed_tool() -> Path:
    """pip-audit, installed unless it is there already."""
    tool = OWN_ENVIRONMENT / "bin" / "pip-audit"
    if not tool.exists():
        run(sys.executable, "-m", "venv", str(OWN_ENVIRONMENT))
        ended = run(str(OWN_ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet", "pip-audit")
        if ended.returncode or not tool.exists():
            raise NotPossible(f"pip-audit could not be installed ({last_line(ended.stderr)})")
    return tool


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A command and what it said."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)  # noqa: S603 - our own tools
    except subprocess.TimeoutExpired:
        raise NotPossible(f"{Path(command[0]).name} did not end within {MOST_SECONDS} seconds") from None
    except OSError as error:
        raise NotPossible(f"{command[0]} could not be run ({error.strerror})") from None


def last_line(text: str) -> str:
    """What a program that failed said last."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it did not say why")


def report_of(tool: Path) -> list[dict[str, Any]]:
    """What pip-audit found, package by package."""
    site = sysconfig.get_path("purelib")
    ended = run(str(tool), "--path", site, "--skip-editable", "--format", "json", "--progress-spinner", "off")
    try:
        found: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise NotPossible(f"pip-audit could not look (it said: {last_line(ended.stderr)})") from None
    # where it reaches an index that holds packages and no faults, it skips them all and calls that success
    if not any("vulns" in package for package in found):
        raise NotPossible("the package index that is reached here does not tell of known faults")
    return found


def judged(found: list[dict[str, Any]]) -> int:
    """Print what there is to know; 1 when something can be put right by another version."""
    looked_at = [package for package in found if "vulns" in package]
    to_do = 0
    for package in looked_at:
        for fault in package["vulns"]:
            fixes = ", ".join(fault.get("fix_versions") or ())
            to_do += bool(fixes)
            cure = f"put right in {fixes}" if fixes else "no version puts it right yet"
            print(f"{package['name']} {package['version']}: {fault['id']}, {cure}")
    for package in found:
        if "vulns" not in package:
            print(f"{package['name']}: not looked at ({package.get('skip_reason', 'no reason given')})")
    known = sum(len(package["vulns"]) for package in looked_at)
    print(f"{len(looked_at)} packages looked at, {known} known faults, {to_do} of them with a cure")
    return 1 if to_do else 0


def main() -> int:
    """What the process ends with."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--where-possible", action="store_true", help="end with 0 where nothing can be found out"
    )
    parser.add_argument("--tool", type=Path, help="pip-audit, where it is installed already")
    options = parser.parse_args()
    try:
        return judged(report_of(options.tool or installed_tool()))
    except NotPossible as reason:
        print(f"THE DEPENDENCIES WERE NOT AUDITED: {reason}.")
        return 0 if options.where_possible else 2


if __name__ == "__main__":
    sys.exit(main())
