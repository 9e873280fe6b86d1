"""JSON Schemas of webhooks: what is taken, and what is answered beside the views."""

from typing import Any

from qbwc_server.domain.cursors import LARGEST_ID
from qbwc_server.web.api.parameters import TYPE_PATTERN
from qbwc_server.web.api.webhooks import MOST_TYPES

Schema = dict[str, Any]

_URL: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 2000,
    "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[!-~]+$",
    "description": "Where it is sent to: `https://`, without user name, password and fragment.",
}
_TYPES: Schema = {
    "type": "array",
    "items": {"type": "string", "pattern": TYPE_PATTERN},
    "minItems": 1,
    "maxItems": MOST_TYPES,
    "description": "Types of events, or patterns of them: `*`, `invoice.*`, `*.blocked`.",
}
_PRIVATE: Schema = {
    "type": "boolean",
    "description": "It may lie in a private network, and may be called with `http://`.",
}


def _some(properties: Schema, *required: str, example: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        "examples": [example],
    }


def webhook_schemas() -> dict[str, Schema]:
    """The schemas by name."""
    to_make = {
        "url": _URL,
        "types": {**_TYPES, "default": ["*"]},
        "allow_private": {**_PRIVATE, "default": False},
    }
    to_change = {"url": _URL, "types": _TYPES, "allow_private": _PRIVATE, "enabled": {"type": "boolean"}}
    after = {
        "type": "integer",
        "minimum": 0,
        "maximum": LARGEST_ID,
        "description": "The id of an event; 0: from the beginning.",
    }
    address = "https://orders.example.com/quickbooks"
    return {
        "WebhookToMake": _some(to_make, "url", example={"url": address, "types": ["invoice.*"]}),
        "WebhookPatch": _some(to_change, example={"enabled": True}),
        "Replay": _some({"after": after}, "after", example={"after": 0}),
        "Webhooks": {
            "type": "object",
            "properties": {"webhooks": {"type": "array", "items": {"$ref": "#/components/schemas/Webhook"}}},
            "required": ["webhooks"],
            "additionalProperties": False,
        },
    }
