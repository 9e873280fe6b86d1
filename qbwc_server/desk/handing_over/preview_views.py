"""What a preview shows of a record: what would become of it, what it names, and what would be sent."""

from typing import Any

from pydantic import Field

from qbwc_server.desk.views.base import AnswerView, CandidateView, CauseName, FaultView, Id, View
from qbwc_server.domain.causes import Actor
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.records import State

OUTCOMES = {
    "queued": "it would go to QuickBooks with the next visit",
    "waiting": "it would go once the records it waits for are in QuickBooks",
    "blocked": "it would wait until what `errors` say is put right",
    "synced": "QuickBooks holds it already: nothing would be sent",
    "unchanged": "it was handed over like this already: nothing would change",
    "on_its_way": "it is on its way to QuickBooks just now; this would be looked at when the answer is there",
    "unchecked": "it would be taken in, and checked once QuickBooks' lists have been read",
    "refused": "it would not be taken in, for its `faults`",
}
"""What can become of a record, and what that means."""


class RecordNameView(View):
    """A record of the host, by its own id."""

    kind: Kind
    external_id: str
    state: State


class MatchView(View):
    """What a record is in QuickBooks."""

    list_id: str | None = Field(description="Of a customer, vendor or item.")
    txn_id: str | None = Field(description="Of a document.")
    name: str | None = Field(description="Its full name there, or the number of a document.")
    matched_by: str = Field(
        description="`email`, `sku`, `name`, `account_number`, `barcode`, `number`, `hand`; or `created`."
    )


class NamedView(View):
    """What a reference of a record names."""

    pointer: str = Field(description="JSON pointer to it in what was sent.")
    list: ListName = Field(description="The list of QuickBooks it names an entry of.")
    given: dict[str, str] = Field(
        description="What it was named by: `email`, `sku` …; `setting`: the connector's settings name it."
    )
    list_id: str | None = Field(description="The entry it names; null: none, or none yet.")
    full_name: str | None
    matched_by: str | None = Field(
        description="Why it is that one: `external_id`, `email`, `sku`, `name`, `barcode`, `list_id`."
    )
    waits_for: RecordNameView | None = Field(description="The record of yours that is to become that entry.")
    stand_in: str | None = Field(
        description="What stands in `request` for the ListID that QuickBooks will give to that record."
    )


class FieldChangeView(View):
    """A field that is changed in QuickBooks."""

    path: str = Field(description="The field, in your words; with dots inside another.")
    old: str | None = Field(description="As QuickBooks was told it last, in words; null: nothing.")
    new: str | None


class LineChangeView(View):
    """A line of a document that is added, changed or removed in QuickBooks. The others stay."""

    change: str = Field(json_schema_extra={"enum": ["added", "changed", "removed"]})
    position: int | None = Field(description="Which of the lines sent it is, from 0; null for a removed one.")
    was: int | None = Field(description="Which of the lines before it was, from 0; null for an added one.")
    old: dict[str, Any] | None = Field(description="The line as it was handed over before.")
    new: dict[str, Any] | None


class ChangesView(View):
    """What an update changes against what QuickBooks was told before."""

    fields: tuple[FieldChangeView, ...]
    lines: tuple[LineChangeView, ...]


class PreviewErrorView(View):
    """What would stop a record, as its error record would say it; with `stand_in` for ids that are yet to be given."""

    cause: CauseName
    sub_reason: str | None
    cause_key: str
    message: str
    remedy: str
    actor: Actor = Field(description="Who has to do something.")
    retryable: bool
    quickbooks: AnswerView | None
    via: RecordNameView | None = Field(description="The record it refers to that is itself stopped by this.")
    candidates: tuple[CandidateView, ...]


class PreviewView(View):
    """What would become of a record that is handed over."""

    component = "Preview"

    line: Id = Field(description="Which of those sent, from 1.")
    kind: Kind | None
    external_id: str | None
    outcome: str = Field(
        description="; ".join(f"`{name}`: {words}" for name, words in OUTCOMES.items()) + ".",
        json_schema_extra={"enum": list(OUTCOMES)},
    )
    result: str = Field(
        description="What handing it over would answer.",
        json_schema_extra={"enum": ["created", "changed", "unchanged", "faulty"]},
    )
    state: State | None = Field(description="The state it would have; null where it is refused.")
    message: str = Field(description="The same in a sentence.")
    held: str | None = Field(
        description="Why nothing at all, or nothing of this kind, would be sent just now; null: the next visit takes "
        "it along."
    )
    faults: tuple[FaultView, ...] = Field(description="Why it is refused.")
    matched: MatchView | None = Field(description="What it is in QuickBooks, and why that; null: not there.")
    references: tuple[NamedView, ...] = Field(description="What it names, and why that.")
    waits_for: tuple[RecordNameView, ...]
    creates: str | None = Field(description="What would be created: `Customer “Pier Nine”`.")
    request: str | None = Field(
        description="The qbXML that would be sent. Only its requestID differs when it is sent, and what stands for "
        "ListIDs that QuickBooks has yet to give (`stand_in`). null: nothing, or nothing that can be told yet."
    )
    changes: ChangesView | None = Field(description="Of an update.")
    asked_first: tuple[str, ...] = Field(
        description="What QuickBooks is asked before, which may still stop it."
    )
    errors: tuple[PreviewErrorView, ...] = Field(description="What would stop it.")
    warnings: tuple[str, ...] = Field(
        description="Characters that are written otherwise, fields left out for the version, what cannot be said."
    )
