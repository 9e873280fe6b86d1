"""The configuration read from file, environment and command line."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError
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


_CONFIG = TypeAdapter(Config)


def _check_database(url: str) -> None:
    scheme, colon, _ = url.partition("://")
    if not colon or scheme not in _DATABASES:
        raise ValueError("must be a database URL such as sqlite:///qbwc.db or postgresql://user@host/name")


def _check_web_address(url: str) -> None:
    parts = urlsplit(url)
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("the port in the address must be a number, up to 65535") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://quickbooks.example.com")


_CHECKS: Mapping[Key, Callable[[str], None]] = {
    ("database_url",): _check_database,
    ("public_url",): _check_web_address,
}
"""What a value must be beyond its type; each raises ValueError with what is said of it."""

_DATABASES = frozenset({"sqlite", "sqlite+pysqlite", "postgres", "postgresql", "postgresql+psycopg"})
"""The schemes of the databases there are."""


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
            self._check(key, value)
        try:
            config = _CONFIG.validate_python(nested)
        except ValidationError as error:
            self._faults += map(self._sentence, error.errors())
        else:
            if (config.server.tls_cert is None) != (config.server.tls_key is None):
                self._faults.append("server: tls_cert and tls_key belong together: set both or neither")
        if self._faults:
            raise ConfigError("\n".join(self._faults))
        return config

    def _check(self, key: Key, value: object) -> None:
        if key in _CHECKS and isinstance(value, str):
            try:
                _CHECKS[key](value)
            except ValueError as error:
                self._faults.append(f"{self._places[key]}: {error}")

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


def _bounds(key: Key) -> Iterable[object]:
    """Between what a number must be, as far as it is a key of a section."""
    if len(key) == 1:
        return ()
    return getattr(get_type_hints(SECTIONS[key[0]], include_extras=True)[key[1]], "__metadata__", ())


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
