"""Differences that no request can bring to QuickBooks, and what is held there because of them."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qbwc_server.domain.changes.values import in_words, is_empty


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A difference that no request can bring to QuickBooks, with what a person can do about it.

    Attributes:
        path: where it stands in what the host handed over: ``cost``, ``lines.0.data_ext``.
        wanted, there: what the host wants, and what QuickBooks was told before; None for nothing.
        remedy: what can be done, and by whom.
        before: where `there` stood in the version before, when that is another place; None: nowhere.
    """

    path: str
    wanted: Any
    there: Any
    remedy: str
    before: str | None

    @property
    def sentence(self) -> str:
        """The warning on the record."""
        if is_empty(self.wanted):
            return f"{self.path}: stays “{in_words(self.there)}” in QuickBooks. {self.remedy}"
        still = f", which still has “{in_words(self.there)}”" if not is_empty(self.there) else ""
        return f"{self.path}: “{in_words(self.wanted)}” was not sent to QuickBooks{still}. {self.remedy}"


NOT_EMPTIED = "QuickBooks cannot be told to empty it: remove it in QuickBooks."


def held(
    content: Mapping[str, Any], before: Mapping[str, Any] | None, unsaid: Iterable[Unsaid]
) -> dict[str, Any]:
    """A record's content as QuickBooks holds it after a change: what could not be said is as it was before.

    So it goes on being a difference: it is told with the next change too, and no longer once it is taken back.
    """
    kept: dict[str, Any] = copy.deepcopy(dict(content))
    for each in unsaid:
        former = None if each.before is None or before is None else _at(before, each.before)
        _put_at(kept, each.path.split("."), former)
    return kept


def _at(content: Any, path: str) -> Any:
    """What stands in JSON at a dotted path; None where nothing does."""
    for part in path.split("."):
        if isinstance(content, Mapping):
            content = content.get(part)
        elif isinstance(content, Sequence) and not isinstance(content, str) and int(part) < len(content):
            content = content[int(part)]
        else:
            return None
    return content


def _put_at(content: Any, parts: Sequence[str], value: Any) -> None:
    """Set what stands in JSON at a path; None removes it."""
    *way, last = parts
    for part in way:
        if isinstance(content, dict) and content.get(part) is None:
            if value is None:
                return
            content[part] = {}
        content = content[part] if isinstance(content, dict) else content[int(part)]
    if value is None:
        content.pop(last, None)
    else:
        content[last] = copy.deepcopy(value)
