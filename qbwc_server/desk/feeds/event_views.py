"""What hosts see of events: one shape for the feed, whoever is told of them, and the command line."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema

from qbwc_server.desk.logs.history import Entry, entries
from qbwc_server.desk.views.base import AnswerView, Count, Id, Moment, View
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.event_types import OF_RECORDS, TYPES
from qbwc_server.domain.events import EVERYTHING, Wanted
from qbwc_server.domain.kinds import Kind
from qbwc_server.domain.records import State
from qbwc_server.storage import Transaction, events

_MEANINGS = "\n".join(f"* `{happening}`: {words}" for happening, words in OF_RECORDS.items())
EventType = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "enum": list(TYPES),
            "description": f"The set is closed. Behind the kind of a record and a dot:\n\n{_MEANINGS}",
        }
    ),
]


class ReasonView(View):
    """An error record that an event tells of, as it was then."""

    component = "EventError"

    error_id: Id | None = None
    cause: str
    sub_reason: str | None = None
    cause_key: str
    message: str | None = Field(None, description="What happened, in a sentence.")
    remedy: str | None = Field(None, description="What to do.")
    actor: str | None = Field(None, description="Who has to do it: `host`, `staff` or `quickbooks_user`.")
    quickbooks: AnswerView | None = Field(None, description="What QuickBooks itself said.")


class ChangeView(View):
    """A setting that was changed."""

    component = "SettingChange"

    setting: str
    old: Any = Field(description="Its value before; null: it had none.")
    new: Any = Field(description="Its value from then on; null: it has none.")


class EventData(View):
    """What was true then. What is not there was not known, or has no meaning for this type."""

    component = "EventData"

    what: str = Field(description="What happened, in a few words for people.")
    detail: str | None = Field(None, description="More of it.")
    list_id: str | None = Field(None, description="What QuickBooks calls a customer, vendor or item.")
    txn_id: str | None = Field(None, description="What QuickBooks calls a document.")
    edit_sequence: str | None = None
    number: str | None = Field(None, description="Of a document: its number in QuickBooks, else the host's.")
    full_name: str | None = Field(None, description="Of a customer, vendor or item: its name in QuickBooks.")
    revision: Count | None = Field(None, description="Of the record, as the host had handed it over by then.")
    synced_revision: Count | None = Field(None, description="The revision QuickBooks held.")
    matched_by: str | None = None
    proof: str | None = None
    is_void: bool | None = Field(None, description="It is to be void, or is.")
    error_id: Id | None = Field(
        None, description="This and the next four are those of the first of `errors`."
    )
    cause: str | None = None
    sub_reason: str | None = None
    cause_key: str | None = None
    message: str | None = None
    errors: tuple[ReasonView, ...] | None = Field(
        None, description="The error records it tells of, the first twenty."
    )
    error_count: Count | None = Field(None, description="How many there were.")
    changes: tuple[ChangeView, ...] | None = Field(
        None,
        description="Of `connector.settings_changed`: each setting that is another one now, old and new.",
    )


_OF_THE_FIRST = ("error_id", "cause", "sub_reason", "cause_key", "message")


class EventView(View):
    """One thing that happened."""

    component = "Event"

    id: Id
    at: Moment
    type: EventType
    kind: Kind | None = Field(description="null: it concerns the connector as a whole.")
    external_id: str | None
    from_: State | None = Field(alias="from", description="The state of the record before.")
    to: State | None = Field(description="And after; null where it is no change of its state.")
    actor: str = Field(
        description="`host` with the name of its key, `quickbooks`, `server`, `cli`, or the name of a person."
    )
    data: EventData

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The view of an event with the record it concerns."""
        event = entry.event
        return cls.model_validate(
            {
                "id": event.id,
                "at": event.at,
                "type": event.type,
                "kind": entry.kind,
                "external_id": entry.external_id,
                "from": event.from_state,
                "to": event.to_state,
                "actor": event.actor,
                "data": {
                    "what": event.what,
                    "detail": event.detail,
                    "revision": event.revision,
                    **_first(event.data or {}),
                    **(event.data or {}),
                },
            }
        )

    def as_json(self) -> dict[str, Any]:
        """The JSON object; of its data only what is known."""
        told = self.model_dump(mode="json", by_alias=True, exclude={"data"})
        data = self.data.model_dump(mode="json", exclude_none=True)
        # what was nothing before a change, or is nothing since, is said
        if self.data.changes:
            data["changes"] = [each.as_json() for each in self.data.changes]
        for each, shown in zip(self.data.errors or (), data.get("errors", ()), strict=True):
            if each.quickbooks is not None:
                shown["quickbooks"] = each.quickbooks.as_json()
        return {**told, "data": data}

    def as_text(self) -> str:
        """The JSON object as it is sent to webhooks."""
        return json.dumps(self.as_json())


def after(
    conn: Transaction,
    connector: Connector,
    after_id: int,
    limit: int,
    wanted: Wanted = EVERYTHING,
    *,
    up_to: int | None = None,
) -> list[EventView]:
    """What happened to a connector and its records after an event, in order, as far as it is wanted."""
    found = events.of_connector(conn, connector.id, after=after_id, up_to=up_to, limit=limit, wanted=wanted)
    return [EventView.of(entry) for entry in entries(conn, found)]


def _first(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of the first of the error records what most hosts ask for, so that they need not look into the list."""
    errors: Sequence[Mapping[str, Any]] = data.get("errors", ())
    return {name: errors[0].get(name) for name in _OF_THE_FIRST} if errors else {}
