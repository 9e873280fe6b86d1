"""A history with the real server, a process of its own that dies by SIGKILL, on a database that outlives it."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from qbwc_server.cli.demo.server import ServerProcess, ServerStartError, free_port, write_config
from qbwc_server.config.reading import load_config
from qbwc_server.desk.feeds import webhooks
from qbwc_server.desk.logs import history
from qbwc_server.domain.clock import utc_now
from qbwc_server.simulator.web_connector.report import SessionReport
from qbwc_server.simulator.web_connector.soap_client import SoapEndpoint
from qbwc_server.storage.database import Database
from qbwc_server.wiring import core_from
from tests.worlds.fault_script import SMALL, change, hand_over, prepare
from tests.worlds.fault_world import History
from tests.worlds.hand_clock import HandClock
from tests.worlds.receiver import Receiver
from tests.worlds.webhook_world import in_order

HOOK = Path(__file__).with_name("crash_hook")
LEASE_SECONDS = 1
COURIER_LEASE_SECONDS = 2
DELIVERY_SECONDS = 60.0
"""How long it may take until a server that was started again has delivered everything; it takes about three."""


class HookedServer(ServerProcess):
    """A server whose courier's claims end soon, and which dies at a commit when its start is told which."""

    def start(self) -> None:
        """As without the hook."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(HOOK))
            patch.setenv("FAULTS_COURIER_LEASE", str(COURIER_LEASE_SECONDS))
            super().start()


class RealClock(HandClock):
    """The clock of this machine. Of the pauses between visits only the lease of a lost session is sat out."""

    def __call__(self) -> datetime:
        return utc_now()

    def forward(self, seconds: float = 0, **_: float) -> None:
        """Wait, if it is short."""
        time.sleep(seconds if seconds <= LEASE_SECONDS + 1 else 0.05)


class KilledServer(History):
    """A history whose server is a process; wherever it is found dead it is started again.

    Everything that happens is told to `receiver` by a webhook.

    Args:
        folder: for configuration, secrets and log.
        database_url: None is an SQLite file in the folder.
    """

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        port = free_port()
        config = write_config(folder, port)
        text = config.read_text(encoding="utf-8")
        if database_url is not None:
            lines = [line for line in text.splitlines() if not line.startswith("database_url")]
            given = {"database_url": database_url, "secrets_file": (folder / "secrets.json").as_posix()}
            text = "\n".join([*(f"{key} = {json.dumps(value)}" for key, value in given.items()), *lines, ""])
            database = Database(database_url)
            database.upgrade()
            database.close()
        config.write_text(f"{text}\n[session]\nlease_seconds = {LEASE_SECONDS}\n", encoding="utf-8")
        core = core_from(load_config(config, environ={}), create=True)
        self.server = HookedServer(config, port, folder / "server.log")
        self.kills = 0
        super().__init__(
            core.database,
            batch_size=5,
            core=core,
            endpoint=SoapEndpoint(f"{self.server.url}/qbwc"),
        )
        self.clock = RealClock()
        self.connector.sleep = self.clock.forward
        self.company = self.connector.company_file = self._company_file("Acme Seafood", self.file_id)
        self.receiver = Receiver()
        added, _ = webhooks.add(
            core, "acme", url=self.receiver.url, types=["*"], allow_private=True, actor="host"
        )
        self._told_after = added.newest_id

    def visit(self) -> SessionReport:
        """One visit; before it somebody starts the server if it is down."""
        self._bring_up()
        return super().visit()

    def _bring_up(self) -> None:
        for _ in range(10):
            if self.server.is_running:
                break
            self.server.kill()
            with suppress(ServerStartError):  # it may be killed on its way up again
                self.server.start()

    def untold(self) -> list[str]:
        """What is wrong with what the receiver was told, once a server that nobody kills has had its time."""
        self._bring_up()
        until = time.monotonic() + DELIVERY_SECONDS
        while (missing := self._missing()) and time.monotonic() < until:
            time.sleep(0.05)
            self._bring_up()  # the commit it dies at may be one of the courier's, after the last visit
        wrong = [f"event {number} was never delivered" for number in sorted(missing)]
        return wrong if in_order(self.receiver) else [*wrong, "a record's events came out of their order"]

    def _missing(self) -> set[int]:
        happened = history.feed(self.core, "acme", after=self._told_after, limit=100_000)
        return {entry.event.id for entry in happened} - {event["id"] for event in self.receiver.events}

    def play(self) -> None:
        """The whole run, with whatever happens to the server on the way."""
        prepare(self)
        hand_over(self, SMALL, twin=False)
        self.settle()
        change(self)
        self.settle()

    def play_killed_at(self, monkeypatch: pytest.MonkeyPatch, side: str, commit: int) -> None:
        """The whole run with a server that dies at its n-th commit, if it has so many (`has_died`)."""
        with monkeypatch.context() as patch:
            patch.setenv("FAULTS_CRASH_AT", f"{side}:{commit}")
            with suppress(ServerStartError):  # it died on its way up
                self.server.start()
        self._first = self.server._process
        self.play()

    @property
    def has_died(self) -> bool:
        """Whether the server that was to die at a commit has come so far: in a visit, or telling of it afterwards."""
        return self._first is not self.server._process

    def play_killed_after(self, *delays: float) -> None:
        """The whole run with a server that is killed so many seconds after each of its starts."""
        waits, stop = iter(delays), threading.Event()

        def killer() -> None:
            for wait in waits:
                if stop.wait(wait):
                    return
                if self.server.is_running:
                    with suppress(AttributeError, ProcessLookupError):
                        process: Any = self.server._process
                        os.killpg(process.pid, 9)
                        self.kills += 1

        thread = threading.Thread(target=killer)
        thread.start()
        try:
            self.play()
        finally:
            stop.set()
            thread.join()

    def close(self) -> None:
        """End the server."""
        self.server.stop()
        self.receiver.close()
        self.core.database.close()
