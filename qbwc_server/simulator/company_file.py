"""A simulated QuickBooks company file: takes qbXML as the request processor does and answers as QuickBooks
does."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from lxml import etree

from qbwc_server.simulator import app_lock, data_ext, envelope, host, state_file, validation
from qbwc_server.simulator.book import Book, Fields
from qbwc_server.simulator.conditions import Conditions
from qbwc_server.simulator.errors import RequestProcessorError, SimulatorError, StatusError
from qbwc_server.simulator.executor import Executor, Touched, balance_reader
from qbwc_server.simulator.iterators import Iterators
from qbwc_server.simulator.kinds import LIST_KINDS, TXN_KINDS, ListKind, TxnKind, kinds_called
from qbwc_server.simulator.ledger import Ledger, LedgerEntry
from qbwc_server.simulator.lists import ListEditor
from qbwc_server.simulator.pc_clock import Clock, PcClock, read_zone, utc_now
from qbwc_server.simulator.person import Person
from qbwc_server.simulator.queries import Searcher
from qbwc_server.simulator.recovery import RecoveryStore, Step, answer_to_keep
from qbwc_server.simulator.render import Renderer
from qbwc_server.simulator.shapes import Version, parse_version
from qbwc_server.simulator.starter import fill_starter_lists
from qbwc_server.simulator.transactions import TxnEditor
from qbwc_server.simulator.views import View

_Answers = list[tuple[etree._Element, Touched | None]]
_RECOVERY_SINCE: Version = (11, 0)


class CompanyFile:
    """One company file with QuickBooks around it.

    Safe to use from several threads: message sets are executed one after the other.

    Use ``create`` or ``open`` to make one.
    """

    def __init__(
        self, state: Fields, path: Path | None, clock: Clock = utc_now, schema: etree.XMLSchema | None = None
    ) -> None:
        self.path = path
        self._now = clock
        self._schema = schema
        self._lock = threading.RLock()
        self._iterators = Iterators()
        self._in_session = False
        self._take_over(state)

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

    def begin_session(self) -> None:
        """Open the file for one application. Iterators of earlier sessions are gone.

        Raises:
            RequestProcessorError: QuickBooks does not let it (see ``conditions``).
        """
        with self._lock:
            self.conditions.begin_session()
            self._iterators.forget_all()
            self._in_session = True

    def end_session(self) -> None:
        """Close the file for the application."""
        with self._lock:
            self._iterators.forget_all()
            self._in_session = False

    def process(self, request: str | bytes) -> str:
        """Execute a message set and answer it.

        Each request is executed on its own and kept whatever becomes of the others. State is saved once,
        after the last of them.

        Args:
            request: the whole document with its prolog.

        Returns:
            The answer document.

        Raises:
            RequestProcessorError: the set as a whole is rejected and nothing was executed (0x80040400,
                0x80040423, 0x80040413), or the conditions say so.
        """
        with self._lock:
            self.conditions.process_request()
            message_set, version = self._read(request)
            if message_set.get("onError") == "rollbackOnError":
                raise RequestProcessorError("0x80040413", "rollbackOnError is not supported.")
            return self._process(message_set, version)

    def hcp_response(self, owner_id: str, file_id: str) -> str:
        """What the Web Connector finds out at the start of a session and hands to the first sendRequestXML.

        Args:
            owner_id: whose private data to show; the block is absent when the file was never registered for
                it.
            file_id: not looked at: the file tells what it was registered with, right or wrong.
        """
        del file_id
        with self._lock:
            renderer = self._renderer(max(self.supported_versions))
            company = data_ext.shown_to(self.company, [owner_id])
            answers = []
            for number, (name, fields) in enumerate(
                (("Host", self.host), ("Company", company), ("Preferences", self.preferences))
            ):
                request = etree.Element(f"{name}QueryRq", requestID=str(number))
                answer = envelope.response(request)
                answer.append(host.describe(name, fields, renderer))
                answers.append(answer)
            return envelope.message_set(answers)

    def register(self, owner_id: str, file_id: str) -> None:
        """Stamp the file with an application's FileID, as loading a .qwc does.

        Args:
            owner_id: GUID with braces: the application.
            file_id: GUID with braces: its connection to this file. Replaces an earlier one of the same owner.
        """
        with self._lock:
            data_ext.put(self.company, owner_id, "FileID", file_id)
            data_ext.put(self.company, owner_id, "AppLock", app_lock.UNLOCKED)
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
            entry = data_ext.find(self.company, owner_id, "AppLock")
            if entry is None:
                return
            held = app_lock.holder(entry["DataExtValue"], self.clock.utc())
            if held not in (None, machine):
                raise RequestProcessorError(
                    "0x8004041B", f"The company file is in use by the Web Connector on {held}."
                )
            entry["DataExtValue"] = app_lock.locked(machine, self.clock.utc())
            self.save()

    def release_app_lock(self, owner_id: str, machine: str) -> None:
        """Unlock at the end of a session, if it is this machine that holds the lock."""
        with self._lock:
            entry = data_ext.find(self.company, owner_id, "AppLock")
            if entry is not None and app_lock.holder(entry["DataExtValue"], self.clock.utc()) == machine:
                entry["DataExtValue"] = app_lock.UNLOCKED
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
        return Person(self)

    # -- looking in ------------------------------------------------------------------------------------------

    @property
    def ledger(self) -> tuple[LedgerEntry, ...]:
        """Every write that was executed, in order: the proof of what was posted how often."""
        return self._ledger.entries

    def records(self, kind: str) -> list[Fields]:
        """All records of one kind as plain values: references with full names, lines under ``lines``.

        Args:
            kind: ``Customer``, ``ItemInventory``, ``Invoice`` …, or a whole name space: ``Item``, ``Entity``.
        """
        with self._lock:
            view, renderer = View(self.book), self._renderer((13, 0))
            if kind in TXN_KINDS:
                found: list[tuple[ListKind | TxnKind, Fields]] = [
                    (TXN_KINDS[kind], each) for each in self.book.transactions[kind].values()
                ]
            else:
                names = (kind,) if kind in LIST_KINDS else _space(kind)
                found = [*self.book.records_of(names)]
            return [view.plain(each_kind, each, renderer) for each_kind, each in found]

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
    def changing(self) -> Iterator[None]:
        """Hold the file while a person changes it, then save."""
        with self._lock:
            yield
            self.save()

    def snapshot(self) -> Fields:
        """A backup: everything, message-set outcomes included."""
        with self._lock:
            return copy.deepcopy(self._state())

    def restore(self, backup: Fields) -> None:
        """Go back to a backup: the file does not know that it was ever further on."""
        with self._lock:
            self._take_over(copy.deepcopy(backup))
            self._iterators.forget_all()
            self.save()

    def save(self) -> None:
        """Write the state file, if there is one."""
        if self.path is not None:
            state_file.save(self.path, self._state())

    def log_write(self, request: str, touched: Touched, *, by: str = "person") -> None:
        """Put a write of a person into the ledger."""
        self._ledger.add(request, touched.kind, touched.record, self.clock.utc(), by=by)

    # -- inside ----------------------------------------------------------------------------------------------

    def _take_over(self, state: Fields) -> None:
        self.clock = PcClock(read_zone(state["time_zone"]), self._now)
        self._time_zone = state["time_zone"]
        self.host, self.company, self.preferences = state["host"], state["company"], state["preferences"]
        self.book = Book(state)
        self.lists = ListEditor(self.book, self.clock, self.preferences, state.get("deleted_lists", []))
        self.transactions = TxnEditor(
            self.book, self.clock, self.preferences, state.get("deleted_transactions", [])
        )
        self.recovery = RecoveryStore(state.get("message_sets", {}))
        self.conditions = Conditions.from_state(state.get("conditions", {}))
        self._ledger = Ledger(state.get("ledger", []))

    def _state(self) -> Fields:
        return {
            "format": state_file.FORMAT,
            "time_zone": self._time_zone,
            "host": self.host,
            "company": self.company,
            "preferences": self.preferences,
            **self.book.to_state(),
            "deleted_lists": self.lists.deleted,
            "deleted_transactions": self.transactions.deleted,
            "message_sets": self.recovery.outcomes,
            "conditions": self.conditions.to_state(),
            "ledger": self._ledger.to_state(),
        }

    def _read(self, request: str | bytes) -> tuple[etree._Element, Version]:
        if isinstance(request, bytes):
            try:
                request = request.decode("utf-8")
            except UnicodeDecodeError as error:
                raise RequestProcessorError.unreadable(str(error)) from error
        schema = self._schema if self._schema is not None else validation.shipped_schema()
        return validation.read_request(request, schema, self.supported_versions)

    def _process(self, message_set: etree._Element, version: Version) -> str:
        decision = self.recovery.decide(message_set)
        if decision.step is Step.REFUSE:
            answers: _Answers = []
        elif decision.step is Step.REPEAT and decision.set_id is not None:
            answers = self._kept_answers(decision.set_id, version)
        else:
            if decision.set_id is not None:
                self.recovery.begin(decision.set_id, message_set)
            answers = self._execute_all(message_set, version, decision.set_id)
            if decision.set_id is not None:
                self._keep(decision.set_id, answers)
        if decision.code is not None or any(touched for _, touched in answers):
            self.save()
        elements = [element for element, _ in answers]
        if message_set.get("responseData") == "includeNone":
            for element in elements:
                element[:] = []
        return envelope.message_set(elements, set_id=decision.set_id, code=decision.code)

    def _execute_all(self, message_set: etree._Element, version: Version, set_id: str | None) -> _Answers:
        executor = self._executor(version)
        stops = message_set.get("onError") == "stopOnError"
        answers: _Answers = []
        has_failed = False
        for request in message_set:
            if has_failed and stops:
                refusal = StatusError(3231, "The request has not been processed.")
                answers.append((envelope.response(request, refusal), None))
                continue
            answer, touched = executor.execute(request)
            has_failed = has_failed or answer.get("statusSeverity") == "Error"
            answers.append((answer, touched))
            if touched is not None:
                self._log(request, touched, set_id)
        return answers

    def _log(self, request: etree._Element, touched: Touched, set_id: str | None) -> None:
        self._ledger.add(
            request.tag,
            touched.kind,
            touched.record,
            self.clock.utc(),
            by="application",
            request_id=request.get("requestID"),
            message_set_id=set_id,
        )

    def _keep(self, set_id: str, answers: _Answers) -> None:
        kept = [(answer, touched.recovery() if touched else None) for answer, touched in answers]
        self.recovery.complete(set_id, answer_to_keep(kept))

    def _kept_answers(self, set_id: str, version: Version) -> _Answers:
        """The stored outcome; ErrorRecovery exists since 11.0 and is hidden from older requests."""
        kept = etree.fromstring(self.recovery.outcomes[set_id]["answer"])
        if version < _RECOVERY_SINCE:
            for answer in kept:
                answer[:] = []
        return [(answer, None) for answer in kept]

    def _executor(self, version: Version) -> Executor:
        view = View(self.book)
        return Executor(
            book=self.book,
            lists=self.lists,
            transactions=self.transactions,
            about={"Host": self.host, "Company": self.company, "Preferences": self.preferences},
            searcher=Searcher(self.book, self.clock, balance_reader(view)),
            view=view,
            renderer=self._renderer(version),
            iterators=self._iterators,
            conditions=self.conditions,
        )

    def _renderer(self, version: Version) -> Renderer:
        return Renderer(self.book, self.clock, version, self.conditions.decimal_comma)


def _space(name: str) -> tuple[str, ...]:
    found = kinds_called(name)
    if not found:
        raise SimulatorError(f"there is no kind of record called {name}")
    return found
