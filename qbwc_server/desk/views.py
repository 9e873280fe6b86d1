"""What hosts see, each shape once: the fields by name, their JSON, and the JSON Schema that documents it.

A view names its fields, so that a new attribute (a password's digest, say) never reaches anybody unasked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from qbwc_server.domain.causes import CATALOGUE, Actor
from qbwc_server.domain.connectors import Connector
from qbwc_server.domain.kinds import Kind, ListName
from qbwc_server.domain.matching import ListEntry
from qbwc_server.domain.records import State

from .error_views import ErrorGroup, ErrorRecord
from .history import Entry
from .overview import Health, ListAge, Mood, SessionInfo, Summary

Schema = dict[str, Any]

_COMPONENT = "x-component"
"""Marks what is a component of its own though no view."""

MOST_LISTED = 100
"""So many error records of one group are listed; behind one cause there may be thousands."""

Count = Annotated[int, Field(ge=0)]
Id = Annotated[int, Field(ge=1)]
Moment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
CauseName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(CATALOGUE)})]


def named(component: str) -> Schema:
    """A reference to a schema of the documentation."""
    return {"$ref": f"#/components/schemas/{component}"}


class View(BaseModel):
    """A shape; those of a component are documented under its name, the others where they are used."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True, defer_build=True)
    component: ClassVar[str | None] = None

    def as_json(self) -> dict[str, Any]:
        """The JSON object, its fields in their order."""
        return self.model_dump(mode="json")

    @classmethod
    def whole_schema(cls) -> Schema:
        """Its JSON Schema; what is a component of its own is referred to."""
        made = cls.model_json_schema(mode="serialization")
        found = made.pop("$defs", {})
        components = {view.__name__: view.component for view in views()}
        # what stands under a name of Python says in its docstring is meant for whoever reads the code
        shapes = {name: {**shape, "description": None} for name, shape in found.items()}
        shapes |= {name: named(component) for name in found if (component := components.get(name))}
        whole: Schema = _plain({**made, "description": None}, shapes)
        return whole


def views(base: type[View] = View) -> list[type[View]]:
    """Every view there is."""
    return [view for each in base.__subclasses__() for view in (each, *views(each))]


def _plain(schema: Any, shapes: Mapping[str, Schema]) -> Any:
    """A schema without titles, and with what it refers to in its place."""
    if isinstance(schema, list):
        return [_plain(item, shapes) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: {name: _plain(inner, shapes) for name, inner in value.items()}
        if key == "properties"
        else _plain(value, shapes)
        for key, value in schema.items()
        if key != "title" and value is not None
    }
    if _COMPONENT in made:
        return named(str(made[_COMPONENT]))
    refers_to = str(made.get("$ref", ""))
    if refers_to.startswith("#/$defs/"):
        del made["$ref"]
        made = {**_plain(shapes[refers_to.removeprefix("#/$defs/")], shapes), **made}
    return made


# --- error records ------------------------------------------------------------------------------------------


class AnswerView(View):
    """What QuickBooks itself said."""

    code: str
    severity: str | None
    message: str | None


class FaultView(View):
    """One thing that was wrong with what was handed over."""

    component = "Fault"

    pointer: str = Field(
        description="JSON pointer into what was sent (RFC 6901), or /NAME of a parameter.",
    )
    message: str


class OpenErrorView(View):
    """An error record, as it stands with its record."""

    component = "OpenError"

    id: Id
    cause: CauseName
    sub_reason: str | None
    cause_key: str
    kind: Kind | None = Field(description="null: it concerns the connector as a whole.")
    external_id: str | None
    message: str
    remedy: str
    actor: Actor = Field(description="Who has to do something.")
    retryable: bool
    quickbooks: AnswerView | None
    opened_at: Moment
    times: Id = Field(
        description="How often it happened since, of what concerns the connector as a whole; else 1."
    )
    last_at: Moment = Field(description="When it happened last.")
    address: str | None = Field(
        description="Where the Web Connector called from then; of the connector as a whole only."
    )
    faults: tuple[FaultView, ...] = Field(
        description="Of `not_accepted`: what was wrong with what was handed over last (the first ten)."
    )

    @classmethod
    def of(cls, error: ErrorRecord) -> Self:
        """The view of an error record."""
        return cls.model_validate(error)


class ErrorView(OpenErrorView):
    """An error record, also how it ended."""

    component = "Error"

    closed_at: Moment | None
    close_reason: str | None


class ErrorGroupView(View):
    """A cause key and what waits behind it."""

    component = "ErrorGroup"

    cause: CauseName
    cause_key: str
    message: str
    remedy: str
    actor: Actor = Field(description="Who has to do something.")
    retryable: bool
    count: Id
    errors: tuple[ErrorView, ...] = Field(description="The oldest of them; `count` says how many there are.")

    @classmethod
    def of(cls, group: ErrorGroup) -> Self:
        """The view of a group."""
        return cls(
            cause=group.cause,
            cause_key=group.cause_key,
            message=group.message,
            remedy=group.remedy,
            actor=Actor(group.actor),
            retryable=group.retryable,
            count=group.number,
            errors=tuple(map(ErrorView.of, group.errors[:MOST_LISTED])),
        )


# --- connectors ---------------------------------------------------------------------------------------------


class SummaryView(View):
    """How a connector is, in short."""

    name: str
    mood: Mood = Field(
        description="What is wrong comes first: a connector may be paused whatever its mood is. "
        "`paused`: it is, and nothing else is to be told."
    )
    headline: str
    paused: bool
    last_seen_at: Moment | None = Field(description="To the minute: not every call is noted.")
    counts: Annotated[
        dict[State, int],
        WithJsonSchema(
            {
                "type": "object",
                "properties": {state.value: {"type": "integer", "minimum": 0} for state in State},
                "required": [state.value for state in State],
                "additionalProperties": False,
            }
        ),
    ]
    open_errors: Count

    @classmethod
    def of(cls, health: Summary) -> "SummaryView":
        """The view of how a connector is."""
        return SummaryView(**_summary(health))


def _summary(health: Summary) -> dict[str, Any]:
    return {
        "name": health.connector.name,
        "mood": health.mood,
        "headline": health.headline,
        "paused": health.connector.paused,
        "last_seen_at": health.connector.last_seen_at,
        "counts": health.counts,
        "open_errors": health.open_errors,
    }


class CompanyFileView(View):
    """The company file a connector is bound to."""

    file_id: str | None
    company_name: str | None
    path: str | None


class FindingView(View):
    """One thing the health check found."""

    severity: Annotated[str, WithJsonSchema({"type": "string", "enum": ["ok", "warning", "problem"]})]
    text: str
    remedy: str


class ListAgeView(View):
    """How fresh a list of the cache is."""

    list: ListName
    entries: Count
    loaded_at: Moment | None
    age_seconds: Count | None
    loading: bool

    @classmethod
    def of(cls, item: ListAge, now: datetime) -> Self:
        """The view of a list's age at a moment."""
        age = None if item.loaded_at is None else max(0, int((now - item.loaded_at).total_seconds()))
        return cls(
            list=item.list,
            entries=item.entries,
            loaded_at=item.loaded_at,
            age_seconds=age,
            loading=item.loading,
        )


class SessionView(View):
    """A visit of the Web Connector."""

    component = "Session"

    id: int
    opened_at: Moment
    last_call_at: Moment
    ended_at: Moment | None
    end_reason: str | None
    message_sets: Count
    records_synced: Count
    last_error: str | None

    @classmethod
    def of(cls, info: SessionInfo | None) -> Self | None:
        """The view of a visit, where there was one."""
        return None if info is None else cls.model_validate(info)


class ConnectorView(SummaryView):
    """Everything about a connector but its credentials."""

    component = "Connector"

    created_at: Moment
    company_file: CompanyFileView | None
    qbxml_version: str | None
    product: str | None
    country: str | None
    settings: Annotated[dict[str, Any], WithJsonSchema({_COMPONENT: "Settings"})]
    findings: tuple[FindingView, ...]
    connector_errors: tuple[ErrorView, ...]
    lists: tuple[ListAgeView, ...]
    resync_requested_at: Moment | None
    live_session: SessionView | None
    last_session: SessionView | None

    @classmethod
    def whole(cls, health: Health, now: datetime) -> "ConnectorView":
        """The view of a connector's health at a moment."""
        connector = health.connector
        bound = connector.binding
        return cls(
            **_summary(health),
            created_at=connector.created_at,
            company_file=None if bound is None else CompanyFileView.model_validate(bound),
            qbxml_version=connector.qbxml_version,
            product=connector.product,
            country=connector.country,
            settings=settings_of(connector),
            findings=tuple(map(FindingView.model_validate, health.findings)),
            connector_errors=tuple(map(ErrorView.of, health.connector_errors)),
            lists=tuple(ListAgeView.of(item, now) for item in health.lists),
            resync_requested_at=health.resync_requested_at,
            live_session=SessionView.of(health.live_session),
            last_session=SessionView.of(health.last_session),
        )


def settings_of(connector: Connector) -> dict[str, Any]:
    """The settings of a connector, as its view has them."""
    return connector.settings.model_dump(mode="json")


# --- lists and events ---------------------------------------------------------------------------------------


class ListEntryView(View):
    """An entry of a list of QuickBooks."""

    list_id: str
    type: str
    full_name: str
    is_active: bool
    email: str | None
    sku: str | None
    account_number: str | None
    barcode: str | None
    terms: str | None
    edit_sequence: str | None

    @classmethod
    def of(cls, entry: ListEntry) -> Self:
        """The view of an entry."""
        return cls.model_validate(entry)


class EventView(View):
    """One thing that happened."""

    component = "Event"

    id: Id
    at: Moment
    what: str
    kind: Kind | None
    external_id: str | None
    from_state: State | None
    to_state: State | None
    revision: Count | None
    actor: str
    detail: str | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The view of an event with the record it concerns."""
        event = entry.event
        return cls(
            id=event.id,
            at=event.at,
            what=event.what,
            kind=entry.kind,
            external_id=entry.external_id,
            from_state=event.from_state,
            to_state=event.to_state,
            revision=event.revision,
            actor=event.actor,
            detail=event.detail,
        )
