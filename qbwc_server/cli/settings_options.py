"""The settings of a connector as command-line options, one each, made from `ConnectorSettings` itself."""

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from qbwc_server.cli.words import OneOf
from qbwc_server.domain.settings import WORDS, ConnectorSettings


def settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command one option a setting; those not given arrive as None."""
    for name, field in reversed(ConnectorSettings.model_fields.items()):
        command = _option(name, field)(command)
    return command


def _option(name: str, field: FieldInfo) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    dashed = name.replace("_", "-")
    words = f"{WORDS[name].meaning}  [default: {_default(field)}]"
    if field.annotation is bool:
        return click.option(f"--{dashed}/--no-{dashed}", name, default=None, help=words)
    return click.option(f"--{dashed}", name, type=_type(name, field), default=None, help=words)


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "none"
    return shown(field.default)


def shown(value: object) -> str:
    """A setting as it is written on the command line: `yes`, `no`, several with commas, or itself; nothing for none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ",".join(value)
    return "" if value is None else str(value)


def _type(name: str, field: FieldInfo) -> click.ParamType[Any]:
    """Text is checked by `ConnectorSettings`, so that every way in says the same about a bad value."""
    if get_origin(field.annotation) is Literal:
        return OneOf(name.replace("_", " "), [str(choice) for choice in get_args(field.annotation)])
    return click.STRING


def given(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}
