"""The configuration read from file, environment and command line."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from qbwc_server.config.values import SECTIONS, Config, ConfigError, Key, keys
from qbxml.findings import in_words

ENV_PREFIX = "QBWC_"


ENV_CONFIG = "QBWC_CONFIG"


def environment_name(key: Key) -> str:
    """The environment variable that overrides `key`: ``("server", "port")`` gives ``QBWC_SERVER_PORT``."""
    return ENV_PREFIX + "_".join(key).upper()


def load_config(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    overrides: Mapping[Key, object] | None = None,
) -> Config:
    """Read the configuration.

    Args:
        path: the TOML file; without it the one named by ``QBWC_CONFIG``, without that none.
        environ: the environment to take overrides from; empty variables count as absent.
        overrides: values that go over everything else (the command line), by key; None counts as absent.

    Raises:
        ConfigError: naming every unknown key (with the nearest one there is) and every bad value, and
            where each was found.
    """
    if path is None and environ.get(ENV_CONFIG):
        path = Path(environ[ENV_CONFIG])
    found = _Values()
    if path is not None:
        found.add_file(path)
    found.add_environment(environ)
    for key, value in (overrides or {}).items():
        if value is not None:
            found.put(key, value, f"option --{key[-1].replace('_', '-')}")
    return found.config()


class _Values:
    """Values by key, each with the place it was found in, the later over the earlier."""

    def __init__(self) -> None:
        self._values: dict[Key, object] = {}
        self._places: dict[Key, str] = {}
        self._faults: list[str] = []

    def put(self, key: Key, value: object, place: str) -> None:
        self._values[key] = value
        self._places[key] = place

    def add_file(self, path: Path) -> None:
        for name, value in _read_toml(path).items():
            if name in SECTIONS and isinstance(value, dict):
                for key, inner in value.items():
                    self._put_known((name, key), inner, f"{path}: [{name}] {key}")
            else:
                self._put_known((name,), value, f"{path}: {name}")

    def add_environment(self, environ: Mapping[str, str]) -> None:
        names = {environment_name(key): key for key in keys()}
        for name, value in environ.items():
            if name in names:
                if value:
                    self.put(names[name], value, name)
            elif name.startswith(ENV_PREFIX) and name != ENV_CONFIG:
                # Other programs may have variables of their own with our prefix; misspelt ones are ours.
                near = difflib.get_close_matches(name, names, n=1, cutoff=0.85)
                self._faults += (f"{name}: there is no such setting; did you mean {match}?" for match in near)

    def config(self) -> Config:
        nested: dict[str, Any] = {}
        for key, value in self._values.items():
            if len(key) == 2:
                nested.setdefault(key[0], {})[key[1]] = value
            else:
                nested[key[0]] = value
        try:
            config = Config.model_validate(nested)
        except ValidationError as error:
            # The last kind only says that public_url has no default because the server section has a fault.
            own = (fault for fault in error.errors() if fault["type"] != "default_factory_not_called")
            self._faults += map(self._sentence, own)
        if self._faults:
            raise ConfigError("\n".join(self._faults))
        return config

    def _put_known(self, key: Key, value: object, place: str) -> None:
        if key in set(keys()):
            self.put(key, value, place)
            return
        siblings = [other[-1] for other in keys() if other[:-1] == key[:-1]] + [*SECTIONS] * (len(key) == 1)
        near = difflib.get_close_matches(key[-1], siblings, n=1, cutoff=0.0)[0]
        self._faults.append(f"{place}: there is no such key; the nearest is {near}")

    def _sentence(self, fault: ErrorDetails) -> str:
        # Never the value itself: a database URL holds a password.
        key = tuple(map(str, fault["loc"]))
        place = self._places.get(key, " ".join(key))
        return f"{place}: {in_words(fault, _bounds(key))}"


def _bounds(key: Key) -> list[object]:
    """Between what a number must be, as far as it is a key of a section."""
    section = SECTIONS.get(key[0]) if len(key) == 2 else None
    field = section.model_fields.get(key[1]) if section else None
    return field.metadata if field else []


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text: save it anew as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (.+)\)$", str(error))
        where = f": look at {place[1]}" if place else ""
        raise ConfigError(f"{path}: is not TOML{where}") from None
