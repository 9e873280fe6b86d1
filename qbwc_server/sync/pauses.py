"""What has to wait says so: the columns of a record that is tried again later, and why, in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from qbwc_server.domain.errors import QuickBooksAnswer
from qbwc_server.domain.records import Record, State
from qbwc_server.domain.retries import Step, Trouble
from qbwc_server.storage.columns import PauseColumns

GOES_ON: PauseColumns = {"not_before": None, "pause_reason": None}
"""The columns of a record that need not wait any longer."""

_WORDS = {
    Trouble.IN_USE: "QuickBooks refused it for now",
    Trouble.OUT_OF_DATE: "QuickBooks refused it, as its copy is another one by now; it is read again",
    Trouble.OUTCOME_UNTOLD: "QuickBooks did not say whether it took it",
    Trouble.NAME_UNTOLD: "QuickBooks took it, but did not say what it is called there",
    Trouble.QUESTION_REFUSED: "QuickBooks would not tell what has to be known before it is sent",
    Trouble.SET_REFUSED: "QuickBooks refused the whole message set it was in",
    Trouble.NEVER_TAKEN: "QuickBooks never answered the message sets it was in, and holds nothing of it",
    Trouble.LIST_REFUSED: "QuickBooks refused to give the list",
}


def columns(
    record: Record, trouble: Trouble, step: Step, answer: QuickBooksAnswer | None, *, now: datetime
) -> dict[str, Any]:
    """The columns of a record that is tried once more after a trouble, at once or later."""
    moment = step.after(now)
    return {
        "attempts": record.attempts + 1,
        "not_before": moment,
        "pause_reason": None if moment is None else words(trouble, answer),
    }


def shown(record: Record, waits: Sequence[Record]) -> dict[str, Any] | None:
    """Why a record waits and until when, for whoever asks; None when it does not, or goes with the next visit.

    Args:
        waits: the records it waits for.
    """
    if record.state not in (State.QUEUED, State.UNCERTAIN):
        return None
    reason = record.pause_reason
    if waits:
        reason = f"It goes when {_listed([item.label for item in waits])} in QuickBooks."
    elif reason is None and record.claim is not None:
        reason = "It was linked by hand; QuickBooks is asked for that document with the next visit."
    elif reason is None and record.state is State.UNCERTAIN:
        reason = "The answer to it was lost; QuickBooks is asked for it with the next visit."
    if reason is None:
        return None
    until = record.not_before.isoformat() if record.not_before else None
    return {"reason": reason, "until": until}


def _listed(labels: list[str]) -> str:
    verb = "is" if len(labels) == 1 else "are"
    return f"{' and '.join(filter(None, (', '.join(labels[:-1]), labels[-1])))} {verb}"


def words(trouble: Trouble, answer: QuickBooksAnswer | None) -> str:
    """Why something waits, with QuickBooks' own sentence."""
    if answer is None:
        return f"{_WORDS[trouble]}."
    said = f"“{answer.message}” ({answer.code})" if answer.message else f"code {answer.code}"
    return f"{_WORDS[trouble]}: {said}."
