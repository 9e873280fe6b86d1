"""Only what setup.cfg cannot say: two folders stand at the top of the repository and are installed in the package."""

from setuptools import find_packages, setup

#: Package name to folder: our own schemas, and the wholesaler that the demonstration works with.
ELSEWHERE = {"qbwc_server.schemas": "schemas", "qbwc_server.demo_data": "fixtures/demo"}

setup(
    packages=[*find_packages(include=["qbwc_server*", "qbxml*"]), *ELSEWHERE],
    package_dir={"": ".", **ELSEWHERE},
)
