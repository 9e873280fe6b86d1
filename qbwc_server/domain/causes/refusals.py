"""Causes of refusals: what QuickBooks does not accept of a record, or will not do without a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from qbwc_server.domain.causes.base import Actor, Cause, at_the_start
from qbwc_server.domain.causes.candidates import Candidate
from qbwc_server.domain.faults import path_in_words
from qbwc_server.domain.in_quickbooks import menu_of


@dataclass(frozen=True, slots=True)
class InvalidField(Cause):
    """QuickBooks does not accept the value of a field.

    Attributes:
        setting: the connector's setting that is part of the value, such as ``ref_number_prefix``.
    """

    record: str
    field: str | None = None
    problem: str | None = None
    setting: str | None = None

    name = "invalid_field"
    usual_actor = Actor.HOST

    @property
    def sub_reason(self) -> str | None:
        return self.field

    @property
    def key(self) -> str:
        return f"setting:{self.setting}" if self.setting else f"record:{self.record}"

    def message(self) -> str:
        if self.field and self.problem:
            return f"The field {path_in_words(self.field)} of {self.record} cannot be sent: {self.problem}."
        return f"QuickBooks does not accept a value of {self.record}."

    def remedy(self) -> str:
        correct = "Correct the value in the order system and hand the record over again"
        if self.setting:
            return f"{correct}, or change the connector's setting {self.setting}."
        if self.field is None:
            return f"{correct}. QuickBooks' own sentence says which value it is."
        return f"{correct}."


@dataclass(frozen=True, slots=True)
class ReferenceMissing(Cause):
    """Something the record refers to (terms, account, class, tax code, …) is not in QuickBooks, or not set.

    Attributes:
        what: ``income account``, ``terms`` …
        value: the name that was given; None when none is known or none was given.
            For a transaction (a sales order, a credit) its TxnID.
        list_name: the list of QuickBooks it was looked up in; None when QuickBooks itself found it missing.
        unread: why QuickBooks does not give out that list, when it does not.
    """

    record: str
    what: str | None = None
    value: str | None = None
    list_name: str | None = None
    unread: str | None = None

    name = "reference_missing"
    usual_actor = Actor.STAFF
    seen_in_cache = True

    @property
    def told_by_a_look(self) -> bool:
        return self.what is not None

    @property
    def sub_reason(self) -> str | None:
        return self.what

    @property
    def key(self) -> str:
        if self.list_name is not None:
            return f"{self.list_name}_name:{(self.value or '').casefold()}"
        if self.what is None:
            return f"record:{self.record}"
        if self._is_transaction:
            return f"txn_id:{self.value}"
        return f"setting:{self.what.replace(' ', '_')}"

    @property
    def _is_transaction(self) -> bool:
        return self.value is not None and self.list_name is None

    @property
    def _words(self) -> str:
        """What is missing, as QuickBooks' menus have it."""
        return {"cogs account": "cost of goods sold account"}.get(self.what or "", self.what or "")

    def message(self) -> str:
        if self.what and self.value is None:
            article = "an" if self.what[0] in "aeio" else "a"
            return (
                f"{at_the_start(self.record)} needs {article} {self._words}, "
                f"and neither it nor the connector names one."
            )
        if self._is_transaction:
            return (
                f"The {self.what} that {self.record} names by its TxnID “{self.value}” is not in QuickBooks, "
                f"or cannot be used for it."
            )
        if self.what:
            verb = "are" if self.what == "terms" else "is"
            because = f": {self.unread}" if self.unread else ""
            return f"The {self.what} “{self.value}” of {self.record} {verb} not in QuickBooks{because}."
        return f"Something that {self.record} refers to is missing or inactive in QuickBooks."

    def remedy(self) -> str:
        if self.what and self.value is None:
            return (
                f"Set the default {self._words} in the connector's settings, or name one in the order system; "
                f"everything that waits goes on by itself."
            )
        if self._is_transaction:
            return (
                f"Look for the {self.what} in QuickBooks (Edit > Find): it must be there, be open, and belong to the "
                f"same customer. QuickBooks' own sentence says more. Name the right TxnID in the order system and hand "
                f"the record over again, or retry once it is put right in QuickBooks."
            )
        if self.what and self.unread:
            return (
                f"If QuickBooks is to use it, switch the feature on there (Edit > Preferences), enter "
                f"“{self.value}” ({menu_of(self.list_name)}) and press Resync. Otherwise leave it away in the order "
                f"system."
            )
        if self.what:
            return (
                f"Create “{self.value}” in QuickBooks ({menu_of(self.list_name)}) and press Resync, "
                f"or correct the name in the order system or in the connector's settings."
            )
        return (
            "Create in QuickBooks (Lists menu) what QuickBooks' own sentence names, or make it active, and retry. "
            "Or correct it in the order system or in the connector's settings."
        )


@dataclass(frozen=True, slots=True)
class ChangedInQuickbooks(Cause):
    """Somebody changed the record in QuickBooks in a field we would overwrite.

    Attributes:
        differences: field → the values (the one we had written, the one that is there now).
        older: no person changed it, but QuickBooks has an older version than it had; `voided`: a person voided it.
    """

    record: str
    differences: Mapping[str, tuple[str, str]]
    older: bool = False
    voided: bool = False

    name = "changed_in_quickbooks"
    retry_decides = True
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    @property
    def sub_reason(self) -> str | None:
        return "older" if self.older else None

    def message(self) -> str:
        if self.older:
            older = f"QuickBooks has an older version of {self.record} than the one it had"
            return f"{older}: the company file was probably restored from a backup."
        parts = "; ".join(
            f"{field.replace('_', ' ')} {'were' if field == 'lines' else 'was'} {_quoted(ours)}, now {_quoted(theirs)}"
            for field, (ours, theirs) in self.differences.items()
        )
        did = "voided" if self.voided else "changed"
        return f"{at_the_start(self.record)} was {did} in QuickBooks by a person: {parts}."

    def remedy(self) -> str:
        if self.older:
            return "Bring it up to date again (a retry), or keep QuickBooks' version: “QuickBooks is right: leave it”."
        return (
            "Decide which is right. “The order system is right: write it over” (a retry) writes what it wants over "
            "what is there, “QuickBooks is right: leave it” keeps that and drops this change of the order system's."
        )


def _quoted(value: str) -> str:
    """A value in a sentence; `domain.changes` writes “nothing” where there is none."""
    return "empty" if value in ("", "nothing") else f"“{value}”"


@dataclass(frozen=True, slots=True)
class NotPermitted(Cause):
    """QuickBooks refuses because a right is missing."""

    record: str

    name = "not_permitted"
    usual_actor = Actor.QUICKBOOKS_USER

    @property
    def key(self) -> str:
        return "permission"

    def message(self) -> str:
        return f"QuickBooks does not let the Web Connector write {self.record}."

    def remedy(self) -> str:
        return (
            "The QuickBooks administrator lets this application read and modify the company file (Edit > Preferences > "
            "Integrated Applications > Company Preferences > Properties); then retry. The user it logs in as must be "
            "allowed to enter such records, too."
        )


@dataclass(frozen=True, slots=True)
class ClosedPeriod(Cause):
    """The date lies before the company file's closing date."""

    record: str

    name = "closed_period"
    usual_actor = Actor.QUICKBOOKS_USER

    @property
    def key(self) -> str:
        return "closed_period"

    def message(self) -> str:
        return f"The date of {self.record} lies in a period that is closed in QuickBooks."

    def remedy(self) -> str:
        return (
            "Change the date in the order system, or have the QuickBooks administrator move the closing date "
            "(Edit > Preferences > Accounting > Company Preferences); then retry."
        )


@dataclass(frozen=True, slots=True)
class Refused(Cause):
    """QuickBooks refused for a reason that has no cause of its own; its sentence says more.

    Attributes:
        advice: the remedy the catalogue of QuickBooks' codes gives, or None.
    """

    record: str
    advice: str | None = None

    name = "refused"
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    def message(self) -> str:
        return f"QuickBooks refused {self.record}."

    def remedy(self) -> str:
        return self.advice or "Read QuickBooks' own sentence, put right what it names, then retry."


@dataclass(frozen=True, slots=True)
class Uncertain(Cause):
    """QuickBooks never said whether it took the record, and asking it did not decide either.

    Attributes:
        found: what it holds that may be the record, in words; `candidates` the same.
    """

    record: str
    found: str | None = None
    candidates: tuple[Candidate, ...] = ()

    name = "uncertain"
    retry_decides = True
    usual_actor = Actor.STAFF

    @property
    def key(self) -> str:
        return f"record:{self.record}"

    def message(self) -> str:
        found = f" QuickBooks holds {self.found}, which may or may not be it." if self.found else ""
        return f"The answer to {self.record} was lost, and QuickBooks cannot say for sure whether it took it.{found}"

    def remedy(self) -> str:
        kind = self.record.split()[0]
        where = menu_of(kind) if kind in ("customer", "vendor", "item") else "Edit > Find"
        return (
            f"Look for it in QuickBooks ({where}): if it is there, link the record to it; if not, retry. "
            f"A retry asks QuickBooks for it again, and only then it is sent once more. If it is no longer wanted, "
            f"dismiss this error."
        )
