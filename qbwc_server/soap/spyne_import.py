"""Makes Spyne 2.14 importable on Python 3.12 and later, and keeps its own logging quiet.

Spyne carries an old copy of ``six`` whose import hook speaks only the protocol that Python 3.12 removed
(``find_module``/``load_module``). The copy is loaded here ahead of Spyne, under the name Spyne will ask
for, and its hook is taught the present protocol. Python 3.13 also lost ``cgi``; the ``legacy-cgi``
distribution, which setup.cfg requires there, brings it back.
"""

import importlib.util
import logging
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_SIX = "spyne.util.six"


def prepare() -> None:
    """Do what has to be done once before the first ``import spyne``; later calls change nothing."""
    # Spyne logs whole requests (password and ticket included) when one cannot be read. What went wrong
    # is logged by the service's own guard instead.
    logging.getLogger("spyne").setLevel(logging.CRITICAL)
    if sys.version_info >= (3, 12) and _SIX not in sys.modules:
        _teach_present_protocol(_load_six())


def _load_six() -> ModuleType:
    package = importlib.util.find_spec("spyne")
    if package is None or not package.submodule_search_locations:
        raise ImportError("Spyne is not installed")
    path = f"{package.submodule_search_locations[0]}/util/six.py"
    spec = importlib.util.spec_from_file_location(_SIX, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"Spyne's copy of six was not found at {path}")
    six = importlib.util.module_from_spec(spec)
    sys.modules[_SIX] = six
    spec.loader.exec_module(six)
    return six


def _teach_present_protocol(six: ModuleType) -> None:
    hook_class: Any = six._SixMetaPathImporter

    def find_spec(self: Any, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name in self.known_modules else None

    def create_module(self: Any, spec: ModuleSpec) -> ModuleType:
        module: ModuleType = self.load_module(spec.name)
        return module

    def exec_module(self: Any, module: ModuleType) -> None:
        """Nothing is left to run: ``create_module`` handed out a module that is already there."""

    hook_class.find_spec = find_spec
    hook_class.create_module = create_module
    hook_class.exec_module = exec_module
