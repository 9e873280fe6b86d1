"""A QuickBooks Desktop Web Connector server; what hosts in Python import from here is loaded when they do."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_FAULTS = "qbwc_server.domain.faults"
_FROM = {
    "Connector": "qbwc_server.in_process",
    **dict.fromkeys(
        ("Conflict", "DatabaseUnavailable", "InvalidInput", "NotFound", "SchemaMismatch"), _FAULTS
    ),
}
"""The types of these are in ``__init__.pyi``: here they are not known before somebody asks for one."""


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_FROM[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *_FROM]
