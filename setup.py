"""Only what setup.cfg cannot say: schemas/ stands at the top of the repository and is installed inside the package."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["qbwc_server*", "qbxml*"]), "qbwc_server.schemas"],
    package_dir={"": ".", "qbwc_server.schemas": "schemas"},
)
