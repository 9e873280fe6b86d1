"""The server process: granian in WSGI mode, with TLS from 1.2 on and a graceful stop."""

import errno
import gc
import multiprocessing
import os
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.log import LogLevels

from qbwc_server.config import Config, ConfigError, ServerConfig
from qbwc_server.server_log import ACCESS_LOG, log_to_stderr, logging_config

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

STOP_SECONDS = 30
"""How long a request in progress may take after the server was told to stop, in seconds."""

LINGER_SECONDS = 1
"""How long the workers of a server whose parent was killed may take to notice, and to leave its address, in
seconds."""

PARENT_SECONDS = 0.25
"""How often a worker that cannot be told of its parent's end looks whether it is still there, in seconds."""

THREADS = 512
"""The most threads a worker may have. A thread also waits for the body of a slow client, so few of them would let a
handful of such clients stall everybody; they are made when needed and end when idle."""


def application(config: Config) -> "WSGIApplication":
    """The whole server, imported where it is built: in a worker, and not in the parent that watches it.

    Raises:
        ConfigError, DatabaseUnavailable, SchemaMismatch: as `qbwc_server.wiring.core_from` does.
    """
    # the parent never imports Spyne and Flask: it would hold their memory for as long as it watches
    from qbwc_server.app import application_of
    from qbwc_server.courier import post, rounds
    from qbwc_server.desk.feeds import waits
    from qbwc_server.wiring import core_from

    core = core_from(config, create=True)
    rounds.start(core)
    post.start(core)
    # whoever waits for something to happen would hold the end up for a minute
    _when_told_to_stop(partial(waits.close, core))
    return application_of(core, config)


def serve(config: Config, factory: "Callable[[Config], WSGIApplication]" = application) -> None:
    """Listen and answer until SIGINT or SIGTERM; requests in progress are finished first.

    Args:
        config: goes to every worker process as it is.
        factory: builds the application, in each worker; a function at the top of a module.

    Raises:
        ConfigError: the certificate or key cannot be used, or the address is taken.
    """
    check_certificate(config.server)
    check_address(config.server)
    log_to_stderr(config)
    server = Granian(
        "qbwc-server",
        address=config.server.host,
        port=config.server.port,
        workers=config.server.workers,
        blocking_threads=THREADS,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        ssl_cert=config.server.tls_cert,
        ssl_key=config.server.tls_key,
        # Granian's own floor is 1.3, which the Web Connector on older Windows does not speak.
        ssl_protocol_min=SSLProtocols.tls12,
        log_level=LogLevels.error,
        log_dictconfig=logging_config(config.logging.level),
        log_access=True,
        log_access_format=ACCESS_LOG,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=partial(_in_worker, os.getpid(), factory, config), wrap_loader=False)


def _in_worker(
    parent: int, factory: "Callable[[Config], WSGIApplication]", config: Config
) -> "WSGIApplication":
    """What a worker does first: see to it that it ends with its parent, and build the application."""
    threading.Thread(target=_end_with, args=[parent], name="parent-watch", daemon=True).start()
    # A worker inherits the parent's way with signals, which does nothing here: told to stop while it still starts, it
    # would go on. Granian sets its own once the application is built.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    # What is imported now stays for good, and need not be looked through again and again.
    gc.disable()
    application = factory(config)
    gc.collect()
    gc.freeze()
    gc.enable()
    # Rows and documents come in thousands and hold no circles: to look through each 700 takes a tenth of all the time.
    gc.set_threshold(10_000, 20, 50)
    return application


def _when_told_to_stop(end: Callable[[], object]) -> None:
    """Have something done as soon as this process is told to stop, before its requests have come to an end.

    Granian sets the handlers of signals; every one of them also writes its number here. A thread sleeps until then.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_do_when_told, args=[heard, told, end], name="stop-watch", daemon=True).start()


def _do_when_told(heard: socket.socket, told: socket.socket, end: Callable[[], object]) -> None:
    """`told` is only kept, so that it stays open."""
    while True:
        if not {signal.SIGINT, signal.SIGTERM}.isdisjoint(heard.recv(16)):
            end()
            return


def _end_with(parent: int) -> None:
    """End this worker once its parent is gone: it would hold the address, and answer for a version long replaced.

    A parent that is killed tells nobody, but what it holds open closes with it: a pipe, on Windows its handle. So this
    sleeps until then, and a server that nobody calls is not even woken. Requests in progress break off, as they do
    when all is killed.
    """
    process = multiprocessing.parent_process()
    if process is not None:
        process.join()
    # the pipe closes a moment before the parent is gone
    while sys.platform != "win32" and os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


def check_address(server: ServerConfig) -> None:
    """Refuse an address that another server has: granian would share it, and each get half of the calls.

    Raises:
        ConfigError: the address is taken, or not one of this machine's.
    """
    where = f"[server] host, port: {server.host}:{server.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        deadline = time.monotonic() + LINGER_SECONDS
        while _is_taken(family, kind, protocol, address, may_be=time.monotonic() < deadline):
            time.sleep(0.1)
    except OSError as error:
        raise ConfigError(f"{where} cannot be listened on ({error.strerror})") from None


def _is_taken(family: int, kind: int, protocol: int, address: Any, *, may_be: bool) -> bool:
    """Whether somebody listens there just now, which is no fault as long as it `may_be`."""
    with socket.socket(family, kind, protocol) as probe:
        _only_if_free(probe)
        try:
            probe.bind(address)
        except OSError as error:
            if may_be and error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def _only_if_free(probe: socket.socket) -> None:
    """Let it be bound where the last server's connections linger, and not where a server listens."""
    if sys.platform == "win32":
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def check_certificate(server: ServerConfig) -> None:
    """Try certificate and key together, if there are any.

    Raises:
        ConfigError: saying which of the two files is wrong, and how.
    """
    if server.tls_cert is None or server.tls_key is None:
        return
    _readable("tls_cert", server.tls_cert)
    _readable("tls_key", server.tls_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(server.tls_cert, server.tls_key, password=_no_password)
    except _PasswordWantedError:
        raise ConfigError(
            f"[server] tls_key: {server.tls_key} is protected by a password; write it out without one "
            f"(openssl pkey -in {server.tls_key} -out new.key) and let only this server read it"
        ) from None
    except ssl.SSLError as error:
        raise ConfigError(_tls_sentence(server, error)) from None


class _PasswordWantedError(Exception):
    pass


def _no_password() -> str:
    raise _PasswordWantedError


def _readable(key: str, path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise ConfigError(f"[server] {key}: {path} cannot be read ({error.strerror})") from None


def _tls_sentence(server: ServerConfig, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"[server] tls_key: {server.tls_key} is not the key of the certificate {server.tls_cert}"
    return (
        f"[server] tls_cert, tls_key: {server.tls_cert} and {server.tls_key} are not a certificate and a "
        f"private key in PEM form ({error.reason or error})"
    )
