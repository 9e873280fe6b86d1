"""The company file on disk: one JSON document, replaced as a whole so that a reader never sees half of
one."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from qbwc_server.simulator.errors import SimulatorError

FORMAT = 1
"""Number of the state layout; a file of another layout is refused, never guessed at."""


def load(path: Path) -> dict[str, Any]:
    """Read a state file.

    Raises:
        SimulatorError: the file is missing, is not a state file, or has another layout.
    """
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SimulatorError(f"there is no company file at {path}") from error
    except OSError as error:
        raise SimulatorError(f"{path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SimulatorError(f"{path} is not a simulated company file: it is not JSON") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise SimulatorError(f"{path} is not a simulated company file of layout {FORMAT}")
    return state


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a state file beside its place, flush it to the disk, then rename it into place.

    Raises:
        OSError: it cannot be written there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.writelines(_text(state, depth=1))
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):  # a folder that is none
            temporary.unlink(missing_ok=True)
        # of the file beside it nobody has heard
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_DEEPER = frozenset({"lists", "transactions"})
"""Parts that hold collections of records, which are one level further down."""


def _text(value: Any, depth: int) -> Iterator[str]:
    """JSON with one record a line: it can be read and compared, and is written as fast as without line breaks."""
    if depth < 0 or not isinstance(value, dict) or not value:
        yield _ENCODE(value) if depth < 0 or not isinstance(value, list) else _listed(value)
        return
    separator = "{\n"
    for key, inner in value.items():
        deeper = depth if key in _DEEPER else depth - 1
        if deeper < 0:
            yield f"{separator}{_ENCODE(key)}: {_ENCODE(inner)}"
        else:
            yield f"{separator}{_ENCODE(key)}: "
            yield from _text(inner, deeper)
        separator = ",\n"
    yield "\n}"


def _listed(values: list[Any]) -> str:
    inner = ",\n".join(_ENCODE(each) for each in values)
    return f"[\n{inner}\n]" if values else "[]"
