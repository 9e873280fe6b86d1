"""The request processor: takes a message set, executes it once, and keeps its outcome where ids ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from qbwc_server.simulator.errors import RequestProcessorError, StatusError
from qbwc_server.simulator.quickbooks import envelope
from qbwc_server.simulator.quickbooks.contents import Contents
from qbwc_server.simulator.quickbooks.iterators import Iterators
from qbwc_server.simulator.quickbooks.outcome import Touched
from qbwc_server.simulator.quickbooks.recovery import Decision, Step, answer_to_keep
from qbwc_server.simulator.quickbooks.shapes import Version
from qbwc_server.simulator.quickbooks.validation import read_request

_Answers = list[tuple[etree._Element, Touched | None]]
_RECOVERY_SINCE: Version = (11, 0)

CRASHED: Final = "0x80010105"
"""The hresult of a QuickBooks that died on the way: what it did is unknown to the caller."""


@dataclass(slots=True)
class Mishaps:
    """What is to go wrong with the next message set that gets through.

    Attributes:
        crash_after: QuickBooks dies when so many of its requests are done.
        cannot_store: the outcome cannot be stored.
        dies_unbegun: QuickBooks dies when it has taken the set in, and before its first request; what it keeps as
            the outcome of the set is empty.
    """

    crash_after: int | None = None
    cannot_store: bool = False
    dies_unbegun: bool = False

    def crash_next_set(self, after_requests: int) -> None:
        """Let QuickBooks die in the next message set that gets through, when so many of its requests are done.

        They stay done. The outcome is stored nowhere: asked for it, QuickBooks says 9002. ``process`` raises
        0x80010105. With more requests than the set has, it dies after the last of them.
        """
        self.crash_after = after_requests

    def fail_to_store_next_set(self) -> None:
        """Let QuickBooks execute the next set that has an id, and fail to store its outcome (9005)."""
        self.cannot_store = True

    def die_over_next_set(self) -> None:
        """Let QuickBooks die over the next set before its first request, and keep an empty outcome of it."""
        self.dies_unbegun = True


@dataclass(frozen=True, slots=True)
class RequestProcessor:
    """Executes message sets on the contents of a company file.

    Args:
        contents: the file.
        schema: what requests must obey.
        supported: the qbXML versions this QuickBooks speaks.
        save: writes the file to the disk.
        mishaps: what is to go wrong.
    """

    contents: Contents
    schema: etree.XMLSchema
    supported: frozenset[Version]
    save: Callable[[], None]
    mishaps: Mishaps

    def process(self, request: str | bytes, iterators: Iterators) -> str:
        """Execute a message set and answer it; see ``CompanyFile.process``."""
        self.contents.conditions.process_request()
        message_set, version = read_request(_as_text(request), self.schema, self.supported)
        if message_set.get("onError") == "rollbackOnError":
            raise RequestProcessorError("0x80040413", "rollbackOnError is not supported.")
        decision = self.contents.recovery.decide(message_set)
        if decision.step is Step.REFUSE:
            answers: _Answers = []
        elif decision.step is Step.REPEAT and decision.set_id is not None:
            answers = self._kept_answers(decision.set_id, version)
        else:
            answers = self._execute(message_set, version, iterators, decision.set_id)
            decision = self._keep(decision, answers)
        if decision.code is not None or any(touched for _, touched in answers):
            self.save()
        elements = [element for element, _ in answers]
        if message_set.get("responseData") == "includeNone":
            for element in elements:
                element[:] = []
        return envelope.message_set(elements, set_id=decision.set_id, code=decision.code)

    def _execute(
        self, message_set: etree._Element, version: Version, iterators: Iterators, set_id: str | None
    ) -> _Answers:
        if set_id is not None:
            self.contents.recovery.begin(set_id, message_set)
        self._die_if_due(set_id)
        executor = self.contents.executor(version, iterators)
        stops = message_set.get("onError") == "stopOnError"
        answers: _Answers = []
        has_failed = False
        for request in message_set:
            self._crash_if_due(len(answers))
            if has_failed and stops:
                refusal = StatusError(3231, "The request has not been processed.")
                answers.append((envelope.response(request, refusal), None))
                continue
            answer, touched = executor.execute(request)
            has_failed = has_failed or answer.get("statusSeverity") == "Error"
            answers.append((answer, touched))
            if touched is not None:
                self._log(request, touched, set_id)
        self._crash_if_due(None)
        return answers

    def _die_if_due(self, set_id: str | None) -> None:
        """QuickBooks dies before it comes to the first request."""
        if not self.mishaps.dies_unbegun:
            return
        self.mishaps.dies_unbegun = False
        if set_id is not None:
            self.contents.recovery.complete(set_id, answer_to_keep([]))
        self.save()
        raise RequestProcessorError(CRASHED, "The server threw an exception.")

    def _crash_if_due(self, done: int | None) -> None:
        """QuickBooks dies, at the end of the set (None) at the latest.

        What was executed is in the file, the outcome of the set is not.
        """
        after = self.mishaps.crash_after
        if after is None or (done is not None and done < after):
            return
        self.mishaps.crash_after = None
        self.save()
        raise RequestProcessorError(CRASHED, "The server threw an exception.")

    def _log(self, request: etree._Element, touched: Touched, set_id: str | None) -> None:
        self.contents.ledger.add(
            request.tag,
            touched.kind,
            touched.record,
            self.contents.clock.utc(),
            by="application",
            request_id=request.get("requestID"),
            message_set_id=set_id,
        )

    def _keep(self, decision: Decision, answers: _Answers) -> Decision:
        """Store the outcome under the id of the set, if it has one; 9005 when that fails."""
        if decision.set_id is None:
            return decision
        if self.mishaps.cannot_store:
            self.mishaps.cannot_store = False
            return replace(decision, code=9005)
        kept = [(answer, touched.recovery() if touched else None) for answer, touched in answers]
        self.contents.recovery.complete(decision.set_id, answer_to_keep(kept))
        return decision

    def _kept_answers(self, set_id: str, version: Version) -> _Answers:
        """The stored outcome; ErrorRecovery exists since 11.0 and is hidden from older requests."""
        kept = etree.fromstring(self.contents.recovery.outcomes[set_id]["answer"])
        if version < _RECOVERY_SINCE:
            for answer in kept:
                answer[:] = []
        return [(answer, None) for answer in kept]


def _as_text(request: str | bytes) -> str:
    if isinstance(request, str):
        return request
    try:
        return request.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestProcessorError.unreadable(str(error)) from error
