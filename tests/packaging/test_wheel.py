"""What is built is what is written, and it works in an empty environment away from the checkout."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

INSTALLED = {
    "qbwc_server": "qbwc_server",
    "qbxml": "qbxml",
    "schemas": "qbwc_server/schemas",
    "fixtures/demo": "qbwc_server/demo_data",
}
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv*", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", "qbwc*.db*", "*-secrets.json"
)
"""Folder of the repository to folder of the wheel."""


def run(*command, cwd, **options):
    """Run a command without the settings of the environment we run in; its output."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "QBWC_", "VIRTUAL_ENV"))}
    ran = subprocess.run(
        command, cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with wheel and source archive, built from a copy of the checkout, and what the build said.

    With what builds here: that it is built with what it says it needs is asked where it is installed from the sources.
    """
    folder = tmp_path_factory.mktemp("build")
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
    said = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, cwd=copy)
    return folder, said


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built[0].glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel and what it requires, and nothing else; its folder of programs.

    What it requires is copied from the environment we run in, where pip has chosen it; pip says whether that is all.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    packages = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    )
    (built,) = metadata.distributions(path=[str(wheel)])
    for file in {file for each in required(built) for file in each.files if ".." not in file.parts}:
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file.locate(), packages / file)
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    run(*pip, "check", cwd=folder)
    return programs


def required(distribution, extra=""):
    """What a distribution requires to be installed, and what that requires."""
    for requirement in map(Requirement, distribution.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            found = metadata.distribution(requirement.name)
            yield found
            for each in ("", *requirement.extras):
                yield from required(found, each)


def sources():
    """Path in the wheel of every file that has to be in it."""
    for source, target in INSTALLED.items():
        for path in (ROOT / source).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{target}/{path.relative_to(ROOT / source).as_posix()}"


def test_installing_from_the_sources_leaves_nothing_among_them(tmp_path):
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
    before = sorted(copy.rglob("*"))
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--disable-pip-version-check")
    run(*pip, "--wheel-dir", tmp_path / "wheels", copy, cwd=tmp_path)
    assert list((tmp_path / "wheels").glob("qbwc_server-*.whl"))
    assert sorted(copy.rglob("*")) == before


def test_the_build_gives_no_warnings(built):
    warnings = [line for line in built[1].splitlines() if re.search(r"warn|deprecat", line, re.IGNORECASE)]
    assert warnings == []


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel):
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert sorted(names) == sorted(sources())


@pytest.mark.parametrize(
    "name",
    [
        "qbwc_server/py.typed",
        "qbxml/py.typed",
        "qbwc_server/schemas/QBWebConnectorSvc.wsdl",
        "qbwc_server/storage/migrations/env.py",
        "qbwc_server/storage/migrations/script.py.mako",
        "qbwc_server/web/templates/base.html",
        "qbwc_server/demo_data/company.json",
    ],
)
def test_what_is_not_a_module_is_there_too(wheel, name):
    assert name in zipfile.ZipFile(wheel).namelist()


def test_the_licence_is_in_the_wheel(wheel):
    (name,) = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("licenses/LICENSE")]
    assert b"MIT License" in zipfile.ZipFile(wheel).read(name)


def test_the_source_archive_can_be_checked_and_built_from(built):
    (archive,) = built[0].glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert names >= {
        "setup.py",
        "setup.cfg",
        "pyproject.toml",
        "Makefile",
        "LICENSE",
        "CHANGELOG.md",
        ".ci/run",
    }
    assert names >= {
        "config.example.toml",
        "fixtures/soap/authenticate.request.xml",
        "tests/soap/conftest.py",
    }
    backwards = {target: source for source, target in INSTALLED.items()}
    for path in sources():
        target = max((target for target in backwards if path.startswith(f"{target}/")), key=len)
        assert backwards[target] + path.removeprefix(target) in names


def test_the_program_runs_where_it_is_installed(installed, tmp_path):
    said = run(installed / "qbwc-server", "--help", cwd=tmp_path)
    assert "Usage: qbwc-server" in said
    assert list(tmp_path.iterdir()) == []


def test_the_installed_service_finds_its_wsdl(installed, tmp_path):
    program = "from qbwc_server.soap.wsdl import wsdl; print(wsdl('https://a.example/qbwc').decode())"
    assert 'location="https://a.example/qbwc"' in run(
        installed / "python", "-W", "ignore", "-c", program, cwd=tmp_path
    )


def test_the_language_is_usable_without_the_server(installed, tmp_path):
    program = "import sys, qbxml.records; assert not [m for m in sys.modules if m.startswith('qbwc_server')]"
    run(installed / "python", "-c", program, cwd=tmp_path)


def test_the_demonstration_runs_where_it_is_installed_and_a_second_time(installed, tmp_path):
    for _ in range(2):
        assert "Synced with QuickBooks" in run(installed / "qbwc-server", "demo", cwd=tmp_path, timeout=120)
