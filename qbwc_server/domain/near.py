"""The names nearest to one that does not exist: whoever mistyped it is told what they meant."""

import difflib
from collections.abc import Iterable

MOST = 3


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """``; did you mean harbour?`` to go behind a sentence that refuses `typed`, or nothing where none is near."""
    names = {_plain(name): name for name in known}
    near = difflib.get_close_matches(_plain(typed), names, n=MOST)
    found = [names[name] for name in near]
    return f"; did you mean {_listed(found)}?" if found else ""


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
