"""What was changed in the settings of a connector, old and new, and how that is said."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from qbwc_server.domain.settings import ConnectorSettings


def differences(before: ConnectorSettings, now: ConnectorSettings) -> list[dict[str, JsonValue]]:
    """What was changed from one to the other: each setting with its value before and now. None of them is a secret."""
    old, new = before.model_dump(mode="json"), now.model_dump(mode="json")
    return [{"setting": key, "old": old[key], "new": new[key]} for key in old if old[key] != new[key]]


def difference_in_words(change: Mapping[str, Any]) -> str:
    """One of these in a few words: `batch_size from 50 to 20`."""
    old, new = value_in_words(change["old"]), value_in_words(change["new"])
    return f"{change['setting']} from {old} to {new}"


def value_in_words(value: JsonValue) -> str:
    """The value of a setting as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
