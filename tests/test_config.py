"""Configuration from file, environment and caller; faults named with their place; secrets kept once and safely."""

import json
import logging
import os
import pickle
import re
import stat
import subprocess
import sys
import tomllib
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from qbwc_server.config import (
    Config,
    ConfigError,
    SecretsMissing,
    ServerConfig,
    keys,
    load_secrets,
    make_secrets,
)
from qbwc_server.config.reading import environment_name, load_config

EXAMPLE = Path(__file__).parents[1] / "config.example.toml"


def written(tmp_path, text):
    path = tmp_path / "qbwc.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(*arguments, environ=None, **named):
    with pytest.raises(ConfigError) as raised:
        load_config(*arguments, environ=environ or {}, **named)
    return str(raised.value)


# --- where values come from -----------------------------------------------------------------------------------


def test_no_configuration_at_all_is_enough():
    config = load_config(environ={})
    assert config.database_url == "sqlite:///qbwc.db"
    assert config.public_url == "http://localhost:8000"
    assert config.soap_url == "http://localhost:8000/qbwc"
    assert config.server.max_body_bytes == 128 * 1024 * 1024
    assert (config.session.lease_seconds, config.session.ticket_minutes, config.session.target_seconds) == (
        600,
        60,
        60,
    )
    assert (config.sync.refresh_minutes, config.sync.page_size, config.sync.keep_message_texts_days) == (
        60,
        500,
        30,
    )


def test_caller_goes_over_environment_over_file_over_default(tmp_path):
    path = written(tmp_path, "[server]\nport = 1\nworkers = 2\nmax_body_mb = 3\n")
    environ = {"QBWC_SERVER_PORT": "10", "QBWC_SERVER_WORKERS": "20"}
    overrides = {("server", "port"): 100, ("server", "host"): None}
    server = load_config(path, environ=environ, overrides=overrides).server
    assert (server.port, server.workers, server.max_body_mb, server.host) == (100, 20, 3, "127.0.0.1")


def test_the_environment_names_the_file(tmp_path):
    path = written(tmp_path, 'public_url = "https://quickbooks.example.com/"')
    assert load_config(environ={"QBWC_CONFIG": str(path)}).public_url == "https://quickbooks.example.com"


@pytest.mark.parametrize("key", list(keys()), ids=environment_name)
def test_every_key_can_be_set_from_the_environment(key):
    values = {"host": "::1", "tls_cert": "a", "tls_key": "a", "level": "error", "secrets_file": "a"}
    value = {"database_url": "sqlite://", "public_url": "https://a.example"}.get(
        key[-1], values.get(key[-1], "7")
    )
    environ = {"QBWC_SERVER_TLS_CERT": "b", "QBWC_SERVER_TLS_KEY": "b"} if "tls" in key[-1] else {}
    config = load_config(environ=environ | {environment_name(key): value})
    found = config
    for name in key:
        found = getattr(found, name)
    assert str(found) == value


def test_an_empty_variable_counts_as_absent():
    assert load_config(environ={"QBWC_SERVER_PORT": "", "QBWC_CONFIG": ""}) == load_config(environ={})


def test_the_public_url_follows_port_and_certificate():
    server = {("server", "port"): 8443, ("server", "tls_cert"): "a", ("server", "tls_key"): "b"}
    assert load_config(environ={}, overrides=server).public_url == "https://localhost:8443"


def test_a_configuration_is_frozen_and_travels_to_worker_processes():
    config = load_config(environ={"QBWC_SERVER_PORT": "9"})
    with pytest.raises(FrozenInstanceError):
        config.database_url = "sqlite://"
    with pytest.raises(FrozenInstanceError):
        config.server.port = 1
    assert pickle.loads(pickle.dumps(config)) == config


# --- faults ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("databse_url = 'x'", "databse_url: there is no such key; the nearest is database_url"),
        ("[server]\nprot = 1", "[server] prot: there is no such key; the nearest is port"),
        ("[servre]\nport = 1", "servre: there is no such key; the nearest is server"),
        ("[session]\nlease = 1", "[session] lease: there is no such key; the nearest is lease_seconds"),
        ("port = 1", "port: there is no such key; the nearest is "),
        ("server = 1", "server: there is no such key; the nearest is server"),
        ("[server]\nport = 70000", "[server] port: must be a whole number from 1 to 65535"),
        ("[server]\nport = 'http'", "[server] port: must be a whole number from 1 to 65535"),
        ("[server]\nworkers = 0", "[server] workers: must be a whole number of 1 or more"),
        (
            "[logging]\nlevel = 'loud'",
            "[logging] level: must be one of debug, info, warning, error",
        ),
        ("database_url = 'qbwc.db'", "database_url: must be a database URL such as sqlite:///qbwc.db"),
        ("public_url = 'localhost'", "public_url: must be an address such as https://quickbooks.example.com"),
        ("public_url = 'ftp://a'", "public_url: must be an address"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path, text, sentence):
    path = written(tmp_path, text)
    assert fault(path).startswith(f"{path}: {sentence}")


def test_all_faults_are_named_at_once(tmp_path):
    path = written(tmp_path, "[server]\nprot = 1\nport = 0\n")
    lines = fault(path, environ={"QBWC_SYNC_PAGE_SIZE": "many"}).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(path), str(path), "QBWC_SYNC_PAGE_SIZE"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("QBWC_DATABSE_URL", "QBWC_DATABASE_URL"),
        ("QBWC_SERVER_PROT", "QBWC_SERVER_PORT"),
        ("QBWC_SESSION_LEASE_SECOND", "QBWC_SESSION_LEASE_SECONDS"),
    ],
)
def test_a_misspelt_variable_is_a_fault(name, nearest):
    assert fault(environ={name: "1"}) == f"{name}: there is no such setting; did you mean {nearest}?"


def test_variables_of_others_with_our_prefix_are_left_alone():
    load_config(environ={"QBWC_TEST_POSTGRES_URL": "x", "QBWC_BACKUP_FOLDER": "y"})


def test_a_certificate_without_its_key_is_a_fault():
    sentence = "server: tls_cert and tls_key belong together: set both or neither"
    assert fault(environ={"QBWC_SERVER_TLS_CERT": "a"}) == sentence


def test_a_fault_in_the_database_url_does_not_show_its_password(tmp_path):
    assert "hunter2" not in fault(written(tmp_path, "database_url = 'user:hunter2@host'"))


def test_an_option_is_named_as_the_user_typed_it():
    assert fault(overrides={("server", "tls_cert"): 1}).startswith("option --tls-cert: ")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[server", "is not TOML"),
        (b"a = '\xff'", "is not UTF-8 text"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path, content, sentence):
    path = tmp_path / "qbwc.toml"
    if content is not None:
        path.write_bytes(content)
    assert fault(path).startswith(f"{path}: {sentence}")


# --- the example ----------------------------------------------------------------------------------------------


def uncommented(text):
    """The example with its commented-out keys in force."""
    return re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)


def test_the_example_describes_every_key_and_no_other():
    values = tomllib.loads(uncommented(EXAMPLE.read_text(encoding="utf-8")))
    described: set[tuple[str, ...]] = set()
    for name, value in values.items():
        described |= {(name, key) for key in value} if isinstance(value, dict) else {(name,)}
    assert described == set(keys())


def test_the_example_shows_the_defaults():
    assert load_config(EXAMPLE, environ={}) == load_config(environ={})


def test_every_key_of_the_example_is_explained():
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    # A key stands under a comment, or under a key that does (two that are explained together).
    for key in (re.match(r"(?:# )?(\w+) = ", line) for line in lines):
        if key:
            above = lines[lines.index(key.string) - 1]
            assert above.startswith("#") or re.match(r"\w+ = ", above), key[1]


def test_every_key_is_obeyed_somewhere():
    package = EXAMPLE.parent / "qbwc_server"
    code = "".join(path.read_text() for path in package.rglob("*.py") if path.parent.name != "config")
    # What configuration itself works with, and under which name others ask for it.
    derived = {"max_body_mb": "max_body_bytes", "secrets_file": "make_secrets"}
    names = [derived.get(key[-1], key[-1]) for key in keys()]
    assert [name for name in names if not re.search(rf"\b{name}\b", code)] == []


# --- secrets --------------------------------------------------------------------------------------------------


def config_for(database_url, secrets_file=None):
    return Config(database_url=database_url, secrets_file=secrets_file)


def test_secrets_are_made_once_and_kept_beside_the_database(tmp_path):
    config = config_for(f"sqlite:///{tmp_path}/orders.db")
    with pytest.raises(SecretsMissing, match=r"orders-secrets\.json: the secrets file is not there"):
        load_secrets(config)
    first = make_secrets(config)
    assert make_secrets(config) == load_secrets(config) == first
    assert [path.name for path in tmp_path.iterdir()] == ["orders-secrets.json"]
    assert len(first.site_key) == len(first.digest_key) == 32
    assert first.site_key != first.digest_key


def test_a_relative_database_has_its_secrets_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_secrets(load_config(environ={}))
    assert (tmp_path / "qbwc-secrets.json").exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_can_read_the_secrets(tmp_path):
    path = tmp_path / "s.json"
    old = os.umask(0)
    try:
        make_secrets(config_for("postgresql://host/name", path))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_secrets_others_can_read_are_used_with_a_warning(tmp_path, caplog):
    path = tmp_path / "s.json"
    config = config_for("sqlite://", path)
    made = make_secrets(config)
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert make_secrets(config) == made
    assert f"chmod 600 {path}" in caplog.text


def test_processes_that_start_together_agree(tmp_path):
    program = (
        "import sys; from qbwc_server.config import *; sys.stdin.read(1); "
        "print(make_secrets(Config(database_url=sys.argv[1])).digest_key.hex())"
    )
    command = [sys.executable, "-c", program, f"sqlite:///{tmp_path}/qbwc.db"]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    for process in started:
        process.stdin.write("x")
        process.stdin.flush()
    keys_seen = {process.communicate()[0] for process in started}
    assert len(keys_seen) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["qbwc-secrets.json"]


def test_a_database_in_memory_has_secrets_in_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite+pysqlite:///:memory:?cache=shared"):
        assert make_secrets(config_for(url)) != make_secrets(config_for(url))
    assert not list(tmp_path.iterdir())


def test_a_database_elsewhere_needs_a_place_for_the_secrets():
    with pytest.raises(ConfigError, match="secrets_file: set it to a file"):
        make_secrets(config_for("postgresql+psycopg://user:pass@host/name"))


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"site_key": "zz", "digest_key": "00"}', '{"site_key": 1}']
)
def test_a_damaged_secrets_file_is_never_replaced_by_itself(tmp_path, content):
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="is not a secrets file of this server"):
        make_secrets(config_for("sqlite://", path))
    assert path.read_text() == content


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError, match=r"the secrets cannot be kept here .No such file or directory"):
        make_secrets(config_for(f"sqlite:///{tmp_path}/none/qbwc.db"))


def test_secrets_do_not_show_themselves(tmp_path):
    made = make_secrets(config_for(f"sqlite:///{tmp_path}/qbwc.db"))
    shown = repr(made)
    kept = json.loads((tmp_path / "qbwc-secrets.json").read_text())
    assert not any(key in shown for key in kept.values())
    assert str(made.site_key) not in shown


def test_the_body_limit_is_in_bytes():
    assert ServerConfig(max_body_mb=2).max_body_bytes == 2_097_152
