"""Schemas in a form that programs which generate clients can read: types as alternatives, all else as conditions."""

from collections.abc import Mapping
from typing import Any


def readable(schema: Any) -> Any:
    """The same schema, which the same values fit.

    Generators take every `anyOf` and `allOf` for a choice of types. Where it says only which members an object must
    have, or stands beside another one, it becomes a condition, which they pass over.
    """
    if isinstance(schema, list):
        return [readable(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    made = {name: readable(value) for name, value in schema.items()}
    is_typed = made.get("type") == "object" or (
        "properties" in made and "anyOf" in made and _only_says(made["anyOf"])
    )
    if is_typed and "anyOf" in made:
        made |= {"if": {"anyOf": made.pop("anyOf")}, "else": False}
    elif "allOf" in made:
        first, *others = made.pop("allOf")
        if "anyOf" in made:
            others = [first, *others]
        else:
            made["anyOf"] = [first]
        if others:
            made |= {"if": {"allOf": others}, "else": False}
    return made


def _only_says(alternatives: list[Any]) -> bool:
    """Whether these are conditions, and none of them a type."""
    return not any({"$ref", "type", "const", "enum"} & set(each) for each in alternatives)
