"""Error recovery: what QuickBooks keeps per message-set id, and what it does when an id comes again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from lxml import etree

from qbwc_server.simulator.quickbooks.book import Fields

MAX_ID = 24
"""Longest message-set id, from Intuit's samples; the schema says nothing."""

CLEAR_ALL = "CLR-ALL-MSG-SETS"


class Step(Enum):
    """What to do with a message set."""

    EXECUTE = "execute the requests"
    REPEAT = "give the stored answer"
    REFUSE = "execute nothing, answer with the status code alone"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, under which id to store the outcome, and the messageSetStatusCode of the answer.

    ``code`` is None for sets that use no ids.
    """

    step: Step
    set_id: str | None = None
    code: int | None = None


@dataclass(slots=True)
class RecoveryStore:
    """Outcomes by message-set id; lives in the company file, so a restored backup takes it back in time too.

    Args:
        outcomes: id to ``{"checksum", "answer"}``; ``answer`` None when the outcome could not be stored.
    """

    outcomes: dict[str, Fields] = field(default_factory=dict)

    def decide(self, message_set: etree._Element) -> Decision:
        """Read the ids of a message set, clear what it clears, and say what to do with it.

        The combinations are those of Intuit's recovery samples: a new id alone executes or repeats; the same
        id twice asks for the stored outcome; an old id is cleared, alone or in one go with the next new one.
        """
        new, old = message_set.get("newMessageSetID") or None, message_set.get("oldMessageSetID") or None
        if any(each is not None and len(each) > MAX_ID for each in (new, old)):
            return Decision(Step.REFUSE, new, 9004)
        if new is None:
            return Decision(Step.EXECUTE) if old is None else self._cleared_alone(old)
        if new == old:
            return self._repeat(new)
        if old is not None:
            self._clear(old)
        if new not in self.outcomes:
            return Decision(Step.EXECUTE, new, 0)
        if self.outcomes[new]["checksum"] != checksum(message_set):
            return Decision(Step.REFUSE, new, 9001)
        return self._repeat(new)

    def begin(self, set_id: str, message_set: etree._Element) -> None:
        """The set is about to be executed: its id is known from now on, its outcome is not."""
        self.outcomes[set_id] = {"checksum": checksum(message_set), "answer": None}

    def complete(self, set_id: str, answer: str) -> None:
        """The set was executed; this is what to say when its id comes again."""
        self.outcomes[set_id]["answer"] = answer

    def _cleared_alone(self, old: str) -> Decision:
        return Decision(Step.EXECUTE, None, 0 if self._clear(old) else 600)

    def _clear(self, old: str) -> bool:
        if old == CLEAR_ALL:
            self.outcomes.clear()
            return True
        return self.outcomes.pop(old, None) is not None

    def _repeat(self, set_id: str) -> Decision:
        stored = self.outcomes.get(set_id)
        if stored is None or stored["answer"] is None:
            return Decision(Step.REFUSE, set_id, 9002)
        return Decision(Step.REPEAT, set_id, 0)


def checksum(message_set: etree._Element) -> str:
    """Content of a message set: its requests and onError, but not its ids."""
    digest = hashlib.sha256((message_set.get("onError") or "").encode())
    for request in message_set:
        digest.update(etree.tostring(request, method="c14n", with_tail=False))
    return digest.hexdigest()


def answer_to_keep(answers: list[tuple[etree._Element, Fields | None]]) -> str:
    """The outcome of a set as it will be repeated: every status, and ids instead of records.

    Args:
        answers: each ``*Rs`` with what it made or changed: ErrorRecovery children, or None.
    """
    root = etree.Element("QBXMLMsgsRs")
    for answer, touched in answers:
        kept = etree.SubElement(root, answer.tag, {str(name): str(value) for name, value in answer.items()})
        if touched:
            recovery = etree.SubElement(kept, "ErrorRecovery")
            for name, value in touched.items():
                etree.SubElement(recovery, name).text = value
    text: str = etree.tostring(root, encoding="unicode")
    return text
