"""JSON Schemas of an API key and a raw request that somebody asks for."""

from typing import Any

from qbwc_server.domain.people import Scope

_TEXT: dict[str, Any] = {"type": "string", "pattern": r"^[^\u0000]*$"}
_NULL = {"type": "null"}


def schemas() -> dict[str, dict[str, Any]]:
    """By the names the documentation calls them."""
    return {
        "ApiKeyToMake": {
            "type": "object",
            "properties": {
                "name": _TEXT | {"minLength": 1, "maxLength": 80},
                "scope": {
                    "anyOf": [{"type": "string", "enum": list(Scope)}, _NULL],
                    "description": "What it may be used for.",
                    "default": "manage",
                },
                "expires": {
                    "anyOf": [{"type": "string"}, _NULL],
                    "description": "A day (it is good until that ends, in UTC) or a moment with its offset; null: "
                    "never, or when the key that makes it expires.",
                },
            },
            "required": ["name"],
            "additionalProperties": False,
            "examples": [{"name": "order system", "scope": "write", "expires": "2027-12-31"}],
        },
        "RequestToMake": {
            "type": "object",
            "properties": {
                "qbxml": _TEXT | {"description": "One request element, or a whole document with one."},
                "follow": {
                    "type": "boolean",
                    "description": "Go on with its iterator to the end.",
                    "default": False,
                },
            },
            "required": ["qbxml"],
            "additionalProperties": False,
            "examples": [{"qbxml": "<CustomerQueryRq><MaxReturned>10</MaxReturned></CustomerQueryRq>"}],
        },
    }
