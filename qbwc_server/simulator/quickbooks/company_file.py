"""A simulated QuickBooks company file: what the Web Connector and a person at the PC can do with it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self

from lxml import etree

from qbwc_server.simulator.errors import RequestProcessorError, SimulatorError
from qbwc_server.simulator.quickbooks import app_lock, data_ext, host, state_file, validation
from qbwc_server.simulator.quickbooks.book import Book, Fields
from qbwc_server.simulator.quickbooks.conditions import Conditions
from qbwc_server.simulator.quickbooks.contents import Contents
from qbwc_server.simulator.quickbooks.iterators import Iterators
from qbwc_server.simulator.quickbooks.ledger import LedgerEntry
from qbwc_server.simulator.quickbooks.lists import ListEditor
from qbwc_server.simulator.quickbooks.pc_clock import Clock, PcClock, utc_now
from qbwc_server.simulator.quickbooks.person import Person
from qbwc_server.simulator.quickbooks.recovery import RecoveryStore
from qbwc_server.simulator.quickbooks.request_processor import CRASHED, Mishaps, RequestProcessor
from qbwc_server.simulator.quickbooks.shapes import Version, parse_version
from qbwc_server.simulator.quickbooks.starter import fill_starter_lists
from qbwc_server.simulator.quickbooks.transactions import TxnEditor


class CompanyFile:
    """One company file with QuickBooks around it.

    Safe to use from several threads: message sets are executed one after the other.

    Use ``create`` or ``open`` to make one. What is to go wrong with the next message set is said to its ``mishaps``.
    """

    def __init__(
        self, state: Fields, path: Path | None, clock: Clock = utc_now, schema: etree.XMLSchema | None = None
    ) -> None:
        self.path = path
        self._now = clock
        self._schema = schema
        self._lock = threading.RLock()
        self._iterators: dict[int, Iterators] = {}
        self._last_session = 0
        self._clock_offset = timedelta()
        self.mishaps = Mishaps()
        self._contents = self._made_of(state)

    @classmethod
    def create(
        cls,
        path: Path | str | None = None,
        *,
        company_name: str = "Rock Castle Seafood",
        time_zone: str = "UTC",
        clock: Clock = utc_now,
        schema: etree.XMLSchema | None = None,
        starter_lists: bool = True,
    ) -> Self:
        """A new company with a chart of accounts, terms, tax codes and templates, and nothing else.

        Args:
            path: where to keep it; None keeps it in memory only.
            company_name: CompanyName.
            time_zone: of the PC: ``UTC``, ``UTC-05:00`` or an IANA name.
            clock: gives the present moment.
            schema: what requests must obey; the package's own schema by default.
            starter_lists: False leaves every list empty.
        """
        state: Fields = {
            "format": state_file.FORMAT,
            "time_zone": time_zone,
            "host": host.blank_host(),
            "company": host.blank_company(company_name),
            "preferences": host.blank_preferences(),
        }
        made = cls(state, Path(path) if path is not None else None, clock, schema)
        if starter_lists:
            fill_starter_lists(made.lists, made.preferences)
        made.save()
        return made

    @classmethod
    def open(
        cls,
        path: Path | str | None,
        *,
        clock: Clock = utc_now,
        schema: etree.XMLSchema | None = None,
    ) -> Self:
        """A company from its state file; None is a new company in memory.

        Raises:
            SimulatorError: the file is missing or is not a state file.
        """
        if path is None:
            return cls.create(None, clock=clock, schema=schema)
        return cls(state_file.load(Path(path)), Path(path), clock, schema)

    # -- the request processor -------------------------------------------------------------------------------

    def begin_session(self) -> int:
        """Open the file for one application. Answers the number of the session, for ``process``.

        Raises:
            RequestProcessorError: QuickBooks does not let it (see ``conditions``).
        """
        with self._lock:
            self.conditions.begin_session()
            self._iterators.pop(0, None)
            self._last_session += 1
            return self._last_session

    def end_session(self, session: int = 0) -> None:
        """Close the file for the application; the iterators of its session are gone."""
        with self._lock:
            self._iterators.pop(session, None)

    def process(self, request: str | bytes, session: int = 0) -> str:
        """Execute a message set and answer it.

        Each request is executed on its own and kept whatever becomes of the others. State is saved once,
        after the last of them.

        Args:
            request: the whole document with its prolog.
            session: from ``begin_session``; iterators live in it. Without one, they live until the next
                session begins or ``end_session()`` is called.

        Returns:
            The answer document.

        Raises:
            RequestProcessorError: the set as a whole is rejected and nothing was executed (0x80040400,
                0x80040423, 0x80040413), or the conditions say so.
        """
        with self._lock:
            processor = RequestProcessor(
                self._contents,
                self._schema if self._schema is not None else validation.shipped_schema(),
                self.supported_versions,
                self.save,
                self.mishaps,
            )
            try:
                return processor.process(request, self._iterators.setdefault(session, Iterators()))
            except RequestProcessorError as error:
                if error.hresult == CRASHED:
                    self._iterators.clear()
                raise

    def hcp_response(self, owner_id: str, file_id: str) -> str:
        """What the Web Connector finds out at the start of a session and hands to the first sendRequestXML.

        Args:
            owner_id: whose private data to show; the block is absent when the file was never registered for
                it.
            file_id: not looked at: the file tells what it was registered with, right or wrong.
        """
        del file_id
        with self._lock:
            return self._contents.introduction(owner_id, max(self.supported_versions))

    def register(self, owner_id: str, file_id: str) -> None:
        """Stamp the file with an application's FileID, as loading a .qwc does.

        Args:
            owner_id: GUID with braces: the application.
            file_id: GUID with braces: its connection to this file. Replaces an earlier one of the same owner.
        """
        with self._lock:
            data_ext.put(self.company, owner_id, "FileID", file_id)
            app_lock.fit(self.company, owner_id)
            self.save()

    def file_id(self, owner_id: str) -> str | None:
        """The FileID this file was registered with for an application; None when it never was."""
        entry = data_ext.find(self.company, owner_id, "FileID")
        return None if entry is None else str(entry["DataExtValue"])

    def take_app_lock(self, owner_id: str, machine: str) -> None:
        """Write ``LOCKED:<machine>:<ticks>`` into the file, as the Web Connector does at the start of a
        session.

        Does nothing to a file that was never registered for the owner.

        Raises:
            RequestProcessorError: 0x8004041B, the Web Connector of another PC holds it. (That the second one
                is held off was observed; with which code was not.)
        """
        with self._lock:
            if app_lock.take(self.company, owner_id, machine, self.clock.utc()):
                self.save()

    def release_app_lock(self, owner_id: str, machine: str) -> None:
        """Unlock at the end of a session, if it is this machine that holds the lock."""
        with self._lock:
            if app_lock.release(self.company, owner_id, machine, self.clock.utc()):
                self.save()

    @property
    def country(self) -> str:
        """Edition of this QuickBooks, e.g. ``US``."""
        return str(self.host["Country"])

    @property
    def supported_versions(self) -> frozenset[Version]:
        """The qbXML versions this QuickBooks speaks."""
        return frozenset(parse_version(each) for each in self.host["SupportedQBXMLVersion"])

    @property
    def person(self) -> Person:
        """Somebody who works in this file by hand."""
        return Person(self.changing)

    # -- looking in ------------------------------------------------------------------------------------------

    @property
    def ledger(self) -> tuple[LedgerEntry, ...]:
        """Every write that was executed, in order: the proof of what was posted how often."""
        return self._contents.ledger.entries

    def records(self, kind: str) -> list[Fields]:
        """All records of one kind as plain values: references with full names, lines under ``lines``.

        Args:
            kind: ``Customer``, ``ItemInventory``, ``Invoice`` …, or a whole name space: ``Item``, ``Entity``.
        """
        with self._lock:
            return self._contents.plain(kind)

    def find(self, kind: str, **wanted: str) -> Fields:
        """The one record of a kind with these values, e.g. ``find("Invoice", RefNumber="SO-1")``.

        Raises:
            SimulatorError: none, or more than one.
        """
        found = [
            each
            for each in self.records(kind)
            if all(each.get(name) == value for name, value in wanted.items())
        ]
        if len(found) != 1:
            raise SimulatorError(f"{len(found)} records of kind {kind} with {wanted}")
        return found[0]

    # -- keeping ---------------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[Contents]:
        """Hold the file while a person changes what is in it, then save."""
        with self._lock:
            yield self._contents
            self.save()

    def snapshot(self) -> Fields:
        """A backup: everything, message-set outcomes included."""
        with self._lock:
            return copy.deepcopy(self._contents.to_state())

    def restore(self, backup: Fields) -> None:
        """Go back to a backup: the file does not know that it was ever further on."""
        with self._lock:
            self._contents = self._made_of(copy.deepcopy(backup))
            self._iterators.clear()
            self.save()

    def shift_clock(self, seconds: float) -> None:
        """Set the clock of the PC forward, or back with a negative number."""
        with self._lock:
            self._clock_offset += timedelta(seconds=seconds)

    @property
    def schema(self) -> etree.XMLSchema | None:
        """The schema that requests must obey, None for the package's own."""
        return self._schema

    def save(self) -> None:
        """Write the state file, if there is one."""
        if self.path is not None:
            state_file.save(self.path, self._contents.to_state())

    # -- the parts -------------------------------------------------------------------------------------------

    @property
    def host(self) -> Fields:
        """HostRet: product, versions."""
        return self._contents.host

    @property
    def company(self) -> Fields:
        """CompanyRet, with private data."""
        return self._contents.company

    @property
    def preferences(self) -> Fields:
        """PreferencesRet."""
        return self._contents.preferences

    @property
    def book(self) -> Book:
        """The records."""
        return self._contents.book

    @property
    def lists(self) -> ListEditor:
        """Changes list records."""
        return self._contents.lists

    @property
    def transactions(self) -> TxnEditor:
        """Changes transactions."""
        return self._contents.transactions

    @property
    def recovery(self) -> RecoveryStore:
        """Outcomes of message sets."""
        return self._contents.recovery

    @property
    def conditions(self) -> Conditions:
        """Circumstances of the moment."""
        return self._contents.conditions

    @property
    def clock(self) -> PcClock:
        """The clock of the PC."""
        return self._contents.clock

    def _made_of(self, state: Fields) -> Contents:
        """Contents whose clock is the PC's own, which stays where it is when a backup is restored."""
        return Contents(state, lambda: self._now() + self._clock_offset)
