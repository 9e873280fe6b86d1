"""qbXML versions and QuickBooks country editions: ordering, parsing and negotiation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering
from typing import Literal

from qbxml.errors import UnsupportedVersion

Country = Literal["US", "CA", "UK", "AU"]

_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")


@total_ordering
@dataclass(frozen=True, slots=True, init=False)
class Version:
    """A qbXML version such as 13.0; ordered by number, so 9.0 < 13.0.

    Raises UnsupportedVersion where the text is not `major.minor`.
    """

    major: int
    minor: int

    def __init__(self, text: str) -> None:
        match = _VERSION.fullmatch(text.strip())
        if match is None:
            raise UnsupportedVersion(f"not a qbXML version: {text!r}")
        object.__setattr__(self, "major", int(match[1]))
        object.__setattr__(self, "minor", int(match[2]))

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return (self.major, self.minor) < (other.major, other.minor)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


LATEST = Version("13.0")
"""What our tables describe. QuickBooks 2014 and later speak it; 14.0 to 16.0 add nothing we send."""


def negotiate(supported: Iterable[str], ours: Version = LATEST, oldest: Version | None = None) -> Version:
    """The highest version in HostRet's SupportedQBXMLVersion list that is not newer than ours, nor older than `oldest`.

    Entries that are no plain version are skipped: until about 2008 the Canadian and British editions
    listed their own dialects (`CA3.0`, `UK2.0`) among the others.
    Raises UnsupportedVersion where nothing is left.
    """
    offered = list(supported)
    plain = [Version(text) for text in offered if _VERSION.fullmatch(text.strip())]
    common = [version for version in plain if version <= ours and (oldest is None or version >= oldest)]
    if not common:
        span = f"up to {ours}" if oldest is None else f"{oldest} to {ours}"
        raise UnsupportedVersion(f"QuickBooks offers {', '.join(offered) or 'no version'}; we speak {span}")
    return max(common)
