"""Only what setup.cfg cannot say: two folders stand at the top of the repository and are installed in the package, and
nothing of a build is left among the sources."""

import atexit
import shutil
import tempfile

from setuptools import find_packages, setup

#: Package name to folder: our own schemas, and the wholesaler that the demonstration works with.
ELSEWHERE = {"qbwc_server.schemas": "schemas", "qbwc_server.demo_data": "fixtures/demo"}

#: Where the steps of a build put what the next one takes; by default that is build/ and *.egg-info beside this file.
SCRATCH = tempfile.mkdtemp(prefix="qbwc-build-")
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

setup(
    packages=[*find_packages(include=["qbwc_server*", "qbxml*"]), *ELSEWHERE],
    package_dir={"": ".", **ELSEWHERE},
    options={"build": {"build_base": SCRATCH}, "egg_info": {"egg_base": SCRATCH}},
)
