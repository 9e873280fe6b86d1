"""Whether the company file that is open is the one a connector belongs to, and what is remembered of it.

The FileID is stamped into the file, so a copy bears it too, and a path is only a way to it: the FileID and one more
mark, the company name or a known path, make it the same file.
"""

from dataclasses import replace

from qbwc_server.domain.connectors import Binding

_MOST_PATHS = 20
"""So many paths of one file are remembered; the oldest is forgotten."""

Differences = dict[str, tuple[str | None, str | None]]
"""What differs → the values (bound, seen)."""


def is_same(bound: Binding, seen: Binding) -> bool:
    """Whether it is the same company file; a mark that one side does not know says nothing."""
    file_id = _agree(bound.file_id, seen.file_id)
    name = _agree(bound.company_name, seen.company_name)
    path = _path_agrees(bound, seen)
    if file_id is False:
        return False
    if file_id is None:
        return name is not False and path is not False
    return name is True or path is True or (name is None and path is None)


def differences(bound: Binding, seen: Binding) -> Differences:
    """The marks in which the file that was seen differs from the one that is bound."""
    found: Differences = {}
    if _agree(bound.file_id, seen.file_id) is False:
        found["FileID"] = (bound.file_id, seen.file_id)
    if _agree(bound.company_name, seen.company_name) is False:
        found["company name"] = (bound.company_name, seen.company_name)
    if _path_agrees(bound, seen) is False:
        found["path"] = (bound.path, seen.path)
    return found


def remembered(bound: Binding, seen: Binding) -> Binding:
    """What is known of the same file after it was seen: its latest name and path, and every path before."""
    known = [path for path in (bound.path, *bound.paths) if path and not _same_path(path, seen.path)]
    return Binding(
        bound.file_id or seen.file_id,
        seen.company_name or bound.company_name,
        seen.path or bound.path,
        tuple(known[:_MOST_PATHS]) if seen.path else bound.paths,
    )


def is_named(seen: Binding, typed: str) -> bool:
    """Whether what a person typed names this file: by its company name, or by its path where it has none."""
    wanted = replace(seen, paths=()).company_name
    return bool(_agree(wanted, typed) if wanted else _same_path(typed, seen.path))


def _agree(left: str | None, right: str | None) -> bool | None:
    """Whether two marks are the same in any case and spacing; None when one of them is not known."""
    if not left or not right:
        return None
    return _folded(left) == _folded(right)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _path_agrees(bound: Binding, seen: Binding) -> bool | None:
    known = [path for path in (bound.path, *bound.paths) if path]
    if not known or not seen.path:
        return None
    return any(_same_path(path, seen.path) for path in known)


def _same_path(left: str, right: str | None) -> bool:
    return right is not None and _plain(left) == _plain(right)


def _plain(path: str) -> str:
    """A Windows path as Windows compares it: in any case, with either slash, without blanks around it."""
    return path.strip().replace("/", "\\").casefold()
