"""JSON Schema of an answer to an error record, as it is taken."""

from collections.abc import Mapping
from typing import Any

_TEXT: Mapping[str, Any] = {"type": "string", "pattern": r"^[^\u0000]*$"}

ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "choice": {**_TEXT, "description": "The id of the choice."},
        "token": {**_TEXT, "description": "The token that came with the choices."},
        "value": {**_TEXT, "description": "What the choice needs, where it says so; else left out."},
        "note": {**_TEXT, "description": "Why, so that the next person knows."},
    },
    "required": ["choice", "token"],
    "additionalProperties": False,
    "examples": [{"choice": "link:80000001-1700000000", "token": "1f0a.52c9.88d1.12"}],
}
