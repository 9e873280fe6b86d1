"""A bundle as it comes from somebody: read from its file, and refused in words when it is none."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from qbwc_server.cli.failures import Failure
from qbwc_server.desk.documents.exchanges import root_of
from qbwc_server.desk.logs.bundles import FORMAT

_LARGEST = 256 * 1024 * 1024
_LISTS = ("sessions", "message_sets", "records", "list_entries", "errors", "events")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was read; the values are those of `desk.logs.bundles`."""

    content: Mapping[str, Any]

    def __getitem__(self, name: str) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.content[name]
        return found

    def trees(self, part: str) -> Iterator[etree._Element]:
        """All requests (``request_xml``) or answers (``answer_xml``) that are there."""
        for item in self["message_sets"]:
            root = root_of(item.get(part))
            if root is not None:
                yield root


def read(path: Path) -> Bundle:
    """The bundle of a file.

    Raises:
        Failure: it cannot be read, or is no bundle of this version.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise Failure(f"{path} is larger than any bundle")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror or 'unknown reason'}") from None
    except ValueError:
        raise Failure(f"{path} is not a bundle: it is not JSON. Ask for the file again, unchanged.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise Failure(
            f"{path} is not a bundle that this version reads; it wants one that begins with {FORMAT!r}"
        )
    _check(path, content)
    return Bundle(content)


def _check(path: Path, content: Mapping[str, Any]) -> None:
    """Somebody may have edited it."""
    for name in _LISTS:
        found = content.get(name)
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise Failure(
                f"{path} is not a whole bundle: {name} is missing or broken. Ask for the file again."
            )
    settings = content.get("connector", {})
    if not isinstance(settings, dict) or not isinstance(settings.get("settings"), dict):
        raise Failure(f"{path} is not a whole bundle: the settings are missing. Ask for the file again.")
